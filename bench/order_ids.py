"""`python -m bench.order_ids` → the cost of derived order ids in InnoDB, against ids that grow with time.

Ten days of 140 stores with 115 orders, in the order of their receipt, into tables that differ only in the id. The
buffer pool is smaller than a table, so that pages that are not in use must be read and written.
"""

import hashlib
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from shared.contracts.ids import derived_id, new_id
from stack.mariadb import MariaDB

DAYS, ORDERS_A_DAY, ROWS_A_STATEMENT = 10, 140 * 115, 100
FIRST_DAY = datetime(2026, 3, 1, tzinfo=UTC)
POOL_MB = 96
DOCUMENT = "x" * 1_500
KINDS = ("time of receipt", "stated time", "business day")
CREATE = """
    CREATE TABLE {table} (
        id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        receipt_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        document MEDIUMTEXT NOT NULL,
        PRIMARY KEY (id),
        KEY by_store (store_id, receipt_id)
    ) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4"""
COUNTERS = ("Innodb_data_reads", "Innodb_pages_written")


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        MariaDB(Path(folder), durable=False, pool_mb=POOL_MB) as server,
        server.owner.connect(autocommit=True) as connection,
        connection.cursor() as cursor,
    ):
        for kind in KINDS:
            print(f"{kind:16}", *_measured(cursor, kind), sep="  ")


def _measured(cursor: Any, kind: str) -> Iterator[str]:
    table = f"ids_{kind.replace(' ', '_')}"
    cursor.execute(CREATE.format(table=table))
    before, started_at = _counters(cursor), time.perf_counter()
    for rows in _statements(kind):
        cursor.executemany(f"INSERT INTO {table} VALUES (%s, %s, %s, %s)", rows)  # noqa: S608 - of KINDS
    seconds = time.perf_counter() - started_at
    after = _counters(cursor)
    cursor.execute(f"ANALYZE TABLE {table}")
    cursor.execute("SELECT data_length FROM information_schema.tables WHERE table_name = %s", (table,))
    yield f"{DAYS * ORDERS_A_DAY / seconds:8,.0f} rows/s"
    yield f"{cursor.fetchone()[0] / 2**20:6.0f} MiB"
    yield from (f"{name} {after[name] - before[name]:,}" for name in COUNTERS)


def _counters(cursor: Any) -> dict[str, int]:
    cursor.execute("SHOW GLOBAL STATUS LIKE 'Innodb_%'")
    return {name: int(value) for name, value in cursor.fetchall() if name in COUNTERS}


def _statements(kind: str) -> Iterator[list[tuple[str, str, str, str]]]:
    clock = random.Random(kind)  # noqa: S311 - no secret
    rows = []
    for number in range(DAYS * ORDERS_A_DAY):
        received_at = FIRST_DAY + timedelta(days=number / ORDERS_A_DAY)
        # Most tills send at once; one order in a hundred waits for the network for up to an hour.
        delay = timedelta(minutes=60 * clock.random()) if number % 100 == 0 else timedelta(seconds=clock.random())
        store = f"demo:s{number % 140}"
        rows.append((_id(kind, received_at, delay, store, number), new_id(received_at), store, DOCUMENT))
        if len(rows) == ROWS_A_STATEMENT:
            yield rows
            rows = []


def _id(kind: str, received_at: datetime, delay: timedelta, store: str, number: int) -> str:
    if kind == "time of receipt":
        return new_id(received_at)
    moment = received_at - delay if kind == "stated time" else received_at.replace(hour=0, minute=0, second=0)
    return derived_id(moment.replace(microsecond=0), store, hashlib.sha256(str(number).encode()).hexdigest())


if __name__ == "__main__":
    main()
