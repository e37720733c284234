"""SQL of the table `delivery_feedback`: stars and complaints of customers."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from shared.spine.db import Transaction

# What is left out stays.
UPSERT_FEEDBACK = """
    INSERT INTO delivery_feedback (delivery_id, stars, complaint, changed_at)
    VALUES (%(delivery)s, %(stars)s, %(complaint)s, %(now)s)
    ON DUPLICATE KEY UPDATE stars = COALESCE(%(stars)s, stars), complaint = COALESCE(%(complaint)s, complaint),
        changed_at = %(now)s"""
ERASE_COMPLAINTS = """
    UPDATE delivery_feedback SET complaint = '' WHERE delivery_id IN %(deliveries)s AND complaint IS NOT NULL"""
SELECT_FEEDBACK = "SELECT stars, complaint FROM delivery_feedback WHERE delivery_id = %(delivery)s"


def upsert_feedback(
    transaction: Transaction, delivery_id: str, stars: int | None, complaint: str | None, now: datetime
) -> None:
    """Store stars, a complaint, or both."""
    values = {"delivery": delivery_id, "stars": stars, "complaint": complaint, "now": now}
    transaction.execute(UPSERT_FEEDBACK, values)


class Feedback(NamedTuple):
    """Stars and complaint of a customer."""

    stars: int | None
    complaint: str | None


def read_feedback(transaction: Transaction, delivery_id: str) -> Feedback:
    """(stars, complaint) of the customer."""
    row = transaction.row(SELECT_FEEDBACK, {"delivery": delivery_id})
    return Feedback(row["stars"], row["complaint"]) if row else Feedback(None, None)


def erase_complaints(transaction: Transaction, deliveries: Sequence[str]) -> None:
    """Empty the texts of these deliveries. Stars stay, and a complaint still counts."""
    if deliveries:
        transaction.execute(ERASE_COMPLAINTS, {"deliveries": tuple(deliveries)})
