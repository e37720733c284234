"""An action is compared with the state that its sender saw, and moves one or both states."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from functions.delivery.life.delivery import Delivery
from functions.delivery.states import ENDED, NEAR_DOOR, RULES, UNDERWAY, Action, Carriage, Goods
from shared.spine.errors import Conflict

PIN_TRIES = 5


class Pin(StrEnum):
    """The result of a PIN's check."""

    FITS = "fits"
    WRONG = "wrong"
    LOCKED = "locked"
    MISSING = "missing"


PIN_REFUSALS = {
    Pin.WRONG: ("pin_wrong", "the PIN is wrong"),
    Pin.LOCKED: ("pin_locked", f"the PIN was wrong {PIN_TRIES} times: ask the desk to end the delivery"),
    Pin.MISSING: ("pin_missing", "the store demands the customer's PIN, or leave to put the goods down elsewhere"),
}


class Refused(Conflict):
    """An action that the delivery's state forbids. It is kept in the trace with its code."""


@dataclass(frozen=True)
class Request:
    """An action with its details. `expected` is the state that the sender saw; None for the system's own actions.

    `courier` is the one that acts, or to whom the delivery is offered or given. `pin` is None where none is needed.
    `codes` are those of parcels: packed, or scanned at the pickup. `missing` parcels were not there. It is None for a
    sender that does not scan, such as the desk.
    """

    action: Action
    at: datetime
    expected: str | None = None
    courier: str | None = None
    reason: str | None = None
    parcels: int | None = None
    codes: Sequence[str] = ()
    missing: Sequence[str] | None = None
    shorts: Sequence[Mapping[str, Any]] = ()
    proof: Mapping[str, Any] | None = None
    pin: Pin | None = None
    until: datetime | None = None
    why: Mapping[str, Any] | None = None


def state_of(delivery: Delivery, action: Action) -> Goods | Carriage:
    """The state that the action moves."""
    return delivery.goods if RULES[action].is_of_goods else delivery.carriage


def acted(delivery: Delivery, request: Request) -> Delivery:
    """The delivery after the action. Raises `Refused` with the present states."""
    present = state_of(delivery, request.action)
    if request.expected is not None and request.expected != present:
        raise refusal(delivery, "state_differs", f"it is {present}, and not {request.expected}")
    moves: Mapping[Any, Any] = RULES[request.action].moves
    after = moves.get(present)
    if after is None:
        raise refusal(delivery, "illegal_action", f"{request.action} is not possible while it is {present}")
    if delivery.goods == Goods.CANCELLED and RULES[request.action].is_of_goods:
        raise refusal(delivery, "illegal_action", "the delivery is cancelled")
    changed = _moved(delivery, after, request.at)
    change = CHANGES.get(request.action)
    return change(changed, request, delivery) if change else changed


def refusal(delivery: Delivery, code: str, detail: str) -> Refused:
    """The error of a forbidden action, with the present states."""
    states = {"goods": delivery.goods.value, "carriage": delivery.carriage.value, "courier": delivery.courier}
    return Refused(code, detail, extensions=states)


def _moved(delivery: Delivery, after: Goods | Carriage, at: datetime) -> Delivery:
    times = {**delivery.times, after.value: at}
    if after == Carriage.FAILED:  # a second try is a way of its own
        times.pop(NEAR_DOOR, None)
    if isinstance(after, Goods):
        return replace(delivery, goods=after, times=times)
    ended_at = at if after in ENDED else None
    return replace(delivery, carriage=after, times=times, ended_at=ended_at)


def _pack(changed: Delivery, request: Request, before: Delivery) -> Delivery:
    proof = {**changed.proof, "packed": request.proof} if request.proof else changed.proof
    parcels = len(request.codes) or request.parcels or 1
    if request.codes and request.parcels not in (None, parcels):
        raise refusal(before, "parcels_differ", f"{parcels} codes are not {request.parcels} parcels")
    proof = {**proof, "parcel_codes": list(request.codes)}
    return replace(changed, parcels=parcels, shorts=tuple(request.shorts), proof=proof, ready_at=request.at)


