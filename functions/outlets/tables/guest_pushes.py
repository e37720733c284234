"""SQL of the tables `guest_pushes` and `guest_results`: one row for each push, and results that came before it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from functions.outlets.states import PushState
from shared.spine.db import Row, Transaction

COLUMNS = """push_id, chain_id, contact_id, rule_id, robot_key, template, content, caused_at, state, reason, detail,
    due_at, attempts, external_id, sent_at, settled_at"""
INSERT_PUSHES = """
    INSERT IGNORE INTO guest_pushes
        (push_id, chain_id, contact_id, rule_id, robot_key, template, content, caused_at, state, reason, due_at)
    VALUES (%(id)s, %(chain)s, %(contact)s, %(rule)s, %(robot)s, %(template)s, %(content)s, %(caused_at)s, %(state)s,
        %(reason)s, %(due_at)s)"""
SELECT_ANY_WAITING = "SELECT 1 FROM guest_pushes WHERE state IN ('waiting', 'sending') LIMIT 1"
SELECT_DUE_PUSHES = """
    SELECT p.push_id FROM guest_pushes p JOIN outlet_robots r ON r.robot_key = p.robot_key
    WHERE p.state = 'waiting' AND p.due_at <= %(now)s AND (p.leased_until IS NULL OR p.leased_until <= %(now)s)
        AND r.enabled = 1 AND (r.not_before IS NULL OR r.not_before <= %(now)s)
    ORDER BY p.due_at LIMIT %(limit)s"""
CLAIM_PUSHES = """
    UPDATE guest_pushes SET claim_token = %(token)s, leased_until = %(until)s
    WHERE push_id IN %(pushes)s AND state = 'waiting' AND due_at <= %(now)s
        AND (leased_until IS NULL OR leased_until <= %(now)s)"""
SELECT_CLAIMED_PUSHES = f"""
    SELECT {COLUMNS} FROM guest_pushes WHERE push_id IN %(pushes)s AND claim_token = %(token)s AND state = 'waiting'
    ORDER BY push_id"""  # noqa: S608 - of a constant
UPDATE_SENDING = """
    UPDATE guest_pushes SET state = 'sending', attempts = attempts + 1, sent_at = %(now)s
    WHERE push_id = %(push)s AND claim_token = %(token)s AND state = 'waiting'"""
UPDATE_OUTCOME = """
    UPDATE guest_pushes
    SET state = %(state)s, reason = %(reason)s, detail = %(detail)s, due_at = %(due_at)s, external_id = %(external)s,
        settled_at = %(settled_at)s, claim_token = NULL, leased_until = NULL
    WHERE push_id = %(id)s AND claim_token = %(token)s"""
UPDATE_RESULT = """
    UPDATE guest_pushes SET state = %(state)s, reason = %(reason)s, settled_at = %(settled_at)s
    WHERE push_id = %(id)s"""
LOCK_PUSH_BY_EXTERNAL = f"""
    SELECT {COLUMNS} FROM guest_pushes WHERE robot_key = %(robot)s AND external_id = %(external)s
    ORDER BY push_id DESC LIMIT 1 FOR UPDATE"""  # noqa: S608 - of a constant
# The worker was killed while it sent: the service may have the message.
SELECT_LOST_PUSHES = """
    SELECT push_id FROM guest_pushes WHERE state = 'sending' AND leased_until <= %(now)s
    ORDER BY push_id LIMIT 200"""
CLAIM_LOST = """
    UPDATE guest_pushes SET claim_token = %(token)s, leased_until = %(until)s
    WHERE push_id IN %(pushes)s AND state = 'sending' AND leased_until <= %(now)s"""
SELECT_CLAIMED_LOST = f"""
    SELECT {COLUMNS} FROM guest_pushes WHERE push_id IN %(pushes)s AND claim_token = %(token)s AND state = 'sending'
    ORDER BY push_id"""  # noqa: S608 - of a constant
SELECT_TIMES = """
    SELECT push_id, COALESCE(sent_at, caused_at) AS at FROM guest_pushes
    WHERE contact_id = %(contact)s AND rule_id = %(rule)s AND push_id >= %(since)s
        AND state IN ('waiting', 'sending', 'unknown', 'sent', 'shown')"""
SELECT_OF_CONTACT = f"""
    SELECT {COLUMNS} FROM guest_pushes WHERE contact_id IN %(contacts)s AND push_id < %(before)s
    ORDER BY push_id DESC LIMIT %(limit)s"""  # noqa: S608 - of a constant
INSERT_RESULT = """
    INSERT IGNORE INTO guest_results (robot_key, external_id, result, detail, told_at)
    VALUES (%(robot)s, %(external)s, %(result)s, %(detail)s, %(now)s)"""
LOCK_RESULT = """
    SELECT result, detail, told_at FROM guest_results WHERE robot_key = %(robot)s AND external_id = %(external)s
    FOR UPDATE"""
DELETE_OLD = "DELETE FROM guest_pushes WHERE push_id < %(before)s LIMIT 1000"
DELETE_OLD_RESULTS = "DELETE FROM guest_results WHERE told_at < %(before)s LIMIT 1000"


@dataclass(frozen=True)
class GuestPush:
    """A message for a guest. `content` has the values and the page, as JSON; it is empty after an erasure."""

    id: str
    chain: str
    contact: str
    rule: str
    robot: str
    template: str
    content: str = field(repr=False)
    caused_at: datetime
    due_at: datetime
    state: PushState = PushState.WAITING
    reason: str | None = None
    detail: str | None = None
    attempts: int = 0
    external: str | None = None
    sent_at: datetime | None = None
    settled_at: datetime | None = None

    @property
    def try_id(self) -> str:
        """The name of the present try in the ledger of consents."""
        return f"{self.id}.{self.attempts}"


@dataclass(frozen=True)
class ToldResult:
    """A result that the service told by itself."""

    result: str
    detail: str
    at: datetime


def insert_pushes(transaction: Transaction, pushes: Sequence[GuestPush]) -> int:
    """The number of new ones. The same cause, rule and guest is the same push."""
    return transaction.execute_many(INSERT_PUSHES, [vars(push) for push in pushes]) if pushes else 0


def read_any_waiting(transaction: Transaction) -> bool:
    """Whether a push waits, or is being sent."""
    return transaction.row(SELECT_ANY_WAITING) is not None


def read_due_pushes(transaction: Transaction, now: datetime, limit: int) -> list[str]:
    """Ids of pushes that are due, the oldest first."""
    return [row["push_id"] for row in transaction.rows(SELECT_DUE_PUSHES, {"now": now, "limit": limit})]


def claim_pushes(
    transaction: Transaction, pushes: Sequence[str], token: int, now: datetime, until: datetime
) -> list[GuestPush]:
    """Those of the pushes that this worker alone may send until `until`."""
    values = {"pushes": tuple(pushes), "token": token, "now": now, "until": until}
    if not pushes or not transaction.execute(CLAIM_PUSHES, values):
        return []
    return [push_of_row(row) for row in transaction.rows(SELECT_CLAIMED_PUSHES, values)]


def claim_lost_pushes(transaction: Transaction, token: int, now: datetime, until: datetime) -> list[GuestPush]:
    """Pushes of killed workers, claimed by this one."""
    lost = tuple(row["push_id"] for row in transaction.rows(SELECT_LOST_PUSHES, {"now": now}))
    values = {"pushes": lost, "token": token, "now": now, "until": until}
    if not lost or not transaction.execute(CLAIM_LOST, values):
        return []
    return [push_of_row(row) for row in transaction.rows(SELECT_CLAIMED_LOST, values)]


def update_push_sending(transaction: Transaction, push: str, token: int, now: datetime) -> bool:
    """Whether this worker still holds the push. It is sent now."""
    return transaction.execute(UPDATE_SENDING, {"push": push, "token": token, "now": now}) > 0


def update_push_outcome(transaction: Transaction, push: GuestPush, token: int) -> bool:
    """Whether this worker still held the push. Its outcome is stored."""
    return transaction.execute(UPDATE_OUTCOME, vars(push) | {"token": token}) > 0


def update_push_result(transaction: Transaction, push: GuestPush) -> None:
    """Store the result of a locked push."""
    transaction.execute(UPDATE_RESULT, vars(push))


def lock_push_by_external(transaction: Transaction, robot: str, external: str) -> GuestPush | None:
    """The push with the service's id, locked."""
    row = transaction.row(LOCK_PUSH_BY_EXTERNAL, {"robot": robot, "external": external})
    return push_of_row(row) if row else None


