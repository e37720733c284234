"""The chain, the store and the days that a request names, and the right that it needs."""

from datetime import date, timedelta
from typing import Annotated

from pydantic import Field

from functions.forecast.tables.history import read_newest_day
from functions.forecast.tables.stores import read_region
from shared.contracts.models import Query
from shared.contracts.text import Id
from shared.spine.db import Transaction
from shared.spine.errors import NotFound, Rejected
from shared.spine.http import Call
from shared.spine.rights import Scope

READ, WRITE = "forecast:read", "forecast:write"
DEFAULT_DAYS = timedelta(days=55)  # eight weeks, with both ends
EARLIEST, LATEST = date(1990, 1, 1), date(2999, 12, 31)
Day = Annotated[date, Field(ge=EARLIEST, le=LATEST)]
DayIn = Annotated[Day, Field(strict=False)]


class ChainQuery(Query):
    """A chain."""

    chain: Id


class DaysQuery(ChainQuery):
    """Days from `since` to `to`. Without `to` they end at the newest day; without `since` they are eight weeks."""

    since: Day | None = None
    to: Day | None = None


class StoreDaysQuery(DaysQuery):
    """Days of one store."""

    store: Id


def require_chain(call: Call, right: str, chain: str) -> None:
    """The caller has the right over the whole chain."""
    call.client.require(right, Scope(chain))


def require_store(call: Call, transaction: Transaction, right: str, chain: str, store: str | None) -> None:
    """The caller has the right over the store, or over the chain if there is none. Raises `NotFound`."""
    if store is None:
        require_chain(call, right, chain)
        return
    region = read_region(transaction, chain, store)
    if region is None:
        raise NotFound("unknown_store", f"the chain has no store {store}")
    call.client.require(right, Scope(chain, region, store))


def days_asked(transaction: Transaction, query: DaysQuery, today: date) -> tuple[date, date]:
    """The first and the last day of a query."""
    last_day = query.to or read_newest_day(transaction, query.chain) or today
    return query.since or last_day - DEFAULT_DAYS, last_day


def require_order(first_day: date, last_day: date) -> None:
    """Raises `Rejected` for days in reverse order."""
    if last_day < first_day:
        raise Rejected("days_reversed", "last_day is before first_day")
