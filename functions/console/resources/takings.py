"""GET /v1/takings: takings of a chain by store and business day."""

from datetime import date, timedelta
from typing import Annotated

from pydantic import Field

from functions.console.tables.takings import read_newest_day, read_takings
from shared.contracts.models import Output, Query
from shared.contracts.money import Currency
from shared.contracts.text import Id
from shared.spine.http import Call, Reply
from shared.spine.rights import Scope

MOST_DAYS = timedelta(days=92)
Day = Annotated[date, Field(ge=date(1970, 1, 1), lt=date(3000, 1, 1))]


class TakingsQuery(Query):
    """A chain and business days. By default `to` is the newest day with takings, and `since` is six days before it."""

    chain: Id
    since: Day | None = None
    to: Day | None = None


class Taking(Output):
    """Takings of a store on a business day: the number of paid orders, and revenue less refunds in minor units."""

    store: str
    business_day: date
    currency: Currency
    orders: int
    revenue: int


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
        rows = read_takings(transaction, query.chain, oldest, newest)
    return Reply(Takings(chain=query.chain, takings=[Taking(**row) for row in rows]))
