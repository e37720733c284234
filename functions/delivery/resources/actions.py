"""POST /v1/deliveries/{delivery}/actions: what a person does to a delivery, perhaps off line and late."""

from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from functions.delivery.assignment.rounds import assign_again
from functions.delivery.booking.asking import new_booking
from functions.delivery.creation.announcing import store_change
from functions.delivery.creation.link import link_of, pin_fits
from functions.delivery.life.act import PIN_TRIES, Pin, Refused, Request, acted, refusal, state_of
from functions.delivery.life.delivery import Delivery
from functions.delivery.life.device_time import moment_of_action
from functions.delivery.proof.declaring import declare, with_expected
from functions.delivery.resources.access import Caller, DeliveryPath, bare_store, caller_of, unknown_delivery
from functions.delivery.resources.documents import document_of
from functions.delivery.resources.proofs import ProofIn, require_author
from functions.delivery.states import RULES, Action, Role
from functions.delivery.tables.actions import ActionRow, insert_action, read_action
from functions.delivery.tables.couriers import read_courier
from functions.delivery.tables.deliveries import lock_delivery, update_delivery
from functions.delivery.tables.fleets import read_fleet
from functions.delivery.tables.stores import read_store
from shared.contracts.ids import store_key
from shared.contracts.models import Input, empty_list
from shared.contracts.moments import AnyMoment
from shared.contracts.text import Id, Note
from shared.spine import log
from shared.spine.db import Transaction
from shared.spine.errors import Conflict, NotFound, Rejected
from shared.spine.http import Call, Reply
from shared.spine.outbox import Work


class ShortIn(Input):
    """Pieces of a line that the packer did not find."""

    line: Id
    missing: int = Field(ge=1, le=9_999)


class ActionIn(Input):
    """An action. `id` is the device's own: the same action may be sent again. `expected` is the state that it saw.

    `at` is when it happened, `sent_at` when it is sent, both by the device's clock; together they correct that clock.
    `parcel_codes` are on the packed parcels. At the pickup they are scanned, or named in `parcels_missing`.
    `proofs` are the files that the device will upload: the desk sees that they are expected.
    `offer` with `fleet` asks an outside fleet.
    """

    id: Id
    action: Action
    expected: Annotated[str, StringConstraints(pattern="^[a-z_]{1,16}$")]
    at: AnyMoment | None = None
    sent_at: AnyMoment | None = None
    courier: Id | None = None
    reason: Note | None = None
    parcels: int | None = Field(default=None, ge=1, le=99)
    shorts: list[ShortIn] = empty_list()
    pin: Annotated[str, StringConstraints(pattern="^[0-9]{4}$")] | None = None
    fleet: Id | None = None
    left_with: Literal["recipient", "neighbour", "reception", "door"] | None = None
    parcel_codes: Annotated[list[Id], Field(max_length=99)] = empty_list()
    parcels_missing: Annotated[list[Id], Field(max_length=99)] = empty_list()
    proofs: Annotated[list[ProofIn], Field(max_length=3)] = empty_list()


def act_on_delivery(call: Call, path: DeliveryPath, body: ActionIn) -> Reply:
    """Do an action. One that the present state forbids answers 409 with that state, and is kept in the trace."""
    may_compare = _spend_try(call, path, body)
    try:
        reply, declined = _act(call, path, body, may_compare=may_compare)
    except Refused as failure:
        _keep_refusal(call, path, body, failure)
        raise
    if declined:
        _offer_again(call, declined)
    return reply


def _act(call: Call, path: DeliveryPath, body: ActionIn, *, may_compare: bool) -> tuple[Reply, Delivery | None]:
    """The reply, and the delivery that a courier has just declined. `may_compare`: a try was counted for the PIN."""
    now, declined = call.env.clock(), None
    with call.once() as (work, stored):
        delivery = lock_delivery(work, path.delivery)
        if delivery is None:
            raise unknown_delivery(path.delivery)
        caller = caller_of(call, work, delivery)
        if not _was_done(work, delivery, body, call.client.id):
            _require_role(caller, delivery, body.action)
            delivery = _done(call, work, delivery, caller, body, now, may_compare=may_compare)
            declined = delivery if body.action == Action.DECLINE else None
        stored.reply = document_of(delivery, caller, call.env.keyring()).model_dump_json()
        stored.subject = delivery.id
    return Reply(stored.reply), declined


