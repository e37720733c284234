"""HTTP → forecasts with reasons, their accuracy, history, plans of people, what-if, and the page that draws them"""

from pathlib import Path

from functions.forecast import changes, imports, views
from functions.forecast.documents import (
    AccuracyPage,
    Again,
    AgainQuery,
    CorrectionPage,
    ForecastPage,
    ForecastSettings,
    HistoryPage,
    ImportDocument,
    ModelPage,
    PlanDocument,
    PlanPage,
    RunBegun,
    RunPage,
    RunPath,
    UploadDocument,
    WeatherColumns,
    WeatherPage,
    WeatherTaken,
    WhatIf,
    WhatIfIn,
)
from functions.forecast.store import run as read_run
from shared.spine import entry
from shared.spine.env import Environment
from shared.spine.errors import NotFound
from shared.spine.http import Api, Call, Operation, Reply, page
from shared.spine.rights import Scope

PAGE = Path(__file__).parents[2] / "web" / "forecast.html"
READING = (401, 403, 404, 422, 429, 500, 503)
CHANGING = (*READING, 400, 409, 413, 415)


def try_what_if(call: Call, body: WhatIfIn) -> Reply:
    """What one promotion, closure, opening or event would change in a store's newest forecast; nothing is kept."""
    with call.env.db.transaction() as transaction:
        views.require(call, transaction, "forecast:read", body.chain, body.store)
    from functions.forecast import trying  # noqa: PLC0415 - loads LightGBM, which no other call needs

    return Reply(trying.what_if(call.env, body))


def make_run_again(call: Call, path: RunPath, query: AgainQuery) -> Reply:
    """A past run's forecasts made once more, and whether they are the same bit for bit."""
    call.client.require("forecast:read", Scope(query.chain))
    with call.env.db.transaction() as transaction:
        run = read_run(transaction, path.run)
    if run is None or run["chain"] != query.chain:
        raise NotFound("unknown_run", "the chain has no such run")
    from functions.forecast import trying  # noqa: PLC0415 - as above

    return Reply(trying.again(call.env, query.chain, run, query.part))


def get_forecast_page() -> Reply:
    """The page."""
    return page(PAGE)


OPERATIONS = [
    Operation("GET", "/v1/forecasts", views.get_forecasts, {200: ForecastPage}, READING),
    Operation("GET", "/v1/forecasts/export", views.export_forecasts, {200: "text/csv"}, READING),
    Operation("GET", "/v1/forecasts/history", views.get_forecast_history, {200: HistoryPage}, READING),
    Operation("POST", "/v1/forecasts/history", imports.import_forecast_history, {201: ImportDocument}, CHANGING),
    Operation("GET", "/v1/forecasts/weather", views.get_forecast_weather, {200: WeatherPage}, READING),
    Operation("POST", "/v1/forecasts/weather", imports.import_forecast_weather, {201: WeatherTaken}, CHANGING),
    Operation("DELETE", "/v1/forecasts/weather/{column}", changes.drop_weather_column, {200: WeatherColumns}, CHANGING),
    Operation("POST", "/v1/forecasts/uploads", imports.open_forecast_upload, {201: UploadDocument}, (*CHANGING, 410)),
    Operation("GET", "/v1/forecasts/corrections", views.get_forecast_corrections, {200: CorrectionPage}, READING),
    Operation("GET", "/v1/forecasts/accuracy", views.get_forecast_accuracy, {200: AccuracyPage}, READING),
    Operation("GET", "/v1/forecasts/models", views.list_forecast_models, {200: ModelPage}, READING),
    Operation("GET", "/v1/forecasts/runs", views.list_forecast_runs, {200: RunPage}, READING),
    Operation("POST", "/v1/forecasts/runs", changes.begin_forecast_run, {201: RunBegun}, CHANGING),
    Operation("GET", "/v1/forecasts/runs/{run}/again", make_run_again, {200: Again}, (*READING, 409)),
    Operation("POST", "/v1/forecasts/what-ifs", try_what_if, {200: WhatIf}, CHANGING),
    Operation("GET", "/v1/forecasts/plans", changes.list_forecast_plans, {200: PlanPage}, READING),
    Operation("POST", "/v1/forecasts/plans", changes.enter_forecast_plan, {201: PlanDocument}, CHANGING),
    Operation("DELETE", "/v1/forecasts/plans/{plan}", changes.drop_forecast_plan, {200: PlanPage}, CHANGING),
    Operation("GET", "/v1/forecasts/settings", changes.get_forecast_settings, {200: ForecastSettings}, READING),
    Operation("PUT", "/v1/forecasts/settings", changes.put_forecast_settings, {200: ForecastSettings}, CHANGING),
    Operation("GET", "/forecast", get_forecast_page, {200: "text/html"}, public=True),
]


def make_app(env: Environment) -> object:
    """The WSGI app over this environment."""
    return Api(env, "forecast", OPERATIONS).app


handler = entry.http(make_app)
