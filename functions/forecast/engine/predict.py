"""The next thirty days of every store with drivers and reasons, from a model set and a snapshot alone."""

import hashlib
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from functions.forecast.engine.data.snapshot import CLOSED_BY_HOURS, Snapshot
from functions.forecast.engine.explain import DRIVERS, explain
from functions.forecast.engine.models.model_set import ModelSet, Prediction
from functions.forecast.engine.settings import HORIZON

AMOUNTS = ("mean", "p10", "p50", "p90")
FACTORS = ("baseline", *DRIVERS, "remainder")


def predict(models: ModelSet, snapshot: Snapshot, origin: date, store: str | None = None) -> Prediction:
    """A row for each store and day, of one `store` or of all: forecast and drivers. Overrides win over the models."""
    panel, table = models.table(snapshot.history, snapshot.covariates, origin, HORIZON, store)
    override = snapshot.overrides[table.rows.store, table.rows.horizon - 1]
    base = models.base_predictions(panel, table)
    open_probability = np.where(np.isnan(override), models.open_probability(panel, table), override > 0).astype(
        np.float32
    )
    prediction = models.prediction(panel, table, base, open_probability)
    explanation = explain(models, panel, table, models.ensemble(base))
    rows = pd.concat([prediction.rows, explanation[[*FACTORS, "reasons"]]], axis=1)
    rows.loc[rows["mean"] == 0, "reasons"] = "closed, as it usually is"
    rows.loc[override == 0, "reasons"] = "closed, as was entered"
    rows.loc[override == CLOSED_BY_HOURS, "reasons"] = "closed, by its opening hours"
    return replace(prediction, rows=rows)


def forecast_hash(prediction: Prediction) -> str:
    """SHA-256 of the forecast with its totals: equal only if every bit of it is."""
    rows, totals = prediction.rows, prediction.totals
    digest = hashlib.sha256("\n".join(rows["store_id"] + rows["reasons"]).encode())
    digest.update(np.ascontiguousarray(rows[[*AMOUNTS, *FACTORS]].to_numpy(np.float64)).tobytes())
    digest.update("\n".join(totals["store_id"]).encode())
    digest.update(np.ascontiguousarray(totals[["days", *AMOUNTS]].to_numpy(np.float64)).tobytes())
    return digest.hexdigest()
