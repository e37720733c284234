"""SQL of the table `outlet_messages` for announcements: one row an outlet, also where a chat shows it for several."""

from collections.abc import Collection, Sequence

from functions.outlets.states import MessageState
from functions.outlets.tables.messages import COLUMNS, ChatMessage, message_of_row
from shared.spine.db import Transaction

# What the service told of the message that shows it counts for all outlets of the chat.
_TOLD = frozenset({"state", "failure", "detail", "sent_at", "delivered_at", "read_at"})
_OF_OUTLET = ", ".join(
    f"COALESCE(shown.{name}, own.{name}) AS {name}" if name in _TOLD else f"own.{name}"
    for name in (column.strip() for column in COLUMNS.split(","))
)
_FROM = """
    FROM outlet_messages own LEFT JOIN outlet_messages shown ON shown.message_id = own.shared_with
    WHERE own.source_id = %(source)s AND own.state <> 'moved'"""
COUNT_STATES = f"""
    SELECT COALESCE(shown.state, own.state) AS told, COUNT(*) AS messages {_FROM}
    GROUP BY COALESCE(shown.state, own.state)"""
SELECT_RECEIPTS = f"""
    SELECT {_OF_OUTLET} {_FROM} AND own.store_id > %(after)s AND COALESCE(shown.state, own.state) IN %(states)s
    ORDER BY own.store_id LIMIT %(limit)s"""
SELECT_SHOWING = """
    SELECT source_id, robot_key, address, message_id FROM outlet_messages
    WHERE source_id IN %(sources)s AND address IN %(addresses)s AND kind = 'announcement'
        AND state NOT IN ('failed', 'ended', 'moved', 'shared')"""
LOCK_SHARED = f"""
    SELECT {COLUMNS} FROM outlet_messages WHERE shared_with IN %(messages)s AND state = 'shared'
    ORDER BY message_id FOR UPDATE"""  # noqa: S608 - of a constant
UPDATE_MOVED = """
    UPDATE outlet_messages SET state = 'moved', shared_with = NULL WHERE message_id IN %(messages)s"""
UPDATE_SHARED_FAILED = """
    UPDATE outlet_messages SET state = 'failed', failure = %(failure)s, shared_with = NULL
    WHERE message_id IN %(messages)s"""


def read_message_counts(transaction: Transaction, source: str) -> dict[str, int]:
    """The number of outlets by the state of their message."""
    return {row["told"]: row["messages"] for row in transaction.rows(COUNT_STATES, {"source": source})}


def read_page_of(
    transaction: Transaction, source: str, states: Collection[MessageState], after: str, limit: int
) -> list[ChatMessage]:
    """Messages of an announcement in these states, by outlet."""
    values = {"source": source, "after": after, "limit": limit, "states": tuple(states or MessageState)}
    return [message_of_row(row) for row in transaction.rows(SELECT_RECEIPTS, values)]


def read_showing(transaction: Transaction, messages: Sequence[ChatMessage]) -> dict[tuple[str, str, str], str]:
    """The messages of the same announcements that show them in the same chats: ids by source, robot and address."""
    sources = tuple({message.source for message in messages})
    addresses = tuple({message.address for message in messages})
    if not messages:
        return {}
    rows = transaction.rows(SELECT_SHOWING, {"sources": sources, "addresses": addresses})
    return {(row["source_id"], row["robot_key"], row["address"]): row["message_id"] for row in rows}


def lock_shared(transaction: Transaction, messages: Sequence[str]) -> list[ChatMessage]:
    """The messages that these ones show, locked."""
    rows = transaction.rows(LOCK_SHARED, {"messages": tuple(messages)}) if messages else []
    return [message_of_row(row) for row in rows]


def update_moved(transaction: Transaction, messages: Sequence[str]) -> None:
    """The next chat of its outlet has each of these."""
    if messages:
        transaction.execute(UPDATE_MOVED, {"messages": tuple(messages)})


def update_shared_failed(transaction: Transaction, messages: Sequence[str], failure: str) -> None:
    """Nothing shows these any more, and no chat follows."""
    if messages:
        transaction.execute(UPDATE_SHARED_FAILED, {"messages": tuple(messages), "failure": failure[:64]})
