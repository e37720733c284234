"""The round of a guest at a table: a guest token with a bill adds lines to that bill, and does nothing else to it."""

from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from functions.orders.bills.requests import BillChangeIn, BillSourceIn
from functions.orders.intake.guest_order import LINE_FIELDS
from shared.contracts.messages.orders import Order, SourceKind
from shared.spine.errors import Fault, Rejected
from shared.spine.guest_tokens import GuestToken
from shared.spine.http import Call

# A list of the allowed fields, as that of a guest's order.
ROUND_FIELDS = {"version", "source", "add"}


def round_within_token(call: Call, body: BillChangeIn) -> BillChangeIn:
    """The round, from the mini-program of the guest's token. Any other client's change is left as it is.

    Its Idempotency-Key is one of the token's numbers. So a token sends one order or round for each of them. Raises
    `Rejected` (403) for more than the token allows.
    """
    token = call.client.token
    if token is None:
        return body
    assert call.key is not None  # as for every mutation
    if faults := tuple(_faults(token, body, call.key.key)):
        detail = f"{len(faults)} field(s) of the round exceed the guest token; each is named"
        raise Rejected("beyond_token", detail, status=HTTPStatus.FORBIDDEN, faults=faults)
    call.key = replace(call.key, key=f"order {call.key.key}")
    source = BillSourceIn(kind=SourceKind.MINI_PROGRAM, id=token.source_id)
    return body.model_copy(update={"source": source})


def is_bill_of_guest(call: Call, order: Order) -> bool:
    """Whether the caller is a guest whose token names this bill."""
    token = call.client.token
    return token is not None and token.may_grow(order.store_key, order.id)


def seen_by_guest(order: Order) -> Order:
    """The bill as all guests of its table may see it: without persons, payments and the integrator's keys."""
    lines = [line.model_copy(update={"metadata": {}, "discounts": _anonymous(line.discounts)}) for line in order.lines]
    nothing: dict[str, Any] = {name: [] for name in ("payments", "refunds", "voids", "differences")}
    hidden: dict[str, Any] = {
        "guest": None,
        "waiter": None,
        "metadata": {},
        "lines": lines,
        "discounts": _anonymous(order.discounts),
    }
    return order.model_copy(update=nothing | hidden)


def _anonymous(discounts: list[Any]) -> list[Any]:
    return [discount.model_copy(update={"person": None, "reason": None}) for discount in discounts]


def _faults(token: GuestToken, body: BillChangeIn, key: str) -> Iterator[Fault]:
    paths = [*sorted(body.model_fields_set - ROUND_FIELDS)]
    for number, line in enumerate(body.add):
        paths += [f"add[{number}].{name}" for name in sorted(line.model_fields_set - LINE_FIELDS)]
    for path in paths:
        yield Fault(path, "field_not_for_guests", "a guest cannot send this field")
    if key not in token.numbers:
        yield Fault("Idempotency-Key", "number_not_of_token", "the key is none of the token's `numbers`")
    if body.source and (body.source.kind, body.source.id) != (SourceKind.MINI_PROGRAM, token.source_id):
        yield Fault("source", "source_not_of_token", "the token is for another source")
