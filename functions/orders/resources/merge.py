"""POST /v1/orders/{order}/merge."""

from functions.orders.bills.amounts import summed, with_shares
from functions.orders.bills.pieces import used_ids, with_new_ids
from functions.orders.bills.requests import BillMergeIn
from functions.orders.reservations.slots import move_to_slot_of
from functions.orders.reservations.stock import with_times
from functions.orders.resources.bill_change import BillChange, lock_bill
from functions.orders.resources.order_path import OrderPath
from functions.orders.states import require_bill
from shared.contracts.messages.bills import MovedLines
from shared.contracts.messages.order_parts import BillStatus, FieldChange
from shared.spine.errors import Conflict, Fault, Rejected
from shared.spine.http import Call, Reply

# The fields of a bill whose lines have left.
EMPTY: dict[str, object] = {
    **{name: [] for name in ("lines", "discounts", "taxes", "shares")},
    **dict.fromkeys(["subtotal", "service_charge", "delivery_charge", "tax", "total", "liabilities"], 0),
    "bill": BillStatus.MERGED,
}


def merge_bills(call: Call, path: OrderPath, body: BillMergeIn) -> Reply:
    """Move all lines of another open bill into this one. The amounts of both add up; the other bill becomes empty."""
    if body.order == path.order:
        fault = Fault("order", "same_order", "a bill can't be merged into itself")
        raise Rejected("merge_invalid", "the bills are the same", faults=(fault,))
    with call.once_locked() as (work, stored_reply):
        versions = {path.order: body.version, body.order: body.order_version}
        # In the same order for both directions: so two requests at once never wait for each leaving.
        locked = {id_: lock_bill(call, work, id_, "orders:change", versions[id_]) for id_ in sorted(versions)}
        change, leaving = locked[path.order], locked[body.order]
        _require_mergeable(change, leaving)
        _merge(change, leaving, body.person)
        leaving.write()
        document = change.write()
        stored_reply.reply, stored_reply.subject = document, path.order
    return Reply(document)


def _require_mergeable(change: BillChange, leaving: BillChange) -> None:
    for bill in (change, leaving):
        require_bill(bill.order, BillStatus.OPEN)
    if change.order.store_key != leaving.order.store_key:
        fault = Fault("order", "other_store", "the bills are of two stores")
        raise Rejected("merge_invalid", "the bills are of two stores", faults=(fault,))
    if leaving.before.net:
        detail = "the other bill has a deposit: merge the other way, or give it back first"
        raise Conflict("bill_has_payments", detail, extensions={"paid": leaving.before.net})


def _merge(change: BillChange, leaving: BillChange, person: str | None) -> None:
    target, source = change.order, leaving.order
    nameless = [line.model_copy(update={"id": ""}) for line in with_times(source, source.lines)]
    lines = with_new_ids(nameless, ["", *used_ids(target)], target.version + 1)
    covers = (target.covers or 0) + (source.covers or 0)
    fields = {**summed(target, source), "lines": [*target.lines, *lines], "covers": covers or None}
    change.apportioned = leaving.apportioned = True
    moved_in = [MovedLines(order=source.id, lines=lines)]
    change.store(with_shares(target.model_copy(update=fields)), change.delta(person, cause="merge", moved_in=moved_in))
    emptied = source.model_copy(update=EMPTY | {"merged_into": target.id})
    delta = leaving.delta(
        person,
        cause="merge",
        fields=[FieldChange(field="bill", before=BillStatus.OPEN, after=BillStatus.MERGED)],
        moved_out=[MovedLines(order=target.id, lines=source.lines)],
    )
    leaving.store(emptied, delta)
    move_to_slot_of(change.work, target, source)