def _offer_again(call: Call, declined: Delivery) -> None:
    """The next courier is asked at once. A fault here leaves it to the round of the next minute."""
    try:
        assign_again(call.env, declined)
    except Exception as failure:  # noqa: BLE001 - the decline is stored and must be answered
        log.bug(failure, "no round of assignment after a decline")


def _was_done(transaction: Transaction, delivery: Delivery, body: ActionIn, actor: str) -> bool:
    """Whether the device sent it before. A refused action stays refused."""
    earlier = read_action(transaction, delivery.id, body.id)
    if earlier is None:
        return False
    if earlier.actor != actor:
        raise Rejected("action_id_reused", "another sender used this id: give each action an id of its own")
    if earlier.action != body.action:
        raise Rejected("action_id_reused", f"this id was used for {earlier.action}")
    if earlier.refusal:
        raise refusal(delivery, earlier.refusal, earlier.detail or earlier.refusal)
    return True


def _require_role(caller: Caller, delivery: Delivery, action: Action) -> None:
    """Raises `Rejected` (403) for an action of another role. A courier touches what is free or is its own."""
    roles = RULES[action].roles | {Role.DESK}
    if not roles & caller.roles:
        detail = f"{action} needs one of: {', '.join(sorted(roles))}"
        raise Rejected("not_your_action", detail, status=HTTPStatus.FORBIDDEN)
    if caller.roles == {Role.COURIER} and action != Action.ACCEPT and not caller.is_courier_of(delivery):
        raise Rejected("not_your_delivery", "it is not your delivery", status=HTTPStatus.FORBIDDEN)


def _done(
    call: Call, work: Work, delivery: Delivery, caller: Caller, body: ActionIn, now: datetime, *, may_compare: bool
) -> Delivery:
    at = moment_of_action(body.at, body.sent_at, now, delivery.created_at)
    request = _request(call, work, delivery, caller, body, at)
    request = replace(request, pin=_pin(call, work, delivery, caller, body, may_compare=may_compare))
    if body.fleet is not None:
        request = _request_of_fleet(call, work, delivery, body, request)
    after = _with_proofs(work, acted(delivery, request), caller, body, now)
    insert_action(work, _row(call, delivery, body, at, now, became=state_of(after, body.action)))
    return store_change(work, after, [body.action.value], at, now, reason=body.reason, courier_before=delivery.courier)


def _with_proofs(work: Work, delivery: Delivery, caller: Caller, body: ActionIn, now: datetime) -> Delivery:
    for proof in body.proofs:
        require_author(caller, delivery, proof.kind)
        delivery = with_expected(delivery, declare(work, delivery, proof.declared(), now))
    return delivery


def _request(call: Call, work: Work, delivery: Delivery, caller: Caller, body: ActionIn, at: datetime) -> Request:
    _require_known_lines(delivery, body)
    return Request(
        action=body.action,
        at=at,
        expected=body.expected,
        courier=_courier(work, delivery, caller, body),
        reason=body.reason,
        parcels=body.parcels,
        codes=sorted(set(body.parcel_codes)),
        missing=body.parcels_missing if caller.roles == {Role.COURIER} or body.parcel_codes else None,
        shorts=[short.model_dump() for short in body.shorts],
        proof=_proof(body),
        until=_offered_until(work, delivery, body, at),
        why={"code": "chosen_by_desk", "by": call.client.id},
    )


def _offered_until(work: Work, delivery: Delivery, body: ActionIn, at: datetime) -> datetime | None:
    """The end of an offer; None for every other action."""
    if body.action != Action.OFFER:
        return None
    return at + timedelta(seconds=read_store(work, delivery.store).offer_seconds)


def _request_of_fleet(call: Call, work: Work, delivery: Delivery, body: ActionIn, request: Request) -> Request:
    """The offer to an outside fleet, whose booking is stored with it. Raises `NotFound` and `Rejected`."""
    if body.action != Action.OFFER:
        raise Rejected("fleet_needs_offer", "a fleet is asked by the action offer")
    fleet = read_fleet(work, store_key(delivery.chain, body.fleet or ""))
    if fleet is None or not fleet.enabled:
        raise NotFound("unknown_fleet", f"there is no fleet {body.fleet} in this chain")
    acted(delivery, replace(request, courier=fleet.id))  # refused before anything is stored
    booking = new_booking(work, delivery, fleet, call.client.id, call.env.clock())
    why = {"code": "chosen_by_desk", "by": call.client.id, "fleet": fleet.id}
    return replace(request, courier=booking.courier, until=None, why=why)


