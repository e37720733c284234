"""One menu for all stores of a chain: versions by time, overrides of regions and stores, and who may change what."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from shared.spine.env import Environment
from stack.gateway_event import Answer
from stack.mariadb import MariaDB
from tests.support.environments import Another, at_once, caller
from tests.support.orders import MENU, SETTINGS, Caller, an_order, new_key
from tests.support.store_changes import COLA, HOUR, NOON, menu_with_cola_at

MAIN = "/v1/menus/main"
BUS: dict[str, Any] = {"kind": "mini_program", "id": "app"}


def cola_at(price: int, **different: Any) -> dict[str, Any]:
    return {"currency": "USD", "menu": menu_with_cola_at(price)} | different


def opened(call: Caller, store: str, region: str = "east", **settings: Any) -> str:
    made = call("PUT", f"/v1/stores/{store}", SETTINGS | {"region": region, "menu": "main"} | settings)
    assert made.status in (200, 201), made.text
    return store


def good(answer: Answer) -> Any:
    assert answer.status in (200, 201), answer.text
    return answer.json


def cola_price(call: Caller, store: str) -> int | None:
    menu = good(call("GET", f"/v1/stores/{store}/menu"))["menu"]
    return next((item["price"] for item in menu["items"] if item["id"] == "cola"), None)


def guest_pays(call: Caller, store: str, price: int) -> Answer:
    """A mini-program's order of a cola at this price: refused when the store has another price."""
    source = BUS | {"number": an_order(store)["source"]["number"]}
    return call("POST", "/v1/orders", an_order(store, source=source, lines=[COLA | {"unit_price": price}], total=price))


@pytest.fixture
def stores(call: Caller) -> tuple[str, str, str]:
    """Two stores in the east and one in the west that sell from the menu `main`, with a cola at 3.00."""
    good(call("PUT", MAIN, cola_at(300)))
    return opened(call, "e1"), opened(call, "e2"), opened(call, "w1", "west")


def test_a_change_of_the_chains_menu_is_in_every_store_at_once_and_in_order_intake(
    call: Caller, stores: tuple[str, str, str], another: Another
) -> None:
    other = another()
    for store in stores:
        assert guest_pays(call, store, 300).status == guest_pays(other, store, 300).status == 201
    changed = good(call("PUT", MAIN, cola_at(350)))
    assert (changed["stores"], changed["layer"], changed["version"]) == (3, "chain", 2)
    for store in stores:
        assert cola_price(call, store) == 350
        assert guest_pays(other, store, 300).json["code"] == "amounts_differ"
        assert guest_pays(other, store, 350).status == 201


def test_a_planned_version_begins_at_its_time_without_a_write(another: Another) -> None:
    at_noon, later = another(NOON), another(NOON + HOUR)
    good(at_noon("PUT", MAIN, cola_at(300)))
    opened(at_noon, "e1")
    planned = good(at_noon("PUT", MAIN, cola_at(350, begins_at=(NOON + HOUR).isoformat())))
    assert planned["begins_at"] == "2025-01-15T18:00:00Z"
    just_before = another(NOON + HOUR - timedelta(microseconds=1))
    for client, price in ((at_noon, 300), (just_before, 300), (later, 350)):
        assert cola_price(client, "e1") == price
        assert guest_pays(client, "e1", price).status == 201


def test_an_environment_that_has_a_copy_sees_the_planned_version_at_its_time(
    another_env: Any, call: Caller, another: Another
) -> None:
    clock = {"now": NOON}
    moving = caller(another_env(clock=lambda: clock["now"]), call.key, NOON)
    good(another(NOON)("PUT", MAIN, cola_at(300)))
    opened(another(NOON), "e1")
    good(another(NOON)("PUT", MAIN, cola_at(350, begins_at=(NOON + timedelta(minutes=1)).isoformat())))
    assert guest_pays(moving, "e1", 300).status == 201
    clock["now"] = NOON + timedelta(minutes=1)
    assert guest_pays(moving, "e1", 300).json["code"] == "amounts_differ"
    assert guest_pays(moving, "e1", 350).status == 201


def test_a_late_sale_is_judged_by_the_menu_and_the_overrides_of_its_time(another: Another) -> None:
    good(another(NOON)("PUT", MAIN, cola_at(300)))
    opened(another(NOON), "e1")
    good(another(NOON + HOUR)("PUT", MAIN, cola_at(350)))
    override = {"prices": [{"item": "cola", "price": 400}]}
    good(another(NOON + 2 * HOUR)("PUT", f"{MAIN}/overrides/region%3Aeast", override))
    good(another(NOON + 3 * HOUR)("PUT", "/v1/stores/e1", SETTINGS | {"menu": "main", "name": "New name"}))
    now = another(NOON + 4 * HOUR)
    for hours, price in ((0.5, 300), (1.5, 350), (2.5, 400), (3.5, 400)):
        sold_at = (NOON + hours * HOUR).isoformat()
        for stated, differences in ((price, []), (price + 1, ["lines[0].unit_price", "total"])):
            lines = [COLA | {"unit_price": stated}]
            sale = good(now("POST", "/v1/orders", an_order("e1", placed_at=sold_at, lines=lines, total=stated)))
            assert [difference["path"] for difference in sale["differences"]] == differences, (hours, stated)


