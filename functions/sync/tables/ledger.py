"""SQL of the table `sync_documents`, the ledger: one row for each document that was or will be sent.

Each write by a worker names its token. A worker whose lease has ended changes no row any more.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from functions.sync.states import Cause, DocumentState, Goal
from shared.spine.db import Row, Transaction

COLUMNS = """system_key, flow, source_key, revision, group_key, kind, store_id, day, goal, state, cause, reason,
    detail, payload_hash, payload, target_id, target_number, currency, net, tax, gross, attempts, next_at, created_at,
    done_at"""
# Each column of a row costs time, so that a worker reads those alone that sending needs.
CLAIM_COLUMNS = """source_key, revision, group_key, kind, goal, state, payload, target_id, target_number, attempts,
    reason"""
SELECT_GROUPS = f"""
    SELECT {COLUMNS} FROM sync_documents WHERE system_key = %(system)s AND group_key IN %(groups)s
    ORDER BY source_key, revision"""  # noqa: S608 - of a constant
LOCK_GROUPS = f"{SELECT_GROUPS} FOR UPDATE"
INSERT_DOCUMENTS = """
    INSERT INTO sync_documents (system_key, flow, source_key, revision, group_key, kind, store_id, day, goal, state,
        payload_hash, payload, currency, net, tax, gross, next_at, created_at)
    VALUES (%(system)s, %(flow)s, %(source_key)s, %(revision)s, %(group)s, %(kind)s, %(store)s, %(day)s, 'post',
        %(state)s, %(payload_hash)s, %(payload)s, %(currency)s, %(net)s, %(tax)s, %(gross)s, %(now)s, %(now)s)"""
# A document that was never sent takes its new content. Nobody holds it, since its group is locked and it is pending.
REPLACE_UNSENT = """
    UPDATE sync_documents
    SET goal = 'post', state = 'pending', payload_hash = %(payload_hash)s, payload = %(payload)s, day = %(day)s,
        currency = %(currency)s, net = %(net)s, tax = %(tax)s, gross = %(gross)s, cause = NULL, reason = NULL,
        detail = NULL, next_at = %(now)s
    WHERE system_key = %(system)s AND source_key = %(source_key)s AND revision = %(revision)s"""
UPDATE_WANTED = """
    UPDATE sync_documents
    SET goal = 'cancel', state = %(state)s, cause = NULL, reason = NULL, detail = NULL, next_at = %(now)s
    WHERE system_key = %(system)s AND source_key = %(source_key)s AND revision = %(revision)s"""
# States of documents that are sent by themselves. Those of a backfill are claimed when nothing else is due.
LIVE, BACKFILLED = "'pending', 'doubtful', 'sending'", "'backfill'"
DUE = f"system_key = %(system)s AND state IN ({LIVE}, {BACKFILLED}) AND next_at <= %(now)s"
FREE = "(leased_until IS NULL OR leased_until <= %(now)s)"
_SELECT_DUE = f"""
    SELECT source_key FROM sync_documents
    WHERE system_key = %(system)s AND state IN (STATES) AND next_at <= %(now)s AND {FREE} AND EXISTS (
        SELECT 1 FROM sync_systems WHERE system_key = %(system)s AND enabled = 1 AND writer_token = %(token)s)
    ORDER BY state, next_at LIMIT %(limit)s"""  # noqa: S608 - of a constant
SELECT_DUE, SELECT_BACKFILL = _SELECT_DUE.replace("STATES", LIVE), _SELECT_DUE.replace("STATES", BACKFILLED)
# Whether the last sending has an answer is kept in `state`, which is read before it is changed.
LOCK_DUE = f"""
    SELECT {CLAIM_COLUMNS} FROM sync_documents WHERE {DUE} AND source_key IN %(keys)s AND {FREE}
    ORDER BY source_key, revision FOR UPDATE"""  # noqa: S608 - of a constant
MARK_SENDING = f"""
    UPDATE sync_documents
    SET claim_token = %(token)s, leased_until = %(until)s, attempts = attempts + 1, state = 'sending'
    WHERE {DUE} AND source_key IN %(keys)s AND {FREE}"""  # noqa: S608 - of a constant
MARK_CLAIMED = f"""
    UPDATE sync_documents SET claim_token = %(token)s, leased_until = %(until)s
    WHERE {DUE} AND source_key IN %(keys)s AND {FREE}"""  # noqa: S608 - of a constant
# One statement for a batch: a row of another worker keeps all its values. The row is there, so that the values which no
# outcome changes stay.
UPSERT_OUTCOMES = """
    INSERT INTO sync_documents (system_key, flow, source_key, revision, group_key, kind, store_id, day, goal, state,
        cause, reason, detail, payload_hash, target_id, target_number, net, tax, gross, next_at, created_at, done_at,
        claim_token)
    VALUES (%(system)s, '', %(source_key)s, %(revision)s, '', '', '', '2000-01-01', %(goal)s, %(state)s, %(cause)s,
        %(reason)s, %(detail)s, '', %(target_id)s, %(target_number)s, 0, 0, 0, %(next_at)s, %(now)s, %(done_at)s,
        %(token)s)
    ON DUPLICATE KEY UPDATE
        cause = IF(claim_token = VALUES(claim_token), VALUES(cause), cause),
        reason = IF(claim_token = VALUES(claim_token), VALUES(reason), reason),
        detail = IF(claim_token = VALUES(claim_token), VALUES(detail), detail),
        target_id = IF(claim_token = VALUES(claim_token), COALESCE(VALUES(target_id), target_id), target_id),
        target_number = IF(claim_token = VALUES(claim_token), COALESCE(VALUES(target_number), target_number),
            target_number),
        payload = IF(claim_token = VALUES(claim_token) AND VALUES(state) = 'done', NULL, payload),
        next_at = IF(claim_token = VALUES(claim_token), VALUES(next_at), next_at),
        done_at = IF(claim_token = VALUES(claim_token), VALUES(done_at), done_at),
        leased_until = IF(claim_token = VALUES(claim_token), NULL, leased_until),
        state = IF(claim_token = VALUES(claim_token),
            IF(goal = VALUES(goal), VALUES(state), IF(VALUES(state) = 'doubtful', 'doubtful', 'pending')), state),
        claim_token = IF(claim_token = VALUES(claim_token), NULL, claim_token)"""
# The same for documents that are done, of which few values change.
UPSERT_DONE = """
    INSERT INTO sync_documents (system_key, flow, source_key, revision, group_key, kind, store_id, day, goal, state,
        payload_hash, target_id, target_number, net, tax, gross, next_at, created_at, done_at, claim_token)
    VALUES (%(system)s, '', %(source_key)s, %(revision)s, '', '', '', '2000-01-01', %(goal)s, 'done', '',
        %(target_id)s, %(target_number)s, 0, 0, 0, %(now)s, %(now)s, %(now)s, %(token)s)
    ON DUPLICATE KEY UPDATE
        cause = IF(claim_token = VALUES(claim_token), NULL, cause),
        reason = IF(claim_token = VALUES(claim_token), NULL, reason),
        detail = IF(claim_token = VALUES(claim_token), NULL, detail),
        target_id = IF(claim_token = VALUES(claim_token), COALESCE(VALUES(target_id), target_id), target_id),
        target_number = IF(claim_token = VALUES(claim_token), COALESCE(VALUES(target_number), target_number),
            target_number),
        payload = IF(claim_token = VALUES(claim_token), NULL, payload),
        done_at = IF(claim_token = VALUES(claim_token), VALUES(done_at), done_at),
        leased_until = IF(claim_token = VALUES(claim_token), NULL, leased_until),
        state = IF(claim_token = VALUES(claim_token), IF(goal = VALUES(goal), 'done', 'pending'), state),
        claim_token = IF(claim_token = VALUES(claim_token), NULL, claim_token)"""
SELECT_COUNTS = """
    SELECT flow, goal, state, cause, reason, COUNT(*) AS documents, MIN(created_at) AS oldest,
        CAST(SUM(gross) AS SIGNED) AS gross
    FROM sync_documents WHERE system_key = %(system)s AND state <> 'done'
    GROUP BY flow, goal, state, cause, reason ORDER BY flow, goal, state, cause, reason"""
SELECT_PAGE = f"""
    SELECT {COLUMNS} FROM sync_documents
    WHERE system_key = %(system)s AND source_key > %(after)s AND (%(state)s IS NULL OR state = %(state)s)
        AND (%(cause)s IS NULL OR cause = %(cause)s) AND (%(reason)s IS NULL OR reason = %(reason)s)
        AND (%(store)s IS NULL OR store_id = %(store)s) AND (%(day)s IS NULL OR day = %(day)s)
    ORDER BY source_key, revision LIMIT %(limit)s"""  # noqa: S608 - of a constant
SELECT_ANY = "SELECT 1 AS found FROM sync_documents WHERE system_key = %(system)s AND flow = %(flow)s LIMIT 1"
SELECT_BY_KEYS = f"""
    SELECT {COLUMNS} FROM sync_documents WHERE system_key = %(system)s AND source_key IN %(keys)s
    ORDER BY source_key, revision"""  # noqa: S608 - of a constant
COUNT_DUE = f"SELECT COUNT(*) AS documents FROM sync_documents WHERE {DUE}"  # noqa: S608 - of a constant


@dataclass(frozen=True, kw_only=True)
class ClaimedRow:
    """The part of a row that sending needs. `target_id` is the document's id in the outside system."""

    system: str
    source_key: str
    revision: int
    group: str
    kind: str
    goal: Goal
    state: DocumentState
    payload: str | None
    next_at: datetime
    cause: Cause | None = None
    reason: str | None = None
    detail: str | None = None
    target_id: str | None = None
    target_number: str | None = None
    attempts: int = 0
    done_at: datetime | None = None

    @property
    def target_key(self) -> str:
        """The key of the document in the outside system: at most 30 characters. The same in each attempt."""
        return f"{self.source_key}.{self.revision}"


