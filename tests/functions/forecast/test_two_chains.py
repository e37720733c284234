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
def rich_chain(chain: Chain) -> Chain:
    """A chain with stores of the same names in a region of the same name, and fifty times the revenue."""
    another_chain = Chain(chain.env, chain.database, name=OTHER)
    another_chain.open_stores(STORES)
    another_chain.sell(sales(FIRST, DAYS, factor=RICHER))
    return another_chain


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
    chain: Chain, rich_chain: Chain, call: Caller, key_at: Callable[[str], Caller]
) -> None:
    chain.night(LAST)  # of both: the timer knows every chain
    tomorrow = LAST + timedelta(days=1)
    sold = {
        own_chain.name: sales(tomorrow, 1, factor) for own_chain, factor in ((chain, 1.0), (rich_chain, float(RICHER)))
    }
    for own_chain in (chain, rich_chain):
        own_chain.sell(sold[own_chain.name])
    chain.night(tomorrow)
    of_first, of_rich = forecasts(chain), forecasts(rich_chain)
    assert [row[:3] for row in of_first] == [row[:3] for row in of_rich]
    # One seed, one shape: fifty times the revenue is fifty times the forecast.
    for (*_, mean, _, _, _, _), (*_, fifty, _, _, _, _) in zip(of_first, of_rich, strict=True):
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
    chain: Chain, rich_chain: Chain, call: Caller, key_at: Callable[[str], Caller]
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
            [day["revenue"] for day in history],
            [day["weather"] for day in weather],
            [(fix["store"], fix["reason"]) for fix in corrections],
            [(plan["store"], plan["kind"]) for plan in plans],
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
    [plan_of_rich] = ask(rich, "/plans", OTHER).json["plans"]
    assert call("DELETE", f"/v1/forecasts/plans/{plan_of_rich['id']}?chain={CHAIN}").status == 404
    assert call("DELETE", f"/v1/forecasts/weather/weather_rain?chain={CHAIN}").status == 404
    assert seen(rich, OTHER)[3] == [("north", "closure")]
    chain.night(LAST)
    closed = {
        own_chain.name: {row[:2] for row in forecasts(own_chain) if row[3] == 0 and row[0] == "north"}
        for own_chain in (chain, rich_chain)
    }
    assert closed == {CHAIN: set(), OTHER: {("north", LAST + timedelta(days=3))}}


def test_a_what_if_is_of_the_own_chain_s_store(
    chain: Chain, rich_chain: Chain, call: Caller, key_at: Callable[[str], Caller]
) -> None:
    chain.night(LAST)
    plan = {"store": "north", "kind": "closure", "first_day": AHEAD, "last_day": AHEAD}
    for caller, own_chain in ((call, chain), (key_at(f"chain:{OTHER}"), rich_chain)):
        tried = caller("POST", "/v1/forecasts/what-ifs", plan | {"chain": own_chain.name})
        assert tried.status == 200, tried.text
        north = [row[3] for row in forecasts(own_chain) if row[0] == "north"]
        assert [day["mean"] for day in tried.json["days"]] == north
        closed = [0 if ahead == 2 else mean for ahead, mean in enumerate(north)]
        assert [day["mean_if"] for day in tried.json["days"]] == pytest.approx(closed, rel=0.1)


@pytest.mark.parametrize("place", [f"chain:{OTHER}", f"region:{OTHER}:east", f"store:{OTHER}:north"])
def test_a_grant_opens_nothing_of_the_other_chain(
    chain: Chain, rich_chain: Chain, key_at: Callable[[str], Caller], place: str
) -> None:
    del rich_chain
    caller = key_at(place)
    plan = {"store": "north", "kind": "closure", "first_day": AHEAD, "last_day": AHEAD}
    status_of_chain = 200 if place.startswith("chain") else 403
    for name, status_of_store, every in ((OTHER, 200, status_of_chain), (CHAIN, 403, 403)):
        for about in ("", "/export", "/history", "/weather"):
            assert ask(caller, about, name, store="north").status == status_of_store, about
        for about in ("", "/corrections", "/accuracy", "/runs", "/models", "/plans", "/settings"):
            assert ask(caller, about, name).status == every, about
        entered = caller("POST", "/v1/forecasts/plans", plan | {"chain": name})
        assert entered.status == (201 if status_of_store == 200 else 403)
        tried = caller("POST", "/v1/forecasts/what-ifs", plan | {"chain": name})
        # There is no forecast yet, so a caller with the right gets 404.
        assert tried.status == (404 if status_of_store == 200 else 403)
    [(key,)] = chain.run("SELECT store_id FROM forecast_plans")
    assert key == f"{OTHER}:north"


def test_a_closed_weekday_of_one_chain_s_store_closes_it_there_alone(chain: Chain, rich_chain: Chain) -> None:
    open_all = [{"opens": "11:00", "closes": "22:00"}]
    week = {"week": [*[open_all] * 6, []], "closed_on": []}
    chain.run("UPDATE stores SET opening_hours = %s WHERE id = %s", (json.dumps(week), f"{OTHER}:north"))
    chain.night(LAST)
    words = {
        own_chain.name: {row[-1] for row in forecasts(own_chain) if row[0] == "north"}
        for own_chain in (chain, rich_chain)
    }
    assert "closed, by its opening hours" in words[OTHER]
    assert "closed, by its opening hours" not in words[CHAIN]
