"""SQL of the tables `inbox_heads`, `inbox_messages` and `inbox_reads`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from shared.spine.db import Transaction

# The rows are locked in the order of the list until the end of the transaction. So numbers have no gap, and a number
# that can be read has no smaller one still to come.
GROW_HEADS = """
    INSERT INTO inbox_heads (recipient, seq) VALUES (%(recipient)s, 1)
    ON DUPLICATE KEY UPDATE seq = seq + 1"""
SELECT_HEADS = "SELECT recipient, seq, oldest FROM inbox_heads WHERE recipient IN %(recipients)s"
INSERT_MESSAGES = """
    INSERT INTO inbox_messages (recipient, seq, message_id, conversation, kind, counts, at, body, store_id)
    VALUES (%(recipient)s, %(seq)s, %(message_id)s, %(conversation)s, %(kind)s, %(counts)s, %(at)s, %(body)s,
        %(store)s)"""
SELECT_MESSAGE = "SELECT seq FROM inbox_messages WHERE recipient = %(recipient)s AND message_id = %(message)s"
SELECT_AFTER = """
    SELECT seq, body, fetched_at IS NOT NULL AS is_fetched FROM inbox_messages
    WHERE recipient = %(recipient)s AND seq > %(after)s
    ORDER BY seq LIMIT %(limit)s"""
UPDATE_FETCHED = """
    UPDATE inbox_messages SET fetched_at = %(now)s
    WHERE recipient = %(recipient)s AND seq IN %(numbers)s AND fetched_at IS NULL"""
SELECT_OF_CONVERSATION = """
    SELECT seq, body FROM inbox_messages
    WHERE recipient = %(recipient)s AND conversation = %(conversation)s AND kind <> 'read'
    ORDER BY seq DESC LIMIT %(limit)s"""
# Unread: what came to the recipient after the last message that it has read there.
SELECT_CONVERSATIONS = """
    SELECT m.conversation, MAX(m.seq) AS last_seq, COALESCE(MAX(r.seq), 0) AS read_to,
        SUM(m.counts = 1 AND m.seq > COALESCE(r.seq, 0)) AS unread
    FROM inbox_messages m LEFT JOIN inbox_reads r ON r.recipient = m.recipient AND r.conversation = m.conversation
    WHERE m.recipient = %(recipient)s AND m.kind <> 'read'
    GROUP BY m.conversation ORDER BY MAX(m.seq) DESC LIMIT %(limit)s"""
# What a person should read: a step of a delivery is seen on the delivery itself.
SELECT_TO_READ = """
    SELECT m.conversation, m.seq
    FROM inbox_messages m LEFT JOIN inbox_reads r ON r.recipient = m.recipient AND r.conversation = m.conversation
    WHERE m.recipient = %(recipient)s AND m.kind IN ('chat', 'notice') AND m.counts = 1
        AND m.seq > COALESCE(r.seq, 0)
    ORDER BY m.seq DESC LIMIT %(limit)s"""
SELECT_UNREAD = """
    SELECT m.recipient, m.conversation, COUNT(*) AS unread, MAX(m.seq) AS last_seq
    FROM inbox_messages m LEFT JOIN inbox_reads r ON r.recipient = m.recipient AND r.conversation = m.conversation
    WHERE m.recipient IN %(recipients)s AND m.kind IN ('chat', 'notice') AND m.at >= %(since)s AND m.counts = 1
        AND m.seq > COALESCE(r.seq, 0)
    GROUP BY m.recipient, m.conversation ORDER BY MAX(m.at) DESC LIMIT %(limit)s"""
SELECT_BODIES_OF_SEVERAL = """
    SELECT recipient, seq, body FROM inbox_messages WHERE (recipient, seq) IN %(places)s"""
SELECT_BODIES = "SELECT seq, body FROM inbox_messages WHERE recipient = %(recipient)s AND seq IN %(numbers)s"
COUNT_FROM = """
    SELECT COUNT(*) AS messages FROM inbox_messages
    WHERE recipient = %(recipient)s AND conversation = %(conversation)s AND kind = 'chat' AND counts = 0"""
RAISE_READ = """
    INSERT INTO inbox_reads (recipient, conversation, seq) VALUES (%(recipient)s, %(conversation)s, %(seq)s)
    ON DUPLICATE KEY UPDATE seq = GREATEST(seq, %(seq)s)"""
SELECT_OLD = """
    SELECT recipient, MAX(seq) AS seq FROM (
        SELECT recipient, seq FROM inbox_messages WHERE at < %(before)s ORDER BY at LIMIT %(limit)s
    ) AS passed GROUP BY recipient ORDER BY recipient"""
RAISE_OLDEST = "UPDATE inbox_heads SET oldest = %(oldest)s WHERE recipient = %(recipient)s AND oldest < %(oldest)s"
DELETE_OLD = "DELETE FROM inbox_messages WHERE recipient = %(recipient)s AND seq < %(oldest)s"

# A conversation is in the inboxes of its parties, also in those of couriers who had the delivery before.
ERASE_TEXTS = """
    UPDATE inbox_messages SET body = JSON_REPLACE(body, '$.values.text', '', '$.values.reason', '')
    WHERE (recipient IN %(inboxes)s OR (recipient > %(from)s AND recipient < %(to)s))
        AND conversation IN %(conversations)s"""


@dataclass(frozen=True)
class Entry:
    """A message in an inbox. `counts`: it is unread until it is read; its sender's own copy is not. `body` is JSON.

    `store` is the key of the store whose numbers count it.
    """

    recipient: str
    seq: int
    message_id: str
    conversation: str
    kind: str
    counts: bool
    at: datetime
    body: str
    store: str | None = None


class Head(NamedTuple):
    """The number of the newest message, 0 without any, and of the oldest that is kept."""

    seq: int = 0
    oldest: int = 1


class Numbered(NamedTuple):
    """A message with its number. `body` is JSON. `is_fetched`: a device of the recipient has had it."""

    seq: int
    body: str
    is_fetched: bool = True


class Conversation(NamedTuple):
    """A conversation in an inbox: its last number, how far it was read, and how many messages are unread."""

    name: str
    last_seq: int
    read_to: int
    unread: int


class Unread(NamedTuple):
    """A conversation of an inbox with messages that a person should read: how many, and the number of the newest."""

    recipient: str
    conversation: str
    unread: int
    last_seq: int


def next_numbers(transaction: Transaction, recipients: Sequence[str]) -> dict[str, int]:
    """The next number of each inbox, which is locked until the end of the transaction. They come sorted."""
    transaction.execute_many(GROW_HEADS, [{"recipient": recipient} for recipient in recipients])
    return {recipient: head.seq for recipient, head in read_heads(transaction, recipients).items()}


def read_heads(transaction: Transaction, recipients: Sequence[str]) -> dict[str, Head]:
    """The head of each inbox that has one."""
    rows = transaction.rows(SELECT_HEADS, {"recipients": tuple(recipients)})
    return {row["recipient"]: Head(row["seq"], row["oldest"]) for row in rows}


def insert_messages(transaction: Transaction, entries: Sequence[Entry]) -> None:
    """Store messages. Raises `Duplicate` where an inbox has one of this id."""
    transaction.execute_many(INSERT_MESSAGES, [vars(entry) for entry in entries])


def read_message(transaction: Transaction, recipient: str, message: str) -> int | None:
    """The number of a message in an inbox, by the message's id."""
    row = transaction.row(SELECT_MESSAGE, {"recipient": recipient, "message": message})
    return int(row["seq"]) if row else None


