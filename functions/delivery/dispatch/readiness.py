"""When orders are ready, and what an estimated time means for the pickup."""

import math
from dataclasses import replace

from functions.delivery.dispatch.facts import OpenOrder
from functions.delivery.dispatch.loads import Load
from functions.delivery.dispatch.routes import in_its_window
from functions.delivery.dispatch.settings import Settings


def expected(order: OpenOrder, now: float, settings: Settings) -> OpenOrder:
    """The order with the ready time to plan with: an estimate that has passed moves on with the clock."""
    if order.is_ready_estimated:
        order = replace(order, ready_at=max(order.ready_at, now + settings.overdue))
    return in_its_window(order, settings)


def expected_pickup(load: Load, first: float, settings: Settings) -> float:
    """The mean pickup by a courier who can take the load from minute `first` on.

    A known ready time gives the later of both. The error of an estimate is taken as logistic with scale `spread`. It
    can only delay a pickup, so the mean is above the later of both: by up to `spread` × ln 2.
    """
    latest = max(load.ready_at, first)
    if not load.is_ready_estimated:
        return latest
    return latest + settings.spread * math.log1p(math.exp(-abs(load.ready_at - first) / settings.spread))
