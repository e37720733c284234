"""All SQL of members. Every table here is keyed by member first; a chain's own small tables by the chain."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from functions.members.facts.totals import PARTS, Facts, Purchase, Standing, facts_of
from shared.spine.db import Row, Transaction

if TYPE_CHECKING:
    from functions.members.calculator.calculate import Written
    from functions.members.calculator.tag import Tag
    from functions.members.ledger.record_orders import Stranger

NEXT_NUMBERS = """
    INSERT INTO member_numbers (chain_id, last_number) VALUES (%s, LAST_INSERT_ID(%s))
    ON DUPLICATE KEY UPDATE last_number = LAST_INSERT_ID(last_number + %s)"""
INSERT_MEMBERS = """
    INSERT IGNORE INTO members (id, chain_id, number, external_id, profiling, marketing, enrolled_at, last_sequence)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"""
_MEMBER = (
    "SELECT id, chain_id, profiling, merged_into, forgotten_at IS NOT NULL AS forgotten, last_sequence FROM members"
)
LOCK_MEMBERS = f"{_MEMBER} WHERE id IN %s ORDER BY id FOR UPDATE"
SELECT_PLACES = "SELECT store_id, timezone, city FROM store_places WHERE store_id IN %s"
_PURCHASE = """
    SELECT order_id, store_id, business_day, currency, total, paid, refunded, basket, taken, last_sequence
    FROM member_purchases"""
SELECT_PURCHASES = f"{_PURCHASE} WHERE (member_id, order_id) IN %s"
SELECT_HISTORY = f"{_PURCHASE} WHERE member_id = %s"
UPSERT_PURCHASES = """
    INSERT INTO member_purchases
        (member_id, order_id, store_id, business_day, currency, total, paid, refunded, basket, taken, last_sequence)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON DUPLICATE KEY UPDATE total = VALUES(total), paid = VALUES(paid), refunded = VALUES(refunded),
        taken = VALUES(taken), last_sequence = VALUES(last_sequence)"""
# Of orders of those who were forgotten; purchases are 0 where all went back.
LOWER_FORGOTTEN = """
    UPDATE forgotten_purchases SET amount = LEAST(amount, %s), purchases = amount > 0 WHERE order_id = %s"""
SELECT_FACTS = "SELECT member_id, revision, days, habits, categories, items FROM member_facts WHERE member_id IN %s"
UPSERT_FACTS = """
    INSERT INTO member_facts (member_id, revision, days, habits, favourites, categories, items)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
    ON DUPLICATE KEY UPDATE revision = VALUES(revision), days = VALUES(days), habits = VALUES(habits),
        favourites = VALUES(favourites), categories = VALUES(categories), items = VALUES(items)"""
# Whoever is merged, forgotten or opted out has no tags. The parts are names of columns and no input.
PULL = """
    SELECT m.id, m.chain_id, f.revision, {parts}, t.value, t.version, CAST(t.moves_at AS CHAR) AS moves_at
    FROM members m
    JOIN member_facts f ON f.member_id = m.id
    LEFT JOIN member_tags t ON t.member_id = m.id AND t.tag = %s
    WHERE m.id IN %s AND m.profiling AND m.merged_into IS NULL AND m.forgotten_at IS NULL"""
# `%s` lists of tags and members; a member's tags beside its facts would repeat the facts for each.
SELECT_AFTER = """
    SELECT m.id, m.chain_id, f.revision, {parts}
    FROM members m JOIN member_facts f ON f.member_id = m.id
    WHERE m.id > %s AND m.chain_id = %s AND m.profiling AND m.merged_into IS NULL AND m.forgotten_at IS NULL
    ORDER BY m.id LIMIT %s"""
SELECT_ONE = """
    SELECT m.id, m.chain_id, f.revision, f.days, f.habits, f.favourites, f.categories, f.items
    FROM members m JOIN member_facts f ON f.member_id = m.id
    WHERE m.id = %s AND m.profiling AND m.merged_into IS NULL AND m.forgotten_at IS NULL"""
SELECT_KEPT = """
    SELECT member_id, tag, value, version, CAST(moves_at AS CHAR) AS moves_at FROM member_tags
    WHERE member_id IN %s AND tag IN %s"""
# Only of facts that are still those that were pulled: after a change the tag is made anew, or it is nobody's. They are
# locked, so that none comes before the commit. JSON, because MySQL and MariaDB write a table of values differently;
# within another SELECT, because MySQL would lock the JSON_TABLE too, and cannot (3569).
WRITE_TAGS = """
    INSERT INTO member_tags
        (member_id, tag, value, version, revision, moves_at, since, changed_at, announced, last_sequence)
    SELECT STRAIGHT_JOIN f.member_id, made.tag, made.value, made.version, f.revision, made.moves_at, %s, %s, '', 0
    FROM (SELECT * FROM JSON_TABLE(%s, '$[*]' COLUMNS (
        member_id CHAR(26) CHARACTER SET ascii PATH '$[0]',
        tag VARCHAR(24) CHARACTER SET ascii PATH '$[1]',
        value VARCHAR(100) CHARACTER SET utf8mb4 PATH '$[2]',
        version SMALLINT UNSIGNED PATH '$[3]',
        revision INT UNSIGNED PATH '$[4]',
        moves_at VARCHAR(19) CHARACTER SET ascii PATH '$[5]')) AS given) AS made
    JOIN member_facts f ON f.member_id = made.member_id AND f.revision = made.revision
    LOCK IN SHARE MODE
    ON DUPLICATE KEY UPDATE
        since = IF(VALUES(value) = member_tags.value, since, VALUES(since)),
        changed_at = IF(VALUES(value) = member_tags.value, changed_at,
            IF(VALUES(value) = announced, NULL, VALUES(since))),
        value = VALUES(value), version = VALUES(version), revision = VALUES(revision), moves_at = VALUES(moves_at)"""
# After the last row that was looked at: what fails stays where it is, and bars nothing else. Also of members without a
# row, so that they are taken away.
SELECT_DUE = """
    SELECT STRAIGHT_JOIN t.moves_at, t.member_id, t.tag, COALESCE(m.chain_id, '') AS chain_id
    FROM member_tags t LEFT JOIN members m ON m.id = t.member_id
    WHERE t.moves_at <= %(now)s AND (
        t.moves_at > %(moves_at)s
        OR t.moves_at = %(moves_at)s AND t.member_id > %(member)s
        OR t.moves_at = %(moves_at)s AND t.member_id = %(member)s AND t.tag > %(tag)s)
    ORDER BY t.moves_at, t.member_id, t.tag LIMIT %(most)s"""
# Also what has no value goes by the announcer, who drops the rows of those who are gone.
BLANK_TAGS = "UPDATE member_tags SET value = '', moves_at = NULL, changed_at = %s WHERE member_id IN %s"
BLANK_DUE = """
    UPDATE member_tags SET value = '', moves_at = NULL, changed_at = %s
    WHERE member_id IN %s AND tag = %s AND moves_at <= %s"""
SELECT_RULES = """
    SELECT (SELECT settings FROM tag_settings WHERE chain_id = %s) AS settings,
        (SELECT parameters FROM tag_models WHERE chain_id = %s) AS parameters"""


@dataclass(frozen=True)
class Member:
    """A member as far as purchases go; `id` is that of the member that it was merged into."""

    id: str
    chain: str
    profiling: bool
    forgotten: bool
    sequence: int


def enrol(transaction: Transaction, strangers: Sequence["Stranger"], now: datetime) -> None:
    """Make rows for those who have none; who has one keeps it. A number that is not used is lost."""
    numbers: dict[str, int] = {}
    for chain in sorted({stranger.chain for stranger in strangers}):
        count = sum(stranger.chain == chain for stranger in strangers)
        transaction.execute(NEXT_NUMBERS, (chain, count, count))
        numbers[chain] = transaction.last_id() - count
    rows = []
    for stranger in strangers:
        numbers[stranger.chain] += 1
        number = numbers[stranger.chain]
        rows.append((stranger.id, stranger.chain, number, stranger.external_id, True, False, now, 0))
    transaction.execute_many(INSERT_MEMBERS, rows)


def lock_members(transaction: Transaction, ids: Sequence[str]) -> dict[str, Member]:
    """By id asked for, with each merged one's pointer followed; nobody can merge or change them meanwhile."""
    rows = {row["id"]: row for row in transaction.rows(LOCK_MEMBERS, (tuple(ids),))} if ids else {}
    while beyond := {row["merged_into"] for row in rows.values() if row["merged_into"]} - set(rows):
        rows |= {row["id"]: row for row in transaction.rows(LOCK_MEMBERS, (tuple(sorted(beyond)),))}
    return {asked: _member(rows, asked) for asked in ids if asked in rows}


