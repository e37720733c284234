"""SQL of the table `delivery_feedback`: stars and complaints of customers."""

from datetime import datetime

from shared.spine.db import Transaction

# What is left out stays.
UPSERT_FEEDBACK = """
    INSERT INTO delivery_feedback (delivery_id, stars, complaint, changed_at)
    VALUES (%(delivery)s, %(stars)s, %(complaint)s, %(now)s)
    ON DUPLICATE KEY UPDATE stars = COALESCE(%(stars)s, stars), complaint = COALESCE(%(complaint)s, complaint),
        changed_at = %(now)s"""
SELECT_FEEDBACK = "SELECT stars, complaint FROM delivery_feedback WHERE delivery_id = %(delivery)s"


def upsert_feedback(
    transaction: Transaction, delivery_id: str, stars: int | None, complaint: str | None, now: datetime
) -> None:
    """Store stars, a complaint, or both."""
    values = {"delivery": delivery_id, "stars": stars, "complaint": complaint, "now": now}
    transaction.execute(UPSERT_FEEDBACK, values)


def read_feedback(transaction: Transaction, delivery_id: str) -> tuple[int | None, str | None]:
    """(stars, complaint) of the customer."""
    row = transaction.row(SELECT_FEEDBACK, {"delivery": delivery_id})
    return (row["stars"], row["complaint"]) if row else (None, None)
