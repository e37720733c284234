"""SQL of the takings: one row for each order, and its sums by store, day and hour, and of the chain by hour."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, NamedTuple

from shared.spine.db import Row, Transaction

# Two workers count orders of one store and day one after the other: this row is locked until the sums are stored.
LOCK_DAYS = """
    INSERT INTO takings_days (chain_id, business_day, store_id, currency, orders, revenue)
    VALUES (%(chain)s, %(day)s, %(store)s, %(currency)s, 0, 0)
    ON DUPLICATE KEY UPDATE orders = takings_days.orders"""
# A message older than the row's changes nothing, in any order and number of deliveries. The amount is set first, while
# `sequence` is still that of the row.
UPSERT_TAKINGS = """
    INSERT INTO takings (store_id, business_day, entry, chain_id, currency, amount, sequence, hour)
    VALUES (%(store)s, %(day)s, %(entry)s, %(chain)s, %(currency)s, %(amount)s, %(sequence)s, %(hour)s)
    ON DUPLICATE KEY UPDATE amount = IF(VALUES(sequence) >= takings.sequence, VALUES(amount), takings.amount),
        sequence = GREATEST(takings.sequence, VALUES(sequence))"""
_OF_DAY = "WHERE store_id = %(store)s AND business_day = %(day)s AND chain_id = %(chain)s AND currency = %(currency)s"
# An hour is made again from its orders, so that no message counts twice.
UPSERT_HOURS = f"""
    INSERT INTO takings_hours (chain_id, business_day, store_id, currency, hour, orders, revenue)
    SELECT chain_id, business_day, store_id, currency, hour, COUNT(*), SUM(amount) FROM takings {_OF_DAY}
    GROUP BY chain_id, business_day, store_id, currency, hour
    ON DUPLICATE KEY UPDATE orders = VALUES(orders), revenue = VALUES(revenue)"""  # noqa: S608 - of a constant
UPSERT_DAY = f"""
    INSERT INTO takings_days (chain_id, business_day, store_id, currency, orders, revenue)
    SELECT chain_id, business_day, store_id, currency, COUNT(*), SUM(amount) FROM takings {_OF_DAY}
    GROUP BY chain_id, business_day, store_id, currency
    ON DUPLICATE KEY UPDATE orders = VALUES(orders), revenue = VALUES(revenue)"""  # noqa: S608 - of a constant
# The sums of a chain move by what the sums of its locked stores have moved.
SUM_HOURS_OF_LOCKED = """
    SELECT currency, hour, SUM(orders) AS orders, SUM(revenue) AS revenue FROM takings_hours
    WHERE chain_id = %(chain)s AND business_day = %(day)s AND store_id IN %(stores)s GROUP BY currency, hour"""
ADD_TO_CHAIN = """
    INSERT INTO takings_chain_hours (chain_id, business_day, currency, hour, orders, revenue)
    VALUES (%(chain)s, %(day)s, %(currency)s, %(hour)s, %(orders)s, %(revenue)s)
    ON DUPLICATE KEY UPDATE orders = takings_chain_hours.orders + VALUES(orders),
        revenue = takings_chain_hours.revenue + VALUES(revenue)"""
SELECT_TAKINGS = """
    SELECT SUBSTRING_INDEX(store_id, ':', -1) AS store, business_day, currency,
        SUM(entry LIKE 'paid/%%') AS orders, SUM(amount) AS revenue
    FROM takings WHERE chain_id = %(chain)s AND business_day BETWEEN %(oldest)s AND %(newest)s
    GROUP BY business_day, store_id, currency ORDER BY business_day DESC, store_id"""
SELECT_NEWEST_DAY = """
    SELECT MAX(business_day) AS day FROM takings WHERE chain_id = %(chain)s AND business_day <= %(newest)s"""


class Taking(NamedTuple):
    """The revenue of one order in its business day. `sequence` is the number of the order's message.

    `hour` is by the store's clock. `store` is the store's key.
    """

    chain: str
    day: date
    store: str
    currency: str
    hour: int
    order: str
    amount: int
    sequence: int


def upsert_takings(transaction: Transaction, takings: Collection[Taking]) -> None:
    """Store the takings, and the sums of each day that they change."""
    if not takings:
        return
    days = [_day(*key) for key in sorted({taking[:4] for taking in takings})]
    transaction.execute_many(LOCK_DAYS, days)
    before = _sums(transaction, days)
    transaction.execute_many(UPSERT_TAKINGS, [_values(taking) for taking in sorted(takings)])
    for day in days:
        transaction.execute(UPSERT_HOURS, day)
        transaction.execute(UPSERT_DAY, day)
    # Last, because each worker of the chain waits for these rows; and in one order, so that no two wait for each other.
    if moves := _moves(before, _sums(transaction, days)):
        transaction.execute_many(ADD_TO_CHAIN, moves)


Sums = dict[tuple[str, date, str, int], tuple[int, int]]


def _sums(transaction: Transaction, days: Collection[Mapping[str, Any]]) -> Sums:
    """(orders, revenue) of the locked stores by chain, day, currency and hour."""
    stores: dict[tuple[str, date], set[str]] = defaultdict(set)
    for day in days:
        stores[day["chain"], day["day"]].add(day["store"])
    return {
        (chain, day, row["currency"], row["hour"]): (int(row["orders"]), int(row["revenue"]))
        for (chain, day), keys in stores.items()
        for row in transaction.rows(SUM_HOURS_OF_LOCKED, {"chain": chain, "day": day, "stores": tuple(sorted(keys))})
    }


def _moves(before: Sums, after: Sums) -> list[dict[str, Any]]:
    """The amounts to add to the sums of each chain."""
    moves = []
    for key, (orders, revenue) in sorted(after.items()):
        orders_before, revenue_before = before.get(key, (0, 0))
        chain, day, currency, hour = key
        move = {"orders": orders - orders_before, "revenue": revenue - revenue_before}
        if any(move.values()):
            moves.append({"chain": chain, "day": day, "currency": currency, "hour": hour} | move)
    return moves


def _day(chain: str, day: date, store: str, currency: str) -> dict[str, Any]:
    return {"chain": chain, "day": day, "store": store, "currency": currency}


def _values(taking: Taking) -> dict[str, Any]:
    return {**taking._asdict(), "entry": f"paid/{taking.order}"}


def read_takings(transaction: Transaction, chain: str, oldest: date, newest: date) -> list[Row]:
    """store, business_day, currency, orders and revenue (minor units), newest day first."""
    return transaction.rows(SELECT_TAKINGS, {"chain": chain, "oldest": oldest, "newest": newest})


def read_newest_day(transaction: Transaction, chain: str, newest: date) -> date | None:
    """The newest business day with takings, at most `newest`."""
    row = transaction.row(SELECT_NEWEST_DAY, {"chain": chain, "newest": newest})
    return row["day"] if row else None
