"""SQL of views that `orders` publishes: payments and refunds by the business day on which the money moved."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from shared.contracts.ids import store_key
from shared.spine.db import Transaction

_SUMS = """
    SELECT SUBSTRING_INDEX(m.store_id, ':', -1) AS store, m.day, SUM(m.amount) AS amount, SUM(m.tip) AS tips
    FROM store_places s STRAIGHT_JOIN {view} m ON m.store_id = s.store_id
    WHERE s.chain_id = %(chain)s AND m.day BETWEEN %(oldest)s AND %(newest)s
    GROUP BY m.store_id, m.day"""
SELECT_PAYMENTS = _SUMS.format(view="payments_by_day")
SELECT_REFUNDS = _SUMS.format(view="refunds_by_day")
SELECT_CURRENCIES = "SELECT store, currency FROM store_places WHERE store_id IN %(stores)s"

StoreDay = tuple[str, date]


@dataclass
class DayMoney:
    """Money of a store that moved on a business day: payments and refunds without tips, and tips less their refunds."""

    paid: int = 0
    refunded: int = 0
    tips: int = 0


def read_day_money(transaction: Transaction, chain: str, oldest: date, newest: date) -> dict[StoreDay, DayMoney]:
    """The money of each store and business day on which any moved."""
    by_day: dict[StoreDay, DayMoney] = defaultdict(DayMoney)
    values = {"chain": chain, "oldest": oldest, "newest": newest}
    for row in transaction.rows(SELECT_PAYMENTS, values):
        day = by_day[row["store"], row["day"]]
        day.paid, day.tips = int(row["amount"]), int(row["tips"])
    for row in transaction.rows(SELECT_REFUNDS, values):
        day = by_day[row["store"], row["day"]]
        day.refunded, day.tips = int(row["amount"]), day.tips - int(row["tips"])
    return by_day


def read_currencies(transaction: Transaction, chain: str, stores: Collection[str]) -> dict[str, str]:
    """The currency of each of these stores of the chain."""
    keys = tuple(store_key(chain, store) for store in stores)
    rows = transaction.rows(SELECT_CURRENCIES, {"stores": keys}) if keys else []
    return {row["store"]: row["currency"] for row in rows}
