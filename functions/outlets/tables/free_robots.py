"""SQL of `outlet_robots` and `outlet_messages` for an order's first message, which is stored as being sent."""

from dataclasses import dataclass
from datetime import datetime

from functions.outlets.tables.chats import Chat
from functions.outlets.tables.messages import ChatMessage
from functions.outlets.tables.robots import COLUMNS, StoredRobot, robot_of_row
from shared.spine.db import Transaction

# The first living chat of an outlet with its robot. The robot is free where no order that is due goes before a new one.
SELECT_FIRST_CHAT = f"""
    SELECT chat_place, chat_robot, chat_address, {COLUMNS},
        enabled = 1 AND (not_before IS NULL OR not_before <= %(now)s)
        AND NOT EXISTS (
            SELECT 1 FROM outlet_holds h
            WHERE h.robot_key = chat_robot AND h.address = chat_address AND h.until > %(now)s)
        AND NOT EXISTS (
            SELECT 1 FROM outlet_messages m
            WHERE m.state = 'waiting' AND m.robot_key = chat_robot AND m.priority = 0
                AND m.due_at <= %(now)s) AS is_free
    FROM (
        SELECT place AS chat_place, robot_key AS chat_robot, address AS chat_address FROM outlet_chats
        WHERE store_id = %(store)s AND state = 'alive' AND NOT EXISTS (
            SELECT 1 FROM outlet_robots off WHERE off.robot_key = outlet_chats.robot_key AND off.enabled = 0)
        ORDER BY place LIMIT 1
    ) chat
    LEFT JOIN outlet_robots ON robot_key = chat_robot"""  # noqa: S608 - of a constant
INSERT_SENDING = """
    INSERT IGNORE INTO outlet_messages
        (message_id, chain_id, store_id, kind, source_id, step, place, robot_key, address, language, card, priority,
            state, due_at, again, attempts, claim_token, leased_until)
    VALUES (%(id)s, %(chain)s, %(store)s, %(kind)s, %(source)s, %(step)s, %(place)s, %(robot)s, %(address)s,
        %(language)s, %(card)s, %(priority)s, 'sending', %(due_at)s, %(again)s, 1, %(token)s, %(until)s)"""


@dataclass(frozen=True)
class FirstChat:
    """The chat that an outlet looks at. `robot` is None where it may not send to this chat now."""

    chat: Chat
    robot: StoredRobot | None


def read_first_chat(transaction: Transaction, store: str, now: datetime) -> FirstChat | None:
    """The first living chat of an outlet, with its robot if that is free."""
    row = transaction.row(SELECT_FIRST_CHAT, {"store": store, "now": now})
    if row is None:
        return None
    chat = Chat(store, row["chat_place"], row["chat_robot"], row["chat_address"])
    return FirstChat(chat, robot_of_row(row) if row["is_free"] else None)


def insert_sending(transaction: Transaction, message: ChatMessage, token: int, until: datetime) -> None:
    """Store a new message as one that this worker sends until `until`. It leaves with the next statement."""
    transaction.execute_with_next(INSERT_SENDING, vars(message) | {"token": token, "until": until})
