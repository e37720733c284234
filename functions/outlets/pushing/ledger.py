"""The ledger of consents in its tables: each change is made under the lock of the guest and template."""

from datetime import datetime

from functions.outlets.guests.consents import PushResult, RightStatus, accepted, refused, settled, taken
from functions.outlets.tables.guest_consents import event_hash, lock_consents, update_consents
from shared.spine.db import Transaction

# A device can claim accepts. WeChat itself keeps the count; more than these are of no use to a guest.
MOST_FREE = 50


def add_accept(transaction: Transaction, contact: str, template: str, event_id: str, at: datetime) -> bool:
    """Whether the accept is a new right. An event that comes again is none, nor one before a refusal."""
    before = lock_consents(transaction, contact, template)
    event = event_hash(event_id)
    if event in before.rights or before.free >= MOST_FREE:
        return False
    after = accepted(before, event, at)
    update_consents(transaction, contact, template, before, after)
    return after.rights[event].status is RightStatus.FREE


def add_refusal(transaction: Transaction, contact: str, template: str, at: datetime) -> None:
    """The guest took back all rights of before `at`."""
    before = lock_consents(transaction, contact, template)
    update_consents(transaction, contact, template, before, refused(before, at))


def take_right(transaction: Transaction, contact: str, template: str, try_id: str) -> bool:
    """Whether the try has a right. It holds the right until its outcome is known."""
    before = lock_consents(transaction, contact, template)
    after, has_right = taken(before, try_id)
    update_consents(transaction, contact, template, before, after)
    return has_right


def settle_right(
    transaction: Transaction, contact: str, template: str, try_id: str, result: PushResult, sent_at: datetime
) -> None:
    """The outcome of a try for the right that it holds. An outcome that comes again changes nothing."""
    before = lock_consents(transaction, contact, template)
    update_consents(transaction, contact, template, before, settled(before, try_id, result, sent_at))