def _member(rows: Mapping[str, Row], asked: str) -> Member:
    row = rows[asked]
    while row["merged_into"]:
        row = rows[row["merged_into"]]
    return Member(row["id"], row["chain_id"], bool(row["profiling"]), bool(row["forgotten"]), row["last_sequence"])


def read_places(transaction: Transaction, stores: Sequence[str]) -> dict[str, tuple[str, str | None]]:
    """(time zone, city) by store's key."""
    rows = transaction.rows(SELECT_PLACES, (tuple(stores),)) if stores else []
    return {row["store_id"]: (row["timezone"], row["city"]) for row in rows}


def read_purchases(transaction: Transaction, keys: Sequence[tuple[str, str]]) -> dict[str, tuple[Purchase, int]]:
    """(purchase, messages said of it) by order, of (member, order)."""
    rows = transaction.rows(SELECT_PURCHASES, (tuple(keys),)) if keys else []
    return {row["order_id"]: (_purchase(row), row["last_sequence"]) for row in rows}


def read_history(transaction: Transaction, member: str) -> list[Purchase]:
    """A member's whole ledger."""
    return [_purchase(row) for row in transaction.rows(SELECT_HISTORY, (member,))]


def _purchase(row: Row) -> Purchase:
    return Purchase(
        row["order_id"],
        row["store_id"],
        row["business_day"],
        row["currency"],
        row["total"],
        bool(row["paid"]),
        row["refunded"],
        json.loads(row["basket"]),
        row["taken"],
    )


