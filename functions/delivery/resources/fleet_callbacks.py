"""POST /delivery/fleets/{kind}/{fleet}: callbacks of fleets. The fleet's module proves that they are genuine."""

import hashlib
from http import HTTPStatus
from typing import Annotated

from pydantic import Field
from werkzeug.datastructures import Headers

from functions.delivery.booking.accounts import account_of
from functions.delivery.booking.news import apply_news
from functions.delivery.fleets import FLEETS
from functions.delivery.fleets.contract import Callback, Fleet, Forged, News
from functions.delivery.tables.bookings import insert_callback, read_booking
from functions.delivery.tables.fleets import StoredFleet, read_fleet
from shared.contracts.models import Query
from shared.contracts.text import IDENTIFIER
from shared.spine import log
from shared.spine.env import Environment
from shared.spine.errors import NotFound, Rejected
from shared.spine.http import Reply


class FleetCallbackPath(Query):
    """A service, and an account by `chain:fleet`."""

    kind: Annotated[str, Field(pattern="^[a-z_]{1,32}$")]
    fleet: Annotated[str, Field(pattern=f"^{IDENTIFIER}:{IDENTIFIER}$")]


def post_fleet_callback(env: Environment, path: FleetCallbackPath, headers: Headers, raw: bytes) -> Reply:
    """Statuses and places of a fleet's couriers. A callback that came before is answered as the first one."""
    with env.db.transaction() as transaction:
        stored = read_fleet(transaction, path.fleet)
    fleet = FLEETS.get(path.kind)
    if stored is None or fleet is None or stored.kind != path.kind or not stored.enabled:
        raise NotFound("unknown_fleet", "there is no such fleet")
    for news in _genuine(env, fleet, stored, headers, raw):
        _store(env, stored, news, raw)
    answer = fleet.answer()
    kind = answer.headers.get("content-type", "text/plain; charset=utf-8")
    return Reply(answer.body, answer.status, media_type=kind)


def _genuine(env: Environment, fleet: Fleet, stored: StoredFleet, headers: Headers, raw: bytes) -> list[News]:
    lower = {name.lower(): value for name, value in headers.items()}
    try:
        return fleet.news(account_of(env, stored), Callback(lower, raw), env.clock())
    except Forged as forged:
        log.logger().warning("forged callback", extra={"fleet": stored.key, "reason": str(forged)})
        raise Rejected("forged", "the callback is not genuine", status=HTTPStatus.UNAUTHORIZED) from None


def _store(env: Environment, stored: StoredFleet, news: News, raw: bytes) -> None:
    """One transaction: a callback that is lost with it comes again."""
    now = env.clock()
    with env.outbox.work("delivery") as work:
        booking = read_booking(work, stored.key, news.trip, news.number, news.fleet_id)
        if booking is None:
            log.logger().warning("a callback of no booking", extra={"fleet": stored.key})
            return
        if not insert_callback(work, stored.key, hashlib.sha256(raw).digest(), now):
            return
        apply_news(work, booking.id, booking.delivery, news, now)
