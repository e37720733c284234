"""SQL of the table `outlet_messages`: one row for each message to a chat, and the claims of those who send them."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from functions.outlets.states import MessageState
from shared.spine.db import Row, Transaction

COLUMNS = """message_id, chain_id, store_id, kind, source_id, step, place, robot_key, address, language, card, priority,
    state, due_at, attempts, again, doubtful_since, external_id, failure, detail, sent_at, delivered_at, read_at,
    shared_with"""
INSERT_MESSAGES = """
    INSERT IGNORE INTO outlet_messages
        (message_id, chain_id, store_id, kind, source_id, step, place, robot_key, address, language, card, priority,
            state, due_at, again, failure, shared_with)
    VALUES (%(id)s, %(chain)s, %(store)s, %(kind)s, %(source)s, %(step)s, %(place)s, %(robot)s, %(address)s,
        %(language)s, %(card)s, %(priority)s, %(state)s, %(due_at)s, %(again)s, %(failure)s, %(shared_with)s)"""
SELECT_DUE_ROBOTS = """
    SELECT m.robot_key, MIN(m.priority) AS priority
    FROM outlet_messages m JOIN outlet_robots r ON r.robot_key = m.robot_key
    WHERE m.state = 'waiting' AND m.due_at <= %(now)s AND r.enabled = 1
        AND (r.not_before IS NULL OR r.not_before <= %(now)s)
    GROUP BY m.robot_key"""
SELECT_ROBOTS_OF = """
    SELECT DISTINCT robot_key FROM outlet_messages
    WHERE state = 'waiting' AND due_at <= %(now)s AND store_id = %(store)s"""
# One message of each outlet before the second one of any: no outlet waits behind another's many orders.
SELECT_DUE = """
    SELECT message_id FROM (
        SELECT message_id, due_at,
            ROW_NUMBER() OVER (PARTITION BY store_id ORDER BY due_at, message_id) AS turn
        FROM (
            SELECT message_id, store_id, due_at FROM outlet_messages
            WHERE state = 'waiting' AND robot_key = %(robot)s AND priority = %(priority)s AND due_at <= %(now)s
                AND (leased_until IS NULL OR leased_until <= %(now)s)
                AND NOT EXISTS (
                    SELECT 1 FROM outlet_holds h
                    WHERE h.robot_key = outlet_messages.robot_key AND h.address = outlet_messages.address
                        AND h.until > %(now)s)
            ORDER BY due_at LIMIT %(most)s
        ) oldest
    ) turns
    ORDER BY turn, due_at LIMIT %(limit)s"""
CLAIM = """
    UPDATE outlet_messages SET claim_token = %(token)s, leased_until = %(until)s
    WHERE message_id IN %(messages)s AND state = 'waiting' AND (leased_until IS NULL OR leased_until <= %(now)s)"""
SELECT_CLAIMED = f"""
    SELECT {COLUMNS} FROM outlet_messages
    WHERE message_id IN %(messages)s AND claim_token = %(token)s AND state = 'waiting'
    ORDER BY due_at, message_id"""  # noqa: S608 - of a constant
# An answer that came meanwhile has ended the message, so that it does not change here.
UPDATE_SENDING = """
    UPDATE outlet_messages SET state = 'sending', attempts = attempts + 1, leased_until = %(until)s
    WHERE message_id IN %(messages)s AND claim_token = %(token)s AND state = 'waiting'"""
SELECT_SENDING = f"""
    SELECT {COLUMNS} FROM outlet_messages
    WHERE message_id IN %(messages)s AND claim_token = %(token)s AND state = 'sending'
    ORDER BY due_at, message_id"""  # noqa: S608 - of a constant
# A person gets the message in any case: no chat follows.
SELECT_TO_DEAD = """
    SELECT DISTINCT m.message_id FROM outlet_messages m
    JOIN outlet_chats c ON c.robot_key = m.robot_key AND c.address = m.address
    WHERE m.message_id IN %(messages)s AND m.kind IN ('notice', 'cancelled', 'announcement') AND c.state = 'dead'"""
UPDATE_LEASED = """
    UPDATE outlet_messages SET leased_until = %(until)s
    WHERE message_id IN %(messages)s AND claim_token = %(token)s AND state = 'sending'"""
RELEASE = """
    UPDATE outlet_messages SET claim_token = NULL, leased_until = NULL, due_at = GREATEST(due_at, %(due_at)s)
    WHERE message_id IN %(messages)s AND claim_token = %(token)s AND state = 'waiting'"""
UPDATE_OUTCOME = """
    UPDATE outlet_messages
    SET state = %(state)s, due_at = %(due_at)s, again = %(again)s, external_id = %(external)s, failure = %(failure)s,
        detail = %(detail)s, sent_at = %(sent_at)s, address = %(address)s, doubtful_since = %(doubtful_since)s,
        claim_token = NULL, leased_until = NULL
    WHERE message_id = %(id)s AND claim_token = %(token)s"""
# The ids of the service are a JSON object by message. A message without one gets NULL.
UPDATE_SENT = """
    UPDATE outlet_messages
    SET state = 'sent', sent_at = %(now)s, failure = NULL, detail = NULL, claim_token = NULL, leased_until = NULL,
        external_id = JSON_UNQUOTE(JSON_EXTRACT(%(externals)s, CONCAT('$."', message_id, '"')))
    WHERE message_id IN %(messages)s AND claim_token = %(token)s"""
# The worker was killed while it sent: the service may have the message.
SELECT_LOST = f"""
    SELECT {COLUMNS} FROM outlet_messages WHERE state = 'sending' AND leased_until <= %(now)s
    ORDER BY leased_until LIMIT 200"""  # noqa: S608 - of a constant
LOCK_LOST = f"""
    SELECT {COLUMNS} FROM outlet_messages
    WHERE message_id IN %(messages)s AND state = 'sending' AND leased_until <= %(now)s
    ORDER BY message_id FOR UPDATE"""  # noqa: S608 - of a constant
UPDATE_LOST = """
    UPDATE outlet_messages
    SET state = %(state)s, again = %(again)s, failure = 'no_reply', claim_token = NULL, leased_until = NULL,
        due_at = %(now)s, doubtful_since = COALESCE(doubtful_since, %(now)s)
    WHERE message_id = %(id)s"""
UPDATE_ENDED = """
    UPDATE outlet_messages SET state = 'ended', claim_token = NULL
    WHERE source_id IN %(sources)s AND state = 'waiting'"""
UPDATE_KIND_ENDED = """
    UPDATE outlet_messages SET state = 'ended', claim_token = NULL
    WHERE source_id = %(source)s AND kind = %(kind)s AND state = 'waiting'"""
UPDATE_STATE = """
    UPDATE outlet_messages
    SET state = %(state)s, delivered_at = %(delivered_at)s, read_at = %(read_at)s
    WHERE message_id = %(id)s"""
SELECT_BY_EXTERNAL = f"""
    SELECT {COLUMNS} FROM outlet_messages WHERE robot_key = %(robot)s AND external_id = %(external)s
    ORDER BY message_id DESC LIMIT 1"""  # noqa: S608 - of a constant
LOCK_BY_EXTERNAL = f"{SELECT_BY_EXTERNAL} FOR UPDATE"
SELECT_OF_SOURCES = f"""
    SELECT {COLUMNS} FROM outlet_messages WHERE source_id IN %(sources)s
    ORDER BY message_id"""  # noqa: S608 - of a constant
LOCK_WAITING_AT = f"""
    SELECT {COLUMNS} FROM outlet_messages
    WHERE state = 'waiting' AND robot_key = %(robot)s AND address = %(address)s
    ORDER BY message_id LIMIT 500 FOR UPDATE"""  # noqa: S608 - of a constant
LOCK_OF_SOURCES = f"{SELECT_OF_SOURCES} FOR UPDATE"
UPDATE_FAILED = """
    UPDATE outlet_messages SET state = 'failed', failure = %(failure)s, claim_token = NULL, leased_until = NULL
    WHERE message_id IN %(messages)s"""
COUNT_WAITING = """
    SELECT robot_key, priority, COUNT(*) AS messages, MIN(due_at) AS oldest FROM outlet_messages
    WHERE state = 'waiting' AND robot_key IN %(robots)s GROUP BY robot_key, priority"""
HOLD_SOURCE = """
    UPDATE outlet_messages SET due_at = %(due_at)s WHERE source_id = %(source)s AND state = 'waiting'"""
DELETE_OLD = "DELETE FROM outlet_messages WHERE message_id < %(before)s LIMIT 1000"


@dataclass(frozen=True)
class ChatMessage:
    """A message to a chat. `again` marks one that the chat may have shown before, `doubtful_since` says since when.

    `shared_with` is the message that shows this one, in a chat of several outlets.
    """

    id: str
    chain: str
    store: str
    kind: str
    source: str
    step: int
    place: int
    robot: str
    address: str
    language: str
    due_at: datetime
    card: str | None = field(default=None, repr=False)
    priority: int = 0
    state: MessageState = MessageState.WAITING
    attempts: int = 0
    again: bool = False
    external: str | None = None
    failure: str | None = None
    detail: str | None = None
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    doubtful_since: datetime | None = None
    shared_with: str | None = None


def insert_messages(transaction: Transaction, messages: Sequence[ChatMessage]) -> int:
    """The number of new ones. The same source, store, step and place is the same message."""
    return transaction.execute_many(INSERT_MESSAGES, [vars(message) for message in messages]) if messages else 0


def read_due_robots(transaction: Transaction, now: datetime) -> dict[str, int]:
    """The robots that have something to send, each with the first priority of it."""
    return {row["robot_key"]: row["priority"] for row in transaction.rows(SELECT_DUE_ROBOTS, {"now": now})}


def read_robots_of(transaction: Transaction, store: str, now: datetime) -> list[str]:
    """The robots that have something to send to an outlet."""
    rows = transaction.rows(SELECT_ROBOTS_OF, {"store": store, "now": now})
    return [row["robot_key"] for row in rows]


def read_due(transaction: Transaction, robot: str, priority: int, now: datetime, limit: int) -> list[str]:
    """Ids of messages that are due, fair over the outlets."""
    values = {"robot": robot, "priority": priority, "now": now, "limit": limit, "most": 20 * limit}
    return [row["message_id"] for row in transaction.rows(SELECT_DUE, values)]


def claim_messages(
    transaction: Transaction, messages: Sequence[str], token: int, now: datetime, until: datetime
) -> list[ChatMessage]:
    """Those of the messages that this worker holds until `until`."""
    if not messages:
        return []
    values = {"messages": tuple(messages), "token": token, "now": now, "until": until}
    if not transaction.execute(CLAIM, values):
        return []
    return [message_of_row(row) for row in transaction.rows(SELECT_CLAIMED, values)]


def update_sending(transaction: Transaction, messages: Sequence[str], token: int, until: datetime) -> list[ChatMessage]:
    """Those of the messages that are still wanted. The service may have them from now on."""
    values = {"messages": tuple(messages), "token": token, "until": until}
    if not messages or not transaction.execute(UPDATE_SENDING, values):
        return []
    return [message_of_row(row) for row in transaction.rows(SELECT_SENDING, values)]


def read_to_dead_chats(transaction: Transaction, messages: Sequence[ChatMessage]) -> set[str]:
    """The ids of those messages whose chat has died since they were queued, and that have another one to go to."""
    ids = tuple(message.id for message in messages)
    return {row["message_id"] for row in transaction.rows(SELECT_TO_DEAD, {"messages": ids})} if ids else set()


def update_leased(transaction: Transaction, messages: Sequence[str], token: int, until: datetime) -> None:
    """The messages that this worker has sent stay its own until `until`."""
    if messages:
        transaction.execute(UPDATE_LEASED, {"messages": tuple(messages), "token": token, "until": until})


def update_released(transaction: Transaction, messages: Sequence[str], token: int, due_at: datetime) -> None:
    """The messages wait for a slot until `due_at`."""
    if messages:
        transaction.execute(RELEASE, {"messages": tuple(messages), "token": token, "due_at": due_at})


def update_outcome(transaction: Transaction, message: ChatMessage, token: int) -> None:
    """Store what became of a message that this worker sent."""
    transaction.execute(UPDATE_OUTCOME, vars(message) | {"token": token})


def update_sent(transaction: Transaction, messages: Sequence[ChatMessage], token: int, now: datetime) -> None:
    """Store that the service has taken these messages, which this worker sent for the first time."""
    if messages:
        externals = {message.id: message.external for message in messages if message.external is not None}
        ids = tuple(message.id for message in messages)
        values = {"messages": ids, "externals": json.dumps(externals), "token": token, "now": now}
        transaction.execute(UPDATE_SENT, values)


def read_lost(transaction: Transaction, now: datetime) -> list[ChatMessage]:
    """Messages whose worker was killed while it sent them, at most 200."""
    return [message_of_row(row) for row in transaction.rows(SELECT_LOST, {"now": now})]


def lock_lost(transaction: Transaction, messages: Sequence[str], now: datetime) -> list[ChatMessage]:
    """Those of the messages that no worker has settled meanwhile, locked."""
    if not messages:
        return []
    return [message_of_row(row) for row in transaction.rows(LOCK_LOST, {"messages": tuple(messages), "now": now})]


def update_lost(transaction: Transaction, message: ChatMessage, now: datetime) -> None:
    """The locked message goes again, is not needed any more, or stays unknown."""
    values = {"id": message.id, "state": message.state, "again": message.again, "now": now}
    transaction.execute(UPDATE_LOST, values)


def update_messages_ended(transaction: Transaction, sources: Sequence[str]) -> None:
    """Nothing more is sent of these notices or announcements."""
    if sources:
        transaction.execute(UPDATE_ENDED, {"sources": tuple(sources)})


def update_kind_ended(transaction: Transaction, source: str, kind: str) -> None:
    """Messages of a kind are not needed any more for a notice."""
    transaction.execute(UPDATE_KIND_ENDED, {"source": source, "kind": kind})


def update_state(transaction: Transaction, message: ChatMessage) -> None:
    """Store the state of a locked message after a receipt."""
    transaction.execute(UPDATE_STATE, vars(message))


def read_by_external(transaction: Transaction, robot: str, external: str) -> ChatMessage | None:
    """The message with this id at the service."""
    row = transaction.row(SELECT_BY_EXTERNAL, {"robot": robot, "external": external})
    return message_of_row(row) if row else None


def lock_by_external(transaction: Transaction, robot: str, external: str) -> ChatMessage | None:
    """The message with this id at the service, locked."""
    row = transaction.row(LOCK_BY_EXTERNAL, {"robot": robot, "external": external})
    return message_of_row(row) if row else None


def lock_waiting_at(transaction: Transaction, robot: str, address: str) -> list[ChatMessage]:
    """Messages that wait for a chat, locked."""
    return [message_of_row(row) for row in transaction.rows(LOCK_WAITING_AT, {"robot": robot, "address": address})]


def update_failed(transaction: Transaction, messages: Sequence[str], failure: str) -> None:
    """The messages are not sent to this chat."""
    if messages:
        transaction.execute(UPDATE_FAILED, {"messages": tuple(messages), "failure": failure[:64]})


def read_messages_of(transaction: Transaction, sources: Collection[str]) -> list[ChatMessage]:
    """The messages of these notices or announcements, the oldest first."""
    return (
        [message_of_row(row) for row in transaction.rows(SELECT_OF_SOURCES, {"sources": tuple(sources)})]
        if sources
        else []
    )


def lock_messages_of(transaction: Transaction, sources: Collection[str]) -> list[ChatMessage]:
    """The same as they are now, locked: a worker may have begun to send one of them."""
    rows = transaction.rows(LOCK_OF_SOURCES, {"sources": tuple(sources)}) if sources else []
    return [message_of_row(row) for row in rows]


def read_waiting(transaction: Transaction, robots: Sequence[str]) -> list[Row]:
    """robot_key, priority, messages and oldest of what waits for these robots."""
    return transaction.rows(COUNT_WAITING, {"robots": tuple(robots)}) if robots else []


def update_held(transaction: Transaction, source: str, due_at: datetime) -> None:
    """The waiting messages of an announcement wait until `due_at`."""
    transaction.execute(HOLD_SOURCE, {"source": source, "due_at": due_at})


def delete_old_messages(transaction: Transaction, before: str) -> int:
    """Delete at most a thousand messages with ids before this one."""
    return transaction.execute(DELETE_OLD, {"before": before})


def message_of_row(row: Row) -> ChatMessage:
    """The message of a row with these columns."""
    return ChatMessage(
        id=row["message_id"],
        chain=row["chain_id"],
        store=row["store_id"],
        kind=row["kind"],
        source=row["source_id"],
        step=row["step"],
        place=row["place"],
        robot=row["robot_key"],
        address=row["address"],
        language=row["language"],
        due_at=row["due_at"].replace(tzinfo=UTC),
        card=row["card"],
        priority=row["priority"],
        state=MessageState(row["state"]),
        attempts=row["attempts"],
        again=bool(row["again"]),
        external=row["external_id"],
        failure=row["failure"],
        detail=row["detail"],
        sent_at=_utc(row["sent_at"]),
        delivered_at=_utc(row["delivered_at"]),
        read_at=_utc(row["read_at"]),
        doubtful_since=_utc(row["doubtful_since"]),
        shared_with=row["shared_with"],
    )


def _utc(moment: datetime | None) -> datetime | None:
    return moment and moment.replace(tzinfo=UTC)
