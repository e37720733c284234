"""A message about an order → the notice of its outlet, with the first message and the steps that follow."""

from dataclasses import dataclass, replace
from datetime import datetime

from functions.outlets.notices.answering import ORDER, Answer, answer, end
from functions.outlets.notices.traces import announce_state
from functions.outlets.queueing.cancelled import cancelled_messages
from functions.outlets.queueing.targets import to_chat
from functions.outlets.rules.escalation import limit_at, planned_steps
from functions.outlets.rules.settings import Rules, is_told, rules_of
from functions.outlets.states import NoticeState
from functions.outlets.tables.alerts import insert_alert
from functions.outlets.tables.free_robots import read_first_chat
from functions.outlets.tables.messages import ChatMessage, insert_messages, lock_messages_of
from functions.outlets.tables.notices import Notice, insert_notice, lock_notices_of_order, update_notice
from functions.outlets.tables.robots import StoredRobot
from functions.outlets.tables.settings import read_enabled_outlet
from functions.outlets.tables.steps import Step, insert_steps
from functions.outlets.text.document import document_of, stored
from shared.contracts.ids import derived_id
from shared.contracts.messages.orders import FulfilmentStatus, Order, SourceKind
from shared.contracts.store_settings import StoreSettings
from shared.spine.outbox import Work

NO_CHAT = "no_chat"


@dataclass(frozen=True)
class OutletOrder:
    """An order as a message has it, with the outlet's rules, the time of the message, and the settings of the store."""

    order: Order
    rules: Rules
    at: datetime
    store: StoreSettings | None


@dataclass(frozen=True)
class Opened:
    """A new notice and its first message, which is not stored yet. `robot` is None where the message must wait."""

    notice: Notice
    message: ChatMessage
    rules: Rules
    robot: StoredRobot | None


def read_outlet_order(work: Work, order: Order, at: datetime) -> OutletOrder | None:
    """The order with its outlet and the rules; None where its store gets no orders in a chat."""
    found = read_enabled_outlet(work, order.store_key)
    if found is None:
        return None
    return OutletOrder(order, rules_of(found.chain, found.outlet.settings), at, found.store)


def follow_order(work: Work, outlet_order: OutletOrder, now: datetime) -> Opened | None:
    """Bring the notices of an order to what its message says. A message may come twice, late, or out of order.

    The first message of a new notice is the caller's to store.
    """
    if not is_told(outlet_order.rules, outlet_order.order.source.kind):
        return None
    earlier = lock_notices_of_order(work, outlet_order.order.id)
    if outlet_order.order.fulfilment is FulfilmentStatus.CANCELLED:
        _cancel(work, outlet_order, earlier, now)
    elif any(notice.state is NoticeState.CANCELLED for notice in earlier):
        return None
    elif not earlier or earlier[-1].version < outlet_order.order.version:
        return _open_version(work, outlet_order, earlier, now)
    elif outlet_order.order.fulfilment is not FulfilmentStatus.PLACED:
        for notice in earlier:
            if notice.version <= outlet_order.order.version:
                answer(work, notice, Answer(NoticeState.CONFIRMED, ORDER), now)
    return None


def _open_version(work: Work, outlet_order: OutletOrder, earlier: list[Notice], now: datetime) -> Opened | None:
    order = outlet_order.order
    # Nobody confirms an older version, also where the new one waits for its payment.
    end(work, earlier, NoticeState.EXPIRED, "changed", now)
    if not _is_ready(outlet_order):
        return None
    notice = _new_notice(outlet_order, now, changed=bool(earlier))
    if not insert_notice(work, notice):
        return None
    if not earlier and order.fulfilment is not FulfilmentStatus.PLACED:
        # The kitchen has it already. The row remembers that, because an earlier message may still come.
        answer(work, notice, Answer(NoticeState.CONFIRMED, ORDER), now)
        return None
    announce_state(work, notice)
    steps = planned_steps(outlet_order.rules, outlet_order.at)
    insert_steps(work, [Step(notice.id, number, step, due) for number, (step, due) in enumerate(steps, start=1)])
    first = read_first_chat(work, notice.store, now)
    if first is None:
        # The steps still follow.
        insert_alert(work, notice.chain, NO_CHAT, notice.store, "The outlet has no living chat.", now)
        return None
    return Opened(notice, to_chat(notice, first.chat, 0, now), outlet_order.rules, first.robot)


def _is_ready(outlet_order: OutletOrder) -> bool:
    """Whether the order is one that the outlet shall make: a platform's is paid there."""
    order = outlet_order.order
    if order.source.kind is SourceKind.PLATFORM or not outlet_order.rules.wait_for_payment:
        return True
    return order.settled


def _new_notice(outlet_order: OutletOrder, now: datetime, *, changed: bool) -> Notice:
    order, store = outlet_order.order, outlet_order.store
    name, zone = (store.name, store.timezone) if store else (order.store, "UTC")
    return Notice(
        id=derived_id(order.received_at, "notice", order.id, str(order.version)),
        chain=order.chain,
        store=order.store_key,
        order=order.id,
        version=order.version,
        language=outlet_order.rules.language,
        document=stored(document_of(order, name, zone, changed=changed)),
        created_at=now,
        limit_at=limit_at(outlet_order.rules, outlet_order.at),
    )


def _cancel(work: Work, outlet_order: OutletOrder, earlier: list[Notice], now: datetime) -> None:
    """End the notices, and tell all that may have seen the order. Without a notice, a row remembers the end."""
    if any(notice.state is NoticeState.CANCELLED for notice in earlier):
        return
    if not earlier:
        notice = _new_notice(outlet_order, now, changed=False)
        if insert_notice(work, notice):
            update_notice(work, replace(notice, state=NoticeState.CANCELLED, evidence=ORDER, ended_at=now))
        return
    end(work, earlier, NoticeState.CANCELLED, ORDER, now)
    if earlier[-1].state is not NoticeState.DECLINED:
        # Waiting messages have ended, so that none is sent from now on.
        shown = lock_messages_of(work, [notice.id for notice in earlier])
        insert_messages(work, cancelled_messages(earlier[-1], shown, now))
