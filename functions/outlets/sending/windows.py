"""Slots of the windows of a robot and of its chats, for orders and for announcements."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from functions.outlets.channels.contract import Channel, Scope, Window
from functions.outlets.tables.slots import (
    insert_slots,
    read_next_slot,
    update_slots_renewed,
    update_slots_returned,
    update_slots_taken,
)
from shared.spine.db import Transaction

# Announcements use three fifths of a window, so that an order always finds a slot.
SHARE_OF_ANNOUNCEMENTS = 0.6
# In a window that is longer than this, in seconds, announcements keep a distance from each other.
LONG_WINDOW = 30.0
# A window of more messages is used up to so many: rows cost more than they bring.
MOST_SLOTS = {Scope.ROBOT: 400, Scope.CHAT: 60}
# A slot of a worker that was killed is free again after its lease and the window. Longer than any call takes.
LEASE_MICROSECONDS = 45_000_000
SECOND = 1_000_000


@dataclass(frozen=True)
class Pace:
    """A window in rows: its key, its rows, those of them that may be used, and its length in microseconds."""

    key: str
    slots: int
    share: int
    window: int


def paces(channel: Channel, robot: str, scope: Scope, chat: str, *, announces: bool) -> list[Pace]:
    """The windows of a robot, or of one of its chats."""
    windows = []
    for window in channel.windows:
        if window.scope is scope:
            windows.append(_pace(window, robot, chat, announces=announces))
            if announces and scope is Scope.ROBOT and window.seconds >= LONG_WINDOW:
                windows.append(_distance(window, robot))
    return windows


def _pace(window: Window, robot: str, chat: str, *, announces: bool) -> Pace:
    slots = min(window.count, MOST_SLOTS[window.scope])
    share = max(1, int(slots * SHARE_OF_ANNOUNCEMENTS)) if announces else slots
    place = f"|{sha256(chat.encode()).hexdigest()[:24]}" if window.scope is Scope.CHAT else ""
    return Pace(f"{robot}|{window.scope}{window.seconds:g}{place}", slots, share, int(window.seconds * SECOND))


def _distance(window: Window, robot: str) -> Pace:
    share = max(1, int(min(window.count, MOST_SLOTS[Scope.ROBOT]) * SHARE_OF_ANNOUNCEMENTS))
    return Pace(f"{robot}|distance{window.seconds:g}", 1, 1, int(window.seconds * SECOND / share))


def take_slots(transaction: Transaction, windows: Sequence[Pace], count: int, token: int) -> int:
    """The number of messages for which every window has a slot. It takes these slots."""
    granted = count
    grants: list[tuple[Pace, int]] = []
    for pace in windows:
        granted = _take(transaction, pace, granted, token) if granted else 0
        grants.append((pace, granted))
    for pace, slots_taken in grants:
        update_slots_returned(transaction, pace.key, token, slots_taken - granted)
    return granted


def _take(transaction: Transaction, pace: Pace, count: int, token: int) -> int:
    slots_taken = update_slots_taken(transaction, pace.key, pace.share, count, token, pace.window, LEASE_MICROSECONDS)
    if slots_taken:
        return slots_taken
    slots, _ = read_next_slot(transaction, pace.key, pace.share, pace.window)
    if slots:
        return 0
    insert_slots(transaction, pace.key, pace.slots)
    return update_slots_taken(transaction, pace.key, pace.share, count, token, pace.window, LEASE_MICROSECONDS)


def are_held(transaction: Transaction, keys: Sequence[str], token: int, slots: int) -> bool:
    """Whether all slots of a round are still this worker's, just before it sends. Their lease begins again."""
    return update_slots_renewed(transaction, sorted(set(keys)), token, LEASE_MICROSECONDS) >= slots


def seconds_to_wait(transaction: Transaction, windows: Sequence[Pace]) -> float:
    """Seconds until every window may have a slot."""
    return max((read_next_slot(transaction, pace.key, pace.share, pace.window)[1] for pace in windows), default=0.0)