def test_overrides_of_a_region_and_then_of_a_store_change_prices_and_items(
    call: Caller, stores: tuple[str, str, str]
) -> None:
    east1, east2, west = stores
    tea = {"id": "tea", "name": "Tea", "category": "drink", "price": 250}
    region = {"prices": [{"item": "cola", "price": 320}], "hidden": ["hawaiian"], "items": [tea]}
    assert good(call("PUT", f"{MAIN}/overrides/region%3Aeast", region))["stores"] == 2
    assert good(call("PUT", f"{MAIN}/overrides/store%3Ae1", {"prices": [{"item": "tea", "price": 200}]}))["stores"] == 1
    prices = {
        store: {item["id"]: item["price"] for item in good(call("GET", f"/v1/stores/{store}/menu"))["menu"]["items"]}
        for store in stores
    }
    assert prices == {
        east1: {"cola": 320, "tea": 200},
        east2: {"cola": 320, "tea": 250},
        west: {"hawaiian": None, "cola": 300},
    }
    assert guest_pays(call, east1, 320).status == 201
    read = good(call("GET", f"{MAIN}/overrides/region%3Aeast"))["override"]
    assert (read["hidden"], read["prices"][0]["price"]) == (["hawaiian"], 320)
    good(call("PUT", f"{MAIN}/overrides/region%3Aeast", {}))
    assert cola_price(call, east2) == 300


def test_a_store_that_moves_to_another_region_takes_that_regions_override(
    call: Caller, stores: tuple[str, str, str]
) -> None:
    good(call("PUT", f"{MAIN}/overrides/region%3Awest", {"prices": [{"item": "cola", "price": 777}]}))
    assert cola_price(call, stores[0]) == 300
    opened(call, stores[0], "west")
    assert cola_price(call, stores[0]) == 777


def test_a_planned_version_can_be_deleted_until_it_begins(another: Another) -> None:
    at_noon, later = another(NOON), another(NOON + 2 * HOUR)
    good(at_noon("PUT", MAIN, cola_at(300)))
    opened(at_noon, "e1")
    good(at_noon("PUT", MAIN, cola_at(350, begins_at=(NOON + HOUR).isoformat())))
    third = good(at_noon("PUT", MAIN, cola_at(360, begins_at=(NOON + 3 * HOUR).isoformat())))
    versions = good(at_noon("GET", MAIN))["versions"]
    assert [version["version"] for version in versions] == [1, 2, 3]
    assert later("DELETE", f"{MAIN}/versions/2").json["code"] == "unknown_version"
    good(at_noon("DELETE", f"{MAIN}/versions/{third['version']}"))
    assert cola_price(another(NOON + 4 * HOUR), "e1") == 350
    assert good(another(NOON + 4 * HOUR)("PUT", MAIN, cola_at(370)))["version"] == 5, "a number is never used again"


def test_versions_that_no_sale_can_be_judged_by_any_more_are_deleted(another: Another, database: MariaDB) -> None:
    for days, price in ((0, 300), (1, 310), (10, 320), (11, 330)):
        good(another(NOON + timedelta(days=days))("PUT", MAIN, cola_at(price)))
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT version FROM menu_versions ORDER BY version")
        # Eight days before the last change the second version held.
        assert [version for (version,) in cursor.fetchall()] == [2, 3, 4]


def test_a_store_with_the_chains_menu_takes_no_menu_of_its_own(call: Caller, stores: tuple[str, str, str]) -> None:
    refused = call("PUT", f"/v1/stores/{stores[0]}/menu", MENU)
    assert (refused.status, refused.json["code"], refused.json["menu"]) == (409, "menu_of_chain", "main")
    unknown = call("PUT", "/v1/stores/x", SETTINGS | {"menu": "nowhere"})
    assert (unknown.status, unknown.json["errors"][0]["code"]) == (422, "unknown_menu")
    other_currency = call("PUT", "/v1/stores/x", SETTINGS | {"menu": "main", "currency": "EUR"})
    assert (other_currency.status, other_currency.json["errors"][0]["path"]) == (422, "currency")
    assert call("PUT", MAIN, cola_at(300, currency="EUR")).json["code"] == "menu_in_use"
    good(call("PUT", f"/v1/stores/{stores[0]}", SETTINGS))
    assert call("GET", f"/v1/stores/{stores[0]}/menu").json["code"] == "no_menu"


