"""The runs of timers: one row a run, written at its begin and at its end. The watcher and the console read them.

A run that was killed has no end. The next run of the timer gives it the outcome `hung`, once its time limit has passed.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from shared.contracts.ids import first_id, new_id
from shared.spine.db import Database, Duplicate, Row, Transaction

Outcome = Literal["running", "done", "failed", "hung", "skipped"]
MOST_ERROR_CHARACTERS = 500

# A paused timer runs only when a person asks.
INSERT_RUN = """
    INSERT INTO timer_run_log (id, name, began_at, must_end_by, outcome, cause, asked_by, request, busy)
    SELECT %(id)s, %(name)s, %(began_at)s, %(must_end_by)s, 'running', %(cause)s, %(asked_by)s, %(request)s, %(busy)s
    FROM DUAL WHERE %(cause)s = 'person' OR NOT EXISTS (SELECT 1 FROM timer_pauses p WHERE p.name = %(name)s)"""
INSERT_SKIPPED = """
    INSERT INTO timer_run_log (id, name, began_at, must_end_by, ended_at, outcome, cause, asked_by, request)
    VALUES (%(id)s, %(name)s, %(began_at)s, %(must_end_by)s, %(began_at)s, 'skipped', %(cause)s, %(asked_by)s,
        %(request)s)"""
# One statement ends the run and notes it for the watcher.
END_RUN = """
    UPDATE timer_run_log l LEFT JOIN timer_runs r ON r.name = l.name
    SET l.ended_at = %(ended_at)s, l.outcome = %(outcome)s, l.error = %(error)s, l.busy = NULL,
        r.ran_at = %(ended_at)s, r.failures = CASE WHEN %(outcome)s = 'done' THEN 0 ELSE r.failures + 1 END
    WHERE l.id = %(id)s"""
INSERT_FIRST_RUN = """
    INSERT INTO timer_runs (name, ran_at, failures) VALUES (%(name)s, %(ended_at)s, %(failures)s)
    ON DUPLICATE KEY UPDATE ran_at = VALUES(ran_at), failures = VALUES(failures)"""
END_HUNG_RUNS = """
    UPDATE timer_run_log l LEFT JOIN timer_runs r ON r.name = l.name
    SET l.outcome = 'hung', l.busy = NULL, r.failures = r.failures + 1
    WHERE l.busy IS NOT NULL AND l.must_end_by < %(now)s"""
UPSERT_RUN = """
    INSERT INTO timer_runs (name, ran_at) VALUES (%(name)s, %(ran_at)s)
    ON DUPLICATE KEY UPDATE ran_at = VALUES(ran_at)"""
INSERT_EXPECTED = "INSERT IGNORE INTO timer_runs (name, ran_at) VALUES (%(name)s, %(ran_at)s)"
# A paused timer is not expected to run.
SELECT_RUNS = """
    SELECT r.name, r.ran_at FROM timer_runs r
    WHERE NOT EXISTS (SELECT 1 FROM timer_pauses p WHERE p.name = r.name)"""
DELETE_OLD_RUNS = "DELETE FROM timer_run_log WHERE id < %(before)s ORDER BY id LIMIT 500"
# Rows that one UPDATE of a run and of its timer changes.
RUN_AND_TIMER = 2


@dataclass(frozen=True)
class Run:
    """A run that begins. `must_end_by` is when the platform kills it. `asked_by` is the person who asked for it."""

    id: str
    name: str
    began_at: datetime
    must_end_by: datetime
    request: str
    asked_by: str | None = None

    @property
    def cause(self) -> Literal["schedule", "person"]:
        """The cause of its begin."""
        return "person" if self.asked_by else "schedule"


def a_run(name: str, began_at: datetime, must_end_by: datetime, request: str, asked_by: str | None) -> Run:
    """A run with a new id."""
    return Run(new_id(began_at), name, began_at, must_end_by, request, asked_by)


def begin_run(db: Database, run: Run, *, overlaps: bool) -> Literal["running", "paused", "skipped"]:
    """Note the begin of a run, unless the timer is paused or another run of it is at work. Usually one statement.

    `overlaps`: runs of this timer may be at work at the same time.
    """
    values = vars(run) | {"cause": run.cause, "busy": secrets.randbelow(2**32 - 1) + 1 if overlaps else 0}
    with db.statements() as statements:
        try:
            begun = statements.execute(INSERT_RUN, values)
        except Duplicate:
            end_hung_runs(statements, run.began_at)
            return _begin_again(statements, values)
    return "running" if begun else "paused"


def _begin_again(statements: Transaction, values: Row) -> Literal["running", "paused", "skipped"]:
    try:
        return "running" if statements.execute(INSERT_RUN, values) else "paused"
    except Duplicate:
        statements.execute(INSERT_SKIPPED, values)
        return "skipped"


def end_run(db: Database, run: Run, ended_at: datetime, error: str | None) -> None:
    """Note the end of a run; without an error it is done. One statement, but for the first run of a new timer."""
    outcome: Outcome = "failed" if error else "done"
    values = {
        "id": run.id,
        "name": run.name,
        "ended_at": ended_at,
        "outcome": outcome,
        "error": error[:MOST_ERROR_CHARACTERS] if error else None,
        "failures": int(outcome == "failed"),
    }
    with db.statements() as statements:
        if statements.execute(END_RUN, values) < RUN_AND_TIMER:
            statements.execute(INSERT_FIRST_RUN, values)


def end_hung_runs(statements: Transaction, now: datetime) -> int:
    """Give runs that have passed their time limit the outcome `hung`. Returns the number of rows that changed."""
    return statements.execute(END_HUNG_RUNS, {"now": now})


def delete_old_runs(statements: Transaction, before: datetime) -> int:
    """Delete runs that began before a moment, 500 at most."""
    return statements.execute(DELETE_OLD_RUNS, {"before": first_id(before)})


def note_run(db: Database, name: str, ran_at: datetime) -> None:
    """Count a timer as run at this moment."""
    with db.statements() as statements:
        note_run_in(statements, name, ran_at)


def note_run_in(transaction: Transaction, name: str, ran_at: datetime) -> None:
    """The same within a transaction: a timer that is resumed is late only after its next interval."""
    transaction.execute(UPSERT_RUN, {"name": name, "ran_at": ran_at})


def expect(db: Database, names: Iterable[str], now: datetime) -> None:
    """A timer that nothing is known of counts as run now: it may be new."""
    rows = [{"name": name, "ran_at": now} for name in names]
    if rows:
        with db.statements() as statements:
            statements.execute_many(INSERT_EXPECTED, rows)


def read_runs(db: Database) -> Mapping[str, datetime]:
    """The last run of each timer that is not paused, by the name of its function."""
    with db.statements() as statements:
        return {row["name"]: row["ran_at"].replace(tzinfo=UTC) for row in statements.rows(SELECT_RUNS)}