@dataclass(frozen=True, kw_only=True)
class LedgerRow(ClaimedRow):
    """A document in the ledger. Amounts are in minor units."""

    flow: str
    store: str
    day: date
    payload_hash: bytes
    net: int
    tax: int
    gross: int
    created_at: datetime
    currency: str | None = None


def lock_groups(transaction: Transaction, system: str, groups: Collection[str]) -> list[LedgerRow]:
    """All rows of these groups, locked, in the order of source key and revision."""
    if not groups:
        return []
    return [_row(row) for row in transaction.rows(LOCK_GROUPS, {"system": system, "groups": tuple(groups)})]


def read_groups(transaction: Transaction, system: str, groups: Collection[str]) -> list[LedgerRow]:
    """The same without a lock, for readers that change nothing."""
    if not groups:
        return []
    return [_row(row) for row in transaction.rows(SELECT_GROUPS, {"system": system, "groups": tuple(groups)})]


def insert_documents(transaction: Transaction, rows: Sequence[LedgerRow]) -> None:
    """Store new intents."""
    if rows:
        transaction.execute_many(INSERT_DOCUMENTS, [_values(row) | {"now": row.created_at} for row in rows])


def update_unsent(transaction: Transaction, row: LedgerRow, now: datetime) -> None:
    """Replace the content of a row that was never sent."""
    transaction.execute(REPLACE_UNSENT, _values(row) | {"now": now})


