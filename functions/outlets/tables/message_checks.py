"""SQL of the table `outlet_messages`: whether messages of some kind exist, and those that no robot takes."""

from collections.abc import Sequence
from datetime import datetime

from functions.outlets.tables.messages import COLUMNS, ChatMessage, message_of_row
from shared.spine.db import Transaction

_OF_MESSAGE = ", ".join(f"m.{column.strip()}" for column in COLUMNS.split(","))
SELECT_SENT_SINCE = """
    SELECT 1 FROM outlet_messages
    WHERE store_id = %(store)s AND state IN ('sent', 'delivered', 'read') AND sent_at > %(since)s
        AND kind = COALESCE(%(kind)s, kind) AND robot_key = COALESCE(%(robot)s, robot_key) LIMIT 1"""
SELECT_SENT_TO_SINCE = """
    SELECT 1 FROM outlet_messages
    WHERE robot_key = %(robot)s AND state IN ('sent', 'delivered', 'read') AND address = %(address)s
        AND sent_at > %(since)s LIMIT 1"""
# Failed and ended ones reach nobody.
SELECT_ANY = """
    SELECT 1 FROM outlet_messages
    WHERE source_id = %(source)s AND kind = %(kind)s AND state NOT IN ('failed', 'ended') LIMIT 1"""
SELECT_OF_UNUSABLE = f"""
    SELECT {_OF_MESSAGE} FROM outlet_messages m JOIN outlet_robots r ON r.robot_key = m.robot_key
    WHERE m.state = 'waiting' AND (r.enabled = 0 OR r.failure = %(unreadable)s) ORDER BY m.message_id LIMIT 200"""  # noqa: S608 - of a constant
LOCK_WAITING = f"""
    SELECT {COLUMNS} FROM outlet_messages WHERE message_id IN %(messages)s AND state = 'waiting'
    ORDER BY message_id FOR UPDATE"""  # noqa: S608 - of a constant
COUNT_KIND = """
    SELECT COUNT(*) AS messages FROM outlet_messages
    WHERE store_id = %(store)s AND address = %(address)s AND kind = %(kind)s AND message_id >= %(since)s"""


def read_has_any(transaction: Transaction, source: str, kind: str) -> bool:
    """Whether a message of this kind waits, is being sent, or may have reached a person."""
    return transaction.row(SELECT_ANY, {"source": source, "kind": kind}) is not None


def read_sent_since(
    transaction: Transaction, store: str, kind: str | None, since: datetime, *, robot: str | None = None
) -> bool:
    """Whether a service took a message to an outlet after this time, of a kind and by a robot where they are named."""
    values = {"store": store, "kind": kind, "robot": robot, "since": since}
    return transaction.row(SELECT_SENT_SINCE, values) is not None


def read_sent_to_since(transaction: Transaction, robot: str, address: str, since: datetime) -> bool:
    """Whether a service took a message to this address after this time."""
    values = {"robot": robot, "address": address, "since": since}
    return transaction.row(SELECT_SENT_TO_SINCE, values) is not None


def read_of_unusable(transaction: Transaction, unreadable: str) -> list[ChatMessage]:
    """Messages that wait for a robot that is switched off or has the failure `unreadable`, at most 200."""
    return [message_of_row(row) for row in transaction.rows(SELECT_OF_UNUSABLE, {"unreadable": unreadable})]


def lock_waiting(transaction: Transaction, messages: Sequence[str]) -> list[ChatMessage]:
    """Those of the messages that still wait, locked."""
    rows = transaction.rows(LOCK_WAITING, {"messages": tuple(messages)}) if messages else []
    return [message_of_row(row) for row in rows]


def read_kind_count(transaction: Transaction, store: str, address: str, kind: str, since: str) -> int:
    """The number of messages of a kind to a chat of an outlet, of those from the id `since`."""
    values = {"store": store, "address": address, "kind": kind, "since": since}
    row = transaction.row(COUNT_KIND, values)
    return row["messages"] if row else 0
