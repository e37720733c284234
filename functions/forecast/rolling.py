"""The next thirty days of every store, with what drives them, from a model set and a snapshot alone."""

import hashlib
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from functions.forecast.ensemble import ModelSet
from functions.forecast.explain import DRIVERS, explain
from functions.forecast.gathering import HORIZON, Snapshot

QUANTILES = ("mean", "p10", "p50", "p90")
Flags = NDArray[np.bool_]


def roll(models: ModelSet, snapshot: Snapshot, origin: date) -> pd.DataFrame:
    """A row a store and day: what `ModelSet.forecast` and `explain` say, and what people told of opening on top."""
    history, calendar = snapshot.history, snapshot.calendar
    rows = models.forecast(history, calendar, origin, HORIZON)
    reasons = explain(models, history, calendar, origin, HORIZON)
    places = {store: at for at, store in enumerate(history.stores)}
    told = snapshot.told[rows["store_id"].map(places), rows["horizon"] - 1]
    rows = _opened(rows, models, snapshot, origin, told == 1)
    rows.loc[told == 0, list(QUANTILES)] = 0
    rows = pd.concat([rows, reasons[["usual", *DRIVERS, "rest", "words"]]], axis=1)
    rows.loc[rows["mean"] == 0, "words"] = "closed, as it usually is"
    rows.loc[told == 0, "words"] = "closed, as was entered"
    return rows


def _opened(rows: pd.DataFrame, models: ModelSet, snapshot: Snapshot, origin: date, opened: Flags) -> pd.DataFrame:
    """Days that people said are open though they usually are not."""
    if not (opened & (rows["mean"] == 0)).any():
        return rows
    panel, table = models.table(snapshot.history, snapshot.calendar, origin, HORIZON)
    centre = models.centre(panel, table)
    around = models.intervals.around(centre, table.matrix(), table.rows.horizon)
    for name, values in zip(QUANTILES, (np.exp(centre), *around), strict=True):
        rows[name] = np.where(opened, values, rows[name])
    return rows


def digest(rows: pd.DataFrame) -> str:
    """Names a forecast bit for bit."""
    found = hashlib.sha256("\n".join(rows["store_id"] + rows["words"]).encode())
    numbers = rows[[*QUANTILES, "usual", *DRIVERS, "rest"]].to_numpy(np.float64)
    found.update(np.ascontiguousarray(numbers).tobytes())
    return found.hexdigest()
