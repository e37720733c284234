"""/v1/outlets/stores/{outlet}/pause: head office pauses an outlet, or lets it take orders again."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from functions.outlets.asking.pausing import BY_HEAD_OFFICE, change_pause
from functions.outlets.resources.access import MANAGE, ChainQuery, OutletPath, require_outlet
from shared.contracts.models import Input, Output
from shared.spine.errors import NotFound
from shared.spine.http import Call, Reply
from shared.spine.outbox import Work


class PauseIn(Input):
    """The minutes in which the outlet gets no orders of guests and platforms."""

    minutes: Annotated[int, Field(ge=1, le=24 * 60)]


class PauseDocument(Output):
    """The pause of an outlet. Its store has it within seconds; `paused_until` of the store's settings shows it."""

    outlet: str
    paused_until: datetime | None


def put_outlet_pause(call: Call, path: OutletPath, query: ChainQuery, body: PauseIn) -> Reply:
    """Pause an outlet from now on. A later request replaces the pause."""
    until = call.env.clock() + timedelta(minutes=body.minutes)
    with call.once() as (work, stored):
        stored.reply = _changed(call, work, path, query, until)
    return Reply(stored.reply)


def end_outlet_pause(call: Call, path: OutletPath, query: ChainQuery) -> Reply:
    """Let an outlet take orders again."""
    with call.once() as (work, stored):
        stored.reply = _changed(call, work, path, query, None)
    return Reply(stored.reply)


def _changed(call: Call, work: Work, path: OutletPath, query: ChainQuery, until: datetime | None) -> str:
    key = require_outlet(call, work, MANAGE, query.chain, path.outlet)
    if not change_pause(work, key, until, BY_HEAD_OFFICE, call.env.clock()):
        raise NotFound("unknown_outlet", "The store gets no orders in a chat.")
    return PauseDocument(outlet=path.outlet, paused_until=until).model_dump_json()
