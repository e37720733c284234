"""The order of a guest: a guest token allows less of an order than the key of its mini-program."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from functions.orders.pricing.order_request import GuestIn, OrderIn
from shared.contracts.messages.orders import FulfilmentStatus, Order, PaymentStatus, Service
from shared.spine.errors import Conflict, Fault, Rejected
from shared.spine.guest_tokens import GuestToken
from shared.spine.http import Call

# A list of the allowed fields: a field that the API gets later is none of a guest's until it is listed here.
ORDER_FIELDS = {
    *("store", "source", "service", "table", "guest", "lines", "discounts", "service_charge", "delivery_charge"),
    *("tax", "taxes", "total", "currency", "placed_at", "wanted_for", "covers", "note"),
}
LINE_FIELDS = {"item", "size", "options", "choices", "parts", "weight", "quantity", "unit_price", "note", "id", "seat"}
DISCOUNT_FIELDS = {"code", "amount"}
CLOCKS_DIFFER_BY = timedelta(minutes=5)


def within_token(call: Call, order: OrderIn) -> OrderIn:
    """The order, with the member of the guest's token. Any other client's order is left as it is.

    The number of the order becomes its idempotency key. So a token places one order for each of its numbers, in the
    transaction that stores the order. Raises `Rejected` (403) for more than the token allows.
    """
    token = call.client.token
    if token is None:
        return order
    faults = tuple(_faults(token, order))
    if faults:
        detail = f"{len(faults)} field(s) of the order exceed the guest token; each is named"
        raise Rejected("beyond_token", detail, status=HTTPStatus.FORBIDDEN, faults=faults)
    assert call.key is not None  # as for every mutation
    call.key = replace(call.key, key=f"order {order.source.number}")
    if token.member is None:
        return order
    guest = (order.guest or GuestIn()).model_copy(update={"member": token.member})
    return order.model_copy(update={"guest": guest})


def is_own(call: Call, order: Order) -> bool:
    """Whether the caller is a guest who placed the order."""
    token, source = call.client.token, order.source
    return token is not None and token.placed(order.store_key, source.kind, source.id, source.number)


def require_cancellable(order: Order) -> None:
    """Raises `Conflict` for an order that a guest can't cancel: the kitchen has begun, or money has moved."""
    if order.fulfilment not in (FulfilmentStatus.PLACED, FulfilmentStatus.CANCELLED):
        raise Conflict("too_late_to_cancel", "the store has accepted the order: ask the store to cancel it")
    if order.payment != PaymentStatus.UNPAID or order.payments:
        raise Conflict("too_late_to_cancel", "the order has payments: ask the store to cancel it")


def _faults(token: GuestToken, order: OrderIn) -> Iterator[Fault]:
    yield from _unlisted_fields(order)
    if order.source.number not in token.numbers:
        yield Fault("source.number", "number_not_of_token", "the number is none of the token's `numbers`")
    member = order.guest.member if order.guest else None
    if member not in (None, token.member):
        yield Fault("guest.member", "member_not_of_token", "the token is for another member, or for none")
    earliest = datetime.fromtimestamp(token.issued_at, UTC) - CLOCKS_DIFFER_BY
    if order.placed_at and order.placed_at < earliest:
        yield Fault("placed_at", "before_token", "the order is older than the token", order.placed_at.isoformat())
    yield from _faults_of_amounts(token, order)


def _unlisted_fields(order: OrderIn) -> Iterator[Fault]:
    paths = [*sorted(order.model_fields_set - ORDER_FIELDS)]
    for number, line in enumerate(order.lines):
        paths += [f"lines[{number}].{name}" for name in sorted(line.model_fields_set - LINE_FIELDS)]
    for number, discount in enumerate(order.discounts):
        paths += [f"discounts[{number}].{name}" for name in sorted(discount.model_fields_set - DISCOUNT_FIELDS)]
    for path in paths:
        yield Fault(path, "field_not_for_guests", "a guest cannot send this field")


def _faults_of_amounts(token: GuestToken, order: OrderIn) -> Iterator[Fault]:
    for number, discount in enumerate(order.discounts):
        if discount.code not in token.discounts:
            yield Fault(
                f"discounts[{number}].code", "discount_not_of_token", "the token lacks this code", discount.code
            )
    least = {"service_charge": token.service_charge}
    if order.service == Service.DELIVERY:
        least["delivery_charge"] = token.delivery_charge
    for name, amount in least.items():
        stated = getattr(order, name)
        if stated < amount:
            yield Fault(name, "charge_too_low", "the token demands a higher charge", stated, amount)
