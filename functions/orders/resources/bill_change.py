"""A change of a bill: lock it, check its version, change it, store and announce the change in one transaction."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from functions.orders.accounts.account import Account
from functions.orders.accounts.day_figures import is_sale
from functions.orders.bills.requests import BillSourceIn
from functions.orders.intake.guest_round import is_bill_of_guest, seen_by_guest
from functions.orders.intake.order_limits import require_size, with_differences
from functions.orders.resources.counted_sale import correct_sale
from functions.orders.resources.order_path import OrderPath, require_right, unknown_order
from functions.orders.tables.bills import insert_change, update_bill
from functions.orders.tables.erasure import is_forgotten
from functions.orders.tables.orders import StoredOrder, lock_order
from shared.contracts.messages.bills import Delta, OrderChanged
from shared.contracts.messages.order_parts import BillStatus
from shared.contracts.messages.orders import Difference, Order, OrderDiffers, OrderMessage, OrderPaid, order_subject
from shared.contracts.money import largest_amount
from shared.contracts.store_record import Store
from shared.spine import log
from shared.spine.env import Environment
from shared.spine.errors import Conflict, Rejected
from shared.spine.http import Call, Reply
from shared.spine.outbox import Work


class MemberForgotten(Exception):
    """The new guest is a member who was forgotten."""


@dataclass
class BillChange:
    """A locked bill while it is changed, and the messages to announce.

    `stored` is the order before the change; `apportioned` is as there. `new_bills`: the new bills of a split, as JSON.
    """

    env: Environment
    work: Work
    client: str
    now: datetime
    stored: StoredOrder
    order: Order
    last_sequence: int
    apportioned: bool
    before: Account
    member: str | None
    messages: list[OrderMessage] = field(default_factory=list)
    new_bills: list[str] | None = None
    reply: Reply = field(default_factory=Reply)

    def delta(self, person: str | None, **parts: Any) -> Delta:
        """How the next version differs from this one."""
        return Delta(version=self.order.version + 1, at=self.now, client=self.client, person=person, **parts)

    def store(
        self,
        order: Order,
        delta: Delta,
        message: OrderMessage | None = None,
        judged_by: Store | None = None,
        reserve: Callable[[], list[Difference]] = list,
    ) -> bool:
        """Store the next version. False when the store has changed since the copy `judged_by` was read.

        `message` announces it in place of `order.changed`. `reserve` takes counted items, when the copy is known to be
        the present store, and returns further differences.
        """
        if order.total > (most := largest_amount(order.currency)):
            raise Rejected("too_large", f"a bill comes to {most} at most")
        fields = {"version": delta.version, **_account(self.before, order, self.now).fields()}
        order = order.model_copy(update=fields)
        if not insert_change(self.work, order, delta, judged_by):
            return False
        order = with_differences(order, reserve())
        before, self.order = self.order, order
        self.messages.append(message or OrderChanged(order=order, delta=delta))
        if len(order.differences) > len(before.differences):
            self.messages.append(OrderDiffers(order=order))
        if Account.of(order).is_sold_since(self.before):
            self.messages.append(OrderPaid(order=order))
        return True

    def require_uncounted(self) -> None:
        """Raises `Conflict` for a bill that a day close has counted as a sale."""
        if self.stored.counted and is_sale(self.stored.order):
            raise Conflict("day_closed", "a day close has counted the order: refund it, and place another")

    def write(self) -> str:
        """Write the bill and announce its messages. Returns the order as JSON."""
        update_bill(self.work, self.order, self.last_sequence + len(self.messages), apportioned=self.apportioned)
        correct_sale(self.env, self.work, self.stored, self.order)
        self._require_known_member()
        document = self.order.model_dump_json()
        require_size(document)
        for number, data in enumerate(self.messages, start=self.last_sequence + 1):
            subject, store = order_subject(self.order.id), self.order.store_key
            self.work.announce(data, subject=subject, sequence=number, store=store, text=_text(data, document))
        return document

    def _require_known_member(self) -> None:
        """Raises `MemberForgotten`. Asked after the update: who is forgotten later has this order found by then."""
        member = _member_of(self.order)
        if member and member != self.member and is_forgotten(self.work, self.order.chain, member):
            raise MemberForgotten


def _member_of(order: Order) -> str | None:
    return order.guest.member if order.guest else None


def _account(before: Account, order: Order, now: datetime) -> Account:
    """The account of the bill after its change. A closed bill may be settled by its deposits."""
    if order.bill == BillStatus.CLOSED:
        return before.close(order.total, now)
    return replace(before, total=order.total, bill=order.bill)


def _text(data: OrderMessage, document: str) -> str:
    """The data as JSON. All messages of the change carry the same order, whose JSON exists."""
    extra = data.model_dump_json(exclude={"order"})[1:]
    return f'{{"order":{document}{"," if extra != "}" else ""}{extra}'


def bill_change(call: Call, work: Work, stored: StoredOrder) -> BillChange:
    """The change of an order that was just locked."""
    order = stored.order
    log.note(order=order.id, store=order.store_key)
    now = call.env.clock()
    account, member = Account.of(order), _member_of(order)
    sequence, apportioned = stored.last_sequence, stored.apportioned
    return BillChange(call.env, work, call.client.id, now, stored, order, sequence, apportioned, account, member)


@contextmanager
def change_bill(
    call: Call, path: OrderPath, right: str, version: int | None, source: BillSourceIn | None = None
) -> Iterator[BillChange]:
    """Lock the bill, check the right and the version, yield it, then write and announce its change."""
    with call.once_locked() as (work, stored_reply):
        change = lock_bill(call, work, path.order, right, version, source)
        yield change
        document = change.write()
        if is_bill_of_guest(call, change.order):
            document = seen_by_guest(change.order).model_dump_json()
        if change.new_bills is not None:
            document = f'{{"order":{document},"orders":[{",".join(change.new_bills)}]}}'
        stored_reply.reply, stored_reply.subject = document, change.order.id
        change.reply = Reply(document)


def lock_bill(
    call: Call, work: Work, order_id: str, right: str, version: int | None, source: BillSourceIn | None = None
) -> BillChange:
    """The locked bill. Raises `NotFound`, `Rejected` without the right, and `Conflict` for another version."""
    stored = lock_order(work, order_id)
    if stored is None:
        raise unknown_order(order_id)
    require_right(call, work, right, stored.order, source)
    present = stored.order.version
    if version not in (None, present):
        detail = f"the order is at version {present}: read it again"
        raise Conflict("version_conflict", detail, extensions={"version": present})
    return bill_change(call, work, stored)
