"""HTTP → forecasts with reasons, their accuracy, history, weather, plans, what-ifs and runs"""

from functions.forecast.resources import (
    accuracy,
    corrections,
    forecasts,
    half_hours_and_items,
    history,
    models,
    plans,
    runs,
    settings,
    totals,
    uploads,
    weather,
    what_ifs,
)
from shared.spine import entry
from shared.spine.http import CHANGE_PROBLEMS, RESOURCE_PROBLEMS, Operation, app_maker

OPERATIONS = [
    Operation("GET", "/v1/forecasts", forecasts.get_forecasts, {200: forecasts.ForecastPage}, RESOURCE_PROBLEMS),
    Operation("GET", "/v1/forecasts/export", forecasts.export_forecasts, {200: "text/csv"}, RESOURCE_PROBLEMS),
    Operation("GET", "/v1/forecasts/totals", totals.get_forecast_totals, {200: totals.TotalPage}, RESOURCE_PROBLEMS),
    Operation(
        "GET", "/v1/forecasts/totals/export", totals.export_forecast_totals, {200: "text/csv"}, RESOURCE_PROBLEMS
    ),
    Operation(
        *("GET", "/v1/forecasts/half-hours", half_hours_and_items.get_forecast_half_hours),
        {200: half_hours_and_items.HalfHourPage},
        RESOURCE_PROBLEMS,
    ),
    Operation(
        *("GET", "/v1/forecasts/items", half_hours_and_items.get_forecast_items),
        {200: half_hours_and_items.ItemPage},
        RESOURCE_PROBLEMS,
    ),
    Operation(
        "GET", "/v1/forecasts/history", history.get_forecast_history, {200: history.HistoryPage}, RESOURCE_PROBLEMS
    ),
    Operation(
        "POST", "/v1/forecasts/history", history.import_forecast_history, {201: history.ImportDocument}, CHANGE_PROBLEMS
    ),
    Operation(
        "GET", "/v1/forecasts/weather", weather.get_forecast_weather, {200: weather.WeatherPage}, RESOURCE_PROBLEMS
    ),
    Operation(
        "POST", "/v1/forecasts/weather", weather.import_forecast_weather, {201: weather.WeatherImport}, CHANGE_PROBLEMS
    ),
    Operation(
        *("DELETE", "/v1/forecasts/weather/{column}", weather.delete_weather_column),
        {200: weather.WeatherColumns},
        CHANGE_PROBLEMS,
    ),
    Operation(
        *("POST", "/v1/forecasts/uploads", uploads.open_forecast_upload),
        {201: uploads.UploadDocument},
        (*CHANGE_PROBLEMS, 410),
    ),
    Operation(
        *("GET", "/v1/forecasts/corrections", corrections.get_forecast_corrections),
        {200: corrections.CorrectionPage},
        RESOURCE_PROBLEMS,
    ),
    Operation(
        "GET", "/v1/forecasts/accuracy", accuracy.get_forecast_accuracy, {200: accuracy.AccuracyPage}, RESOURCE_PROBLEMS
    ),
    Operation("GET", "/v1/forecasts/models", models.list_forecast_models, {200: models.ModelPage}, RESOURCE_PROBLEMS),
    Operation("GET", "/v1/forecasts/runs", runs.list_forecast_runs, {200: runs.RunPage}, RESOURCE_PROBLEMS),
    Operation("POST", "/v1/forecasts/runs", runs.begin_forecast_run, {201: runs.RunBegun}, CHANGE_PROBLEMS),
    Operation(
        *("GET", "/v1/forecasts/runs/{run}/reproduce", runs.reproduce_forecast_run),
        {200: runs.Reproduction},
        (*RESOURCE_PROBLEMS, 409),
    ),
    Operation("POST", "/v1/forecasts/what-ifs", what_ifs.try_what_if, {200: what_ifs.WhatIf}, CHANGE_PROBLEMS),
    Operation("GET", "/v1/forecasts/plans", plans.list_forecast_plans, {200: plans.PlanPage}, RESOURCE_PROBLEMS),
    Operation("POST", "/v1/forecasts/plans", plans.enter_forecast_plan, {201: plans.PlanDocument}, CHANGE_PROBLEMS),
    Operation(
        "DELETE", "/v1/forecasts/plans/{plan}", plans.delete_forecast_plan, {200: plans.PlanPage}, CHANGE_PROBLEMS
    ),
    Operation(
        "GET",
        "/v1/forecasts/settings",
        settings.get_forecast_settings,
        {200: settings.ForecastSettings},
        RESOURCE_PROBLEMS,
    ),
    Operation(
        "PUT",
        "/v1/forecasts/settings",
        settings.put_forecast_settings,
        {200: settings.ForecastSettings},
        CHANGE_PROBLEMS,
    ),
]


make_app = app_maker("forecast", OPERATIONS)
handler = entry.http(make_app)
