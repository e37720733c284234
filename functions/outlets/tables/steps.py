"""SQL of the table `outlet_steps`: what happens when an outlet does not answer, each step with its time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from functions.outlets.states import StepState
from shared.spine.db import Row, Transaction

COLUMNS = "notice_id, step, action, due_at, state, done_at"
INSERT_STEPS = """
    INSERT IGNORE INTO outlet_steps (notice_id, step, action, due_at, state)
    VALUES (%(notice)s, %(step)s, %(action)s, %(due_at)s, 'due')"""
SELECT_DUE = f"""
    SELECT {COLUMNS} FROM outlet_steps WHERE state = 'due' AND due_at <= %(now)s
    ORDER BY due_at LIMIT %(limit)s"""  # noqa: S608 - of a constant
SELECT_STEPS = f"""
    SELECT {COLUMNS} FROM outlet_steps WHERE notice_id IN %(notices)s
    ORDER BY notice_id, step"""  # noqa: S608 - of a constant
# The rows decide which worker makes a step, and whether the answer came first.
LOCK_DUE = f"""
    SELECT {COLUMNS} FROM outlet_steps WHERE notice_id IN %(notices)s AND state = 'due' AND due_at <= %(now)s
    ORDER BY notice_id, step FOR UPDATE"""  # noqa: S608 - of a constant
UPDATE_DONE = """
    UPDATE outlet_steps SET state = 'done', done_at = %(now)s
    WHERE notice_id IN %(notices)s AND step = %(step)s AND state = 'due'"""
END_STEPS = "UPDATE outlet_steps SET state = 'ended' WHERE notice_id IN %(notices)s AND state = 'due'"
END_ACTIONS = """
    UPDATE outlet_steps SET state = 'ended'
    WHERE notice_id = %(notice)s AND state = 'due' AND action IN %(actions)s"""
DELETE_OLD = "DELETE FROM outlet_steps WHERE notice_id < %(before)s LIMIT 1000"


@dataclass(frozen=True)
class Step:
    """A step of a notice. `action` is a name of `rules.settings.Action`."""

    notice: str
    step: int
    action: str
    due_at: datetime
    state: StepState = StepState.DUE
    done_at: datetime | None = None


def insert_steps(transaction: Transaction, steps: Sequence[Step]) -> None:
    """Store the steps of a new notice. They leave with the next statement."""
    if steps:
        transaction.execute_many_with_next(INSERT_STEPS, [vars(step) for step in steps])


def read_due_steps(transaction: Transaction, now: datetime, limit: int) -> list[Step]:
    """Steps that are due, the oldest first."""
    return [_step(row) for row in transaction.rows(SELECT_DUE, {"now": now, "limit": limit})]


def read_steps(transaction: Transaction, notices: Sequence[str]) -> list[Step]:
    """The steps of these notices, in their order."""
    return [_step(row) for row in transaction.rows(SELECT_STEPS, {"notices": tuple(notices)})] if notices else []


def lock_due_steps(transaction: Transaction, notices: Sequence[str], now: datetime) -> list[Step]:
    """The due steps of these locked notices in their order, locked."""
    if not notices:
        return []
    return [_step(row) for row in transaction.rows(LOCK_DUE, {"notices": tuple(notices), "now": now})]


def update_steps_done(transaction: Transaction, step: int, notices: Sequence[str], now: datetime) -> None:
    """The locked step with this number of each notice is made."""
    if notices:
        transaction.execute(UPDATE_DONE, {"notices": tuple(notices), "step": step, "now": now})


def update_steps_ended(transaction: Transaction, notices: Sequence[str]) -> None:
    """No further step of these notices is made."""
    if notices:
        transaction.execute(END_STEPS, {"notices": tuple(notices)})


def update_actions_ended(transaction: Transaction, notice: str, actions: Sequence[str]) -> None:
    """These actions are not needed any more for a notice."""
    if actions:
        transaction.execute(END_ACTIONS, {"notice": notice, "actions": tuple(actions)})


def delete_old_steps(transaction: Transaction, before: str) -> int:
    """Delete at most a thousand steps of notices with ids before this one."""
    return transaction.execute(DELETE_OLD, {"before": before})


def _step(row: Row) -> Step:
    return Step(
        row["notice_id"],
        row["step"],
        row["action"],
        row["due_at"].replace(tzinfo=UTC),
        StepState(row["state"]),
        row["done_at"] and row["done_at"].replace(tzinfo=UTC),
    )
