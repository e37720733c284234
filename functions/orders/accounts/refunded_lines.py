"""A refund by line: what the guest paid for pieces of lines, taxes and discounts included. Pure functions."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from functions.orders.pricing.bill import total_bill
from shared.contracts.messages.order_parts import RefundedLine
from shared.contracts.messages.orders import Line, Order
from shared.contracts.store_record import Store
from shared.kit.apportion import apportioned
from shared.spine.errors import Fault, Rejected


class Pieces(NamedTuple):
    """Pieces of a line, by the line's id."""

    line: str
    quantity: int


def line_totals(order: Order, store: Store) -> dict[str, int]:
    """The part of the total that each line has, by the id of the line.

    The total is split over the lines and the charges, in proportion to the bill of each alone, by largest remainder.
    """
    alone = partial(total_bill, store=store, service=order.service, as_stated=True)
    nets = alone(order.lines, discounts=order.discounts).nets
    weights = [alone([_at_price(line, net)]).total for line, net in zip(order.lines, nets, strict=True)]
    weights += [alone([], service_charge=charge).total for charge in (order.service_charge, order.delivery_charge)]
    parts = apportioned(order.total, weights)
    return {line.id: part for line, part in zip(order.lines, parts, strict=False)}


def _at_price(line: Line, net: int) -> Line:
    return line.model_copy(update={"amount": net, "discounts": []})


def refunded_lines(order: Order, pieces: Sequence[Pieces], store: Store) -> list[RefundedLine]:
    """The pieces with the amount that goes back for them. All pieces of a line add up to what was charged for it.

    Raises `Rejected` for a line that the order lacks, and for more pieces than it still has.
    """
    totals = line_totals(order, store)
    sold = {line.id: line.quantity for line in order.lines}
    back = refunded_pieces(order)
    lines = []
    for number, (line, quantity) in enumerate(pieces):
        before = back.get(line, 0)
        _require_pieces(f"lines[{number}]", line, quantity, sold, before)
        back[line] = before + quantity
        amount = totals[line] * back[line] // sold[line] - totals[line] * before // sold[line]
        lines.append(RefundedLine(line=line, quantity=quantity, amount=amount))
    return lines


def refunded_pieces(order: Order) -> dict[str, int]:
    """The pieces of each line for which money went back, by the line's id."""
    back: dict[str, int] = {}
    for line in (line for refund in order.refunds for line in refund.lines):
        back[line.line] = back.get(line.line, 0) + line.quantity
    return back


def _require_pieces(path: str, line: str, quantity: int, sold: Mapping[str, int], back: int) -> None:
    if line not in sold:
        fault = Fault(f"{path}.line", "unknown_line", "the order has no such line", line)
        raise Rejected("not_refundable", "the order has no such line", faults=(fault,))
    left = max(sold[line] - back, 0)
    if quantity > left:
        fault = Fault(f"{path}.quantity", "too_many_pieces", "the line has fewer pieces", quantity, left)
        raise Rejected("not_refundable", f"the line has {left} pieces that were not refunded", faults=(fault,))


def stated_lines(amount: int, pieces: Sequence[Pieces], order: Order) -> list[RefundedLine]:
    """The pieces as stated, with a stated amount that is split over them in proportion to their prices."""
    prices = {line.id: line.unit_price for line in order.lines}
    weights = [prices.get(line, 0) * quantity for line, quantity in pieces]
    parts = apportioned(amount, weights if any(weights) else [quantity for _, quantity in pieces])
    return [
        RefundedLine(line=line, quantity=quantity, amount=part)
        for (line, quantity), part in zip(pieces, parts, strict=True)
    ]
