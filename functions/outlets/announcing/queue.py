"""Announcements that are due → one message for each outlet, in batches. An outlet never has two."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from functions.outlets.announcing.segment import is_in_segment, read_segment
from functions.outlets.queueing.sharing import shown_once
from functions.outlets.queueing.targets import ANNOUNCEMENT, ANNOUNCEMENTS, next_chat
from functions.outlets.rules.quiet import allowed_at
from functions.outlets.rules.settings import rules_of
from functions.outlets.states import AnnouncementState, MessageState
from functions.outlets.tables.announcements import (
    ALL,
    Announcement,
    lock_announcement,
    read_due_announcements,
    update_announcement,
    update_sent_done,
)
from functions.outlets.tables.chats import read_chats
from functions.outlets.tables.messages import ChatMessage, insert_messages
from functions.outlets.tables.settings import Outlet, read_chain, read_outlets
from functions.outlets.tables.stores import read_stores
from shared.contracts.ids import derived_part_id
from shared.kit.isolation import Isolation
from shared.spine.db import Transaction
from shared.spine.env import Environment

BATCH = 500
NO_CHAT = "no_chat"


def queue_announcements(env: Environment, meanwhile: Callable[[], object] | None = None) -> int:
    """Queue the messages of all due announcements. Returns their number. `meanwhile` is done after each batch."""
    with env.db.statements() as statements:
        due = read_due_announcements(statements, env.clock())
    queued = 0
    with Isolation() as isolation:
        for announcement in due:
            with isolation.isolate(announcement):
                queued += _queue(env, announcement, meanwhile)
    with env.db.statements() as statements:
        update_sent_done(statements)
    return queued


def _queue(env: Environment, announcement_id: str, meanwhile: Callable[[], object] | None) -> int:
    queued, more = 0, True
    while more:
        with env.db.transaction() as transaction:
            announcement = lock_announcement(transaction, announcement_id)
            more = announcement is not None and _is_due(announcement, env.clock())
            if announcement and more:
                count, more = _queue_batch(transaction, announcement, env.clock())
                queued += count
        if meanwhile is not None:
            meanwhile()
    return queued


def _is_due(announcement: Announcement, now: datetime) -> bool:
    states = (AnnouncementState.SCHEDULED, AnnouncementState.SENDING)
    return announcement.state in states and announcement.starts_at <= now


def _queue_batch(transaction: Transaction, announcement: Announcement, now: datetime) -> tuple[int, bool]:
    """(messages, whether outlets are left). The place of the last outlet is stored with its messages."""
    outlets = read_outlets(transaction, announcement.chain, announcement.queued_to, BATCH)
    if not outlets:
        # Its messages may wait for hours. Until they are sent it can be paused and cancelled.
        update_announcement(transaction, replace(announcement, state=AnnouncementState.SENDING, queued_to=ALL))
        return 0, False
    segment = read_segment(transaction, announcement.chain, announcement.content)
    addressed = [outlet for outlet in outlets if outlet.enabled and is_in_segment(segment, outlet.store)]
    count = insert_messages(transaction, shown_once(transaction, _messages(transaction, announcement, addressed, now)))
    sending = replace(announcement, state=AnnouncementState.SENDING, queued_to=outlets[-1].store)
    update_announcement(transaction, sending)
    return count, True


def _messages(
    transaction: Transaction, announcement: Announcement, outlets: list[Outlet], now: datetime
) -> list[ChatMessage]:
    """The messages of these outlets. A quiet hour of an outlet postpones its own message alone."""
    keys = [outlet.store for outlet in outlets]
    chats, stores = read_chats(transaction, keys), read_stores(transaction, keys)
    chain = read_chain(transaction, announcement.chain)
    messages = []
    for outlet in outlets:
        # An outlet without a chat is among those that have not read it.
        chat = next_chat(chats[outlet.store])
        rules = rules_of(chain.settings if chain else None, outlet.settings)
        store = stores.get(outlet.store)
        due_at = allowed_at(rules, store.settings.timezone if store else "UTC", now)
        message = ChatMessage(
            id=derived_part_id(announcement.id, outlet.store),
            chain=outlet.chain,
            store=outlet.store,
            kind=ANNOUNCEMENT,
            source=announcement.id,
            step=0,
            place=chat.place if chat else 0,
            robot=chat.robot if chat else "",
            address=chat.address if chat else "",
            language=rules.language,
            due_at=due_at,
            priority=ANNOUNCEMENTS,
            state=MessageState.WAITING if chat else MessageState.FAILED,
            failure=None if chat else NO_CHAT,
        )
        messages.append(message)
    return messages
