"""GET /v1/console/places: the names of stores."""

import pytest

from functions.console import api
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.functions.console.conftest import Callers
from tests.support.orders import Caller, new_key, open_store


@pytest.fixture
def places(env: Environment, database: MariaDB) -> Caller:
    return Caller(api.handler, new_key(env, database.owner.url, ["console:read"]))


def test_a_store_is_found_by_a_part_of_its_name_its_city_or_its_id(call: Caller, places: Caller) -> None:
    north = open_store(call, name="North Gate", city="Oslo")
    old_north = open_store(call, name="Old North", city=None)
    south = open_store(call, name="South Gate", city="Lyon")

    def found(query: str) -> list[str]:
        return [place["store"] for place in places("GET", f"/v1/console/places?chain=demo{query}").json["places"]]

    assert found("&q=north") == [north, old_north]
    assert found("&q=GATE") == sorted([north, south])
    assert found("&q=lyon") == [south]
    assert found(f"&q={old_north}") == [old_north]
    assert found("&q=west") == []
    assert found(f"&stores={south},{north},unknown") == sorted([north, south])
    reply = places("GET", f"/v1/console/places?chain=demo&stores={south}&limit=1").json
    assert reply["stores_in_all"] == 3
    assert reply["places"] == [
        {"store": south, "name": "South Gate", "city": "Lyon", "region": reply["places"][0]["region"],
         "timezone": reply["places"][0]["timezone"], "currency": reply["places"][0]["currency"]}
    ]  # fmt: skip


def test_each_caller_sees_the_names_of_its_own_stores(call: Caller, callers: Callers) -> None:
    own, other = open_store(call), open_store(call)
    caller = callers.key("console:read", f"store:demo:{own}")
    reply = caller("GET", "/v1/console/places?chain=demo").json
    assert (reply["stores_in_all"], [place["store"] for place in reply["places"]]) == (1, [own])
    assert caller("GET", f"/v1/console/places?chain=demo&stores={other}").json["places"] == []
    assert caller("GET", "/v1/console/places?chain=other").status == 403


def test_all_regions_are_there_whichever_stores_are_asked_for(call: Caller, callers: Callers, places: Caller) -> None:
    first, last = open_store(call, region="south"), open_store(call, region="north")
    open_store(call, region="north")
    for query in ("", "&limit=1", "&q=nothing", f"&stores={first}"):
        reply = places("GET", f"/v1/console/places?chain=demo{query}").json
        assert (reply["stores_in_all"], reply["regions"]) == (3, ["north", "south"]), query
    caller = callers.key("console:read", f"store:demo:{last}")
    assert caller("GET", "/v1/console/places?chain=demo").json["regions"] == ["north"]


def test_a_list_of_stores_is_refused_unless_it_is_one(places: Caller) -> None:
    for wrong in ("a,,b", ",", "a%20b", ",".join(["s"] * 201)):
        assert places("GET", f"/v1/console/places?chain=demo&stores={wrong}").status == 422, wrong
