"""Forecast runs: one for a chain and an origin."""

from dataclasses import dataclass
from datetime import date, datetime

from shared.spine.db import Transaction

RUN = "SELECT id, chain_id AS chain, origin, drifted FROM forecast_runs"
SELECT_RUN_AT = "SELECT id FROM forecast_runs WHERE chain_id = %(chain)s AND origin = %(origin)s"
INSERT_RUN = """
    INSERT INTO forecast_runs (id, chain_id, origin, batches, last_sequence, drifted, begun_at)
    VALUES (%(id)s, %(chain)s, %(origin)s, %(batches)s, %(batches)s, 0, %(begun_at)s)"""
SELECT_RUN = f"{RUN} WHERE id = %(run)s"
LOCK_RUN = f"{SELECT_RUN} FOR UPDATE"
UPDATE_SEQUENCE = "UPDATE forecast_runs SET last_sequence = LAST_INSERT_ID(last_sequence + 1) WHERE id = %(run)s"
UPDATE_ENDED = "UPDATE forecast_runs SET ended_at = %(ended_at)s WHERE id = %(run)s"
UPDATE_DRIFTED = "UPDATE forecast_runs SET drifted = 1 WHERE id = %(run)s"
SELECT_RUNS = """
    SELECT r.id, r.origin, r.batches, r.drifted, r.begun_at, r.ended_at,
        (SELECT COUNT(*) FROM forecast_batches p WHERE p.run_id = r.id AND p.status = 'forecast') AS done
    FROM forecast_runs r WHERE r.chain_id = %(chain)s ORDER BY r.origin DESC LIMIT 60"""
SELECT_NEWEST_ORIGIN = "SELECT MAX(origin) AS origin FROM forecast_runs WHERE chain_id = %(chain)s"
SELECT_OVERDUE = f"{RUN} WHERE ended_at IS NULL AND begun_at < %(begun_before)s"


@dataclass(frozen=True)
class Run:
    """A run; `origin` is the last day of data that it uses, `drifted` that its errors call for a full training."""

    id: str
    chain: str
    origin: date
    drifted: bool


@dataclass(frozen=True)
class RunSummary:
    """A run with the number of its batches and of those that are `done`, which have a forecast."""

    id: str
    origin: date
    batches: int
    drifted: bool
    begun_at: datetime
    ended_at: datetime | None
    done: int


def insert_run(transaction: Transaction, run: Run, batches: int, begun_at: datetime) -> bool:
    """Whether the chain had no run at this origin. Raises `Duplicate` if another transaction inserts it now."""
    values = {"id": run.id, "chain": run.chain, "origin": run.origin, "batches": batches, "begun_at": begun_at}
    if transaction.row(SELECT_RUN_AT, values):
        return False
    transaction.execute(INSERT_RUN, values)
    return True


def read_run(transaction: Transaction, run_id: str) -> Run | None:
    """The run."""
    row = transaction.row(SELECT_RUN, {"run": run_id})
    return Run(**row) if row else None


def lock_run(transaction: Transaction, run_id: str) -> Run | None:
    """The run, locked until the transaction ends. Every change of a batch locks its run first."""
    row = transaction.row(LOCK_RUN, {"run": run_id})
    return Run(**row) if row else None


def next_sequence(transaction: Transaction, run_id: str) -> int:
    """The sequence number of the next message about the run."""
    transaction.execute(UPDATE_SEQUENCE, {"run": run_id})
    return transaction.last_id()


def update_ended(transaction: Transaction, run_id: str, ended_at: datetime) -> None:
    """All batches of the run have ended."""
    transaction.execute(UPDATE_ENDED, {"run": run_id, "ended_at": ended_at})


def update_drifted(transaction: Transaction, run_id: str) -> None:
    """The errors of the chain have drifted."""
    transaction.execute(UPDATE_DRIFTED, {"run": run_id})


def read_runs(transaction: Transaction, chain: str) -> list[RunSummary]:
    """The newest sixty runs of the chain."""
    return [RunSummary(**row) for row in transaction.rows(SELECT_RUNS, {"chain": chain})]


def read_newest_origin(transaction: Transaction, chain: str) -> date | None:
    """The newest origin at which a run of the chain has begun."""
    row = transaction.row(SELECT_NEWEST_ORIGIN, {"chain": chain})
    return row["origin"] if row else None


def read_overdue(transaction: Transaction, begun_before: datetime) -> list[Run]:
    """Runs that began before this moment and have not ended."""
    return [Run(**row) for row in transaction.rows(SELECT_OVERDUE, {"begun_before": begun_before})]
