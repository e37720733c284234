"""SQL of the table `outlet_holds`: chats that a service asks to leave alone for a while."""

from datetime import datetime

from shared.spine.db import Transaction

UPSERT_HOLD = """
    INSERT INTO outlet_holds (robot_key, address, until) VALUES (%(robot)s, %(address)s, %(until)s)
    ON DUPLICATE KEY UPDATE until = GREATEST(until, VALUES(until))"""
SELECT_OTHER = """
    SELECT 1 FROM outlet_holds WHERE robot_key = %(robot)s AND address <> %(address)s AND until > %(now)s LIMIT 1"""
COUNT_HELD = """
    SELECT robot_key, COUNT(*) AS chats FROM outlet_holds
    WHERE robot_key LIKE %(pattern)s AND until > %(now)s GROUP BY robot_key"""
DELETE_OLD = "DELETE FROM outlet_holds WHERE until < %(before)s LIMIT 1000"


def upsert_hold(transaction: Transaction, robot: str, address: str, until: datetime) -> None:
    """Nothing is sent to this chat by the robot before `until`."""
    transaction.execute(UPSERT_HOLD, {"robot": robot, "address": address, "until": until})


def read_holds_another(transaction: Transaction, robot: str, address: str, now: datetime) -> bool:
    """Whether another chat of the robot must be left alone now."""
    return transaction.row(SELECT_OTHER, {"robot": robot, "address": address, "now": now}) is not None


def read_held_counts(transaction: Transaction, chain: str, now: datetime) -> dict[str, int]:
    """The number of chats that must be left alone now, by robot."""
    rows = transaction.rows(COUNT_HELD, {"pattern": f"{chain}:%", "now": now})
    return {row["robot_key"]: row["chats"] for row in rows}


def delete_old_holds(transaction: Transaction, before: datetime) -> int:
    """Delete at most a thousand that ended before this time."""
    return transaction.execute(DELETE_OLD, {"before": before})
