"""All that the training of a batch reads about its chain, before the history."""

from dataclasses import dataclass
from datetime import date

from functions.forecast.tables.batches import Batch, read_batch
from functions.forecast.tables.models import StoredModel, read_live_model
from functions.forecast.tables.runs import read_newest_origin
from functions.forecast.tables.settings import ChainSettings, read_settings
from shared.spine.db import Transaction

SELECT_LATEST_DRIFT = "SELECT MAX(origin) AS origin FROM forecast_runs WHERE chain_id = %(chain)s AND drifted = 1"


@dataclass(frozen=True)
class TrainingJob:
    """`champion` is the live model set, `newest_origin` the one of the newest run, `drifted_at` the last drift."""

    batch: Batch
    settings: ChainSettings
    champion: StoredModel | None
    newest_origin: date | None
    drifted_at: date | None


def read_training_job(transaction: Transaction, chain: str, run_id: str, batch: int) -> TrainingJob | None:
    """The job, or None if the run has no such batch or the chain no stores."""
    stored = read_batch(transaction, run_id, batch)
    settings = read_settings(transaction, chain)
    if stored is None or settings is None:
        return None
    return TrainingJob(
        stored,
        settings,
        read_live_model(transaction, chain, batch),
        read_newest_origin(transaction, chain),
        read_latest_drift(transaction, chain),
    )


def read_latest_drift(transaction: Transaction, chain: str) -> date | None:
    """The newest origin at which a drift was seen."""
    row = transaction.row(SELECT_LATEST_DRIFT, {"chain": chain})
    return row["origin"] if row else None
