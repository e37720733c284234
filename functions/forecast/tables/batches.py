"""Batches of a run: stores that are trained and forecast together, with status, artifacts and report."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from functions.forecast.states import ENDED, BatchStatus
from shared.spine.db import Row, Transaction

INSERT_BATCH = """
    INSERT INTO forecast_batches (run_id, batch, chain_id, stores, status)
    VALUES (%(run)s, %(batch)s, %(chain)s, %(stores)s, %(status)s)"""
UPDATE_BATCH = """
    UPDATE forecast_batches SET status = %(status)s, model_id = %(model)s, snapshot = %(snapshot)s,
        code_version = %(code_version)s, forecast_hash = %(forecast_hash)s, report = %(report)s
    WHERE run_id = %(run)s AND batch = %(batch)s"""
SELECT_BATCHES = """
    SELECT run_id AS run, batch, stores, status, model_id AS model, snapshot, code_version, forecast_hash, report
    FROM forecast_batches WHERE run_id = %(run)s"""
SELECT_BATCH = f"{SELECT_BATCHES} AND batch = %(batch)s"
SELECT_BATCHES_OF_RUNS = """
    SELECT run_id AS run, batch, stores, status, model_id AS model, snapshot, code_version, forecast_hash, report
    FROM forecast_batches WHERE run_id IN %(runs)s ORDER BY run_id, batch"""
SELECT_NEWEST_OF_STORE = """
    SELECT p.model_id AS model, p.snapshot, p.code_version, r.origin
    FROM forecast_runs r JOIN forecast_batches p ON p.run_id = r.id
    WHERE r.chain_id = %(chain)s AND p.status = 'forecast' AND LOCATE(CAST(%(store)s AS BINARY), p.stores)
    ORDER BY r.origin DESC LIMIT 1"""


@dataclass(frozen=True)
class BatchReport:
    """The report of a run on one batch, stored as JSON.

    `full_training` is whether the trees are new. `challenged` is whether new trees were compared with the champion's.
    `expected_wape` is the error of the model set on past days.
    `imputed` has the rule of each column with assumed values. `shocks` are days, as ISO dates, on which the chain was
    unusual without a known cause. `silent` has the days without data of each silent store. `code`, `detail` and
    `faults` say why there is none.
    """

    full_training: bool = False
    challenged: bool = False
    expected_wape: float | None = None
    corrections: int = 0
    imputed: dict[str, str] = field(default_factory=dict)
    shocks: Sequence[str] = ()
    silent: dict[str, int] = field(default_factory=dict)
    code: str = ""
    detail: str = ""
    faults: Sequence[dict[str, Any]] = ()

    def json(self) -> str:
        """The report as it is stored."""
        return json.dumps(vars(self))

    @classmethod
    def read(cls, text: str | None) -> "BatchReport":
        """A report of any release: fields that this release does not have are left out."""
        document = json.loads(text or "{}")
        return cls(**{name.name: document[name.name] for name in fields(cls) if name.name in document})


@dataclass(frozen=True)
class ForecastSource:
    """The inputs of a stored forecast: model set, snapshot and code version."""

    model: str
    snapshot: str
    code_version: str
    origin: date


@dataclass(frozen=True)
class Batch:
    """One batch of a run; `stores` are ids within the chain, `forecast_hash` the SHA-256 of its forecast."""

    run: str
    batch: int
    stores: tuple[str, ...]
    status: BatchStatus
    model: str | None
    snapshot: str | None
    code_version: str | None
    forecast_hash: str | None
    report: BatchReport

    @property
    def awaits_training(self) -> bool:
        """Whether it is to be trained: queued, or failed before training. A dead letter may bring the latter back."""
        return self.status is BatchStatus.QUEUED or (self.status is BatchStatus.FAILED and self.model is None)

    @property
    def is_forecast(self) -> bool:
        return self.status is BatchStatus.FORECAST

    @property
    def has_failed(self) -> bool:
        return self.status is BatchStatus.FAILED

    @property
    def has_no_forecast(self) -> bool:
        """Whether it has ended without one."""
        return self.status in ENDED and not self.is_forecast

    def source_at(self, origin: date) -> ForecastSource | None:
        """The inputs of the forecast, if the batch is trained; `origin` is the one of its run."""
        if self.model is None or self.snapshot is None or self.code_version is None:
            return None
        return ForecastSource(self.model, self.snapshot, self.code_version, origin)


def insert_batches(transaction: Transaction, run_id: str, chain: str, batches: Sequence[Sequence[str]]) -> None:
    """Insert a queued batch for each list of stores, numbered from 0."""
    shared = {"run": run_id, "chain": chain, "status": BatchStatus.QUEUED.value}
    rows = [shared | {"batch": batch, "stores": json.dumps(list(stores))} for batch, stores in enumerate(batches)]
    transaction.execute_many(INSERT_BATCH, rows)


def update_batch(transaction: Transaction, batch: Batch) -> None:
    """Write every column that changes; the run is locked."""
    values = vars(batch) | {"status": batch.status.value, "report": batch.report.json()}
    del values["stores"]
    transaction.execute(UPDATE_BATCH, values)


def read_batch(transaction: Transaction, run_id: str, batch: int) -> Batch | None:
    """One batch of a run."""
    row = transaction.row(SELECT_BATCH, {"run": run_id, "batch": batch})
    return batch_of(row) if row else None


def read_batches(transaction: Transaction, run_id: str) -> list[Batch]:
    """All batches of a run."""
    return [batch_of(row) for row in transaction.rows(SELECT_BATCHES, {"run": run_id})]


def read_batches_of_runs(transaction: Transaction, run_ids: Sequence[str]) -> list[Batch]:
    """All batches of these runs, in order."""
    if not run_ids:
        return []
    return [batch_of(row) for row in transaction.rows(SELECT_BATCHES_OF_RUNS, {"runs": tuple(run_ids)})]


def read_newest_source(transaction: Transaction, chain: str, store: str) -> ForecastSource | None:
    """The source of the newest forecast of a store."""
    row = transaction.row(SELECT_NEWEST_OF_STORE, {"chain": chain, "store": json.dumps(store)})
    return ForecastSource(**row) if row else None


def batch_of(row: Row) -> Batch:
    """The batch of a row with the columns of `SELECT_BATCHES`."""
    stores = tuple(json.loads(row["stores"]))
    return Batch(
        **(row | {"stores": stores, "status": BatchStatus(row["status"]), "report": BatchReport.read(row["report"])})
    )
