"""A chain with a year of sales, the same in each run: `python -m bench.chain_year URL STORES DAYS`.

The sums of takings cover the whole year. `DAYS` is the number of days with single orders and print jobs, because the
console reads older orders through an index alone. Rows are inserted by SQL in bulk, as the functions would store them.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ops.migrate import open_database
from shared.contracts.ids import first_id

if TYPE_CHECKING:
    import pymysql

CHAIN = "demo"
ORDERS_A_DAY = 115
FIRST_HOUR, LAST_HOUR = 9, 22
TODAY = date(2026, 6, 30)
CITIES = ("Lyon", "Oslo", "Porto", "Turin", "Ghent", "Basel", "Malmo")
ANALYZED = (
    "orders", "takings_chain_hours", "takings_hours", "takings_days", "print_jobs",
    "print_printers", "print_agents", "stores", "forecasts",
    "forecast_half_hour_profiles",
)  # fmt: skip
DOCUMENT = '{"lines": [{"item": "item-1", "quantity": 1}]}'

STORE = """
    INSERT INTO stores (id, chain_id, region_id, revision, settings, sold_out, opening_hours, menu)
    SELECT CONCAT('demo:y', LPAD(n, 5, '0')), 'demo', CONCAT('r', n %% 10), 1,
        JSON_OBJECT('chain', 'demo', 'region', CONCAT('r', n %% 10), 'name', CONCAT('Store ', n),
        'timezone', 'Europe/Paris', 'day_ends_at', '04:00', 'currency', 'EUR',
        'city', ELT(1 + n %% 7, {cities})), '[]', NULL, NULL
    FROM bench_numbers WHERE n < %s"""
HOURS = """
    INSERT INTO takings_hours (chain_id, business_day, store_id, currency, hour, orders, revenue)
    SELECT 'demo', %s, s.id, 'EUR', h.n, 4 + CRC32(CONCAT(s.id, h.n, %s)) %% 10,
        8000 + CRC32(CONCAT(h.n, s.id, %s)) %% 9000
    FROM stores s JOIN bench_numbers h ON h.n BETWEEN %s AND %s"""
DAYS = """
    INSERT INTO takings_days (chain_id, business_day, store_id, currency, orders, revenue)
    SELECT chain_id, business_day, store_id, currency, SUM(orders), SUM(revenue) FROM takings_hours
    WHERE chain_id = 'demo' GROUP BY chain_id, business_day, store_id, currency"""
ORDERS = """
    INSERT INTO orders (id, receipt_id, chain_id, store_id, source_kind, source_id, source_number, source_day,
        request_hash, business_day, pickup_number, placed_at, received_at, currency, total, paid, refunded,
        payment_status, fulfilment_status, differs, last_sequence, document, settled_at, phone_ending)
    SELECT CONCAT(%(time)s, '0', RIGHT(id, 5), LPAD(%(number)s, 10, '0')),
        CONCAT(%(time)s, '0', RIGHT(id, 5), LPAD(%(number)s, 10, '0')), 'demo', id,
        ELT(1 + CRC32(id) %% 3, 'till', 'mini_program', 'platform'), 'bench',
        CONCAT('B', RIGHT(id, 5), '-', %(number)s),
        %(day)s, REPEAT('x', 32), %(day)s, %(pickup)s, %(at)s, %(at)s, 'EUR', 1500, 1500, 0, 'paid',
        ELT(1 + CRC32(CONCAT(id, %(number)s)) %% 2, 'handed_over', 'ready'), 0, 2, %(document)s, %(at)s,
        LPAD(CRC32(CONCAT(id, %(number)s)) %% 10000, 4, '0')
    FROM stores"""
HOURS_OF_CHAIN = """
    INSERT INTO takings_chain_hours (chain_id, business_day, currency, hour, orders, revenue)
    SELECT chain_id, business_day, currency, hour, SUM(orders), SUM(revenue) FROM takings_hours
    WHERE chain_id = 'demo' GROUP BY chain_id, business_day, currency, hour"""
FORECASTS = """
    INSERT INTO forecasts (store_id, day, origin, chain_id, model_id, mean, p10, p50, p90, lead_model, reasons, drivers)
    SELECT s.id, DATE_ADD(%(origin)s, INTERVAL n.n + 1 DAY), %(origin)s, 'demo', REPEAT('0', 26),
        150000 + CRC32(s.id) %% 50000, 100000, 150000, 200000, 'bench',
        CONCAT(DAYNAME(DATE_ADD(%(origin)s, INTERVAL n.n + 1 DAY)), ' +10 %%'), '{"baseline": 150000, "weekday": 1.1}'
    FROM stores s JOIN bench_numbers n ON n.n < 30"""
HISTORY = """
    INSERT INTO forecast_history (store_id, day, source, chain_id, currency, revenue)
    SELECT store_id, business_day, 'orders', chain_id, currency, revenue FROM takings_days
    WHERE business_day < %(today)s"""
PROFILES = """
    INSERT INTO forecast_half_hour_profiles (store_id, weekday, half_hour, share, orders_per_amount)
    SELECT s.id, w.n, h.n, 1 / 28, 0.0006 FROM stores s
    JOIN bench_numbers w ON w.n < 7 JOIN bench_numbers h ON h.n BETWEEN 18 AND 45"""
AGENTS = """
    INSERT INTO print_agents (id, store_id, name, encrypted, enrolled_at, connection_id, connected_at, seen_at,
        silent_at, version, platform)
    SELECT CONCAT('ag_', RIGHT(id, 5)), id, 'till-1', '', %(at)s, CONCAT('c', RIGHT(id, 5)), %(at)s, %(at)s,
        IF(CRC32(id) %% 50 = 0, %(at)s, '2099-01-01'), '0.1.0', 'linux' FROM stores"""
PRINT_STORES = """
    INSERT INTO print_stores (store_id, revision, routing, printing_agent)
    SELECT id, 1, '{}', CONCAT('ag_', RIGHT(id, 5)) FROM stores"""
PRINTERS = """
    INSERT INTO print_printers (store_id, id, profile, state, paper, cover, error, reported_at, changed_at)
    SELECT s.id, ELT(n.n + 1, 'kitchen', 'bar', 'receipt'), '{}',
        IF(CRC32(CONCAT(s.id, n.n)) %% 40 = 0, 'stopped', 'ready'),
        ELT(1 + (CRC32(CONCAT(s.id, n.n)) %% 40 = 0) + 2 * (CRC32(CONCAT(s.id, n.n)) %% 40 = 1), 'ok', 'out', 'low'),
        'closed', 'none', %(at)s, %(at)s
    FROM stores s JOIN bench_numbers n ON n.n < 3"""
JOBS = """
    INSERT INTO print_jobs (store_id, id, queue_id, order_id, kind, station, printer, seq, state, queued_at, ended_at,
        deadline, due_at, original_id, last_sequence, ticket, attention, attention_at)
    SELECT store_id, CONCAT(LEFT(id, 10), 'J', RIGHT(id, 15)),
        CONCAT(LEFT(id, 10), 'J', RIGHT(id, 15)), id, 'order', 'hot', 'kitchen',
        CAST(RIGHT(id, 10) AS UNSIGNED),
        ELT(1 + (CRC32(id) %% 400 = 0) + 2 * (CRC32(id) %% 400 = 1), 'printed', 'unknown', 'queued'),
        placed_at, IF(CRC32(id) %% 400 = 1, NULL, placed_at + INTERVAL 2 SECOND), placed_at + INTERVAL 1 HOUR,
        IF(CRC32(id) %% 400 = 1, placed_at, NULL),
        CONCAT(LEFT(id, 10), 'J', RIGHT(id, 15)), 2, '{"pickup_number": 1}', IF(CRC32(id) %% 400 = 0, 'unknown', NULL),
        IF(CRC32(id) %% 400 = 0, placed_at, NULL)
    FROM orders WHERE business_day = %(day)s AND pickup_number <= %(most)s"""


def fill(
    url: str, stores: int, days: int, orders_a_day: int = ORDERS_A_DAY, days_of_sums: int = 365, jobs_a_day: int = 1_000
) -> None:
    """The chain in the database at `url`, which has all migrations and no store.

    `orders_a_day` is of each store. The first `jobs_a_day` of them have a print job.
    """
    with _filling(url, stores) as cursor:
        cursor.execute(STORE.format(cities=", ".join(f"'{city}'" for city in CITIES)), (stores,))
        for age in range(days_of_sums):
            day = str(TODAY - timedelta(days=age))
            cursor.execute(HOURS, (day, day, day, FIRST_HOUR, LAST_HOUR))
        cursor.execute(DAYS)
        cursor.execute(HOURS_OF_CHAIN)
        cursor.execute(FORECASTS, {"origin": TODAY - timedelta(days=1)})
        cursor.execute(HISTORY, {"today": TODAY})
        cursor.execute(PROFILES)
        _fill_orders(cursor, days, orders_a_day)
        at = datetime.combine(TODAY, datetime.min.time())
        for statement in (AGENTS, PRINT_STORES, PRINTERS):
            cursor.execute(statement, {"at": at})
        for age in range(min(days, 2)):
            cursor.execute(JOBS, {"day": TODAY - timedelta(days=age), "most": jobs_a_day})


@contextmanager
def _filling(url: str, stores: int) -> Iterator[Any]:
    """A cursor beside a table of numbers, which is dropped in the end. Tables are analyzed, as a server does itself."""
    connection: pymysql.Connection[Any] = open_database(url)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_numbers (n INT PRIMARY KEY)")
        cursor.executemany("INSERT INTO bench_numbers VALUES (%s)", [(n,) for n in range(max(stores, 100))])
        yield cursor
        connection.commit()
        cursor.execute("DROP TABLE bench_numbers")
        cursor.execute(f"ANALYZE TABLE {', '.join(ANALYZED)}")
    connection.close()


def _fill_orders(cursor: Any, days: int, orders_a_day: int) -> None:
    """Each order of a day in all stores by one statement; so ids grow with time."""
    for age in reversed(range(days)):
        day = TODAY - timedelta(days=age)
        begins = datetime(day.year, day.month, day.day, FIRST_HOUR, tzinfo=UTC)
        step = timedelta(hours=LAST_HOUR - FIRST_HOUR) / orders_a_day
        for number in range(orders_a_day):
            at = begins + number * step
            values = {"time": first_id(at)[:10], "day": day, "at": at.replace(tzinfo=None), "pickup": number + 1}
            cursor.execute(ORDERS, values | {"number": age * orders_a_day + number, "document": DOCUMENT})


if __name__ == "__main__":
    fill(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
