"""forecast.trained → the batch has forecasts of the next 30 days, with drivers; the last batch ends the run"""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from functions.forecast.engine import predict
from functions.forecast.engine.models.model_set import Prediction
from functions.forecast.pipeline import artifacts, run_lifecycle, stored_forecast
from functions.forecast.tables.batches import read_batch, update_batch
from functions.forecast.tables.forecasts import Forecast, upsert_forecasts
from functions.forecast.tables.runs import lock_run
from functions.forecast.tables.totals import EVERY_STORE, Total, upsert_totals
from shared.contracts.messages import Message
from shared.contracts.messages.forecast import ForecastTrained, ForecastTrainingDue
from shared.spine import entry
from shared.spine.env import Environment

ROWS_PER_COMMIT = 2_000
LONGEST_REASONS = 250


def forecast_batch(message: Message[ForecastTrained], env: Environment) -> None:
    """Forecast the batch; the same message again makes the same forecast."""
    trained = message.data
    with env.db.transaction() as transaction:
        batch = read_batch(transaction, trained.run, trained.batch)
    source = batch and not batch.is_forecast and batch.source_at(trained.origin)
    if not source:
        return
    if source.code_version != artifacts.code_version():
        _train_again(env, trained)
        return
    prediction = stored_forecast.predict_again(env, trained.chain, source)
    _keep_rows(env, trained.chain, source.model, prediction.rows)
    with env.db.transaction() as transaction:
        upsert_totals(transaction, trained.chain, trained.origin, trained.batch, totals_of(prediction.totals))
    _keep_batch(env, trained, prediction)


def _train_again(env: Environment, trained: ForecastTrained) -> None:
    """A release changed the engine after the training: this code version cannot run the model set."""
    with env.outbox.work("forecast") as work:
        if lock_run(work, trained.run) is None:
            return
        batch = read_batch(work, trained.run, trained.batch)
        if batch is None or batch.is_forecast:
            return
        update_batch(work, run_lifecycle.queued_again(batch))
        due = ForecastTrainingDue(run=trained.run, chain=trained.chain, origin=trained.origin, batch=trained.batch)
        run_lifecycle.announce(work, due)


def _keep_rows(env: Environment, chain: str, model: str, rows: pd.DataFrame) -> None:
    forecasts = [*forecasts_of(model, rows)]
    for start in range(0, len(forecasts), ROWS_PER_COMMIT):
        with env.db.transaction() as transaction:
            upsert_forecasts(transaction, chain, forecasts[start : start + ROWS_PER_COMMIT])


def _keep_batch(env: Environment, trained: ForecastTrained, prediction: Prediction) -> None:
    with env.outbox.work("forecast") as work:
        run = lock_run(work, trained.run)
        batch = read_batch(work, trained.run, trained.batch)
        if run is None or batch is None or batch.is_forecast:
            return
        report = replace(
            batch.report,
            imputed=prediction.imputed,
            shocks=[day.isoformat() for day in prediction.shocks],
            silent=prediction.silent,
        )
        batch = replace(batch, report=report, forecast_hash=predict.forecast_hash(prediction))
        update_batch(work, run_lifecycle.forecast(batch))
        run_lifecycle.end_run_if_done(work, run, env.clock())


def forecasts_of(model: str, rows: pd.DataFrame) -> Iterator[Forecast]:
    """Rows for the table, with amounts in whole minor units. Raises `ValueError` for an amount that is not finite."""
    amounts = rows[[*predict.AMOUNTS]].round().astype(int)
    factors = rows[[*predict.FACTORS]].round(4)
    factors = factors.assign(baseline=factors["baseline"].round().astype(int))
    columns = rows[["store_id", "date", "origin", "lead_model", "reasons"]].to_dict("records")
    for row, amount, drivers in zip(columns, amounts.to_dict("records"), factors.to_dict("records"), strict=True):
        yield Forecast(
            store=row["store_id"],
            day=row["date"],
            origin=row["origin"],
            model=model,
            mean=amount["mean"],
            p10=amount["p10"],
            p50=amount["p50"],
            p90=amount["p90"],
            lead_model=row["lead_model"],
            reasons=row["reasons"][:LONGEST_REASONS],
            drivers={str(name): value for name, value in drivers.items()},
        )


def totals_of(totals: pd.DataFrame) -> Iterator[Total]:
    """Rows for the table, with amounts in whole minor units; the total of all stores has their number."""
    stores = totals["store_id"].nunique() - 1
    amounts = totals[[*predict.AMOUNTS]].round().astype(int)
    columns = totals[["store_id", "days"]].to_dict("records")
    for row, amount in zip(columns, amounts.to_dict("records"), strict=True):
        counted = stores if row["store_id"] == EVERY_STORE else 1
        yield Total(
            store=row["store_id"],
            days=row["days"],
            stores=counted,
            mean=amount["mean"],
            p10=amount["p10"],
            p50=amount["p50"],
            p90=amount["p90"],
        )


handler = entry.queue(ForecastTrained, forecast_batch)