def read_after(transaction: Transaction, recipient: str, after: int, limit: int) -> list[Numbered]:
    """The messages behind a number, in their order."""
    values = {"recipient": recipient, "after": after, "limit": limit}
    rows = transaction.rows(SELECT_AFTER, values)
    return [Numbered(row["seq"], row["body"], bool(row["is_fetched"])) for row in rows]


def update_fetched(transaction: Transaction, recipient: str, numbers: Sequence[int], now: datetime) -> None:
    """Note when a device of the recipient first had these messages. The numbers of a store tell the delay."""
    if numbers:
        transaction.execute(UPDATE_FETCHED, {"recipient": recipient, "numbers": tuple(numbers), "now": now})


def read_of_conversation(transaction: Transaction, recipient: str, conversation: str, limit: int) -> list[Numbered]:
    """The last messages of a conversation, in their order."""
    values = {"recipient": recipient, "conversation": conversation, "limit": limit}
    rows = transaction.rows(SELECT_OF_CONVERSATION, values)
    return [Numbered(row["seq"], row["body"]) for row in reversed(rows)]


def read_conversations(transaction: Transaction, recipient: str, limit: int) -> list[Conversation]:
    """The conversations of an inbox, the one with the newest message first."""
    rows = transaction.rows(SELECT_CONVERSATIONS, {"recipient": recipient, "limit": limit})
    return [Conversation(row["conversation"], row["last_seq"], row["read_to"], int(row["unread"])) for row in rows]


