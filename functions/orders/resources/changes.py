"""POST and GET /v1/orders/{order}/changes."""

from functools import partial
from typing import Annotated

from pydantic import Field

from functions.orders.bills.amounts import repriced
from functions.orders.bills.edit import Edit, edited
from functions.orders.bills.requests import BillChangeIn
from functions.orders.bills.round import Round
from functions.orders.intake import store_copies
from functions.orders.intake.guest_round import round_within_token
from functions.orders.intake.order_limits import with_differences
from functions.orders.intake.rounds import priced_round
from functions.orders.pricing.order_request import MAX_LINES_SOLD
from functions.orders.reservations.bill_stock import more_pieces, take_for_change
from functions.orders.reservations.slots import change_pieces
from functions.orders.resources.bill_change import BillChange, MemberForgotten, change_bill
from functions.orders.resources.bill_guest import erase_former_member, without_guest
from functions.orders.resources.order_path import OrderPath, require_right, unknown_order
from functions.orders.resources.veil import is_veiled, veiled_reply
from functions.orders.states import require_bill
from functions.orders.tables.bills import read_changes
from functions.orders.tables.orders import read_order
from shared.contracts.messages.bills import Delta
from shared.contracts.messages.order_parts import BillStatus, FieldChange
from shared.contracts.messages.orders import Difference, Order, SourceKind
from shared.contracts.models import Output, Query
from shared.contracts.store_record import Store
from shared.spine.errors import Fault, Rejected, Unavailable
from shared.spine.http import Call, Reply

ATTEMPTS = 3
CHANGES_AT_ONCE = 100


class BillChangesQuery(Query):
    """The version after which changes are listed."""

    after: Annotated[int, Field(ge=0, description="`next` of the page before.")] = 0


class BillChanges(Output):
    """The history of a bill, the oldest change first. `next` is for the next page; the last page has none."""

    order: str
    changes: list[Delta]
    next: int | None


def change_order_bill(call: Call, path: OrderPath, body: BillChangeIn) -> Reply:
    """Add, change and void lines of an open bill, and set its fields. The kitchens get what is new."""
    if call.client.token and call.client.token.bill != path.order:
        raise unknown_order(path.order)
    body = round_within_token(call, body)
    try:
        return _change_bill(call, path, body)
    except MemberForgotten:
        return _change_bill(call, path, without_guest(body))


def _change_bill(call: Call, path: OrderPath, body: BillChangeIn) -> Reply:
    with change_bill(call, path, "orders:change", body.version, body.source) as change:
        require_bill(change.order, BillStatus.OPEN)
        _require_rights(call, change, body)
        store = store_copies.recent_copy(call.env, change.work, change.order.store_key)
        for _ in range(ATTEMPTS):
            if _change(change, body, store):
                break
            store = store_copies.refresh(call.env, change.work, store.key)
        else:
            raise Unavailable("busy", "the store is being changed", retry_after=1)
    return change.reply


def list_changes(call: Call, path: OrderPath, query: BillChangesQuery) -> Reply:
    """The history of a bill."""
    with call.env.db.snapshot() as transaction:
        stored = read_order(transaction, path.order)
        if stored is None:
            raise unknown_order(path.order)
        require_right(call, transaction, "orders:read", stored.order)
        deltas = read_changes(transaction, path.order, query.after, CHANGES_AT_ONCE + 1)
        page = deltas[:CHANGES_AT_ONCE]
        following = page[-1].version if len(deltas) > len(page) else None
        history = BillChanges(order=path.order, changes=page, next=following)
        return veiled_reply(history) if is_veiled(call, transaction, stored.order) else Reply(history)


def _require_rights(call: Call, change: BillChange, body: BillChangeIn) -> None:
    """Raises `Rejected` without the right to void or to discount. A guest's phone may only add to a bill of a till."""
    if body.void:
        require_right(call, change.work, "orders:void", change.order, body.source)
    if body.discounts:
        require_right(call, change.work, "orders:discount", change.order, body.source)
    order, source = change.order.source, body.source
    foreign = source is not None and (source.kind, source.id) != (order.kind, order.id)
    if source and foreign and source.kind == SourceKind.MINI_PROGRAM and not body.only_adds:
        fault = Fault("add", "only_add", "a guest adds lines; the till makes the other changes")
        raise Rejected("change_invalid", "a guest can only add lines to this bill", faults=(fault,))


def _change(change: BillChange, body: BillChangeIn, store: Store) -> bool:
    """Make the change. False when it was judged by an old copy of the store."""
    order = change.order
    edit, judged = _judged(change, body, store)
    fields = judged.fields | {"lines": list(edit.lines.values()), "voids": edit.voids}
    _require_lines(fields["lines"])
    after = order.model_copy(update=fields)
    if edit.added or edit.changed or edit.voided or "discounts" in fields:
        after = repriced(after, store)
        change.apportioned = False
    parts = {"added": edit.added, "changed": edit.changed, "voided": edit.voided}
    delta = change.delta(body.person, **parts, fields=_field_changes(order, after), placed_at=judged.stated_at)
    stored = change.store(
        with_differences(after, [*judged.differences, *_named(order, edit.differences)]),
        delta,
        judged_by=store,
        reserve=partial(_reserve, change, judged, store, order, edit),
    )
    if stored and "guest" in fields:
        erase_former_member(change, order.guest)
    return stored


def _reserve(change: BillChange, judged: Round, store: Store, order: Order, edit: Edit) -> list[Difference]:
    """Take the counted items and the room of the new pieces, and give those of the voided ones back."""
    is_sale = judged.occasion.is_sale
    grown = more_pieces((changed.before, changed.after) for changed in edit.changed)
    voided = [void.line for void in edit.voided]
    sold_at = judged.placed_at if is_sale else None
    oversold = take_for_change(change.work, store, order, [*edit.added, *grown], voided, sold_at)
    lines = list(edit.lines.values())
    return [*oversold, *change_pieces(change.work, store, order, lines, is_sale=is_sale)]


def _judged(change: BillChange, body: BillChangeIn, store: Store) -> tuple[Edit, Round]:
    judged = priced_round(change.work, change.order, body, store, change.now)
    return edited(change.order, body, judged, change.now), judged


def _named(order: Order, differences: list[Difference]) -> list[Difference]:
    """The differences by the path of the change: `changes[3].change[0].discounts[0].code`."""
    prefix = f"changes[{order.version + 1}]"
    return [point.model_copy(update={"path": f"{prefix}.{point.path}"}) for point in differences]


def _require_lines(lines: list[object]) -> None:
    if len(lines) > MAX_LINES_SOLD:
        fault = Fault("add", "too_many_lines", f"a bill has at most {MAX_LINES_SOLD} lines", len(lines), MAX_LINES_SOLD)
        raise Rejected("change_invalid", "the bill has too many lines", faults=(fault,))


def _field_changes(before: Order, after: Order) -> list[FieldChange]:
    """The fields that changed, without personal data of the guest."""
    changes = [
        FieldChange(field=name, before=getattr(before, name), after=getattr(after, name))
        for name in ("table", "covers", "waiter", "note")
        if getattr(before, name) != getattr(after, name)
    ]
    if before.guest != after.guest:
        changes.append(FieldChange(field="guest", before=None, after=None))
    sums = [sum(discount.amount for discount in order.discounts) for order in (before, after)]
    if before.discounts != after.discounts:
        changes.append(FieldChange(field="discounts", before=sums[0], after=sums[1]))
    return changes