def update_unwanted(transaction: Transaction, row: LedgerRow, now: datetime) -> None:
    """The document is to be cancelled. `row` has its new state."""
    transaction.execute(UPDATE_WANTED, _values(row) | {"now": now})


def lock_due(transaction: Transaction, system: str, token: int, now: datetime, limit: int) -> list[ClaimedRow]:
    """Documents that are due, locked; none if `token` is not the writer's.

    A row that was being sent when its worker was killed is still in that state.
    """
    values = {"system": system, "token": token, "now": now, "limit": limit}
    due = transaction.rows(SELECT_DUE, values) or transaction.rows(SELECT_BACKFILL, values)
    keys = tuple({row["source_key"] for row in due})
    rows = transaction.rows(LOCK_DUE, values | {"keys": keys}) if keys else []
    return [_claimed_row(row, system, now) for row in rows]


def update_sending(
    transaction: Transaction, system: str, rows: Sequence[ClaimedRow], token: int, now: datetime, until: datetime
) -> None:
    """This worker holds the documents until `until`, and sends them: without an answer they are in doubt."""
    _mark(transaction, MARK_SENDING, system, rows, token, now, until)


def update_claimed(
    transaction: Transaction, system: str, rows: Sequence[ClaimedRow], token: int, now: datetime, until: datetime
) -> None:
    """This worker holds the documents until `until`, and sends nothing of them."""
    _mark(transaction, MARK_CLAIMED, system, rows, token, now, until)


