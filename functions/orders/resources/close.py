"""POST /v1/orders/{order}/close and /reopen."""

from functions.orders.bills.amounts import with_shares
from functions.orders.bills.closing import final_amounts
from functions.orders.bills.requests import BillCloseIn, BillReopenIn
from functions.orders.intake import store_copies
from functions.orders.intake.order_limits import with_differences
from functions.orders.pricing.cleaner import Cleaner
from functions.orders.pricing.sale_lines import clean_tax
from functions.orders.resources.bill_change import BillChange, change_bill
from functions.orders.resources.order_path import OrderPath
from functions.orders.states import require_bill
from shared.contracts.messages.bills import OrderClosed, OrderReopened
from shared.contracts.messages.order_parts import BillStatus, FieldChange
from shared.contracts.messages.orders import Difference, Order, SourceKind
from shared.contracts.store_record import Store
from shared.spine.errors import Conflict, Fault, Rejected
from shared.spine.http import Call, Reply


def close_bill(call: Call, path: OrderPath, body: BillCloseIn) -> Reply:
    """Price the bill for the last time and close it. Payments count from now on."""
    with change_bill(call, path, "orders:change", body.version) as change:
        require_bill(change.order, BillStatus.OPEN)
        if not change.order.lines:
            raise Conflict("bill_is_empty", "the bill has no lines: cancel the order")
        store = store_copies.recent_copy(call.env, change.work, change.order.store_key)
        order = _priced(change, body, store).model_copy(update={"bill": BillStatus.CLOSED})
        fields = [FieldChange(field="bill", before=BillStatus.OPEN, after=BillStatus.CLOSED)]
        change.store(with_shares(order), change.delta(body.person, fields=fields), OrderClosed(order=order))
    return change.reply


def _priced(change: BillChange, body: BillCloseIn, store: Store) -> Order:
    """The order with its final amounts. Those that a sale states are kept, and each difference is named."""
    cleaner = Cleaner(change.now)
    taxes = [clean_tax(cleaner, f"taxes[{number}]", tax) for number, tax in enumerate(body.taxes)]
    final = final_amounts(change.order, body, taxes, store, fixed=change.apportioned)
    differences = [*cleaner.differences, *final.differences]
    if differences and change.order.source.kind == SourceKind.MINI_PROGRAM:
        faults = tuple(map(_fault, differences))
        raise Rejected("amounts_differ", "amounts differ from the bill; each is named", faults=faults)
    return with_differences(final.order, differences)


def _fault(point: Difference) -> Fault:
    code = "differs" if point.code == "amount_differs" else point.code
    return Fault(point.path, code, "the bill has another amount", point.stated, point.expected)


def reopen_bill(call: Call, path: OrderPath, body: BillReopenIn) -> Reply:
    """Open a closed bill again, unless a day close has counted it. Its payments become deposits."""
    with change_bill(call, path, "orders:change", body.version) as change:
        require_bill(change.order, BillStatus.CLOSED)
        change.require_uncounted()
        fields = [FieldChange(field="bill", before=BillStatus.CLOSED, after=BillStatus.OPEN)]
        delta = change.delta(body.person, fields=fields, reason=body.reason)
        order = change.order.model_copy(update={"bill": BillStatus.OPEN})
        change.store(order, delta, OrderReopened(order=order, reason=body.reason, person=body.person))
    return change.reply