def read_bodies(transaction: Transaction, recipient: str, numbers: Sequence[int]) -> dict[int, str]:
    """Messages of an inbox by number."""
    if not numbers:
        return {}
    rows = transaction.rows(SELECT_BODIES, {"recipient": recipient, "numbers": tuple(numbers)})
    return {row["seq"]: row["body"] for row in rows}


def read_to_read(transaction: Transaction, recipient: str, limit: int) -> dict[str, list[int]]:
    """The numbers of unread chats and notices of an inbox by conversation, the newest `limit` of them."""
    numbers: dict[str, list[int]] = {}
    for row in reversed(transaction.rows(SELECT_TO_READ, {"recipient": recipient, "limit": limit})):
        numbers.setdefault(row["conversation"], []).append(row["seq"])
    return numbers


def read_unread(transaction: Transaction, recipients: Sequence[str], since: datetime, limit: int) -> list[Unread]:
    """Conversations of several inboxes with unread chats or notices since a time, the newest first."""
    if not recipients:
        return []
    values = {"recipients": tuple(recipients), "since": since, "limit": limit}
    return [Unread(**row) for row in transaction.rows(SELECT_UNREAD, values)]


def read_bodies_of(transaction: Transaction, places: Sequence[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """Messages of several inboxes by inbox and number."""
    rows = transaction.rows(SELECT_BODIES_OF_SEVERAL, {"places": tuple(places)}) if places else []
    return {(row["recipient"], row["seq"]): row["body"] for row in rows}


def count_written(transaction: Transaction, recipient: str, conversation: str) -> int:
    """How many chat messages the owner of the inbox has written in a conversation."""
    row = transaction.row(COUNT_FROM, {"recipient": recipient, "conversation": conversation})
    return int(row["messages"]) if row else 0


def raise_read(transaction: Transaction, recipient: str, conversation: str, seq: int) -> bool:
    """Note how far a conversation was read. False where it had been read as far."""
    values = {"recipient": recipient, "conversation": conversation, "seq": seq}
    return transaction.execute(RAISE_READ, values) > 0


def delete_old(transaction: Transaction, before: datetime, limit: int) -> int:
    """Delete messages from before a time, at most about `limit`, and note from where each inbox is kept."""
    deleted = 0
    for row in transaction.rows(SELECT_OLD, {"before": before, "limit": limit}):
        values = {"recipient": row["recipient"], "oldest": row["seq"] + 1}
        transaction.execute(RAISE_OLDEST, values)
        deleted += transaction.execute(DELETE_OLD, values)
    return deleted


def erase_texts(
    transaction: Transaction, conversations: Sequence[str], inboxes: Sequence[str], between: tuple[str, str]
) -> None:
    """Empty the texts of conversations in these inboxes, and in those whose names lie between two others."""
    if conversations and inboxes:
        values = {"conversations": tuple(conversations), "inboxes": tuple(inboxes)}
        transaction.execute(ERASE_TEXTS, values | {"from": between[0], "to": between[1]})