def _mark(
    transaction: Transaction,
    statement: str,
    system: str,
    rows: Sequence[ClaimedRow],
    token: int,
    now: datetime,
    until: datetime,
) -> None:
    if rows:
        keys = tuple({row.source_key for row in rows})
        transaction.execute(statement, {"system": system, "keys": keys, "token": token, "now": now, "until": until})


def update_outcomes(transaction: Transaction, rows: Sequence[ClaimedRow], token: int, now: datetime) -> None:
    """Store what became of documents that this worker held, and release them: with the next statement."""
    done = [row for row in rows if row.state == DocumentState.DONE]
    others = [row for row in rows if row.state != DocumentState.DONE]
    transaction.execute_many_with_next(UPSERT_DONE, [_done_values(row, token, now) for row in done])
    transaction.execute_many_with_next(UPSERT_OUTCOMES, [_values(row) | {"token": token, "now": now} for row in others])


def read_counts(transaction: Transaction, system: str) -> list[Row]:
    """Documents that are not done by flow, state, cause and reason, with the oldest and the sum of their gross."""
    return transaction.rows(SELECT_COUNTS, {"system": system})


def read_page(
    transaction: Transaction,
    system: str,
    after: str,
    limit: int,
    *,
    state: str | None = None,
    cause: str | None = None,
    reason: str | None = None,
    store: str | None = None,
    day: date | None = None,
) -> list[LedgerRow]:
    """Rows by key."""
    values = {
        "system": system,
        "after": after,
        "limit": limit,
        "state": state,
        "cause": cause,
        "reason": reason,
        "store": store,
        "day": day,
    }
    return [_row(row) for row in transaction.rows(SELECT_PAGE, values)]


def read_has_documents(transaction: Transaction, system: str, flow: str) -> bool:
    """Whether a flow has made any document."""
    return transaction.row(SELECT_ANY, {"system": system, "flow": flow}) is not None


def read_by_keys(transaction: Transaction, system: str, keys: Collection[str]) -> list[LedgerRow]:
    """The rows of these source keys."""
    if not keys:
        return []
    return [_row(row) for row in transaction.rows(SELECT_BY_KEYS, {"system": system, "keys": tuple(keys)})]


def count_due(transaction: Transaction, system: str, now: datetime) -> int:
    """Documents that could be sent now."""
    row = transaction.row(COUNT_DUE, {"system": system, "now": now})
    return int(row["documents"]) if row else 0


def _done_values(row: ClaimedRow, token: int, now: datetime) -> dict[str, object]:
    """The values that a row does not share with the others of its batch are few: each costs an escape."""
    return {
        "system": row.system,
        "source_key": row.source_key,
        "revision": row.revision,
        "goal": row.goal,
        "target_id": row.target_id,
        "target_number": row.target_number,
        "token": token,
        "now": now,
    }


def _values(row: ClaimedRow) -> dict[str, object]:
    return dict(vars(row))


def _claimed_row(row: Row, system: str, now: datetime) -> ClaimedRow:
    return ClaimedRow(
        system=system,
        source_key=row["source_key"],
        revision=row["revision"],
        group=row["group_key"],
        kind=row["kind"],
        goal=Goal(row["goal"]),
        state=DocumentState(row["state"]),
        payload=row["payload"],
        target_id=row["target_id"],
        target_number=row["target_number"],
        attempts=row["attempts"],
        next_at=now,
        reason=row["reason"],
    )


def _row(row: Row) -> LedgerRow:
    done_at = row["done_at"]
    return LedgerRow(
        system=row["system_key"],
        flow=row["flow"],
        source_key=row["source_key"],
        revision=row["revision"],
        group=row["group_key"],
        kind=row["kind"],
        store=row["store_id"],
        day=row["day"],
        goal=Goal(row["goal"]),
        state=DocumentState(row["state"]),
        cause=Cause(row["cause"]) if row["cause"] else None,
        reason=row["reason"],
        detail=row["detail"],
        payload_hash=bytes(row["payload_hash"]),
        payload=row["payload"],
        target_id=row["target_id"],
        target_number=row["target_number"],
        currency=row["currency"],
        net=row["net"],
        tax=row["tax"],
        gross=row["gross"],
        attempts=row["attempts"],
        next_at=row["next_at"].replace(tzinfo=UTC),
        created_at=row["created_at"].replace(tzinfo=UTC),
        done_at=done_at.replace(tzinfo=UTC) if done_at else None,
    )
