"""forecast.trained → the next 30 days of the part's stores, with drivers; after the last part forecast.ready"""

import json
from datetime import date

import pandas as pd

from functions.forecast import ending, store
from functions.forecast.engine import predict
from functions.forecast.engine.explain import DRIVERS
from functions.forecast.pipeline import artifacts
from shared.contracts.messages import Message
from shared.contracts.messages.forecast import ForecastTrained, ForecastTrainingDue
from shared.spine import entry
from shared.spine.db import Row
from shared.spine.env import Environment
from shared.spine.errors import Conflict, NotFound

ROWS_AT_ONCE = 2_000


def take(message: Message[ForecastTrained], env: Environment) -> None:
    """The same again is the same forecast."""
    done = message.data
    with env.db.transaction() as transaction:
        part = store.part(transaction, done.run, done.part)
    if part is None or part["status"] == "forecast":
        return
    if part["code_version"] != artifacts.code_version():
        _train_again(env, done)
        return
    rows = _roll(env, done.chain, part, done.last_day)
    _keep(env, done.chain, part["model_id"], rows)
    report = json.dumps(json.loads(part["report"]) | rows.attrs)
    with env.outbox.work("forecast") as work:
        store.run(work, done.run)
        store.set_forecast(work, done.run, done.part, predict.digest(rows), report)
        ending.end_run(work, done.run, done.chain, done.last_day, env)


def _train_again(env: Environment, done: ForecastTrained) -> None:
    """A set that other code made, before a deployment in between, says nothing to this one."""
    with env.outbox.work("forecast") as work:
        run = store.run(work, done.run)
        if run is None:
            return
        store.queue_again(work, done.run, done.part)
        due = ForecastTrainingDue(run=done.run, chain=done.chain, last_day=done.last_day, part=done.part)
        work.announce(due, subject=f"forecast/{done.run}", sequence=store.next_sequence(work, run))


def again(env: Environment, chain: str, part: Row, last_day: date) -> str:
    """The digest of a past forecast that is made once more. Raises `Conflict` where other code made it."""
    if part["code_version"] != artifacts.code_version():
        raise Conflict("other_code", f"the forecast was made by code {part['code_version'][:12]}: deploy that")
    return predict.digest(_roll(env, chain, part, last_day))


def _roll(env: Environment, chain: str, part: Row, last_day: date) -> pd.DataFrame:
    with env.db.transaction() as transaction:
        model = store.model(transaction, part["model_id"])
    if model is None:
        raise NotFound("unknown_model", "the part's model set is gone")
    snapshot = artifacts.read_snapshot(env, chain, part["snapshot"])
    return predict.roll(artifacts.read_set(env, model["object_key"]), snapshot, last_day)


def _keep(env: Environment, chain: str, model: str, rows: pd.DataFrame) -> None:
    amounts = rows[[*predict.QUANTILES]].round().astype(int)  # raises for what is not finite
    factors = rows[["usual", *DRIVERS, "rest"]].round(4)
    factors = factors.assign(usual=factors["usual"].round().astype(int))
    kept = [
        (store_id, day, origin, chain, model, *amount, champion, words[:250], json.dumps(drivers))
        for store_id, day, origin, amount, champion, words, drivers in zip(
            *(rows[name] for name in ("store_id", "date", "origin")),
            amounts.itertuples(index=False),
            *(rows[name] for name in ("champion", "words")),
            factors.to_dict("records"),
            strict=True,
        )
    ]
    for start in range(0, len(kept), ROWS_AT_ONCE):
        with env.db.transaction() as transaction:
            store.keep_forecasts(transaction, kept[start : start + ROWS_AT_ONCE])


handler = entry.queue(ForecastTrained, take)