def test_a_menu_that_the_caller_has_is_sent_again_when_a_planned_version_begins(another: Another) -> None:
    at_noon, later = another(NOON), another(NOON + HOUR)
    good(at_noon("PUT", MAIN, cola_at(300)))
    opened(at_noon, "e1")
    good(at_noon("PUT", MAIN, cola_at(350, begins_at=(NOON + HOUR).isoformat())))
    tag = at_noon("GET", "/v1/stores/e1/menu").headers["etag"]
    assert at_noon("GET", "/v1/stores/e1/menu", headers={"If-None-Match": tag}).status == 304
    newer = later("GET", "/v1/stores/e1/menu", headers={"If-None-Match": tag})
    assert (newer.status, newer.headers["etag"] == tag) == (200, False)
    # The tag of the menu names the store's revision too.
    assert later("PUT", "/v1/stores/e1/sold-out", {"items": []}, headers={"If-Match": tag}).status == 200
    assert later("PUT", "/v1/stores/e1/sold-out", {"items": ["tea"]}, headers={"If-Match": tag}).status == 412


def test_references_of_an_override_lead_to_the_chains_menu(call: Caller, stores: tuple[str, str, str]) -> None:
    del stores
    for override, path in [
        ({"prices": [{"item": "beer", "price": 1}]}, "prices[0].item"),
        ({"prices": [{"item": "hawaiian", "size": "XXL", "price": 1}]}, "prices[0]"),
        ({"hidden": ["beer"]}, "hidden[0]"),
        ({"price_lists": [{"id": "l", "name": "L", "items": ["beer"]}]}, "price_lists[0]"),
    ]:
        refused = call("PUT", f"{MAIN}/overrides/region%3Aeast", override)
        assert (refused.status, [fault["path"] for fault in refused.json["errors"]]) == (422, [path])
    # An item that a planned version brings can be priced before it begins.
    tea = MENU | {"items": [*MENU["items"], {"id": "tea", "name": "Tea", "category": "drink", "price": 250}]}
    good(call("PUT", MAIN, {"currency": "USD", "menu": tea, "begins_at": "2999-01-01T00:00:00Z"}))
    good(call("PUT", f"{MAIN}/overrides/region%3Aeast", {"prices": [{"item": "tea", "price": 1}]}))


def test_each_right_reaches_its_part_of_the_chain(
    another: Another, stores: tuple[str, str, str], env: Environment, database: MariaDB
) -> None:
    del stores

    def statuses(at: str) -> list[int]:
        client = another(key=new_key(env, database.owner.url, ["menu:write"], at))
        empty: dict[str, Any] = {}
        targets = (
            MAIN,
            f"{MAIN}/overrides/region%3Aeast",
            f"{MAIN}/overrides/store%3Ae1",
            f"{MAIN}/overrides/store%3Aw1",
        )
        return [client("PUT", target, cola_at(300) if target == MAIN else empty).status for target in targets]

    assert statuses("chain:demo") == [200, 200, 200, 200]
    assert statuses("region:demo:east") == [403, 200, 200, 403]
    assert statuses("store:demo:e1") == [403, 403, 200, 403]
    # The key of another chain means its own menus.
    assert statuses("chain:rival") == [200, 200, 404, 404]
    rival = another(key=new_key(env, database.owner.url, ["menu:write", "menu:read"], "chain:rival"))
    assert rival("GET", "/v1/menus/demo%3Amain").status == 404
    assert rival("PUT", "/v1/menus/demo%3Amain", cola_at(1)).status == 404
    assert [menu["chain"] for menu in good(rival("GET", "/v1/menus"))["menus"]] == ["rival"]


def test_changes_at_once_are_all_stored_and_stale_ones_refused(
    another: Another, call: Caller, stores: tuple[str, str, str]
) -> None:
    answers = at_once([partial(another(), "PUT", MAIN, cola_at(400 + n)) for n in range(6)])
    assert sorted(good(answer)["version"] for answer in answers) == [2, 3, 4, 5, 6, 7]
    newest = max(answers, key=lambda answer: int(answer.json["version"]))
    assert cola_price(call, stores[2]) == 400 + answers.index(newest)
    assert call("PUT", MAIN, cola_at(1), headers={"If-Match": '"3"'}).status == 412
    assert call("PUT", MAIN, cola_at(1), headers={"If-Match": '"7"'}).status == 200


def test_a_store_that_joins_during_a_change_misses_nothing(another: Another, call: Caller) -> None:
    """Whichever comes first, the store's copy in order intake is that of the last change."""
    good(call("PUT", MAIN, cola_at(300)))
    for attempt in range(5):
        store, price = f"s{attempt}", 500 + attempt
        joined = [partial(opened, another(), store), partial(good, another()("PUT", MAIN, cola_at(price)))]
        at_once(joined)
        assert guest_pays(another(), store, price).status == 201
        assert cola_price(call, store) == price
