"""Plans over HTTP, and opening hours, win over the models."""

import json
from datetime import timedelta

from tests.functions.forecast.nights import CHAIN, FIRST, LAST, Chain, forecasts
from tests.support.orders import Caller


def test_a_closure_that_was_entered_is_forecast_as_nothing_and_what_if_changes_nothing_that_is_kept(
    chain: Chain, call: Caller
) -> None:
    first, last = LAST + timedelta(days=3), LAST + timedelta(days=4)
    plan = {"chain": CHAIN, "store": "north", "kind": "closure"}
    days = {"first_day": first.isoformat(), "last_day": last.isoformat()}
    assert call("POST", "/v1/forecasts/plans", plan | days).status == 201
    chain.night(LAST)
    before = forecasts(chain)
    shut = [(store, day) for store, day, _, mean, *_ in before if mean == 0 and store != "west"]
    assert shut == [("north", first), ("north", last)]
    later_day = {
        "first_day": (LAST + timedelta(days=10)).isoformat(),
        "last_day": (LAST + timedelta(days=10)).isoformat(),
    }
    tried = call("POST", "/v1/forecasts/what-ifs", plan | later_day)
    assert tried.status == 200, tried.text
    changed_days = [day["day"] for day in tried.json["days"] if day["mean"] != day["mean_if"]]
    assert changed_days == [later_day["first_day"]], "all other days are to the cent what was kept"
    monday = LAST + timedelta(days=1)
    opened = {"chain": CHAIN, "store": "west", "kind": "opening"} | {
        name: monday.isoformat() for name in ("first_day", "last_day")
    }
    [day] = [
        day_if for day_if in call("POST", "/v1/forecasts/what-ifs", opened).json["days"] if day_if["day"] == str(monday)
    ]
    assert (day["mean"], day["mean_if"] > 0) == (0, True)
    refused = call("POST", "/v1/forecasts/what-ifs", plan | later_day | {"kind": "promotion"})
    assert refused.json["code"] == "never_seen"
    for behind, ahead, code in ((2, 1, "days_reversed"), (0, 0, "days_outside"), (31, 40, "days_outside")):
        days = {"first_day": str(LAST + timedelta(days=behind)), "last_day": str(LAST + timedelta(days=ahead))}
        assert call("POST", "/v1/forecasts/what-ifs", plan | days).json["code"] == code
    assert forecasts(chain) == before


def test_days_that_the_opening_hours_close_are_forecast_closed_unless_a_plan_opens_them(
    chain: Chain, call: Caller
) -> None:
    open_all = [{"opens": "11:00", "closes": "02:00"}]
    shut = LAST + timedelta(days=3)  # a Wednesday
    asleep = {
        "week": [[], *[open_all] * 6],
        "closed_on": [str(FIRST - timedelta(days=20)), str(FIRST), str(shut), str(LAST + timedelta(days=31))],
    }
    chain.run("UPDATE stores SET opening_hours = %s WHERE id = 'demo:north'", (json.dumps(asleep),))
    awake = {"week": [open_all] * 7, "closed_on": []}
    chain.run("UPDATE stores SET opening_hours = %s WHERE id = 'demo:west'", (json.dumps(awake),))
    mondays = [LAST + timedelta(days=n) for n in (1, 8, 15, 22, 29)]
    for kind, first, last in (("opening", 8, 8), ("opening", 22, 29), ("closure", 29, 30)):
        days = {"first_day": str(LAST + timedelta(days=first)), "last_day": str(LAST + timedelta(days=last))}
        plan = {"chain": CHAIN, "store": "north", "kind": kind} | days
        assert call("POST", "/v1/forecasts/plans", plan).status == 201
    chain.night(LAST)
    closed = {(store, day): words for store, day, _, mean, *_, words in forecasts(chain) if mean == 0}
    by_hours, entered = "closed, by its opening hours", "closed, as was entered"
    assert {day: words for (store, day), words in closed.items() if store == "north"} == {
        mondays[0]: by_hours, shut: by_hours, mondays[2]: by_hours,
        mondays[4]: entered, LAST + timedelta(days=30): entered,
    }  # fmt: skip
    # Hours say when a store opens, not that it does: the third store's Mondays go by its habit.
    assert {day: words for (store, day), words in closed.items() if store == "west"} == dict.fromkeys(
        mondays, "closed, as it usually is"
    )
    assert not [day for store, day in closed if store == "south"]
    stored = forecasts(chain)
    day = {"first_day": str(shut), "last_day": str(shut)}
    tried = call("POST", "/v1/forecasts/what-ifs", {"chain": CHAIN, "store": "north", "kind": "opening"} | day).json
    [opened] = [day_if for day_if in tried["days"] if day_if["mean"] != day_if["mean_if"]]
    assert (opened["day"], opened["mean"], opened["mean_if"] > 0) == (str(shut), 0, True)
    chain.run("UPDATE stores SET opening_hours = NULL")
    [(run,)] = chain.run("SELECT id FROM forecast_runs")
    assert call("GET", f"/v1/forecasts/runs/{run}/reproduce?chain={CHAIN}").json["same"]
    assert forecasts(chain) == stored
