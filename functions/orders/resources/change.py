"""A change of a placed order: lock it, change it, store it and announce the change in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from functions.orders.accounts.account import Account
from functions.orders.resources.counted_sale import correct_sale
from functions.orders.resources.order_path import OrderPath, require_right, unknown_order
from functions.orders.tables.orders import lock_order, update_order
from shared.contracts.messages import MessageData
from shared.contracts.messages.orders import Order, order_subject
from shared.spine import log
from shared.spine.env import Environment
from shared.spine.errors import Conflict
from shared.spine.http import Call, Reply
from shared.spine.outbox import Work


@dataclass
class Change:
    """An order that is locked for a change, with the messages to announce. `reply` is set when the change ends."""

    work: Work
    order: Order
    now: datetime
    status: int = 200
    messages: list[MessageData] = field(default_factory=list)
    reply: Reply = field(default_factory=Reply)

    @property
    def account(self) -> Account:
        """The money of the order."""
        return Account.of(self.order)

    def update(self, **fields: Any) -> Order:
        """Change these fields of the order; returns the order."""
        self.order = self.order.model_copy(update=fields)
        return self.order


@contextmanager
def change_order(call: Call, path: OrderPath, right: str) -> Iterator[Change]:
    """Lock the order, yield it, then store and announce its change. `reply` is the order after the change."""
    with call.once() as (work, stored_reply):
        with locked_change(call.env, work, path.order) as change:
            require_right(call, work, right, change.order)
            yield change
        document = change.order.model_dump_json()
        stored_reply.status, stored_reply.reply, stored_reply.subject = change.status, document, change.order.id
        change.reply = Reply(document, change.status)


@contextmanager
def locked_change(env: Environment, work: Work, order_id: str) -> Iterator[Change]:
    """The same in a transaction of the caller, which has no reply. Raises `NotFound`."""
    stored = lock_order(work, order_id)
    if stored is None:
        raise unknown_order(order_id)
    order, sequence = stored.order, stored.last_sequence
    log.note(order=order.id, store=order.store_key)
    change = Change(work, order, env.clock())
    yield change
    if change.messages:
        update_order(work, change.order, sequence + len(change.messages))
        correct_sale(env, work, stored, change.order)
    for number, data in enumerate(change.messages, start=sequence + 1):
        work.announce(data, subject=order_subject(order.id), sequence=number, store=order.store_key)


def require_same_amount(stored: int, amount: int) -> None:
    """Raises `Conflict` when a reference comes again with another amount."""
    if stored != amount:
        raise Conflict("reference_reused", f"this reference was used for {stored}", extensions={"amount": stored})
