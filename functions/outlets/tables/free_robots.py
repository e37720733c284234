"""SQL of `outlet_robots` and `outlet_messages` for an order's first message, which is stored as being sent."""

from datetime import datetime

from functions.outlets.tables.messages import ChatMessage
from functions.outlets.tables.robots import COLUMNS, StoredRobot, robot_of_row
from shared.spine.db import Transaction

# An order that is due goes before a new one.
SELECT_FREE = f"""
    SELECT {COLUMNS} FROM outlet_robots
    WHERE robot_key = %(robot)s AND enabled = 1 AND (not_before IS NULL OR not_before <= %(now)s)
        AND NOT EXISTS (
            SELECT 1 FROM outlet_holds h
            WHERE h.robot_key = %(robot)s AND h.address = %(address)s AND h.until > %(now)s)
        AND NOT EXISTS (
            SELECT 1 FROM outlet_messages m
            WHERE m.state = 'waiting' AND m.robot_key = %(robot)s AND m.priority = 0
                AND m.due_at <= %(now)s)"""  # noqa: S608 - of a constant
INSERT_SENDING = """
    INSERT IGNORE INTO outlet_messages
        (message_id, chain_id, store_id, kind, source_id, step, place, robot_key, address, language, card, priority,
            state, due_at, again, attempts, claim_token, leased_until)
    VALUES (%(id)s, %(chain)s, %(store)s, %(kind)s, %(source)s, %(step)s, %(place)s, %(robot)s, %(address)s,
        %(language)s, %(card)s, %(priority)s, 'sending', %(due_at)s, %(again)s, 1, %(token)s, %(until)s)"""


def read_free_robot(transaction: Transaction, robot: str, address: str, now: datetime) -> StoredRobot | None:
    """The robot, if it may send to this chat now and no order waits before; otherwise None."""
    row = transaction.row(SELECT_FREE, {"robot": robot, "address": address, "now": now})
    return robot_of_row(row) if row else None


def insert_sending(transaction: Transaction, message: ChatMessage, token: int, until: datetime) -> None:
    """Store a new message as one that this worker sends until `until`."""
    transaction.execute(INSERT_SENDING, vars(message) | {"token": token, "until": until})
