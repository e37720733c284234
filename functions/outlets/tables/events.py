"""SQL of the table `outlet_events`: callbacks that were heard, because services tell them more than once."""

from datetime import datetime
from hashlib import sha256

from shared.spine.db import Transaction

INSERT_EVENT = """
    INSERT IGNORE INTO outlet_events (robot_key, event_hash, heard_at) VALUES (%(robot)s, %(hash)s, %(now)s)"""
DELETE_OLD = "DELETE FROM outlet_events WHERE heard_at < %(before)s LIMIT 1000"


def insert_event(transaction: Transaction, robot: str, event_id: str, now: datetime) -> bool:
    """Whether the event is heard for the first time."""
    values = {"robot": robot, "hash": sha256(event_id.encode()).digest(), "now": now}
    return transaction.execute(INSERT_EVENT, values) > 0


def delete_old_events(transaction: Transaction, before: datetime) -> int:
    """Delete at most a thousand that were heard before this time."""
    return transaction.execute(DELETE_OLD, {"before": before})
