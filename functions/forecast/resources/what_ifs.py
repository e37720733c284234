"""POST /v1/forecasts/what-ifs."""

from datetime import date
from typing import Any

from functions.forecast.pipeline.input_range import forecast_days
from functions.forecast.resources.plans import Kind, PlanNote
from functions.forecast.resources.scope import READ, DayIn, require_order, require_store
from functions.forecast.tables.batches import ForecastSource, read_newest_source
from functions.forecast.tables.forecasts import Forecast, read_forecasts
from functions.forecast.tables.plans import Plan
from shared.contracts.models import Input, Output
from shared.contracts.text import Id
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.errors import NotFound, Rejected
from shared.spine.http import Call, Reply


class WhatIfIn(Input):
    """One more plan for the newest forecast of a store. It is not stored.

    `note` is the name of an event. An event is compared with the one of the same name one year before.
    """

    chain: Id
    store: Id
    kind: Kind
    first_day: DayIn
    last_day: DayIn
    note: PlanNote = ""


class WhatIfDay(Output):
    """The expected revenue of a day without the plan, and with it (`…_if`)."""

    day: date
    mean: int
    mean_if: int
    p10_if: int
    p90_if: int
    reasons: str


class WhatIf(Output):
    """The newest forecast of a store, and the same forecast with the plan."""

    store: str
    origin: date
    days: list[WhatIfDay]


def try_what_if(call: Call, body: WhatIfIn) -> Reply:
    """Show what one more plan would change in the newest forecast of a store."""
    with call.env.db.transaction() as transaction:
        require_store(call, transaction, READ, body.chain, body.store)
    return Reply(answer(call.env, body))


def answer(env: Environment, body: WhatIfIn) -> WhatIf:
    """The days with and without the plan. Raises `NotFound` for a store without a forecast."""
    with env.db.transaction() as transaction:
        source, forecasts = _read(transaction, body)
    _require_days(body, source.origin)
    from functions.forecast.pipeline import stored_forecast  # noqa: PLC0415 - loads LightGBM

    plan = Plan(id="", **body.model_dump(exclude={"chain"}))
    rows = stored_forecast.predict_with_plan(env, body.chain, source, body.store, plan)
    days = [_day(forecast, row) for forecast, row in zip(forecasts, rows, strict=True)]
    return WhatIf(store=body.store, origin=source.origin, days=days)


def _read(transaction: Transaction, body: WhatIfIn) -> tuple[ForecastSource, list[Forecast]]:
    source = read_newest_source(transaction, body.chain, body.store)
    forecasts = source and read_forecasts(transaction, body.chain, source.origin, body.store)
    if not source or not forecasts:
        raise NotFound("no_forecast", "the store has no forecast yet")
    return source, forecasts


def _require_days(body: WhatIfIn, origin: date) -> None:
    require_order(body.first_day, body.last_day)
    first_day, last_day = forecast_days(origin)
    if body.last_day < first_day or body.first_day > last_day:
        raise Rejected("days_outside", f"the newest forecast of the store covers {first_day} to {last_day}")


def _day(forecast: Forecast, row: dict[Any, Any]) -> WhatIfDay:
    mean, p10, p90 = (round(row[name]) for name in ("mean", "p10", "p90"))
    return WhatIfDay(day=forecast.day, mean=forecast.mean, mean_if=mean, p10_if=p10, p90_if=p90, reasons=row["reasons"])
