"""The next thirty days of every store, with what drives them, from a model set and a snapshot alone."""

import hashlib
from datetime import date

import numpy as np
import pandas as pd

from functions.forecast.engine.data.snapshot import CLOSED_BY_HOURS, Snapshot
from functions.forecast.engine.explain import DRIVERS, explain
from functions.forecast.engine.models.model_set import ModelSet, Prediction
from functions.forecast.engine.settings import HORIZON

QUANTILES = ("mean", "p10", "p50", "p90")


def predict(models: ModelSet, snapshot: Snapshot, origin: date, store: str | None = None) -> Prediction:
    """A row for each store and day, of one `store` or of all: forecast and drivers. Overrides win over the models."""
    history = snapshot.history
    panel, table = models.table(history, snapshot.calendar, origin, HORIZON, store)
    told = snapshot.told[table.rows.store, table.rows.horizon - 1]
    centre, opened = models.centre(panel, table), models.opened(panel, table)
    rows = models.said(panel, table, centre, (opened | (told == 1)) & ~(told <= 0))
    reasons = explain(models, panel, table, centre)
    rows = pd.concat([rows, reasons[["usual", *DRIVERS, "rest", "words"]]], axis=1)
    rows.loc[rows["mean"] == 0, "words"] = "closed, as it usually is"
    rows.loc[told == 0, "words"] = "closed, as was entered"
    rows.loc[told == CLOSED_BY_HOURS, "words"] = "closed, by its opening hours"
    return Prediction(rows, panel.filled)


def forecast_hash(rows: pd.DataFrame) -> str:
    """SHA-256 of the forecast: equal only if every bit of it is."""
    found = hashlib.sha256("\n".join(rows["store_id"] + rows["words"]).encode())
    numbers = rows[[*QUANTILES, "usual", *DRIVERS, "rest"]].to_numpy(np.float64)
    found.update(np.ascontiguousarray(numbers).tobytes())
    return found.hexdigest()
