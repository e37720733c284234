"""/v1/sync/systems/{system}/flows/{flow}/backfills: business days that are looked at once more."""

from datetime import date, timedelta
from http import HTTPStatus
from typing import Annotated

from pydantic import Field

from functions.sync.resources.access import ChainQuery, FlowPath, locked_system
from functions.sync.tables.days import DueDay, upsert_days
from functions.sync.tables.flows import read_flow
from functions.sync.tables.stores import read_stores
from shared.contracts.ids import store_key
from shared.contracts.models import Input, Output
from shared.contracts.moments import Day
from shared.contracts.text import Id
from shared.spine.errors import NotFound, Rejected
from shared.spine.http import Call, Reply

MOST_DAYS = 200_000


class DayWindowIn(Input):
    """The half-open window of business days, and the stores; empty for all. Live runs go on beside it."""

    day_from: Annotated[Day, Field(strict=False)]
    day_until: Annotated[Day, Field(strict=False)]
    stores: Annotated[list[Id], Field(max_length=2_000)] = []


class DayWindowDocument(Output):
    """How many days of stores are looked at."""

    days: int


def begin_backfill(call: Call, path: FlowPath, query: ChainQuery, body: DayWindowIn) -> Reply:
    """Look at a window of business days again. A document that the system has already is adopted.

    Flows that read have none, and days are compared again by `reconciliations`.
    """
    if not path.flow.startswith("push_"):
        detail = f"The flow {path.flow} looks at no business days again. Flows that push do."
        raise Rejected("flow_without_backfill", detail)
    if body.day_until <= body.day_from:
        raise Rejected("window_wrong", "The window ends before it begins: `day_until` is the day after the last one.")
    now = call.env.clock()
    with call.once() as (work, stored):
        system = locked_system(call, work, query.chain, path.system)
        if read_flow(work, system.key, path.flow) is None:
            raise NotFound("unknown_flow", f"The system has no flow {path.flow}.")
        stores = read_stores(work, query.chain)
        keys = [store_key(query.chain, store) for store in body.stores] or list(stores)
        missing = [key for key in keys if key not in stores]
        if missing:
            raise NotFound("unknown_store", f"There is no store {missing[0]}.")
        if len(keys) * (body.day_until - body.day_from).days > MOST_DAYS:
            raise Rejected("window_too_large", f"A backfill has at most {MOST_DAYS} days of stores.")
        days = [DueDay(key, day, is_backfill=True) for key in keys for day in _days(body)]
        upsert_days(work, system.key, path.flow, [(due, now) for due in days])
        stored.status = HTTPStatus.ACCEPTED
        stored.reply = DayWindowDocument(days=len(days)).model_dump_json()
    return Reply(stored.reply, stored.status)


def _days(body: DayWindowIn) -> list[date]:
    return [body.day_from + timedelta(days=count) for count in range((body.day_until - body.day_from).days)]
