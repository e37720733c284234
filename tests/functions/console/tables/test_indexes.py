"""Each statement of the console reads an index, and few rows, in a chain of 60 stores with a year of sums."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest

from bench import chain_year
from functions.console import tables
from shared.contracts.ids import first_id
from shared.spine import outbox
from stack.mariadb import MariaDB

STORES = 60
STORE, DAY = "demo:y00007", chain_year.TODAY
NOW = datetime.now(UTC)
VALUES: dict[str, Any] = {
    "chain": "demo", "day": DAY, "compared": DAY - timedelta(days=7), "origin": DAY - timedelta(days=1), "limit": 50,
    "store": STORE, "stores": (STORE, "demo:y00008"), "first": "demo:", "last": "demo;", "now": NOW, "before": NOW,
    "printer": "kitchen", "printers": ("kitchen", "bar"), "begins": first_id(datetime(2026, 6, 30, tzinfo=UTC)),
    "ends": first_id(datetime(2026, 7, 1, tzinfo=UTC)), "order": "0" * 26, "q": "1234", "days": (DAY,),
    "cursor": "8", "until": "", "look": 999, "source": None, "status": None, "payment": None, "chains": ("demo",),
    "id": "c1", "ids": ("c1",), "session": "0" * 26, "client": "k1", "ticket_hash": b"", "currency": "EUR",
    "subject": "order/1", "since": first_id(datetime(2026, 6, 30, tzinfo=UTC)),
    "kind": "order_differs", "most": 20, "notices": ("0" * 26,), "states": ("confirmed",),
    "systems": ("demo:erp", "demo:shop"), "groups": ("0" * 26, f"{STORE}|{DAY}"),
    "oldest": DAY - timedelta(days=7), "newest": DAY,
}  # fmt: skip
# A small table without an index for the statement (a row a timer, a hundred rows), and all open pages that are wanted.
WHOLE = {"SELECT_TIMERS", "SELECT_ALL_WATCHERS"}


def statements() -> Iterator[tuple[str, str]]:
    """(name, text) of each that a module of tables sends, and of the one that traces an order."""
    yield "TRACE", outbox.TRACE
    for found in iter_modules(tables.__path__):
        for name, text in vars(import_module(f"{tables.__name__}.{found.name}")).items():
            if isinstance(text, str) and text.strip().startswith("SELECT") and not name.startswith("_"):
                yield name, text


@pytest.fixture
def year(database: MariaDB) -> MariaDB:
    chain_year.fill(database.owner.url, STORES, 2)
    return database


def test_every_statement_reads_an_index(year: MariaDB) -> None:
    with year.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM orders")
        [(of_orders,)] = cursor.fetchall()
        scans = []
        for name, text in statements():
            cursor.execute(f"EXPLAIN FORMAT = TRADITIONAL {text}", VALUES)
            columns = [column[0] for column in cursor.description]
            for row in (dict(zip(columns, values, strict=True)) for values in cursor.fetchall()):
                if row["type"] == "ALL" and row["table"] and not row["table"].startswith("<"):
                    scans.append((name, row["table"]))
                # In the order of an index a statement stops at its limit, and EXPLAIN does not count that.
                many = int(str(row["rows"] or 0).split()[0]) > of_orders / 2
                if many and row["table"] == "orders" and "filesort" in (row["Extra"] or ""):
                    scans.append((name, f"{row['rows']} of {row['key']} are sorted"))
    assert {scan for scan in scans if scan[0] not in WHOLE} == set()


def test_a_search_within_stores_reads_these_stores_or_an_index_alone(year: MariaDB) -> None:
    with year.owner.connect() as connection, connection.cursor() as cursor:
        plans = {}
        for name in ("SELECT_BY_NUMBER_OF_STORE", "SELECT_BY_PHONE_OF_STORES", "SELECT_BY_NUMBER_OF_STORES"):
            cursor.execute(f"EXPLAIN FORMAT = TRADITIONAL {dict(statements())[name]}", VALUES)
            columns = [column[0] for column in cursor.description]
            rows = [dict(zip(columns, values, strict=True)) for values in cursor.fetchall()]
            plans[name] = {(row["key"], "Using index" in (row["Extra"] or "")) for row in rows}
    assert ("by_store_number", False) in plans["SELECT_BY_NUMBER_OF_STORE"]
    assert ("by_phone", True) in plans["SELECT_BY_PHONE_OF_STORES"]
    found = plans["SELECT_BY_NUMBER_OF_STORES"]
    assert ("by_number", True) in found or ("by_store_number", True) in found


def test_open_alerts_are_read_by_kind(year: MariaDB) -> None:
    with year.owner.connect() as connection, connection.cursor() as cursor:
        kinds = ("order_differs", "day_difference")
        values = [
            (f"{number:026}", f"demo:y{number % STORES:05}", kinds[number % 2], f"order/{number}")
            for number in range(6_000)
        ]
        cursor.executemany(
            "INSERT INTO alerts (id, chain_id, store_id, kind, subject, since, sequence, facts)"
            " VALUES (%s, 'demo', %s, %s, %s, NOW(), 1, '{}')",
            values,
        )
        cursor.execute("ANALYZE TABLE alerts")
        cursor.fetchall()
        keys = {}
        for name in ("SELECT_OPEN", "SELECT_OPEN_OF_STORES"):
            cursor.execute(f"EXPLAIN FORMAT = TRADITIONAL {dict(statements())[name]}", VALUES)
            columns = [column[0] for column in cursor.description]
            [row] = [dict(zip(columns, values, strict=True)) for values in cursor.fetchall()]
            keys[name] = (row["key"], "filesort" in (row["Extra"] or ""))
    assert keys["SELECT_OPEN"] == ("by_kind", False)
    assert keys["SELECT_OPEN_OF_STORES"][0] == "by_store"


def test_the_scan_sees_the_statements_there_are() -> None:
    assert len(list(statements())) > 40