def _offer(changed: Delivery, request: Request, before: Delivery) -> Delivery:
    if not request.courier:
        raise refusal(before, "courier_missing", "name the courier")
    return replace(changed, courier=request.courier, offered_until=request.until, why=request.why or {})


def _assign(changed: Delivery, request: Request, before: Delivery) -> Delivery:
    return replace(_offer(changed, request, before), offered_until=None)


def _unassign(changed: Delivery, request: Request, before: Delivery) -> Delivery:
    """The courier who declined is not asked again."""
    refused = [*before.refused_by, before.courier] if request.action == Action.DECLINE and before.courier else []
    return replace(
        changed,
        courier=None,
        offered_until=None,
        why={},
        refused_by=tuple(dict.fromkeys(refused or before.refused_by)),
    )


def _accept(changed: Delivery, request: Request, before: Delivery) -> Delivery:
    """One courier wins: to the others the delivery is another's."""
    if before.courier and request.courier and before.courier != request.courier:
        raise refusal(before, "other_courier", "the delivery is another courier's")
    courier = before.courier or request.courier
    if not courier:
        raise refusal(before, "courier_missing", "name the courier")
    return replace(changed, courier=courier, offered_until=None)


def _pick_up(changed: Delivery, request: Request, before: Delivery) -> Delivery:
    if before.goods != Goods.PACKED:
        raise refusal(before, "not_packed", f"the goods are {before.goods}: they are picked up once they are packed")
    if request.parcels is not None and request.parcels != before.parcels:
        raise refusal(before, "parcels_differ", f"{before.parcels} parcels were packed, not {request.parcels}")
    changed = _moved(changed, Goods.HANDED, request.at)
    return changed if request.missing is None else _scanned(changed, request, before)


def _scanned(changed: Delivery, request: Request, before: Delivery) -> Delivery:
    """Each packed parcel was scanned, or is said to be missing; at least one was scanned."""
    packed, scanned, missing = before.proof.get("parcel_codes", ()), set(request.codes), set(request.missing or ())
    unknown = sorted((scanned | missing) - set(packed))
    if unknown:
        raise refusal(before, "parcel_unknown", f"parcels of another delivery: {', '.join(unknown)}")
    left = [code for code in packed if code not in scanned | missing]
    if left or (packed and not scanned):
        raise refusal(before, "parcels_unscanned", f"scan each parcel, or say that it is missing: {', '.join(left)}")
    return (
        replace(changed, proof={**changed.proof, "parcels_missing": sorted(missing - scanned)}) if packed else changed
    )


def _deliver(changed: Delivery, request: Request, before: Delivery) -> Delivery:
    if request.pin in PIN_REFUSALS:
        raise refusal(before, *PIN_REFUSALS[request.pin])
    proof = {**before.proof, **(request.proof or {}), "pin": request.pin == Pin.FITS}
    return replace(changed, proof=proof)


def _fail(changed: Delivery, request: Request, before: Delivery) -> Delivery:
    if not request.reason:
        raise refusal(before, "reason_missing", "say why it failed")
    return replace(changed, proof={**changed.proof, "failed": request.reason})


def _retry(changed: Delivery, request: Request, before: Delivery) -> Delivery:
    del request
    if "cancelled" in before.proof:
        raise refusal(before, "illegal_action", "the delivery is cancelled: the goods come back")
    return changed


def _cancel(changed: Delivery, request: Request, before: Delivery) -> Delivery:
    """Before pickup it ends. After pickup the courier has to bring the goods back."""
    changed = replace(changed, proof={**changed.proof, "cancelled": request.reason or "cancelled"})
    if before.carriage in UNDERWAY:
        return changed
    return replace(_moved(changed, Goods.CANCELLED, request.at), courier=None, offered_until=None)


CHANGES: Mapping[Action, Callable[[Delivery, Request, Delivery], Delivery]] = {
    Action.PACK: _pack,
    Action.OFFER: _offer,
    Action.ASSIGN: _assign,
    Action.UNASSIGN: _unassign,
    Action.DECLINE: _unassign,
    Action.ACCEPT: _accept,
    Action.PICK_UP: _pick_up,
    Action.DELIVER: _deliver,
    Action.FAIL: _fail,
    Action.RETRY: _retry,
    Action.CANCEL: _cancel,
}
