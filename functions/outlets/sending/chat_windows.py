"""Slots of the windows of many chats, in a few statements for all messages of a round.

Most messages of a round go to chats of their own, so that a statement a message would be the most of the statements.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from functions.outlets.sending.windows import LEASE_MICROSECONDS, Pace
from functions.outlets.tables.slots import (
    SHORTEST_WAIT,
    Slot,
    insert_windows,
    read_oldest_slots,
    update_chosen_returned,
    update_chosen_taken,
)
from shared.spine.db import Transaction


@dataclass
class Wanted:
    """A message that wants a slot in each of the windows of its chat. `wait` is 0.0 while it has all of them."""

    paces: Sequence[Pace]
    wait: float = 0.0
    slots: list[Slot] = field(default_factory=list)


def take_chat_slots(transaction: Transaction, messages: Sequence[Wanted], token: int) -> int:
    """Take the slots of all messages; the number of slots that are in use.

    A message that lacks a slot in one window gives those of the others back, and has the seconds to wait.
    """
    kinds = sorted({(pace.share, pace.slots, pace.window) for message in messages for pace in message.paces})
    for share, slots, window in kinds:
        requests = [
            (message, pace.key)
            for message in messages
            for pace in message.paces
            if not message.wait and (pace.share, pace.slots, pace.window) == (share, slots, window)
        ]
        if requests:
            _take_kind(transaction, requests, token, Pace("", slots, share, window))
    useless = [slot for message in messages if message.wait for slot in message.slots]
    update_chosen_returned(transaction, useless, token)
    return sum(len(message.slots) for message in messages if not message.wait)


def _take_kind(transaction: Transaction, requests: Sequence[tuple[Wanted, str]], token: int, kind: Pace) -> None:
    """Slots of windows of one kind. Each message takes the slot that was used longest ago."""
    keys = {key for _, key in requests}
    most = max(sum(key == other for _, other in requests) for key in keys)
    free = read_oldest_slots(transaction, keys, kind.share, most, kind.window)
    if new := keys - free.keys():
        insert_windows(transaction, new, kind.slots)
        free |= {key: [(number, 0.0) for number in range(min(most, kind.share))] for key in new}
    chosen: dict[Slot, Wanted] = {}
    for message, key in requests:
        number, wait = free[key].pop(0) if free[key] else (0, kind.window / 1_000_000)
        if wait:
            message.wait = wait
        else:
            chosen[key, number] = message
    taken = update_chosen_taken(transaction, list(chosen), token, kind.window, LEASE_MICROSECONDS)
    for slot, message in chosen.items():
        if slot in taken:
            message.slots.append(slot)
        else:
            message.wait = SHORTEST_WAIT
