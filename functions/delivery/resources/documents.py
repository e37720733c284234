"""A delivery as each role sees it."""

from datetime import datetime
from typing import Any

from functions.delivery.creation.link import link_of
from functions.delivery.life.delivery import Delivery
from functions.delivery.life.details import Details
from functions.delivery.life.proof_file import ProofKind, ProofState
from functions.delivery.resources.access import Caller, bare_store
from functions.delivery.states import BEFORE_PICKUP, Carriage, Goods, Role
from shared.contracts.models import Output


class DeliveryLine(Output):
    """A line to pack. `missing` pieces were not found."""

    id: str
    item: str
    name: str
    size: str | None
    options: list[str]
    quantity: int
    note: str | None
    missing: int = 0


class ProofStateDocument(Output):
    """A photo or signature. `expected`: it is not uploaded yet. `proven`: it is there. `refused`: another file came.

    `at` is when this state began.
    """

    kind: ProofKind
    state: ProofState
    at: datetime
    reason: str | None = None


class CustomerFeedback(Output):
    """Stars and complaint of the customer. A complaint of a customer who was forgotten is empty."""

    stars: int | None
    complaint: str | None


class OrderDelivery(Output):
    """A delivery. `goods` is the packer's state, `carriage` the courier's. `times` has when each state began.
    Its `near` is when the courier last came near the door.

    `details` are those that the caller may see: a packer sees no phone number, a courier neither payer nor card text.
    `parcel_codes` are the codes on the packed parcels, and `parcels_missing` those that the courier did not get.
    `link` is the path of the customer's page, for the desk alone. `why` tells why this courier was chosen; the courier
    sees it without the names of others. `feedback` of the customer is in a delivery alone, for the desk.
    """

    id: str
    order: str
    chain: str
    store: str
    number: int
    goods: Goods
    carriage: Carriage
    courier: str | None
    details: Details
    lines: list[DeliveryLine]
    parcels: int | None
    parcel_codes: list[str] = []
    parcels_missing: list[str] = []
    proof: dict[str, Any]
    times: dict[str, datetime]
    wanted_from: datetime
    wanted_until: datetime
    ready_at: datetime
    offered_until: datetime | None
    why: dict[str, Any]
    link: str | None
    revision: int
    created_at: datetime
    ended_at: datetime | None
    proofs: list[ProofStateDocument] = []
    feedback: CustomerFeedback | None = None


def document_of(
    delivery: Delivery, caller: Caller, keyring: list[str], feedback: CustomerFeedback | None = None
) -> OrderDelivery:
    """The delivery as the caller may see it."""
    is_desk = is_of_desk(caller)
    values = vars(delivery) | {
        "store": bare_store(delivery),
        "details": _details(delivery, caller, is_desk=is_desk),
        "lines": [] if delivery.is_hidden and caller.roles == {Role.COURIER} else _lines(delivery),
        "link": f"/d/{link_of(delivery.link_encrypted, keyring)}" if Role.DESK in caller.roles else None,
        "why": _why(delivery, caller, is_desk=is_desk),
        "proof": {name: value for name, value in delivery.proof.items() if name not in _SHOWN_APART},
        "parcel_codes": delivery.proof.get("parcel_codes", []),
        "parcels_missing": delivery.proof.get("parcels_missing", []),
        "feedback": feedback,
        "proofs": [{"kind": kind, **state} for kind, state in delivery.proof.get("files", {}).items()],
    }
    return OrderDelivery.model_validate({name: values[name] for name in OrderDelivery.model_fields})


def is_of_desk(caller: Caller) -> bool:
    """Whether the caller sees all of a delivery."""
    return Role.DESK in caller.roles or caller.may_read


# The other courier and the person at the desk are nothing for a courier.
_NAMES = frozenset({"next_courier", "by"})


def _why(delivery: Delivery, caller: Caller, *, is_desk: bool) -> dict[str, Any]:
    if is_desk:
        return dict(delivery.why)
    if not caller.is_courier_of(delivery):
        return {}
    return {name: value for name, value in delivery.why.items() if name not in _NAMES}


def _details(delivery: Delivery, caller: Caller, *, is_desk: bool) -> Details:
    if is_desk:
        return delivery.details
    if Role.PACKER in caller.roles:
        return delivery.details.for_packer()
    is_given = caller.is_courier_of(delivery) and delivery.carriage != Carriage.OFFERED
    may_call = is_given and delivery.carriage not in _HIDDEN and not delivery.is_hidden
    return delivery.details.for_courier(underway=may_call)


_SHOWN_APART = frozenset({"files", "parcel_codes", "parcels_missing"})
# After the end a courier does not keep the customer's phone number.
_HIDDEN = (BEFORE_PICKUP - {Carriage.ACCEPTED, Carriage.AT_STORE}) | {
    Carriage.DELIVERED,
    Carriage.RETURNED,
    Carriage.CANCELLED,
}


def _lines(delivery: Delivery) -> list[dict[str, Any]]:
    missing = {short["line"]: short["missing"] for short in delivery.shorts}
    return [{**line, "missing": missing.get(line["id"], 0)} for line in delivery.lines]
