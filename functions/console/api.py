"""HTTP → the console's page, and takings by store and business day."""

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from functions.console.tables import takings as store
from shared.contracts.models import Output, Query
from shared.contracts.money import Currency
from shared.spine import entry
from shared.spine.env import Environment
from shared.spine.http import Api, Call, Operation, Reply, page
from shared.spine.rights import Scope

PAGE = Path(__file__).parents[2] / "web" / "console.html"
MOST_DAYS = timedelta(days=92)
Day = Annotated[date, Field(ge=date(1970, 1, 1), lt=date(3000, 1, 1))]


class TakingsQuery(Query):
    """A chain and business days; without `to` up to the newest with takings by now, without `since` the week before."""

    chain: Annotated[str, StringConstraints(pattern="^[A-Za-z0-9._-]{1,64}$")]
    since: Day | None = None
    to: Day | None = None


class Taking(Output):
    """What a store took on a business day: orders paid, and revenue less refunds in minor units."""

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
    """What each store took on each business day, at most 92 days."""
    call.client.require("takings:read", Scope(query.chain))
    with call.env.db.transaction() as transaction:
        today = call.env.clock().date()
        # It may be tomorrow already where a store is. Orders for later are takings of days to come: asked for by `to`.
        last = query.to or store.latest_day(transaction, query.chain, today + timedelta(days=1)) or today
        first = max(query.since or last - timedelta(days=6), last - MOST_DAYS + timedelta(days=1))
        rows = store.takings(transaction, query.chain, first, last)
    return Reply(Takings(chain=query.chain, takings=[Taking(**row) for row in rows]))


def get_console() -> Reply:
    """The page."""
    return page(PAGE)


OPERATIONS = [
    Operation("GET", "/v1/takings", get_takings, {200: Takings}, (401, 403, 422, 429, 500, 503)),
    Operation("GET", "/console", get_console, {200: "text/html"}, public=True),
]


def make_app(env: Environment) -> object:
    """The WSGI app over this environment."""
    return Api(env, "console", OPERATIONS).app


handler = entry.http(make_app)
