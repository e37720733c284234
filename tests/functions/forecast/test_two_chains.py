"""Two chains with stores and regions of the same names: what neither may see or change of the other."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from functions.forecast import api
from stack.gateway_event import Answer
from tests.functions.forecast.nights import CHAIN, DAYS, FIRST, LAST, STORES, Chain, forecasts, sales
from tests.support.orders import Caller, new_key

OTHER = "other"
RICHER = 50  # times as much as the first chain takes
AHEAD = str(LAST + timedelta(days=3))
WEATHER = "store_id,date,weather_rain\n"
HISTORY = "store_id,date,revenue\n"


@pytest.fixture
def other(chain: Chain) -> Chain:
    """A chain with stores of the same names in a region of the same name, and fifty times the revenue."""
    made = Chain(chain.env, chain.database, name=OTHER)
    made.open_stores(STORES)
    made.sell(sales(FIRST, DAYS, factor=RICHER))
    return made


@pytest.fixture
def key_at(chain: Chain) -> Callable[[str], Caller]:
    def make(place: str) -> Caller:
        rights = ["forecast:read", "forecast:write"]
        return Caller(api.handler, new_key(chain.env, chain.database.owner.url, rights, place))

    return make


def ask(call: Caller, about: str, chain: str, **query: str) -> Answer:
    more = "".join(f"&{name}={value}" for name, value in query.items())
    return call("GET", f"/v1/forecasts{about}?chain={chain}{more}")


def test_one_chain_s_night_and_scores_are_the_same_with_the_other_beside_it(
    chain: Chain, other: Chain, call: Caller, key_at: Callable[[str], Caller]
) -> None:
    chain.night(LAST)  # of both: the timer knows every chain
    tomorrow = LAST + timedelta(days=1)
    sold = {each.name: sales(tomorrow, 1, factor) for each, factor in ((chain, 1.0), (other, float(RICHER)))}
    for each in (chain, other):
        each.sell(sold[each.name])
    chain.night(tomorrow)
    of_first, of_other = forecasts(chain), forecasts(other)
    assert [row[:3] for row in of_first] == [row[:3] for row in of_other]
    # One seed, one shape: fifty times the revenue is fifty times the forecast.
    for (*_, mean, _, _, _, _), (*_, fifty, _, _, _, _) in zip(of_first, of_other, strict=True):
        assert fifty == pytest.approx(RICHER * mean, rel=0.2)
    scored = chain.run("SELECT chain_id, SUBSTRING_INDEX(store_id, ':', -1), day, revenue FROM forecast_scores")
    assert sorted(scored) == sorted((name, *row) for name, rows in sold.items() for row in rows if row[2])
    rich = key_at(f"chain:{OTHER}")
    for caller, name, rows in ((call, CHAIN, sold[CHAIN]), (rich, OTHER, sold[OTHER])):
        north = ask(caller, "/history", name, store="north", since=str(tomorrow)).json["days"]
        assert [day["revenue"] for day in north] == [cents for store, _, cents in rows if store == "north"]
        assert {day["store"] for day in ask(caller, "", name).json["days"]} == set(STORES)
        accuracy = ask(caller, "/accuracy", name).json["stores"]
        assert {store["name"]: store["days"] for store in accuracy} == {store: 1 for store, _, cents in rows if cents}
        assert len(ask(caller, "/runs", name).json["runs"]) == 2


def test_what_is_entered_for_a_store_is_its_own_chain_s(
    chain: Chain, other: Chain, call: Caller, key_at: Callable[[str], Caller]
) -> None:
    rich = key_at(f"chain:{OTHER}")
    day = str(FIRST - timedelta(days=1))
    file = {"currency": "USD", "csv": f"{HISTORY}north,{day},777\nnorth,{day},777\n"}
    assert rich("POST", "/v1/forecasts/history", {"chain": OTHER} | file).status == 201
    rain = {"csv": f"{WEATHER}north,{AHEAD},4\n*,{AHEAD},2\n"}
    assert rich("POST", "/v1/forecasts/weather", {"chain": OTHER} | rain).status == 201
    plan = {"store": "north", "kind": "closure", "first_day": AHEAD, "last_day": AHEAD}
    assert rich("POST", "/v1/forecasts/plans", {"chain": OTHER} | plan).status == 201

    def seen(caller: Caller, name: str) -> list[Any]:
        history = ask(caller, "/history", name, store="north", since=day, to=day).json["days"]
        weather = ask(caller, "/weather", name, store="north", since=AHEAD, to=AHEAD).json["days"]
        corrections = ask(caller, "/corrections", name).json["corrections"]
        plans = ask(caller, "/plans", name).json["plans"]
        return [
            [each["revenue"] for each in history],
            [each["weather"] for each in weather],
            [(each["store"], each["reason"]) for each in corrections],
            [(each["store"], each["kind"]) for each in plans],
        ]

    assert seen(rich, OTHER) == [
        [777],
        [{"weather_rain": 4.0}],
        [("north", "row_repeated")],
        [("north", "closure")],
    ]
    assert seen(call, CHAIN) == [[], [], [], []]
    keys = [key for (key,) in chain.run("SELECT DISTINCT store_id FROM forecast_weather ORDER BY 1")]
    assert keys == ["*", f"{OTHER}:north"]
    # A plan and a column are taken back in their own chain alone.
    [made] = ask(rich, "/plans", OTHER).json["plans"]
    assert call("DELETE", f"/v1/forecasts/plans/{made['id']}?chain={CHAIN}").status == 404
    assert call("DELETE", f"/v1/forecasts/weather/weather_rain?chain={CHAIN}").status == 404
    assert seen(rich, OTHER)[3] == [("north", "closure")]
    chain.night(LAST)
    closed = {
        each.name: {row[:2] for row in forecasts(each) if row[3] == 0 and row[0] == "north"} for each in (chain, other)
    }
    assert closed == {CHAIN: set(), OTHER: {("north", LAST + timedelta(days=3))}}


def test_a_what_if_is_of_the_own_chain_s_store(
    chain: Chain, other: Chain, call: Caller, key_at: Callable[[str], Caller]
) -> None:
    chain.night(LAST)
    plan = {"store": "north", "kind": "closure", "first_day": AHEAD, "last_day": AHEAD}
    for caller, each in ((call, chain), (key_at(f"chain:{OTHER}"), other)):
        tried = caller("POST", "/v1/forecasts/what-ifs", plan | {"chain": each.name})
        assert tried.status == 200, tried.text
        north = [row[3] for row in forecasts(each) if row[0] == "north"]
        assert [day["mean"] for day in tried.json["days"]] == north
        closed = [0 if ahead == 2 else mean for ahead, mean in enumerate(north)]
        assert [day["mean_if"] for day in tried.json["days"]] == pytest.approx(closed, rel=0.1)


@pytest.mark.parametrize("place", [f"chain:{OTHER}", f"region:{OTHER}:east", f"store:{OTHER}:north"])
def test_a_grant_opens_nothing_of_the_other_chain(
    chain: Chain, other: Chain, key_at: Callable[[str], Caller], place: str
) -> None:
    del other
    caller = key_at(place)
    plan = {"store": "north", "kind": "closure", "first_day": AHEAD, "last_day": AHEAD}
    whole = 200 if place.startswith("chain") else 403
    for name, one, every in ((OTHER, 200, whole), (CHAIN, 403, 403)):
        for about in ("", "/export", "/history", "/weather"):
            assert ask(caller, about, name, store="north").status == one, about
        for about in ("", "/corrections", "/accuracy", "/runs", "/models", "/plans", "/settings"):
            assert ask(caller, about, name).status == every, about
        entered = caller("POST", "/v1/forecasts/plans", plan | {"chain": name})
        assert entered.status == (201 if one == 200 else 403)
        tried = caller("POST", "/v1/forecasts/what-ifs", plan | {"chain": name})
        assert tried.status == (404 if one == 200 else 403)  # no night has been: there is no forecast to try it on
    [(key,)] = chain.run("SELECT store_id FROM forecast_plans")
    assert key == f"{OTHER}:north"


def test_a_closed_weekday_of_one_chain_s_store_closes_it_there_alone(chain: Chain, other: Chain) -> None:
    open_all = [{"opens": "11:00", "closes": "22:00"}]
    week = {"week": [*[open_all] * 6, []], "closed_on": []}
    chain.run("UPDATE stores SET opening_hours = %s WHERE id = %s", (json.dumps(week), f"{OTHER}:north"))
    chain.night(LAST)
    words = {each.name: {row[-1] for row in forecasts(each) if row[0] == "north"} for each in (chain, other)}
    assert "closed, by its opening hours" in words[OTHER]
    assert "closed, by its opening hours" not in words[CHAIN]
