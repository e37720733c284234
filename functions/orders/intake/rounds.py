"""A round of an open bill: its lines and texts are cleaned and priced as those of a new order."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from functions.orders.bills.requests import BillChangeIn
from functions.orders.bills.round import Round
from functions.orders.intake.assessment import read_store_at_sale
from functions.orders.pricing.line_discounts import discount_faults
from functions.orders.pricing.occasion import Occasion
from functions.orders.pricing.order_request import GuestIn, LineIn, OrderIn, SourceIn
from functions.orders.pricing.price import difference_of, price
from functions.orders.pricing.sale import Sale, sale_of
from shared.contracts.messages.orders import Difference, Discount, Guest, Line, Order
from shared.contracts.store_record import Store
from shared.spine.errors import Fault, Rejected
from shared.spine.outbox import Work


def priced_round(work: Work, order: Order, body: BillChangeIn, store: Store, now: datetime) -> Round:
    """The additions of a change to the bill, by the store as it was at the time of the change.

    Raises `Rejected` for a round that a guest can correct. The path of a difference names the version of the change:
    `changes[3].add[0].unit_price`.
    """
    try:
        sale = sale_of(_as_order(order, body), now)
        occasion = _occasion(work, order, sale, store, now)
        lines, differences = _priced_lines(sale, occasion)
        differences += _discount_differences(sale, occasion)
    except Rejected as refusal:
        refusal.faults = tuple(replace(fault, path=_path_in_change(fault.path)) for fault in refusal.faults)
        raise
    prefix = f"changes[{order.version + 1}]"
    named = [
        difference.model_copy(update={"path": f"{prefix}.{_path_in_change(difference.path)}"})
        for difference in [*sale.differences, *differences]
    ]
    # What a guest takes now was counted until now.
    placed_at = sale.times.ordered_at if sale.order.is_sale else now
    stated_at = placed_at if sale.times.stated else None
    lines = _with_sent_ids(lines, sale.order.lines)
    return Round(lines, _fields(sale.order, body), named, occasion, placed_at, stated_at)


def _occasion(work: Work, order: Order, sale: Sale, store: Store, now: datetime) -> Occasion:
    """The occasion of a change. A round of a scheduled bill is for the time of the bill, unless it comes later."""
    moment = max(sale.placed_at, order.wanted_for or sale.placed_at)
    store_at_sale = read_store_at_sale(work, sale.order, store, now)
    # The right to discount was required before.
    return Occasion(store_at_sale, sale.order.source.kind, order.service, moment, may_discount=True)


def _with_sent_ids(lines: list[Line], sent_lines: list[LineIn]) -> list[Line]:
    """The lines with the ids that the sender gave them, in the form of an id; the others get theirs from the bill."""
    return [line.model_copy(update={"id": sent.id or ""}) for line, sent in zip(lines, sent_lines, strict=True)]


def _as_order(order: Order, body: BillChangeIn) -> OrderIn:
    """The change as an order of its own, so that the rules of an order judge it."""
    source = body.source or order.source
    fields = {name: getattr(body.set, name) for name in body.set.model_fields_set} if body.set else {}
    guest = GuestIn(**order.guest.model_dump()) if order.guest and "guest" not in fields else None
    return OrderIn.model_construct(
        **{"guest": guest, "discounts": []} | fields,
        store=order.store,
        source=SourceIn(kind=source.kind, id=source.id, number=order.source.number),
        service=order.service,
        open=True,
        lines=body.add,
        payments=[],
        total=0,
        currency=order.currency,
        wanted_for=None,
        placed_at=body.placed_at,
    )


def _priced_lines(sale: Sale, occasion: Occasion) -> tuple[list[Line], list[Difference]]:
    """The lines, and where they differ from the menu. The amounts of the whole bill are not those of the round."""
    order, may_discount = sale.order.model_copy(update={"discounts": []}), occasion.may_discount
    priced = price(order, occasion.store, occasion.moment, may_discount=may_discount)
    differences = [
        difference
        for difference in priced.differences
        if difference.path == "store" or difference.path.startswith("lines[")
    ]
    if differences and not sale.order.is_sale:
        faults = [
            Fault(difference.path, "differs", "the menu has another amount", difference.stated, difference.expected)
            for difference in differences
        ]
        raise Rejected("amounts_differ", "amounts differ from the store's menu; each is named", faults=tuple(faults))
    return priced.lines, differences


def _discount_differences(sale: Sale, occasion: Occasion) -> list[Difference]:
    """Faults of the bill's new discounts: an unknown code, no reason. Raises `Rejected` for those of a guest."""
    faults = tuple(
        fault
        for number, discount in enumerate(sale.order.discounts)
        for fault in discount_faults(f"discounts[{number}]", discount, occasion)
    )
    if faults and not sale.order.is_sale:
        raise Rejected("not_orderable", "the store can't take this change; each reason is named", faults=faults)
    return [difference_of(fault) for fault in faults]


def _fields(cleaned: OrderIn, body: BillChangeIn) -> dict[str, Any]:
    """The new values of the fields that the change sets."""
    names = body.set.model_fields_set if body.set else set()
    fields = {name: getattr(cleaned, name) for name in names}
    if fields.get("guest"):
        fields["guest"] = Guest(**fields["guest"].model_dump())
    if "discounts" in fields:
        fields["discounts"] = [Discount(**dict(discount)) for discount in fields["discounts"]]
    return fields


def _path_in_change(path: str) -> str:
    """The path within the body of the change: `lines[0].size` is `add[0].size`, and `table` is `set.table`."""
    if path.startswith("lines"):
        return path.replace("lines", "add", 1)
    return path if path in ("store", "placed_at") else f"set.{path}"