def _require_known_lines(delivery: Delivery, body: ActionIn) -> None:
    pieces = {line["id"]: line["quantity"] for line in delivery.lines}
    wrong = [short.line for short in body.shorts if not short.missing <= pieces.get(short.line, 0)]
    if wrong:
        raise Rejected("shorts_wrong", f"no such line, or fewer pieces: {', '.join(wrong)}")


def _courier(work: Work, delivery: Delivery, caller: Caller, body: ActionIn) -> str | None:
    """The courier who acts; of the desk's actions the named one. Raises `NotFound` and `Rejected`."""
    if Role.DESK not in caller.roles:
        return caller.courier.id if caller.courier else None
    if body.fleet is not None:
        return None  # a courier of the fleet comes with its booking
    if body.courier is None:
        return None
    courier = read_courier(work, delivery.chain, body.courier)
    if courier is None or not courier.active or courier.fleet:
        raise NotFound("unknown_courier", f"there is no courier {body.courier}")
    if bare_store(delivery) not in courier.stores:
        raise Rejected("courier_of_other_stores", f"courier {courier.id} does not work for this store")
    return courier.id


def _proof(body: ActionIn) -> dict[str, Any] | None:
    return {"left_with": body.left_with} if body.left_with else None


def _pin(
    call: Call, work: Work, delivery: Delivery, caller: Caller, body: ActionIn, *, may_compare: bool
) -> Pin | None:
    """The result of the PIN's check. A store can demand one of a courier.

    Only with the customer's or the desk's leave are the goods left elsewhere without it.
    """
    if body.action != Action.DELIVER:
        return None
    if body.pin is None:
        is_to_person = body.left_with in (None, "recipient")
        has_leave = Role.DESK in caller.roles or (delivery.details.may_leave and not is_to_person)
        # The recipient of a surprise has no page yet, and so no PIN.
        is_free = has_leave or delivery.is_hidden or not read_store(work, delivery.store).needs_pin
        return None if is_free else Pin.MISSING
    if delivery.pin_tries > PIN_TRIES:
        return Pin.LOCKED
    if not may_compare:
        return Pin.WRONG
    fits = pin_fits(link_of(delivery.link_encrypted, call.env.keyring()), body.pin)
    return Pin.FITS if fits else Pin.WRONG


def _spend_try(call: Call, path: DeliveryPath, body: ActionIn) -> bool:
    """Count the try before the PIN is compared, in a transaction of its own: tries at once are counted too.

    Whether it was counted. An action that the present state refuses anyway costs no try, and compares nothing.
    """
    if body.pin is None or body.action != Action.DELIVER:
        return False
    with call.env.db.transaction() as transaction:
        delivery = lock_delivery(transaction, path.delivery)
        if delivery is None or delivery.carriage != body.expected or not delivery.is_underway:
            return False
        if read_action(transaction, delivery.id, body.id):
            return False
        _require_role(caller_of(call, transaction, delivery), delivery, body.action)
        tries = min(delivery.pin_tries + 1, PIN_TRIES + 1)
        update_delivery(transaction, replace(delivery, pin_tries=tries))
        return True


def _row(
    call: Call,
    delivery: Delivery,
    body: ActionIn,
    at: datetime,
    now: datetime,
    *,
    became: str | None = None,
    failure: Conflict | None = None,
) -> ActionRow:
    return ActionRow(
        delivery=delivery.id,
        id=body.id,
        action=body.action,
        actor=call.client.id,
        expected=body.expected,
        found=state_of(delivery, body.action),
        became=became,
        refusal=failure.code if failure else None,
        detail=(failure.detail if failure else body.reason or "")[:300] or None,
        happened_at=at,
        received_at=now,
    )


def _keep_refusal(call: Call, path: DeliveryPath, body: ActionIn, failure: Refused) -> None:
    """Keep the refused action in the trace, after the rollback of its work."""
    now = call.env.clock()
    with call.env.db.transaction() as transaction:
        delivery = lock_delivery(transaction, path.delivery)
        if delivery is not None:
            at = moment_of_action(body.at, body.sent_at, now, delivery.created_at)
            insert_action(transaction, _row(call, delivery, body, at, now, failure=failure))
