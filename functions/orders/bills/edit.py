"""The lines of a bill after a change: lines that were added, changed or voided."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from functions.orders.bills.changed_discounts import changed_discounts
from functions.orders.bills.pieces import taken_from, used_ids, with_new_ids
from functions.orders.bills.requests import BillChangeIn, LineChangeIn, VoidIn
from functions.orders.bills.round import Round
from functions.orders.pricing.occasion import Occasion
from shared.contracts.messages.bills import LineChange, VoidedLine
from shared.contracts.messages.order_parts import Void
from shared.contracts.messages.orders import Difference, Line, Order
from shared.spine.errors import Fault, Rejected


@dataclass
class Edit:
    """The lines and voids of a bill while a change is made, and each step of it. `occasion` is that of the change."""

    lines: dict[str, Line]
    voids: list[Void]
    occasion: Occasion
    added: list[Line] = field(default_factory=list)
    changed: list[LineChange] = field(default_factory=list)
    voided: list[VoidedLine] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    def line(self, path: str, line_id: str) -> Line | None:
        """The line of this id; None, with a fault, when the bill lacks it."""
        line = self.lines.get(line_id)
        if line is None:
            self.faults.append(Fault(f"{path}.line", "unknown_line", "the bill has no such line", line_id))
        return line

    def change(self, path: str, request: LineChangeIn) -> None:
        """Change a line."""
        before = self.line(path, request.line)
        if before is None:
            return
        if request.quantity is not None and request.quantity < before.quantity:
            detail = "a smaller quantity is a void, with its reason"
            self.faults.append(Fault(f"{path}.quantity", "use_void", detail, request.quantity, before.quantity))
            return
        after = self._changed(path, before, request)
        self.lines[before.id] = after
        self.changed.append(LineChange(before=before, after=after))

    def _changed(self, path: str, line: Line, request: LineChangeIn) -> Line:
        sent = request.model_fields_set
        fields: dict[str, Any] = {name: getattr(request, name) for name in ("note", "seat") if name in sent}
        if request.quantity and request.quantity != line.quantity:
            more = _more(line, request.quantity - line.quantity)
            fields |= {"quantity": request.quantity, "amount": line.amount + more}
        if "discounts" in sent:
            amount = fields.get("amount", line.amount)
            judged = changed_discounts(path, request.discounts or [], amount, self.occasion)
            fields["discounts"] = judged.discounts
            self.faults += judged.faults
            self.differences += judged.differences
        return line.model_copy(update=fields)

    def void(self, path: str, request: VoidIn, person: str | None, now: datetime) -> None:
        """Take pieces of a line off the bill."""
        line = self.line(path, request.line)
        if line is None:
            return
        quantity = request.quantity or line.quantity
        if quantity > line.quantity:
            detail = "the line has fewer pieces"
            self.faults.append(Fault(f"{path}.quantity", "too_many", detail, quantity, line.quantity))
            return
        pieces, remainder = taken_from(line, quantity)
        if remainder:
            self.lines[line.id] = remainder
        else:
            del self.lines[line.id]
        voided = VoidedLine(line=pieces, reason=request.reason, person=request.person or person)
        self.voided.append(voided)
        self.voids.append(_void_of(voided, now))


def edited(order: Order, body: BillChangeIn, round_: Round, now: datetime) -> Edit:
    """The bill after the change, of which `round_` has the new lines.

    Raises `Rejected` with a fault for each part that does not fit the bill.
    """
    edit = Edit({line.id: line for line in order.lines}, list(order.voids), round_.occasion)
    for number, change in enumerate(body.change):
        edit.change(f"change[{number}]", change)
    for number, void in enumerate(body.void):
        edit.void(f"void[{number}]", void, body.person, now)
    if edit.faults:
        raise Rejected(
            "change_invalid", "the change does not fit the bill; each fault is named", faults=tuple(edit.faults)
        )
    edit.added = _new_lines(order, round_.lines, round_.placed_at)
    edit.lines |= {line.id: line for line in edit.added}
    return edit


def _new_lines(order: Order, added: list[Line], placed_at: datetime) -> list[Line]:
    """The lines of the next round with its time, each with an id of its own: the sender's, or a new one."""
    count = max([line.round for line in order.lines], default=0) + 1
    lines = with_new_ids(added, ["", *used_ids(order)], order.version + 1)
    return [line.model_copy(update={"round": count, "placed_at": placed_at}) for line in lines]


def _more(line: Line, quantity: int) -> int:
    """The price of further pieces: that of the pieces before them, also of goods by weight."""
    return line.amount * quantity // line.quantity


def _void_of(voided: VoidedLine, now: datetime) -> Void:
    line = voided.line
    return Void(
        line=line.id,
        item=line.item,
        name=line.name,
        quantity=line.quantity,
        amount=line.net,
        reason=voided.reason,
        person=voided.person,
        voided_at=now,
    )