def write_purchases(transaction: Transaction, rows: Iterable[tuple[str, Purchase, int]]) -> None:
    """(member, purchase, messages said of it) each."""
    values = [
        (
            member, found.order, found.store, found.day, found.currency, found.total, found.paid, found.refunded,
            json.dumps(found.basket, ensure_ascii=False, separators=(",", ":")), found.taken, sequence,
        )
        for member, found, sequence in rows
    ]  # fmt: skip
    if values:
        transaction.execute_many(UPSERT_PURCHASES, values)


def lower_forgotten(transaction: Transaction, purchases: Iterable[Purchase]) -> None:
    """What went back of orders that are nobody's any more."""
    for purchase in purchases:
        transaction.execute(LOWER_FORGOTTEN, (purchase.net, purchase.order))


def read_facts_of(transaction: Transaction, members: Sequence[str]) -> dict[str, Standing]:
    """By member; who bought nothing yet has none."""
    if not members:
        return {}
    rows = transaction.rows(SELECT_FACTS, (tuple(members),))
    return {row["member_id"]: Standing(row["revision"], Facts(row)) for row in rows}


def write_facts(transaction: Transaction, rows: Iterable[tuple[str, Standing]]) -> None:
    """By member."""
    values = [(member, found.revision, *map(found.facts.written().__getitem__, PARTS)) for member, found in rows]
    if values:
        transaction.execute_many(UPSERT_FACTS, values)


