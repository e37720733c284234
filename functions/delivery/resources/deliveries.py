"""GET /v1/deliveries, one delivery, its trace, and PUT of its details."""

from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Literal

from pydantic import Field

from functions.delivery.creation.announcing import store_change
from functions.delivery.life.act import refusal
from functions.delivery.life.delivery import Delivery
from functions.delivery.life.details import Details
from functions.delivery.resources.access import (
    CARRY,
    MANAGE,
    PACK,
    READ,
    Caller,
    DeliveryPath,
    caller_of,
    store_scope,
    store_scope_by_any,
    unknown_delivery,
)
from functions.delivery.resources.documents import CustomerFeedback, OrderDelivery, document_of, is_of_desk
from functions.delivery.resources.proofs import LOOK
from functions.delivery.states import NEAR_DOOR, Action, Role
from functions.delivery.tables.actions import ActionRow, read_actions
from functions.delivery.tables.couriers import read_courier_of
from functions.delivery.tables.deliveries import (
    lock_delivery,
    read_delivery,
    read_ended,
    read_of_courier,
    read_of_order,
    read_open,
)
from functions.delivery.tables.feedback import Feedback, read_feedback
from functions.delivery.tables.stores import read_reached
from shared.contracts.ids import Ulid
from shared.contracts.models import Input, Output, Query
from shared.contracts.text import Id
from shared.spine.db import Transaction
from shared.spine.errors import NotFound
from shared.spine.http import Call, Reply
from shared.spine.rights import Reach

RIGHTS = (READ, MANAGE, PACK, CARRY)


DESK_ONLY = frozenset({Action.OFFER, Action.ASSIGN, Action.UNASSIGN, Action.ACCEPT, Action.DECLINE, LOOK})


class DeliveriesQuery(Query):
    """Deliveries of a chain: of one store, of one order, or `mine`: those of the courier who asks.

    `after` is the `next` of the page before.
    """

    chain: Id
    store: Id | None = None
    order: Ulid | None = None
    mine: bool = False
    state: Literal["open", "ended"] = "open"
    after: Ulid | None = None
    limit: int = Field(default=100, ge=1, le=500)


class OrderDeliveryPage(Output):
    """Open deliveries, the oldest first; or ended ones, the newest first. `next` is the cursor of the next page."""

    deliveries: list[OrderDelivery]
    next: str | None


class ActionDocument(Output):
    """An action. `found` is the state before it, `became` the state after it. `refusal` says why it was refused.

    `happened_at` is by the device, `received_at` by the server.
    """

    id: str
    action: str
    actor: str
    expected: str | None
    found: str
    became: str | None
    refusal: str | None
    detail: str | None
    happened_at: datetime
    received_at: datetime


class OrderDeliveryTrace(Output):
    """All actions on a delivery, refused ones too, in the order of receipt.

    A courier or packer sees actors and details of the own actions alone. Offers, declines and looks at photos of others
    are left out.
    """

    actions: list[ActionDocument]


class DetailsIn(Input):
    """The details of a delivery; they replace those before. `revision` is that of the delivery which the caller saw."""

    revision: int = Field(ge=1)
    details: Details


def list_order_deliveries(call: Call, query: DeliveriesQuery) -> Reply:
    """List deliveries that the caller may see."""
    with call.env.db.transaction() as transaction:
        found = _found(call, transaction, query)
        documents = []
        for delivery in found[: query.limit]:
            caller = _caller(call, transaction, delivery)
            if caller:
                documents.append(document_of(delivery, caller, call.env.keyring()))
    following = found[query.limit - 1].id if len(found) > query.limit and not query.mine else None
    return Reply(OrderDeliveryPage(deliveries=documents, next=following))


