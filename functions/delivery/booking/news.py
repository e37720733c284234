"""News of a fleet become actions of its courier: in the order of a trip, never backwards, and each once."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from functions.delivery.booking.changes import change_delivery
from functions.delivery.booking.doubt import without_doubt
from functions.delivery.fleets.contract import ENDS, FleetStatus, News
from functions.delivery.intake.fixes import RawFix, store_fixes
from functions.delivery.life.act import Request
from functions.delivery.life.delivery import Delivery
from functions.delivery.states import RULES, UNDERWAY, Action, BookingState
from functions.delivery.tables.bookings import Booking, lock_booking, update_booking
from functions.delivery.tables.couriers import lock_courier, upsert_courier
from functions.delivery.tables.deliveries import lock_delivery
from functions.delivery.tables.positions import read_position
from shared.spine.env import Environment
from shared.spine.outbox import Work

# After so long without news the fleet is asked.
SILENCE = timedelta(minutes=2)
CANCELLED_BY_FLEET = "cancelled by the fleet"
# The way of a delivery to each status: the actions that are still due are made in this order.
STEPS: dict[FleetStatus, tuple[Action, ...]] = {
    FleetStatus.SEARCHING: (),
    FleetStatus.ASSIGNED: (Action.ACCEPT,),
    FleetStatus.AT_STORE: (Action.ACCEPT, Action.ARRIVE_AT_STORE),
    FleetStatus.PICKED_UP: (Action.ACCEPT, Action.PACK, Action.PICK_UP),
    FleetStatus.ON_THE_WAY: (Action.ACCEPT, Action.PACK, Action.PICK_UP, Action.SET_OFF),
    FleetStatus.AT_DOOR: (Action.ACCEPT, Action.PACK, Action.PICK_UP, Action.ARRIVE),
    FleetStatus.DELIVERED: (Action.ACCEPT, Action.PACK, Action.PICK_UP, Action.DELIVER),
    FleetStatus.RETURNED: (Action.ACCEPT, Action.PACK, Action.PICK_UP, Action.FAIL, Action.RETURN, Action.TAKE_BACK),
    FleetStatus.CANCELLED: (Action.FAIL,),
}
STATE_OF_END = {FleetStatus.CANCELLED: BookingState.CANCELLED}


def store_news(env: Environment, booking_id: str, delivery_id: str, news: News) -> Booking | None:
    """Store what a fleet says of a booking, and do the actions that follow. None for a booking that is not there."""
    with env.outbox.work("delivery") as work:
        return apply_news(work, booking_id, delivery_id, news, env.clock())


def apply_news(work: Work, booking_id: str, delivery_id: str, news: News, now: datetime) -> Booking | None:
    """The same within a transaction. The delivery is locked first, as everywhere."""
    delivery, booking = lock_delivery(work, delivery_id), lock_booking(work, booking_id)
    if delivery is None or booking is None or not booking.is_open:
        return booking
    is_new = news.status is not None and (booking.status is None or news.status.rank > booking.status.rank)
    after = heard(booking, news, now, moves=is_new)
    update_booking(work, after)
    delivery = without_doubt(work, delivery, booking)
    _store_courier(work, delivery, after, news, now)
    # The courier's place may have been announced as near.
    delivery = (lock_delivery(work, delivery_id) if news.place else None) or delivery
    if is_new and news.status and delivery.courier == booking.courier and delivery.is_open:
        _move(work, delivery, after, news.status, news, now)
    return after


def heard(booking: Booking, news: News, now: datetime, *, moves: bool) -> Booking:
    """The booking after the news."""
    changes: dict[str, Any] = {"heard_at": now, "due_at": now + SILENCE, "tries": 0}
    if booking.state == BookingState.SENDING:
        changes |= {"state": BookingState.OPEN, "failure": None, "detail": None}  # the fleet has it
    if booking.state == BookingState.CANCELLING:
        changes["due_at"] = min(booking.due_at, now + SILENCE)
    if news.price is not None:
        changes |= {"price": news.price, "currency": news.currency or booking.currency}
    if moves:
        changes["status"] = news.status
    if moves and news.status in ENDS:
        changes |= {"state": STATE_OF_END.get(news.status, BookingState.DONE), "ended_at": now}
        changes |= {"detail": (news.reason or "")[:200] or None} if news.reason else {}
    return replace(booking, fleet_id=booking.fleet_id or news.fleet_id, **changes)


def _store_courier(work: Work, delivery: Delivery, booking: Booking, news: News, now: datetime) -> None:
    """Name, vehicle and place of the fleet's courier. After the end the name stays, and the phone number does not."""
    courier = lock_courier(work, delivery.chain, booking.courier)
    if courier is None:
        return
    after = replace(
        courier,
        name=news.courier_name or courier.name,
        phone=news.courier_phone or courier.phone,
        vehicle=news.vehicle or courier.vehicle,
    )
    if not booking.is_open:
        after = replace(after, phone=None, active=False)
    if after != courier:
        upsert_courier(work, replace(after, changed_at=now))
    if news.place and booking.is_open:
        fix = RawFix(news.place.at, news.place.lat, news.place.lon)
        last = read_position(work, delivery.chain, booking.courier)
        store_fixes(work, delivery.chain, booking.courier, last, [fix], now)


def _move(work: Work, delivery: Delivery, booking: Booking, status: FleetStatus, news: News, now: datetime) -> None:
    if status == FleetStatus.CANCELLED and delivery.carriage not in UNDERWAY:
        release_delivery(work, delivery, booking, news.reason or CANCELLED_BY_FLEET, now)
        return
    for action in STEPS[status]:
        if not _is_due(delivery, action):
            continue
        reason = (news.reason or CANCELLED_BY_FLEET) if action == Action.FAIL else None
        request = Request(action, news.at, courier=booking.courier, reason=reason)
        changed = change_delivery(work, delivery, request, fleet_of(booking), now)
        if changed is None:
            return
        delivery = changed


def release_delivery(work: Work, delivery: Delivery, booking: Booking, reason: str, now: datetime) -> None:
    """The fleet does not bring it: the delivery is free for others, and the desk is told why."""
    if delivery.courier != booking.courier:
        return
    action = Action.DECLINE if delivery.carriage in RULES[Action.DECLINE].moves else Action.UNASSIGN
    change_delivery(work, delivery, Request(action, now, reason=reason[:200]), fleet_of(booking), now)


def fleet_of(booking: Booking) -> str:
    """The name of the fleet within its chain."""
    return booking.fleet.partition(":")[2]


def _is_due(delivery: Delivery, action: Action) -> bool:
    """Whether the step is still to be made. Goods that are gone were packed, also where the packer did not say so."""
    present = delivery.goods if RULES[action].is_of_goods else delivery.carriage
    return present in RULES[action].moves
