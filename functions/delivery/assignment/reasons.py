"""Why a delivery cannot be planned at all, so that a person must act."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from functions.delivery.dispatch.answer import NEEDS_A_PERSON, WhyWaiting
from functions.delivery.dispatch.facts import Courier, OpenOrder


def reasons(
    orders: Iterable[OpenOrder], couriers: Sequence[Courier], waiting: Mapping[str, WhyWaiting]
) -> dict[str, dict[str, Any]]:
    """The reason of each waiting order: that of the round, unless no courier could take the order at any time."""
    return {
        order.order: _told(_hindrance(order, couriers) or waiting[order.order])
        for order in orders
        if order.order in waiting
    }


def _hindrance(order: OpenOrder, couriers: Sequence[Courier]) -> WhyWaiting | None:
    on_duty = [courier for courier in couriers if not courier.stores or order.store in courier.stores]
    if order.fixed_courier and order.fixed_courier not in {courier.courier for courier in on_duty}:
        return WhyWaiting.FIXED_COURIER_ABSENT
    if not on_duty:
        return WhyWaiting.NO_COURIER
    able = [
        courier
        for courier in on_duty
        if courier.capacity >= order.size and (not order.vehicles or courier.vehicle in order.vehicles)
    ]
    if not able:
        return WhyWaiting.NO_VEHICLE
    candidates = {courier.courier for courier in able if order.fixed_courier in (None, courier.courier)}
    return WhyWaiting.ALL_REFUSED if candidates <= order.refused_by else None


def _told(why: WhyWaiting) -> dict[str, Any]:
    return {"code": str(why), "needs_person": why in NEEDS_A_PERSON}
