"""SQL that reads the runs of timers. `shared.spine.timers` writes them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from functions.timers.alerts.findings import TimerState
from shared.contracts.ids import first_id
from shared.spine.db import Row, Transaction

COLUMNS = "l.id, l.name, l.began_at, l.must_end_by, l.ended_at, l.outcome, l.cause, l.asked_by, l.request, l.error"
SELECT_LAST_RUNS = f"""
    SELECT {COLUMNS} FROM timer_run_log l
    JOIN (SELECT name, MAX(id) AS id FROM timer_run_log WHERE name IN %(names)s GROUP BY name) m ON m.id = l.id
    """  # noqa: S608 - of a constant
SELECT_STATES = "SELECT name, ran_at, failures FROM timer_runs WHERE name IN %(names)s"
SELECT_FIRST_RUNS = """
    SELECT l.name, l.began_at FROM timer_run_log l
    JOIN (SELECT name, MIN(id) AS id FROM timer_run_log WHERE name IN %(names)s GROUP BY name) m ON m.id = l.id"""
# It reads an index alone: a timer of each minute has 1,440 runs a day.
COUNT_RUNS = """
    SELECT COUNT(*) AS runs FROM timer_run_log WHERE name = %(name)s AND id >= %(since)s AND cause = 'schedule'"""
COUNT_FAILED = """
    SELECT name, COUNT(*) AS runs FROM timer_run_log
    WHERE name IN %(names)s AND outcome IN ('failed', 'hung') AND id >= %(since)s GROUP BY name"""
SELECT_RUNS = f"""
    SELECT {COLUMNS} FROM timer_run_log l WHERE l.name = %(name)s AND l.id < %(before)s
    ORDER BY l.id DESC LIMIT %(limit)s"""  # noqa: S608 - of a constant
SELECT_RUNS_WITH_OUTCOME = f"""
    SELECT {COLUMNS} FROM timer_run_log l
    WHERE l.name = %(name)s AND l.outcome = %(outcome)s AND l.id < %(before)s
    ORDER BY l.id DESC LIMIT %(limit)s"""  # noqa: S608 - of a constant
SELECT_RUN = f"SELECT {COLUMNS} FROM timer_run_log l WHERE l.id = %(id)s AND l.name = %(name)s"  # noqa: S608 - of a constant
LAST_ID = "7" + "Z" * 25


@dataclass(frozen=True)
class TimerRun:
    """A run of a timer. `outcome` is running, done, failed, hung or skipped; `cause` is schedule or person."""

    id: str
    name: str
    began_at: datetime
    must_end_by: datetime
    ended_at: datetime | None
    outcome: str
    cause: str
    asked_by: str | None
    request: str
    error: str | None

    def outcome_at(self, now: datetime) -> str:
        """The outcome; a run that has passed its time limit hangs, also before a later run has noted it."""
        return "hung" if self.outcome == "running" and self.must_end_by < now else self.outcome


def read_last_runs(transaction: Transaction, names: Collection[str]) -> dict[str, TimerRun]:
    """The newest run of each timer, by name."""
    rows = transaction.rows(SELECT_LAST_RUNS, {"names": tuple(names)}) if names else []
    return {row["name"]: _run(row) for row in rows}


def read_states(transaction: Transaction, names: Collection[str], now: datetime) -> dict[str, TimerState]:
    """The state of each timer, by name."""
    last = read_last_runs(transaction, names)
    rows = transaction.rows(SELECT_STATES, {"names": tuple(names)}) if names else []
    known = {row["name"]: (row["ran_at"].replace(tzinfo=UTC), row["failures"]) for row in rows}
    states = {}
    for name in names:
        ran_at, failures = known.get(name, (None, 0))
        states[name] = TimerState(ran_at, failures, name in last and last[name].outcome_at(now) == "hung")
    return states


def read_first_runs(transaction: Transaction, names: Collection[str]) -> dict[str, datetime]:
    """When the oldest run that is kept of each timer began, by name."""
    rows = transaction.rows(SELECT_FIRST_RUNS, {"names": tuple(names)}) if names else []
    return {row["name"]: row["began_at"].replace(tzinfo=UTC) for row in rows}


def count_runs(transaction: Transaction, name: str, since: datetime) -> int:
    """Runs of a timer by its schedule since a moment."""
    row = transaction.row(COUNT_RUNS, {"name": name, "since": first_id(since)})
    assert row is not None  # an aggregate without GROUP BY has one row
    return int(row["runs"])


def count_failed(transaction: Transaction, names: Collection[str], since: datetime) -> dict[str, int]:
    """Runs since a moment that failed or hung, by name."""
    rows = transaction.rows(COUNT_FAILED, {"names": tuple(names), "since": first_id(since)}) if names else []
    return {row["name"]: row["runs"] for row in rows}


def read_runs(
    transaction: Transaction, name: str, outcome: str | None, before: str | None, limit: int
) -> list[TimerRun]:
    """Runs of a timer before the run `before`, the newest first."""
    values = {"name": name, "outcome": outcome, "before": before or LAST_ID, "limit": limit}
    return [_run(row) for row in transaction.rows(SELECT_RUNS_WITH_OUTCOME if outcome else SELECT_RUNS, values)]


def read_run(transaction: Transaction, name: str, run_id: str) -> TimerRun | None:
    """A run of a timer."""
    row = transaction.row(SELECT_RUN, {"name": name, "id": run_id})
    return _run(row) if row else None


def _run(row: Row) -> TimerRun:
    times = {name: row[name] and row[name].replace(tzinfo=UTC) for name in ("began_at", "must_end_by", "ended_at")}
    return TimerRun(**row | times)