def recount(transaction: Transaction, member: str) -> Facts:
    """The facts made anew from the ledger."""
    return facts_of(read_history(transaction, member))


def pull(transaction: Transaction, tag: "Tag", members: Sequence[str]) -> list[Row]:
    """Of each active member: chain, revision and the parts of the facts that the tag needs, and the tag as kept."""
    statement = PULL.format(parts=_parts([tag]))
    return transaction.rows(statement, (tag.name, tuple(members))) if members else []


def _parts(tags: Iterable["Tag"]) -> str:
    return ", ".join(f"f.{part}" for part in sorted({part for tag in tags for part in tag.needs}))


def write_tags(transaction: Transaction, written: Sequence["Written"], now: datetime) -> None:
    """All in one statement; a row of facts that have changed meanwhile is left out."""
    if written:
        transaction.execute(WRITE_TAGS, (plain(now), plain(now), json.dumps(written, ensure_ascii=False)))


def read_rules(transaction: Transaction, chain: str) -> tuple[str | None, str | None]:
    """(settings, parameters of the model) as JSON, or None where the chain has none."""
    row = transaction.row(SELECT_RULES, (chain, chain))
    assert row is not None  # a SELECT without FROM has one row
    return row["settings"], row["parameters"]


def plain(moment: datetime) -> datetime:
    """As columns have it: UTC, without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def document(text: str | None) -> Any:
    """The JSON of a column, or an empty object."""
    return json.loads(text) if text else {}


class Due(NamedTuple):
    """A tag whose value's time has come, as a place in the order in which they are."""

    moves_at: datetime
    member: str
    tag: str


FIRST_DUE = Due(datetime(1970, 1, 1), "", "")  # noqa: DTZ001 - columns hold UTC without a zone


def read_due(
    transaction: Transaction, now: datetime, after: Due, most: int
) -> tuple[dict[tuple[str, str], list[str]], Due | None]:
    """(members by chain and tag, the last of them or None where there were fewer than `most`); the oldest due first."""
    rows = transaction.rows(SELECT_DUE, after._asdict() | {"now": plain(now), "most": most})
    members: dict[tuple[str, str], list[str]] = {}
    due = None
    for row in rows:
        due = Due(row["moves_at"], row["member_id"], row["tag"])
        members.setdefault((row["chain_id"], due.tag), []).append(due.member)
    return members, due if len(rows) == most else None


def read_after(transaction: Transaction, chain: str, tags: Sequence["Tag"], after: str, most: int) -> list[Row]:
    """Active members of a chain beyond an id, with the parts of their facts that these tags need."""
    return transaction.rows(SELECT_AFTER.format(parts=_parts(tags)), (after, chain, most))


def read_one(transaction: Transaction, member: str) -> list[Row]:
    """A member with all its facts, where it has tags at all."""
    return transaction.rows(SELECT_ONE, (member,))


def read_kept(transaction: Transaction, members: Sequence[str], tags: Sequence[str]) -> dict[tuple[str, str], Row]:
    """By (member, tag)."""
    rows = transaction.rows(SELECT_KEPT, (tuple(members), tuple(tags))) if members and tags else []
    return {(row["member_id"], row["tag"]): row for row in rows}


def blank_tags(transaction: Transaction, members: Sequence[str], now: datetime) -> None:
    """Take every tag from them."""
    if members:
        transaction.execute(BLANK_TAGS, (plain(now), tuple(members)))


def blank_due(transaction: Transaction, tag: str, members: Sequence[str], now: datetime) -> int:
    """Take the tag from those of them who are due all the same; how many."""
    return transaction.execute(BLANK_DUE, (plain(now), tuple(members), tag, plain(now))) if members else 0