def read_push_times(transaction: Transaction, contact: str, rule: str, since: str) -> dict[str, datetime]:
    """The times of a guest's pushes by a rule, of those from the id `since`."""
    values = {"contact": contact, "rule": rule, "since": since}
    return {row["push_id"]: row["at"].replace(tzinfo=UTC) for row in transaction.rows(SELECT_TIMES, values)}


def read_pushes_of(transaction: Transaction, contacts: Sequence[str], before: str, limit: int) -> list[GuestPush]:
    """The pushes of a guest, the newest first."""
    values = {"contacts": tuple(contacts), "before": before, "limit": limit}
    return [push_of_row(row) for row in transaction.rows(SELECT_OF_CONTACT, values)] if contacts else []


def insert_result(transaction: Transaction, robot: str, external: str, result: str, detail: str, now: datetime) -> bool:
    """Whether the service tells this result for the first time."""
    values = {"robot": robot, "external": external, "result": result, "detail": detail[:200], "now": now}
    return transaction.execute(INSERT_RESULT, values) > 0


def lock_result(transaction: Transaction, robot: str, external: str) -> ToldResult | None:
    """The result that came before the reply to the push. It waits for one that is being stored."""
    row = transaction.row(LOCK_RESULT, {"robot": robot, "external": external})
    return ToldResult(row["result"], row["detail"], row["told_at"].replace(tzinfo=UTC)) if row else None


def delete_old_pushes(transaction: Transaction, before: str) -> int:
    """Delete at most a thousand pushes with ids before this one."""
    return transaction.execute(DELETE_OLD, {"before": before})


def delete_old_results(transaction: Transaction, before: datetime) -> int:
    """Delete at most a thousand results of before this time."""
    return transaction.execute(DELETE_OLD_RESULTS, {"before": before})


def content_of(values: dict[str, str], page: str) -> str:
    """The stored words of a push."""
    return json.dumps({"values": values, "page": page}, ensure_ascii=False)


def push_of_row(row: Row) -> GuestPush:
    """The push of a row with `COLUMNS`."""
    return GuestPush(
        id=row["push_id"],
        chain=row["chain_id"],
        contact=row["contact_id"],
        rule=row["rule_id"],
        robot=row["robot_key"],
        template=row["template"],
        content=row["content"],
        caused_at=row["caused_at"].replace(tzinfo=UTC),
        due_at=row["due_at"].replace(tzinfo=UTC),
        state=PushState(row["state"]),
        reason=row["reason"],
        detail=row["detail"],
        attempts=row["attempts"],
        external=row["external_id"],
        sent_at=row["sent_at"] and row["sent_at"].replace(tzinfo=UTC),
        settled_at=row["settled_at"] and row["settled_at"].replace(tzinfo=UTC),
    )
