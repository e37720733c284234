"""GET and POST /v1/forecasts/weather, DELETE /v1/forecasts/weather/{column}."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from pydantic import StringConstraints

from functions.forecast.pipeline.input_range import forecast_days
from functions.forecast.resources.scope import (
    READ,
    WRITE,
    ChainQuery,
    StoreDaysQuery,
    days_asked,
    require_chain,
    require_store,
)
from functions.forecast.resources.uploads import FileIn, read_file
from functions.forecast.tables.stores import read_stores
from functions.forecast.tables.weather import (
    EVERY_STORE,
    WeatherValue,
    delete_weather,
    read_weather,
    read_weather_names,
    upsert_weather,
)
from shared.contracts.models import Output, Query
from shared.spine.db import Transaction
from shared.spine.errors import NotFound
from shared.spine.http import Call, Reply


class WeatherIn(FileIn):
    """Columns store_id (`*` for every store), date, and up to six columns whose names begin with `weather`.

    Days can be past or future. An empty number removes an earlier value.
    """


class WeatherPath(Query):
    """A column of weather."""

    column: Annotated[str, StringConstraints(pattern="^weather[a-z0-9_]{0,33}$")]


class WeatherImport(Output):
    """The columns of the file, and the number of days that it has over all stores.

    `notes` tell how the file was read, if it has other forms of numbers, dates or text than usual.
    """

    columns: list[str]
    days: int
    notes: list[str] = []


class WeatherColumns(Output):
    """The columns that the chain has."""

    columns: list[str]


class WeatherDay(Output):
    """The values of the store; the values of the chain where the store has none."""

    day: date
    weather: dict[str, float]


class WeatherPage(Output):
    """The days of a store, and all columns of the chain."""

    store: str
    columns: list[str]
    days: list[WeatherDay]


def get_forecast_weather(call: Call, query: StoreDaysQuery) -> Reply:
    """The weather of a store by day, as the forecast uses it; without `to`, up to the last forecast day."""
    with call.env.db.transaction() as transaction:
        require_store(call, transaction, READ, query.chain, query.store)
        first_day, newest_day = days_asked(transaction, query, call.env.clock().date())
        last_day = query.to or forecast_days(newest_day)[1]
        names = read_weather_names(transaction, query.chain)
        stores = (EVERY_STORE, query.store)
        values = read_weather(transaction, query.chain, names, stores, (first_day, last_day))
    by_day: dict[date, dict[str, float]] = {}
    for value in values:
        if value.value is not None:
            by_day.setdefault(value.day, {})[value.name] = value.value
    days = [WeatherDay(day=day, weather=weather) for day, weather in sorted(by_day.items())]
    return Reply(WeatherPage(store=query.store, columns=names, days=days))


def import_forecast_weather(call: Call, body: WeatherIn) -> Reply:
    """Import a file of weather by store and day, all of it or nothing. It replaces earlier values.

    A file has at most 250,000 numbers, and a chain at most six columns.
    """
    from functions.forecast.files import contents  # noqa: PLC0415 - takes half a second to load

    require_chain(call, WRITE, body.chain)
    weather = contents.weather(read_file(call, body))
    with call.once() as (work, stored):
        _require_stores(work, body.chain, (store for store, *_ in weather.rows))
        contents.require_few([*{*read_weather_names(work, body.chain), *weather.columns}])
        rows = (
            (store, WeatherValue(name, day, value))
            for store, day, values in weather.rows
            for name, value in zip(weather.columns, values, strict=True)
        )
        upsert_weather(work, body.chain, rows)
        reply = WeatherImport(columns=list(weather.columns), days=len(weather.rows), notes=list(weather.notes))
        stored.status, stored.reply = 201, reply.model_dump_json()
    return Reply(stored.reply, stored.status)


def delete_weather_column(call: Call, path: WeatherPath, query: ChainQuery) -> Reply:
    """Delete a column of weather with all its days."""
    require_chain(call, WRITE, query.chain)
    with call.once() as (work, stored):
        if not delete_weather(work, query.chain, path.column):
            raise NotFound("unknown_weather", "the chain has no such column")
        stored.reply = WeatherColumns(columns=read_weather_names(work, query.chain)).model_dump_json()
    return Reply(stored.reply)


def _require_stores(transaction: Transaction, chain: str, store_ids: Iterable[str]) -> None:
    """Raises `NotFound` for a chain without stores, and for a store that the chain does not have."""
    stores = {store.store for store in read_stores(transaction, chain)}
    if not stores:
        raise NotFound("unknown_chain", f"there is no chain {chain} with stores")
    unknown = sorted({*store_ids} - stores - {EVERY_STORE})
    if unknown:
        raise NotFound("unknown_store", f"the chain has no store {unknown[0]}")
