"""SQL of the table `webhook_deliveries`: one row for an endpoint and a message."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from functions.webhooks.states import DeliveryState
from shared.spine.db import Row, Transaction

COLUMNS = """endpoint_id, message_id, subject, sequence, type, state, next_at, attempts, first_tried_at, last_tried_at,
    http_status, error, delivered_at, leased_until"""
INSERT_DELIVERIES = """
    INSERT IGNORE INTO webhook_deliveries
        (endpoint_id, message_id, subject, sequence, type, state, next_at, claim_token, leased_until)
    VALUES (%(endpoint)s, %(message)s, %(subject)s, %(sequence)s, %(type)s, 'pending', %(next_at)s, %(token)s,
        %(leased_until)s)"""
SELECT_LANES = f"""
    SELECT {COLUMNS} FROM webhook_deliveries
    WHERE endpoint_id IN %(endpoints)s AND subject IN %(subjects)s
    ORDER BY endpoint_id, subject, sequence"""  # noqa: S608 - of a constant
SELECT_PENDING_LANES = f"""
    SELECT {COLUMNS} FROM webhook_deliveries
    WHERE endpoint_id IN %(endpoints)s AND subject IN %(subjects)s AND state = 'pending'
    ORDER BY endpoint_id, subject, sequence"""  # noqa: S608 - of a constant
# This UPDATE decides which worker has a delivery: it waits for another worker's lock, and reads the row again. Not
# every server uses an index for a list of pairs, so two lists stand beside it.
CLAIM_DELIVERIES = """
    UPDATE webhook_deliveries SET claim_token = %(token)s, leased_until = %(leased_until)s
    WHERE endpoint_id IN %(endpoints)s AND message_id IN %(messages)s AND (endpoint_id, message_id) IN %(keys)s
        AND state = 'pending' AND (leased_until IS NULL OR leased_until <= %(now)s)"""
SELECT_CLAIMED = """
    SELECT endpoint_id, message_id FROM webhook_deliveries
    WHERE endpoint_id IN %(endpoints)s AND message_id IN %(messages)s AND claim_token = %(token)s
        AND state = 'pending'"""
UPDATE_DELIVERED = """
    UPDATE webhook_deliveries
    SET state = 'delivered', attempts = attempts + 1, first_tried_at = COALESCE(first_tried_at, %(now)s),
        last_tried_at = %(now)s, delivered_at = %(now)s, http_status = %(status)s, error = NULL, claim_token = NULL,
        leased_until = NULL
    WHERE endpoint_id = %(endpoint)s AND message_id IN %(messages)s AND claim_token = %(token)s"""
UPDATE_FAILED = """
    UPDATE webhook_deliveries
    SET state = %(state)s, attempts = attempts + 1, first_tried_at = COALESCE(first_tried_at, %(now)s),
        last_tried_at = %(now)s, http_status = %(status)s, error = %(error)s, next_at = %(next_at)s,
        claim_token = NULL, leased_until = NULL
    WHERE endpoint_id = %(endpoint)s AND message_id = %(message)s AND claim_token = %(token)s"""
# Later messages of the subject: those that this worker holds, and those that no worker holds.
POSTPONE_LATER = """
    UPDATE webhook_deliveries SET claim_token = NULL, leased_until = NULL, next_at = %(next_at)s
    WHERE endpoint_id = %(endpoint)s AND subject = %(subject)s AND sequence > %(sequence)s AND state = 'pending'
        AND (claim_token IS NULL OR claim_token = %(token)s OR leased_until <= %(now)s)"""
# A first message that was claimed, and not tried for want of time.
RELEASE_LANE = """
    UPDATE webhook_deliveries SET claim_token = NULL, leased_until = NULL
    WHERE endpoint_id = %(endpoint)s AND subject = %(subject)s AND state = 'pending' AND claim_token = %(token)s"""
FAIL_PENDING = """
    UPDATE webhook_deliveries SET state = 'failed', claim_token = NULL, leased_until = NULL
    WHERE endpoint_id = %(endpoint)s AND state = 'pending'"""
# After a pause all that waits is due at once.
WAKE_PENDING = """
    UPDATE webhook_deliveries SET next_at = %(now)s
    WHERE endpoint_id = %(endpoint)s AND state = 'pending' AND next_at > %(now)s"""
SELECT_DUE_ENDPOINTS = """
    SELECT endpoint_id, MIN(next_at) AS next_at FROM webhook_deliveries WHERE state = 'pending'
    GROUP BY endpoint_id HAVING MIN(next_at) <= %(now)s"""
SELECT_DUE_SUBJECTS = """
    SELECT subject FROM webhook_deliveries
    WHERE state = 'pending' AND endpoint_id = %(endpoint)s AND next_at <= %(now)s
        AND (leased_until IS NULL OR leased_until <= %(now)s)
    ORDER BY next_at LIMIT %(limit)s"""
SELECT_DELIVERY = f"""
    SELECT {COLUMNS} FROM webhook_deliveries
    WHERE endpoint_id = %(endpoint)s AND message_id = %(message)s FOR UPDATE"""  # noqa: S608 - of a constant
SELECT_PAGE = f"""
    SELECT {COLUMNS} FROM webhook_deliveries
    WHERE endpoint_id = %(endpoint)s AND message_id < %(before)s
    ORDER BY message_id DESC LIMIT %(limit)s"""  # noqa: S608 - of a constant
SELECT_PAGE_OF_STATE = f"""
    SELECT {COLUMNS} FROM webhook_deliveries
    WHERE endpoint_id = %(endpoint)s AND state = %(state)s AND message_id < %(before)s
    ORDER BY message_id DESC LIMIT %(limit)s"""  # noqa: S608 - of a constant
AGAIN = """
    SET state = 'pending', next_at = %(now)s, attempts = 0, first_tried_at = NULL, delivered_at = NULL
    WHERE endpoint_id = %(endpoint)s"""
UPDATE_AGAIN = f"UPDATE webhook_deliveries {AGAIN} AND message_id = %(message)s"
UPDATE_FAILED_AGAIN = f"""
    UPDATE webhook_deliveries {AGAIN} AND state = 'failed' AND message_id >= %(since)s
    LIMIT %(limit)s"""
DELETE_OLD = """
    DELETE FROM webhook_deliveries WHERE endpoint_id = %(endpoint)s AND state = %(state)s AND message_id < %(before)s
    LIMIT 1000"""
DELETE_OF_ENDPOINT = "DELETE FROM webhook_deliveries WHERE endpoint_id = %(endpoint)s LIMIT 1000"
SELECT_ENDPOINTS_WITH_DELIVERIES = "SELECT DISTINCT endpoint_id FROM webhook_deliveries"


@dataclass(frozen=True)
class Delivery:
    """The delivery of a message to an endpoint. `next_at` is the time of its next try, while it is pending."""

    endpoint_id: str
    message_id: str
    subject: str
    sequence: int
    type: str
    state: DeliveryState
    next_at: datetime
    attempts: int
    first_tried_at: datetime | None
    last_tried_at: datetime | None
    http_status: int | None
    error: str | None
    delivered_at: datetime | None
    leased_until: datetime | None

    @property
    def lane(self) -> tuple[str, str]:
        """The endpoint and the subject: messages of a lane wait for each other."""
        return self.endpoint_id, self.subject


@dataclass(frozen=True)
class NewDelivery:
    """A row to insert. With `token` the worker that inserts it holds it until `leased_until`."""

    endpoint: str
    message: str
    subject: str
    sequence: int
    type: str
    next_at: datetime
    token: int | None
    leased_until: datetime | None


def insert_deliveries(transaction: Transaction, deliveries: Sequence[NewDelivery]) -> int:
    """How many of them were new."""
    if not deliveries:
        return 0
    return transaction.execute_many(INSERT_DELIVERIES, [vars(delivery) for delivery in deliveries])


def read_lanes(
    transaction: Transaction, endpoints: Collection[str], subjects: Collection[str], *, pending: bool
) -> list[Delivery]:
    """The deliveries of these subjects to these endpoints, in the order of each subject."""
    if not endpoints or not subjects:
        return []
    values = {"endpoints": tuple(endpoints), "subjects": tuple(subjects)}
    return [_delivery(row) for row in transaction.rows(SELECT_PENDING_LANES if pending else SELECT_LANES, values)]


def update_claimed(
    transaction: Transaction, deliveries: Sequence[Delivery], token: int, now: datetime, leased_until: datetime
) -> set[tuple[str, str]]:
    """Claim deliveries for a worker. Returns (endpoint, message) of those that no other worker holds."""
    if not deliveries:
        return set()
    keys = {(delivery.endpoint_id, delivery.message_id) for delivery in deliveries}
    values = {
        "endpoints": tuple({endpoint for endpoint, _ in keys}),
        "messages": tuple({message for _, message in keys}),
        "keys": tuple(keys),
        "token": token,
        "now": now,
        "leased_until": leased_until,
    }
    if transaction.execute(CLAIM_DELIVERIES, values) == len(keys):
        return keys
    return {(row["endpoint_id"], row["message_id"]) for row in transaction.rows(SELECT_CLAIMED, values)}


def update_delivered(
    transaction: Transaction, endpoint: str, messages: Sequence[str], token: int, status: int, now: datetime
) -> None:
    """The endpoint has accepted these messages with one status."""
    if messages:
        values = {"endpoint": endpoint, "messages": tuple(messages), "token": token, "status": status, "now": now}
        transaction.execute(UPDATE_DELIVERED, values)


def update_failed(transaction: Transaction, delivery: Delivery, token: int, now: datetime) -> None:
    """A try failed: `delivery` has the new state, the status or error, and the time of the next try."""
    values = {
        "endpoint": delivery.endpoint_id,
        "message": delivery.message_id,
        "state": delivery.state,
        "status": delivery.http_status,
        "error": delivery.error,
        "next_at": delivery.next_at,
        "token": token,
        "now": now,
    }
    transaction.execute(UPDATE_FAILED, values)


def update_later_postponed(
    transaction: Transaction, delivery: Delivery, next_at: datetime, token: int | None, now: datetime
) -> None:
    """The later messages of the lane are due at `next_at`, and no worker holds them."""
    values = {
        "endpoint": delivery.endpoint_id,
        "subject": delivery.subject,
        "sequence": delivery.sequence,
        "next_at": next_at,
        "token": token,
        "now": now,
    }
    transaction.execute(POSTPONE_LATER, values)


def update_released(transaction: Transaction, lane: tuple[str, str], token: int) -> None:
    """The worker holds no message of the lane any more."""
    transaction.execute(RELEASE_LANE, {"endpoint": lane[0], "subject": lane[1], "token": token})


def update_all_failed(transaction: Transaction, endpoint: str) -> None:
    """No pending message of a disabled endpoint is tried again."""
    transaction.execute(FAIL_PENDING, {"endpoint": endpoint})


def update_all_due(transaction: Transaction, endpoint: str, now: datetime) -> None:
    """All pending messages of the endpoint are due now."""
    transaction.execute(WAKE_PENDING, {"endpoint": endpoint, "now": now})


def read_due_endpoints(transaction: Transaction, now: datetime) -> list[str]:
    """The endpoints with a pending message that is due, the one that waits longest first."""
    rows = transaction.rows(SELECT_DUE_ENDPOINTS, {"now": now})
    return [row["endpoint_id"] for row in sorted(rows, key=lambda row: row["next_at"])]


def read_due_subjects(transaction: Transaction, endpoint: str, now: datetime, limit: int) -> list[str]:
    """The subjects of due messages that no worker holds, at most `limit`."""
    rows = transaction.rows(SELECT_DUE_SUBJECTS, {"endpoint": endpoint, "now": now, "limit": limit})
    return list(dict.fromkeys(row["subject"] for row in rows))


def lock_delivery(transaction: Transaction, endpoint: str, message: str) -> Delivery | None:
    """One delivery, locked until the end of the transaction."""
    row = transaction.row(SELECT_DELIVERY, {"endpoint": endpoint, "message": message})
    return _delivery(row) if row else None


def read_page(
    transaction: Transaction, endpoint: str, state: DeliveryState | None, before: str, limit: int
) -> list[Delivery]:
    """Deliveries of messages with ids before `before`, the newest first."""
    values = {"endpoint": endpoint, "state": state, "before": before, "limit": limit}
    statement = SELECT_PAGE if state is None else SELECT_PAGE_OF_STATE
    return [_delivery(row) for row in transaction.rows(statement, values)]


def update_again(transaction: Transaction, endpoint: str, message: str, now: datetime) -> None:
    """A locked delivery starts again."""
    transaction.execute(UPDATE_AGAIN, {"endpoint": endpoint, "message": message, "now": now})


def update_failed_again(transaction: Transaction, endpoint: str, since: str, now: datetime, limit: int) -> int:
    """Failed deliveries of messages with ids from `since` start again. Returns their number."""
    values = {"endpoint": endpoint, "since": since, "now": now, "limit": limit}
    return transaction.execute(UPDATE_FAILED_AGAIN, values)


def delete_old(transaction: Transaction, endpoint: str, state: DeliveryState, before: str) -> int:
    """Delete at most 1,000 deliveries in this state of messages with ids before `before`."""
    return transaction.execute(DELETE_OLD, {"endpoint": endpoint, "state": state, "before": before})


def delete_of_endpoint(transaction: Transaction, endpoint: str) -> int:
    """Delete at most 1,000 deliveries of an endpoint."""
    return transaction.execute(DELETE_OF_ENDPOINT, {"endpoint": endpoint})


def read_endpoints_with_deliveries(transaction: Transaction) -> list[str]:
    """The ids of endpoints that have deliveries, also of deleted endpoints."""
    return [row["endpoint_id"] for row in transaction.rows(SELECT_ENDPOINTS_WITH_DELIVERIES)]


def _delivery(row: Row) -> Delivery:
    times = {
        name: row[name] and row[name].replace(tzinfo=UTC)
        for name in ("next_at", "first_tried_at", "last_tried_at", "delivered_at", "leased_until")
    }
    return Delivery(**row | times | {"state": DeliveryState(row["state"])})
