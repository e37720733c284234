"""A message is put into the inbox of each recipient, within the transaction that it tells of."""

from collections.abc import Collection

from functions.delivery.inbox.envelope import Envelope, Kind
from functions.delivery.tables.inbox import Entry, insert_messages, next_numbers, raise_read, read_message
from shared.spine.db import Duplicate, Transaction
from shared.spine.errors import Conflict


def post(
    transaction: Transaction,
    envelope: Envelope,
    inboxes: Collection[str],
    own: str | None = None,
    *,
    store: str | None = None,
) -> dict[str, int]:
    """Number the message in each of these inboxes, and store it. Returns the number by inbox.

    `own` is the sender's inbox, where the message counts as read. A message that the sender sends again changes
    nothing, and the result is empty. The caller holds the lock of the delivery. `store` is the key of its store.
    Raises `Conflict` where a recipient has another sender's message of this id.
    """
    recipients = sorted({*inboxes, own} if own else set(inboxes))  # two messages never wait for each other
    if own and read_message(transaction, own, envelope.id):
        return {}
    numbers = next_numbers(transaction, recipients)
    body = envelope.model_dump_json()
    entries = [
        Entry(
            recipient=recipient,
            seq=numbers[recipient],
            message_id=envelope.id,
            conversation=envelope.conversation,
            kind=envelope.kind.value,
            counts=envelope.kind != Kind.READ and recipient != own,
            at=envelope.at,
            body=body,
            store=store,
        )
        for recipient in recipients
    ]
    try:
        insert_messages(transaction, entries)
    except Duplicate:
        raise Conflict("message_id_taken", "another message has this id: give each message an id of its own") from None
    return numbers


def mark_read(transaction: Transaction, inbox: str, seq: int, envelope: Envelope) -> dict[str, int]:
    """The inbox has read the conversation up to `seq`. Its other devices learn it by a message. {} if it was known."""
    if not raise_read(transaction, inbox, envelope.conversation, seq):
        return {}
    return post(transaction, envelope, [inbox])
