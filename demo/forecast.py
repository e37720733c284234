"""The forecast of the demo: thirty days from the last day of the year's data."""

import time
from http import HTTPStatus
from typing import Any

from demo import pizzaplace
from stack.signed_requests import Caller
from stack.terminal import say

CHAIN = pizzaplace.CHAIN
ORIGIN = "2015-12-31"
PATIENCE_SECONDS = 600.0
BEGUN = (HTTPStatus.CREATED, HTTPStatus.CONFLICT)


def forecast_year(head_office: Caller, page: str) -> None:
    """Begin a run, wait for its forecast, and print it."""
    reply = head_office("POST", "/v1/forecasts/runs", {"chain": CHAIN, "origin": ORIGIN})
    if reply.status_code not in BEGUN:
        say(f"No forecast: {reply.text}")
        return
    say("\nForecasting January 2016 for each store; training takes a minute or two ...")
    days = _wait(head_office)
    if not days:
        say("The forecast is not there yet; the queues and the log say why.")
        return
    say("It has 358 days of history, with each holiday once and one January. So the forecast is less certain.")
    _show(days)
    say(f"  The plot    {page}")


def _show(days: list[dict[str, Any]]) -> None:
    for store in pizzaplace.STORES:
        forecasts = [day for day in days if day["store"] == store]
        total = sum(day["mean"] for day in forecasts) / 100
        mean, reasons = forecasts[0]["mean"] / 100, forecasts[0]["reasons"]
        say(f"  {store:<10} {total:>10,.2f} in 30 days; tomorrow {mean:,.2f}: {reasons}")


def _wait(head_office: Caller) -> list[dict[str, Any]]:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        page = head_office("GET", f"/v1/forecasts?chain={CHAIN}&origin={ORIGIN}").json()
        if page["days"]:
            days: list[dict[str, Any]] = page["days"]
            return days
        time.sleep(2)
    return []
