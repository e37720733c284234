"""What people enter and take back over HTTP: plans, settings, a column of weather, a run out of turn."""

from datetime import date
from zoneinfo import ZoneInfo

from functions.forecast import chain_settings, nightly_training, store
from functions.forecast.documents import (
    ChainQuery,
    DaysQuery,
    ForecastSettings,
    ForecastSettingsIn,
    PlanDocument,
    PlanIn,
    PlanPage,
    PlanPath,
    RunBegun,
    RunIn,
    WeatherColumns,
    WeatherPath,
)
from functions.forecast.views import LATEST, require
from shared.contracts.ids import new_id
from shared.spine.db import Transaction
from shared.spine.errors import Conflict, NotFound, Rejected
from shared.spine.http import Call, Reply
from shared.spine.rights import Scope

EARLIEST = date(1990, 1, 1)


def get_forecast_settings(call: Call, query: ChainQuery) -> Reply:
    """A chain's settings."""
    call.client.require("forecast:read", Scope(query.chain))
    with call.env.db.transaction() as transaction:
        return Reply(_settings(transaction, query.chain))


def put_forecast_settings(call: Call, query: ChainQuery, body: ForecastSettingsIn) -> Reply:
    """Replace them."""
    call.client.require("forecast:write", Scope(query.chain))
    if body.country:
        from functions.forecast.engine.holidays.holiday_calendar import require_country  # noqa: PLC0415 - half a second that few calls need

        require_country(body.country)
    with call.once() as (work, kept):
        store.keep_settings(work, query.chain, body.model_dump_json(exclude_none=True))
        kept.reply = _settings(work, query.chain).model_dump_json()
    return Reply(kept.reply)


def list_forecast_plans(call: Call, query: DaysQuery) -> Reply:
    """What was entered that touches these days."""
    call.client.require("forecast:read", Scope(query.chain))
    with call.env.db.transaction() as transaction:
        rows = store.plans(transaction, query.chain, query.since or EARLIEST, query.to or LATEST)
    return Reply(PlanPage(plans=[PlanDocument(**row) for row in rows]))


def enter_forecast_plan(call: Call, body: PlanIn) -> Reply:
    """A closure, opening, promotion, event or school holiday; the next night's forecast knows it."""
    _require_order(body.first_day, body.last_day)
    with call.once() as (work, kept):
        require(call, work, "forecast:write", body.chain, body.store)
        plan = PlanDocument(id=new_id(call.env.clock()), **body.model_dump(exclude={"chain"}))
        values = (plan.kind, plan.first_day, plan.last_day, plan.note)
        store.keep_plan(work, plan.id, body.chain, plan.store, values)
        kept.status, kept.reply = 201, plan.model_dump_json()
    return Reply(kept.reply, kept.status)


def drop_forecast_plan(call: Call, path: PlanPath, query: ChainQuery) -> Reply:
    """Take it back."""
    call.client.require("forecast:write", Scope(query.chain))
    with call.once() as (work, kept):
        if not store.drop_plan(work, query.chain, path.plan):
            raise NotFound("unknown_plan", "the chain has no such plan")
        kept.reply = PlanPage(plans=[]).model_dump_json()
    return Reply(kept.reply)


def drop_weather_column(call: Call, path: WeatherPath, query: ChainQuery) -> Reply:
    """Take back a column of weather, all of it."""
    call.client.require("forecast:write", Scope(query.chain))
    with call.once() as (work, kept):
        if not store.drop_weather(work, query.chain, path.column):
            raise NotFound("unknown_weather", "the chain has no such column")
        kept.reply = WeatherColumns(columns=store.weather_names(work, query.chain)).model_dump_json()
    return Reply(kept.reply)


def begin_forecast_run(call: Call, body: RunIn) -> Reply:
    """Forecast from that evening now, and not in the night."""
    call.client.require("forecast:write", Scope(body.chain))
    with call.once() as (work, kept):
        at_once = _settings(work, body.chain).stores_at_once
        stores = store.stores(work, body.chain)
        if body.last_day >= call.env.clock().astimezone(ZoneInfo(stores[0]["timezone"])).date():
            raise Rejected("day_in_future", "a forecast knows days that have ended")
        seen = store.models_have_seen(work, body.chain)
        if seen and body.last_day < seen:
            raise Conflict("evening_past", f"the chain's models have seen what came up to {seen}")
        run = nightly_training.begin(work, body.chain, stores, at_once, body.last_day, call.env.clock())
        if run is None:
            raise Conflict("run_known", f"the forecast from {body.last_day} has been made, or is being made")
        kept.status, kept.reply = 201, RunBegun(id=run, last_day=body.last_day).model_dump_json()
    return Reply(kept.reply, kept.status)


def _settings(transaction: Transaction, chain: str) -> ForecastSettings:
    stores = store.stores(transaction, chain)
    if not stores:
        raise NotFound("unknown_chain", f"there is no chain {chain} with stores")
    return ForecastSettings(chain=chain, **chain_settings.read(transaction, chain, stores[0]["timezone"]).document())


def _require_order(first: date, last: date) -> None:
    if last < first:
        raise Rejected("days_reversed", "last_day is before first_day")
