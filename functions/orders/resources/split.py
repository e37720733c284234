"""POST /v1/orders/{order}/split."""

from functions.orders.accounts.account import Account
from functions.orders.bills.amounts import divided, equal_shares
from functions.orders.bills.pieces import with_new_ids
from functions.orders.bills.requests import BillSplitIn
from functions.orders.bills.split import Split, split_by_parts, split_by_seat
from functions.orders.intake import store_copies
from functions.orders.reservations.stock import with_times
from functions.orders.resources.bill_change import BillChange, change_bill
from functions.orders.resources.order_path import OrderPath
from functions.orders.states import require_bill
from functions.orders.tables.orders import insert_order
from functions.orders.tables.pickup_numbers import take_pickup_number
from shared.contracts.ids import derived_part_id
from shared.contracts.messages.bills import MovedLines
from shared.contracts.messages.order_parts import BillStatus, FieldChange
from shared.contracts.messages.orders import (
    Line,
    Order,
    OrderMessage,
    OrderPaid,
    OrderPlaced,
    PaymentStatus,
    order_subject,
)
from shared.contracts.models import Output
from shared.contracts.store_record import Store
from shared.spine.errors import Conflict, Unavailable
from shared.spine.http import Call, Reply

ATTEMPTS = 3


class SplitBill(Output):
    """The bill after the split, and the new bills. An even split makes shares and no new bill."""

    order: Order
    orders: list[Order]


def split_bill(call: Call, path: OrderPath, body: BillSplitIn) -> Reply:
    """Split a bill by items, by seat, or evenly. The amounts of all bills sum to those before."""
    with change_bill(call, path, "orders:change", body.version) as change:
        require_bill(change.order, BillStatus.OPEN, BillStatus.CLOSED)
        if change.order.bill == BillStatus.CLOSED and change.order.settled_at:
            raise Conflict("bill_is_paid", "the bill is paid: open it again before you split it")
        change.require_uncounted()
        change.new_bills = []
        if body.ways:
            _share(change, body.ways, body.person)
        else:
            _split(call, change, body)
    return change.reply


def _share(change: BillChange, ways: int, person: str | None) -> None:
    before = len(change.order.shares) or None
    order = change.order.model_copy(update={"shares": equal_shares(change.order, ways)})
    fields = [FieldChange(field="shares", before=before, after=ways)]
    change.store(order, change.delta(person, fields=fields))


def _split(call: Call, change: BillChange, body: BillSplitIn) -> None:
    order = change.order
    split = split_by_parts(order.lines, body.parts) if body.parts else split_by_seat(order.lines)
    store = store_copies.recent_copy(call.env, change.work, order.store_key)
    numbers = [_pickup_number(call, change, store) for _ in split.parts]
    remainder = order.model_copy(update={"lines": list(split.remainder.values()), "shares": []})
    pieces = divided(order, [remainder, *_new_bills(call, change, body, split, numbers)], store)
    change.apportioned = True
    moved_out = [MovedLines(order=piece.id, lines=piece.lines) for piece in pieces[1:]]
    change.store(pieces[0], change.delta(body.person, cause="split", moved_out=moved_out))
    for piece in pieces[1:]:
        _place(call, change, piece)


def _pickup_number(call: Call, change: BillChange, store: Store) -> int:
    for _ in range(ATTEMPTS):
        number = take_pickup_number(change.work, store, change.order.business_day)
        if number:
            return number.number
        store = store_copies.refresh(call.env, change.work, store.key)
    raise Unavailable("busy", "the store is being changed", retry_after=1)


def _new_bills(call: Call, change: BillChange, body: BillSplitIn, split: Split, numbers: list[int]) -> list[Order]:
    """The new bills without their amounts. Their ids follow from the request, so they are the same in every region."""
    assert call.key is not None  # as for every mutation
    request = call.key.request_hash.hex()
    new_bills = []
    for index, lines in enumerate(split.parts):
        id_ = derived_part_id(change.order.id, "split", request, str(index))
        own = body.parts[index].model_dump(include={"table", "covers"}, exclude_none=True) if body.parts else {}
        new_bills.append(_new_bill(change, id_, lines, {"pickup_number": numbers[index], **own}))
    return new_bills


def _new_bill(change: BillChange, id_: str, lines: list[Line], own: dict[str, object]) -> Order:
    """A bill of the same source, whose number is its id: the source gave it none."""
    order = change.order
    nothing: dict[str, object] = {name: [] for name in ("payments", "refunds", "voids", "shares", "differences")}
    fields = {
        "id": id_,
        "source": order.source.model_copy(update={"number": id_}),
        "lines": with_new_ids(with_times(order, lines), (), 1),
        "version": 1,
        "split_from": order.id,
        "received_at": change.now,
        **dict.fromkeys(["guest", "covers", "note"]),
        "metadata": {},
        "tip": 0,
        **own,
    }
    return order.model_copy(update=nothing | fields)


def _place(call: Call, change: BillChange, piece: Order) -> None:
    """Store and announce a new bill."""
    assert call.key is not None  # as for every mutation
    account = Account.opened(piece.total, change.now, piece.bill)
    order = piece.model_copy(update=account.fields())
    document = order.model_dump_json()
    messages: list[OrderMessage] = [OrderPlaced(order=order)]
    if order.payment == PaymentStatus.PAID:
        messages.append(OrderPaid(order=order))
    insert_order(change.work, order, order.business_day, call.key.request_hash, len(messages), document)
    for sequence, data in enumerate(messages, start=1):
        change.work.announce(data, subject=order_subject(order.id), sequence=sequence, store=order.store_key)
    change.new_bills = [*(change.new_bills or []), document]
