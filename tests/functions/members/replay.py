"""`nice -n 19 .venv/bin/python -m tests.functions.members.replay [EVERY]` → all households against the oracle.

The replay: messages of a year shuffled, a tenth of them twice, refunds before and after what they belong to, and in the
middle of it some households merged. Then time passes without a purchase, and only the expiry moves tags.
"""

import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from functions.members.facts.totals import facts_of
from functions.members.membership.enrolment import enrol_member
from functions.members.membership.merge import merge_members
from functions.members.tables.purchases import read_purchases
from shared.contracts.ids import member_id, new_id
from tests.functions.members.households import households
from tests.functions.members.oracle import expected
from tests.support.members import BATCH, CHAIN, Json, Town, a_line, an_order, at, paid, refunded, tell

CLOCK = ZoneInfo("America/New_York")
DAYS = [date(2018, 1, 1), date(2018, 1, 20), date(2018, 3, 3), date(2018, 7, 15), date(2019, 2, 1)]
# Of the order of CDNOW's, for cents.
MODEL = {"r": 0.9, "alpha": 2.5, "a": 0.3, "b": 6.0, "p": 4.0, "q": 3.5, "v": 2500.0}


@dataclass
class Result:
    """How many values were compared on each day, and those that differ: (day, household, tag, expected, found)."""

    members: int
    baskets: int
    messages: int
    compared: dict[date, int] = field(default_factory=dict)
    different: list[tuple[date, str, str, str | None, str | None]] = field(default_factory=list)


def replay(town: Town, every: int) -> Result:
    """Every so many-th household, from messages to tags, against the oracle."""
    data = households(every)
    merges = _merges(data)
    _open_stores(town, data)
    town.run("INSERT INTO tag_models VALUES (%s, %s, 1, NOW())", (CHAIN, json.dumps(MODEL)))
    messages = list(_messages(data))
    [(baskets, members)] = data.execute("SELECT count(*), count(DISTINCT household) FROM baskets").fetchall()
    result = Result(members, baskets, len(messages))
    half = len(messages) // 2
    _tell(messages[:half])
    _merge(town, merges)
    _tell(messages[half:])
    with at(town.env, DAYS[0]):
        # As large as a queue gives them: a member's tags are made once a batch, however many purchases it has.
        town.spread(size=10_000)
    for day in DAYS:
        with at(town.env, day):
            town.expire()
        _compare(town, result, day, expected(data, day, MODEL), set(merges))
    _check_facts(town)
    return result


def _merges(data: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Every tenth household is another one's."""
    names = [name for (name,) in data.execute("SELECT DISTINCT household FROM baskets ORDER BY 1").fetchall()]
    pairs = dict(zip(names[::10], names[1::10], strict=False))
    data.execute("CREATE TABLE merges (household VARCHAR, into_household VARCHAR)")
    data.executemany("INSERT INTO merges VALUES (?, ?)", list(pairs.items()))
    return pairs


def _open_stores(town: Town, data: duckdb.DuckDBPyConnection) -> None:
    for store, city in data.execute("SELECT DISTINCT store, city FROM baskets").fetchall():
        town.open_store(store, city, CLOCK.key)


def _messages(data: duckdb.DuckDBPyConnection) -> Iterator[Json]:
    """Of a year, in an order of no year; sorted by type in stretches only, as batches of a queue are."""
    chance = random.Random(2017)
    lines: dict[str, list[Json]] = {}
    for basket, category, item, quantity in data.execute("SELECT * FROM lines").fetchall():
        lines.setdefault(basket, []).append(a_line(item, category, quantity))
    back = dict(data.execute("SELECT * FROM refunds").fetchall())
    result = []
    for row in data.execute("SELECT * FROM baskets ORDER BY basket").fetchall():
        order = _order(row, lines[row[1]])
        result.append(paid(order))
        if amount := back.get(row[1]):
            result += [refunded(order, amount // 2), refunded(order, amount)]
    result += chance.sample(result, len(result) // 10)
    chance.shuffle(result)
    for start in range(0, len(result), 5 * BATCH):
        yield from sorted(result[start : start + 5 * BATCH], key=lambda message: str(message["type"]))


def _order(row: tuple[Any, ...], lines: list[Json]) -> Json:
    household, basket, moment, store, day, _hour, _city, channel, currency, total, discounted = row
    placed_at = moment.replace(tzinfo=CLOCK).astimezone(UTC)
    return an_order(
        household,
        placed_at,
        id=new_id(placed_at),
        store=store,
        source={"kind": channel, "id": "x", "number": basket},
        business_day=day.isoformat(),
        currency=currency,
        total=total,
        lines=lines,
        discounts=[{"code": "X", "amount": 1}] if discounted else [],
    )


def _tell(messages: list[Json]) -> None:
    tell(messages)


def _merge(town: Town, merges: dict[str, str]) -> None:
    for household, into in merges.items():
        with town.env.outbox.work("members") as work:
            for name in (household, into):
                enrol_member(town.env, work, CHAIN, name)
            merge_members(town.env, work, CHAIN, household, into)


def _compare(
    town: Town, result: Result, day: date, expected_tags: dict[tuple[str, str], str], merged: set[str]
) -> None:
    names = {member_id(CHAIN, name): name for (name,) in town.run("SELECT external_id FROM members")}
    stored = {
        (names[member], tag): value for (member, tag), value in town.tags().items() if names[member] not in merged
    }
    result.compared[day] = len(expected_tags)
    result.different += [
        (day, *key, expected_tags.get(key), stored.get(key))
        for key in sorted({*expected_tags, *stored})
        if expected_tags.get(key) != stored.get(key)
    ]


def _check_facts(town: Town) -> None:
    """Running facts are those made anew from the ledger."""
    stored = town.facts()
    with town.env.db.transaction() as transaction:
        for member, parts in stored.items():
            written = facts_of(read_purchases(transaction, member)).written()
            assert tuple(written.values()) == parts, member


def main(arguments: list[str]) -> int:
    """Prints what was compared; 1 where anything differs."""
    every = int(arguments[0]) if arguments else 1
    with _town() as town:
        result = replay(town, every)
    lines = [f"{result.members} members, {result.baskets} baskets, {result.messages} messages"]
    for day, compared in result.compared.items():
        lines.append(f"{day}: {compared} values compared, {sum(row[0] == day for row in result.different)} differ")
    lines += [" ".join(map(str, row)) for row in result.different[:20]]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if result.different else 0


def _town() -> Any:
    from tests.support.members_alone import a_town  # noqa: PLC0415 - a server, only for the command

    return a_town()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
