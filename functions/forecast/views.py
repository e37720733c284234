"""Forecasts, accuracy and history over HTTP: what reads the database alone."""

import csv
import io
import json
from datetime import UTC, date, timedelta

from functions.forecast import store
from functions.forecast.documents import (
    Accuracy,
    AccuracyPage,
    ChainQuery,
    CorrectionDocument,
    CorrectionPage,
    DaysQuery,
    FilledColumn,
    ForecastDay,
    ForecastPage,
    ForecastQuery,
    HistoryDay,
    HistoryPage,
    HistoryQuery,
    ModelDocument,
    ModelPage,
    RefusedPart,
    RunDocument,
    RunPage,
    WeatherDay,
    WeatherPage,
)
from functions.forecast.engine.settings import HORIZON
from shared.spine.db import Row, Transaction
from shared.spine.errors import NotFound
from shared.spine.http import Call, Reply
from shared.spine.rights import Scope

LATEST = date(2999, 12, 31)
USUAL = timedelta(days=55)
AHEAD = timedelta(days=HORIZON)
MOST_STORES = 100
FILE = ("store", "day", "origin", "mean", "p10", "p50", "p90", "champion", "words")


def require(call: Call, transaction: Transaction, right: str, chain: str, of: str | None) -> None:
    """The right over the chain, or over one store of it. Raises `Rejected` or `NotFound`."""
    place = Scope(chain)
    if of:
        region = store.region(transaction, chain, of)
        if region is None:
            raise NotFound("unknown_store", f"the chain has no store {of}")
        place = Scope(chain, region, of)
    call.client.require(right, place)


def get_forecasts(call: Call, query: ForecastQuery) -> Reply:
    """What each store is expected to take on each of the next 30 days, and why."""
    since, origin, rows = _forecasts(call, query)
    days = [ForecastDay(**(row | {"drivers": json.loads(row["drivers"])})) for row in rows]
    return Reply(ForecastPage(chain=query.chain, since=since, origin=origin, days=days))


def export_forecasts(call: Call, query: ForecastQuery) -> Reply:
    """The same as a file."""
    *_, rows = _forecasts(call, query)
    file = io.StringIO()
    writer = csv.DictWriter(file, FILE, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    name = {"Content-Disposition": f'attachment; filename="forecast-{query.chain}.csv"'}
    return Reply(file.getvalue(), headers=name, media_type="text/csv; charset=utf-8")


def _forecasts(call: Call, query: ForecastQuery) -> tuple[date | None, date | None, list[Row]]:
    with call.env.db.transaction() as transaction:
        require(call, transaction, "forecast:read", query.chain, query.store)
        since = store.first_day(transaction, query.chain)
        if query.origin:
            return since, query.origin, store.forecasts(transaction, query.chain, query.origin, query.store)
        newest = store.newest_origin(transaction, query.chain, LATEST)
        if newest is None:
            return since, None, []
        return since, newest, store.newest_forecasts(transaction, query.chain, newest, query.store)


def get_forecast_history(call: Call, query: HistoryQuery) -> Reply:
    """A store's revenue by day as forecasts see it."""
    with call.env.db.transaction() as transaction:
        require(call, transaction, "forecast:read", query.chain, query.store)
        first, last = _stretch(transaction, query, call.env.clock().date())
        rows = store.history(transaction, query.chain, query.store, first, last)
    days: dict[date, HistoryDay] = {}
    for row in rows:
        days.setdefault(row["day"], HistoryDay(**row))
    return Reply(HistoryPage(store=query.store, days=list(days.values())))


def get_forecast_weather(call: Call, query: HistoryQuery) -> Reply:
    """A store's weather by day as forecasts see it; without `to` as far as they reach."""
    with call.env.db.transaction() as transaction:
        require(call, transaction, "forecast:read", query.chain, query.store)
        first, last = _stretch(transaction, query, call.env.clock().date())
        names = store.weather_names(transaction, query.chain)
        last = query.to or last + AHEAD
        rows = store.weather(transaction, query.chain, names, (store.EVERY_STORE, query.store), first, last)
    days: dict[date, dict[str, float]] = {}
    for row in rows:
        days.setdefault(row["day"], {})[row["name"]] = row["value"]
    found = [WeatherDay(day=day, weather=weather) for day, weather in sorted(days.items())]
    return Reply(WeatherPage(store=query.store, columns=names, days=found))


def get_forecast_corrections(call: Call, query: ChainQuery) -> Reply:
    """What was mended in the history, with reasons."""
    call.client.require("forecast:read", Scope(query.chain))
    with call.env.db.transaction() as transaction:
        rows = store.corrections(transaction, query.chain)
    return Reply(CorrectionPage(corrections=[CorrectionDocument(**row) for row in rows]))


def get_forecast_accuracy(call: Call, query: DaysQuery) -> Reply:
    """How right the forecasts of these days were."""
    call.client.require("forecast:read", Scope(query.chain))
    with call.env.db.transaction() as transaction:
        first, last = _stretch(transaction, query, call.env.clock().date())
        by_store, by_horizon, by_model = (
            [_accuracy(row) for row in store.accuracy(transaction, by, query.chain, first, last)]
            for by in (store.BY_STORE, store.BY_HORIZON, store.BY_MODEL)
        )
    page = AccuracyPage(chain=query.chain, since=first, to=last, stores=by_store, horizons=by_horizon, models=by_model)
    return Reply(page)


def list_forecast_runs(call: Call, query: ChainQuery) -> Reply:
    """The nights."""
    call.client.require("forecast:read", Scope(query.chain))
    with call.env.db.transaction() as transaction:
        rows = store.runs(transaction, query.chain)
        reports = store.reports(transaction, [row["id"] for row in rows])
    return Reply(RunPage(runs=[_run(row, [each for each in reports if each["run"] == row["id"]]) for row in rows]))


def list_forecast_models(call: Call, query: ChainQuery) -> Reply:
    """The model sets, with what they were trained on and how they did."""
    call.client.require("forecast:read", Scope(query.chain))
    with call.env.db.transaction() as transaction:
        rows = store.models(transaction, query.chain)
    return Reply(ModelPage(models=[_model(row) for row in rows]))


def _stretch(transaction: Transaction, query: DaysQuery, today: date) -> tuple[date, date]:
    last = query.to or store.newest_day(transaction, query.chain) or today
    return query.since or last - USUAL, last


def _accuracy(row: Row) -> Accuracy:
    missed, inside = float(row["miss"] / row["revenue"]), float(row["inside"] / row["days"])
    return Accuracy(name=str(row["name"]), days=row["days"], accuracy=round(1 - missed, 4), inside=round(inside, 4))


def _run(row: Row, parts: list[Row]) -> RunDocument:
    times = {name: row[name] and row[name].replace(tzinfo=UTC) for name in ("begun_at", "ended_at")}
    refused: list[RefusedPart] = []
    filled: list[FilledColumn] = []
    for each in parts:
        report = json.loads(each["report"])
        if each["status"] == "forecast":
            said = report.get("filled", {}).items()  # not there in runs of before
            filled += [FilledColumn(part=each["part"], column=column, rule=rule) for column, rule in said]
        else:
            about = {"part": each["part"], "stores": json.loads(each["stores"])[:MOST_STORES]}
            refused.append(RefusedPart(code=report["code"], detail=report["detail"], **about))
    return RunDocument(**(row | times), refused=refused, filled=filled)


def _model(row: Row) -> ModelDocument:
    return ModelDocument(**(row | {name: json.loads(row[name]) for name in ("parameters", "scores")}))
