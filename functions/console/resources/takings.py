"""GET /v1/takings: takings of a chain by store and business day."""

from dataclasses import asdict
from datetime import date, timedelta

from functions.console.tables.day_money import DayMoney, read_currencies, read_day_money
from functions.console.tables.takings import read_newest_day, read_takings
from shared.contracts.models import Output, Query
from shared.contracts.moments import Day
from shared.contracts.money import Currency
from shared.contracts.text import Id
from shared.spine.db import Transaction
from shared.spine.http import Call, Reply
from shared.spine.rights import Scope

MOST_DAYS = timedelta(days=92)


class TakingsQuery(Query):
    """A chain and business days. By default `to` is the newest day with takings, and `since` is six days before it."""

    chain: Id
    since: Day | None = None
    to: Day | None = None


class Taking(Output):
    """Takings of a store on a business day, in minor units.

    `orders` and `revenue` count the paid orders of the day, less their refunds of any day. `paid`, `refunded` and
    `tips` count the money that moved on the day, for orders of any day.
    """

    store: str
    business_day: date
    currency: Currency
    orders: int
    revenue: int
    paid: int = 0
    refunded: int = 0
    tips: int = 0


class Takings(Output):
    """Takings of a chain, newest day first."""

    chain: str
    takings: list[Taking]


def get_takings(call: Call, query: TakingsQuery) -> Reply:
    """Takings of each store and business day, at most 92 days."""
    call.client.require("takings:read", Scope(query.chain))
    with call.env.db.transaction() as transaction:
        today = call.env.clock().date()
        # A store's day may be tomorrow by UTC. Scheduled orders are takings of later days, which `to` can ask for.
        newest = query.to or read_newest_day(transaction, query.chain, today + timedelta(days=1)) or today
        oldest = max(query.since or newest - timedelta(days=6), newest - MOST_DAYS + timedelta(days=1))
        takings = _takings(transaction, query.chain, oldest, newest)
    return Reply(Takings(chain=query.chain, takings=takings))


def _takings(transaction: Transaction, chain: str, oldest: date, newest: date) -> list[Taking]:
    """The takings by the order's day, with the money by the day on which it moved."""
    by_day = read_day_money(transaction, chain, oldest, newest)
    takings = []
    for row in read_takings(transaction, chain, oldest, newest):
        money = by_day.pop((row["store"], row["business_day"]), DayMoney())
        takings.append(Taking(**row, **asdict(money)))
    currencies = read_currencies(transaction, chain, {store for store, _ in by_day})
    takings += [
        Taking(store=store, business_day=day, currency=currencies[store], orders=0, revenue=0, **asdict(money))
        for (store, day), money in by_day.items()
    ]
    return sorted(takings, key=lambda taking: (-taking.business_day.toordinal(), taking.store))