def get_order_delivery(call: Call, path: DeliveryPath) -> Reply:
    """A delivery at its present state."""
    with call.env.db.transaction() as transaction:
        delivery = read_delivery(transaction, path.delivery)
        if delivery is None:
            raise unknown_delivery(path.delivery)
        caller = caller_of(call, transaction, delivery)
        answer = read_feedback(transaction, delivery.id) if is_of_desk(caller) else Feedback(None, None)
    feedback = CustomerFeedback(stars=answer.stars, complaint=answer.complaint) if answer != (None, None) else None
    return Reply(document_of(delivery, caller, call.env.keyring(), feedback))


def trace_order_delivery(call: Call, path: DeliveryPath) -> Reply:
    """List the actions on a delivery, refused ones too."""
    with call.env.db.transaction() as transaction:
        delivery = read_delivery(transaction, path.delivery)
        if delivery is None:
            raise unknown_delivery(path.delivery)
        caller = caller_of(call, transaction, delivery)
        actions = read_actions(transaction, delivery.id)
    if not is_of_desk(caller):
        actions = [_of_others(action) if action.actor != call.client.id else action for action in actions]
        actions = [action for action in actions if action.actor or action.action not in DESK_ONLY]
    return Reply(OrderDeliveryTrace(actions=[_action(vars(action)) for action in actions]))


def change_delivery_details(call: Call, path: DeliveryPath, body: DetailsIn) -> Reply:
    """Change recipient, gift, card and wishes. A courier who is underway sees a new address at once."""
    now = call.env.clock()
    with call.once() as (work, stored):
        delivery = lock_delivery(work, path.delivery)
        if delivery is None:
            raise unknown_delivery(path.delivery)
        caller = caller_of(call, work, delivery)
        if Role.DESK not in caller.roles:
            store_scope(call, work, MANAGE, delivery.chain, delivery.store.partition(":")[2])
        if body.revision != delivery.revision or not delivery.is_open:
            raise refusal(delivery, "state_differs", f"the delivery has revision {delivery.revision}: read it again")
        after = _at_door(replace(delivery, details=body.details), delivery)
        delivery = store_change(work, after, ["details"], now, now, courier_before=delivery.courier)
        stored.reply = document_of(delivery, caller, call.env.keyring()).model_dump_json()
        stored.subject = delivery.id
    return Reply(stored.reply)


def _at_door(after: Delivery, before: Delivery) -> Delivery:
    """Near another door the courier was not yet."""
    doors = [(one.details.recipient.lat, one.details.recipient.lon) for one in (before, after)]
    if doors[0] == doors[1]:
        return after
    return replace(after, times={state: at for state, at in after.times.items() if state != NEAR_DOOR})


def _of_others(action: ActionRow) -> ActionRow:
    return replace(action, actor="", detail=None)


def _found(call: Call, transaction: Transaction, query: DeliveriesQuery) -> list[Delivery]:
    if query.order:
        delivery = read_of_order(transaction, query.order)
        return [delivery] if delivery and delivery.chain == query.chain else []
    if query.mine:
        courier = read_courier_of(transaction, call.client.id)
        return read_of_courier(transaction, courier.chain, courier.id) if courier else []
    stores = _stores(call, transaction, query)
    if query.state == "ended":
        return read_ended(transaction, stores, query.after, query.limit + 1)
    return read_open(transaction, stores, query.after, query.limit + 1)


def _stores(call: Call, transaction: Transaction, query: DeliveriesQuery) -> list[str]:
    """Keys of the stores that are asked for, or of all in which the caller has a right. Rights may differ by store."""
    if query.store:
        return [store_scope_by_any(call, transaction, RIGHTS, query.chain, query.store).key]
    reaches = [call.client.reach(right).within(query.chain) for right in RIGHTS]
    together = (tuple(sorted(set(chain.from_iterable(level)))) for level in zip(*reaches, strict=True))
    return read_reached(transaction, Reach(*together))


def _caller(call: Call, transaction: Transaction, delivery: Delivery) -> Caller | None:
    try:
        return caller_of(call, transaction, delivery)
    except NotFound:
        return None


def _action(values: dict[str, object]) -> ActionDocument:
    return ActionDocument.model_validate({name: values[name] for name in ActionDocument.model_fields})
