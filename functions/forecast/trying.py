"""What runs the model sets over HTTP: what-if, and a past forecast made again. Loaded where it is asked for."""

from datetime import date, timedelta
from typing import Any

import numpy as np

from functions.forecast import nightly_forecast, store
from functions.forecast.documents import Again, PartAgain, WhatIf, WhatIfDay, WhatIfIn
from functions.forecast.engine import predict
from functions.forecast.engine.data.snapshot import PlannedDays
from functions.forecast.engine.settings import HORIZON
from functions.forecast.pipeline import artifacts
from shared.spine.db import Row
from shared.spine.env import Environment
from shared.spine.errors import NotFound, Rejected


def what_if(env: Environment, body: WhatIfIn) -> WhatIf:
    """The newest forecast's days of a store as they are kept, and made with one plan more."""
    part = _part_of(env, body.chain, body.store)
    origin = part["last_day"]
    _require_ahead(body, origin)
    with env.db.transaction() as transaction:
        model = store.model(transaction, part["model_id"])
        before = store.forecasts(transaction, body.chain, origin, body.store)
    if model is None:
        raise NotFound("unknown_model", "the forecast's model set is gone")
    models = artifacts.read_set(env, model["object_key"])
    snapshot = artifacts.read_snapshot(env, body.chain, part["snapshot"])
    if body.store not in snapshot.history.stores or not before:
        raise NotFound("no_forecast", "the store has no forecast yet")
    plan = PlannedDays(body.kind, body.store, body.first_day, body.last_day)
    after = predict.roll(models, snapshot.with_plan(plan), origin, body.store).to_dict("records")
    days = [_day(old, new) for old, new in zip(before, after, strict=True)]
    return WhatIf(store=body.store, origin=origin, days=days)


def _require_ahead(body: WhatIfIn, origin: date) -> None:
    first, last = origin + timedelta(days=1), origin + timedelta(days=HORIZON)
    if body.last_day < body.first_day:
        raise Rejected("days_reversed", "last_day is before first_day")
    if body.last_day < first or body.first_day > last:
        raise Rejected("days_outside", f"the store's newest forecast is of {first} to {last}")


def again(env: Environment, chain: str, run: Row, of: int | None) -> Again:
    """Each part's forecast made once more, or that of one."""
    with env.db.transaction() as transaction:
        parts = [part for part in store.parts(transaction, run["id"]) if part["status"] == "forecast"]
    parts = [part for part in parts if of in (None, part["part"])]
    if not parts:
        raise NotFound("no_forecast", "nothing of that run has been forecast")
    made = [
        PartAgain(
            part=part["part"],
            kept=part["forecast_hash"],
            now=nightly_forecast.again(env, chain, part, run["last_day"]),
        )
        for part in parts
    ]
    return Again(run=run["id"], same=all(each.kept == each.now for each in made), parts=made)


def _part_of(env: Environment, chain: str, of: str) -> Row:
    with env.db.transaction() as transaction:
        found = store.newest_part(transaction, chain, of)
    if found is None:
        raise NotFound("no_forecast", "the store has no forecast yet")
    if found["code_version"] != artifacts.code_version():
        raise Rejected("other_code", "the newest forecast was made by other code; after the next night it can be tried")
    return found


def _day(old: Row, new: dict[Any, Any]) -> WhatIfDay:
    mean, low, high = (int(np.rint(new[name])) for name in ("mean", "p10", "p90"))
    return WhatIfDay(day=old["day"], mean=old["mean"], mean_if=mean, p10_if=low, p90_if=high, words=new["words"])
