"""Actions of a fleet on a delivery, kept in its trace as those of any courier."""

from datetime import datetime

from functions.delivery.creation.announcing import store_change
from functions.delivery.life.act import Refused, Request, acted, state_of
from functions.delivery.life.delivery import Delivery
from functions.delivery.tables.actions import ActionRow, insert_action
from shared.contracts.ids import new_id
from shared.spine.outbox import Work


def change_delivery(work: Work, delivery: Delivery, request: Request, actor: str, now: datetime) -> Delivery | None:
    """The locked delivery after the action, stored and told. None, and a line in the trace, where it is refused."""
    try:
        after = acted(delivery, request)
    except Refused as failure:
        _keep(work, delivery, request, actor, now, None, failure)
        return None
    _keep(work, delivery, request, actor, now, after)
    return store_change(
        work, after, [request.action.value], request.at, now, reason=request.reason, courier_before=delivery.courier
    )


def _keep(
    work: Work,
    before: Delivery,
    request: Request,
    actor: str,
    now: datetime,
    after: Delivery | None,
    failure: Refused | None = None,
) -> None:
    row = ActionRow(
        delivery=before.id,
        id=new_id(now),
        action=request.action,
        actor=actor,
        expected=request.expected,
        found=state_of(before, request.action),
        became=state_of(after, request.action) if after else None,
        refusal=failure.code if failure else None,
        detail=((failure.detail if failure else request.reason or request.courier) or "")[:300] or None,
        happened_at=request.at,
        received_at=now,
    )
    insert_action(work, row)
