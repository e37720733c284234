"""Stores, their hours, menus and sold-out marks."""

from functools import partial
from time import time
from typing import Any

from shared.spine.env import Environment
from stack.gateway_event import Answer
from stack.mariadb import MariaDB
from tests.support.environments import Another, at_once
from tests.support.orders import MENU, SETTINGS, Caller, an_order, new_key

OTHER: dict[str, Any] = {"items": [{"id": "tea", "name": "Tea", "category": "drink", "price": 250}]}
WEEK = {"week": [[{"opens": "11:00", "closes": "22:00"}]] * 7}


def put(call: Caller, store: str, part: str, body: Any, **different: Any) -> Answer:
    return call("PUT", f"/v1/stores/{store}/{part}", body, **different)


def test_a_store_is_made_then_changed_and_read_back(call: Caller) -> None:
    made = call("PUT", "/v1/stores/s1", SETTINGS)
    assert (made.status, made.json["revision"], made.headers["etag"]) == (201, 1, '"1"')
    assert made.json["opening_hours"] is None
    assert made.json["open"] is True
    changed = call("PUT", "/v1/stores/s1", SETTINGS | {"name": "北京店 🍕", "timezone": "Asia/Shanghai"})
    assert (changed.status, changed.json["revision"]) == (200, 2)
    hours = put(call, "s1", "opening-hours", {"week": [[]] * 7, "closed_on": ["2025-12-25"]})
    assert (hours.status, hours.json["open"]) == (200, False)
    read = call("GET", "/v1/stores/s1")
    assert (read.json, read.headers["etag"]) == (hours.json, '"3"')
    assert read.json["settings"]["name"] == "北京店 🍕"


def test_a_menu_is_read_back_as_it_was_put_with_what_is_sold_out(call: Caller, store: str) -> None:
    assert put(call, store, "sold-out", {"items": ["cola", "cola", "absinthe"]}).status == 200
    answer = call("GET", f"/v1/stores/{store}/menu")
    assert (answer.json["store"], answer.json["currency"], answer.json["revision"]) == (store, "USD", 3)
    assert answer.json["sold_out"] == ["absinthe", "cola"]
    (pizza, cola) = answer.json["menu"]["items"]
    assert [size["price"] for size in pizza["sizes"]] == [1050, 1325, 1650]
    assert (cola["id"], cola["price"], cola["sizes"]) == ("cola", 300, [])
    put(call, store, "menu", OTHER)
    assert call("GET", f"/v1/stores/{store}/menu").json["sold_out"] == ["absinthe", "cola"]


def test_a_menu_that_the_caller_has_is_not_sent_again(call: Caller, store: str) -> None:
    first = call("GET", f"/v1/stores/{store}/menu")
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"0", {tag}', "*"):
        same = call("GET", f"/v1/stores/{store}/menu", headers={"If-None-Match": known})
        assert (same.status, same.text, same.headers["etag"]) == (304, "", tag)
    put(call, store, "sold-out", {"items": ["cola"]})
    newer = call("GET", f"/v1/stores/{store}/menu", headers={"If-None-Match": tag})
    assert (newer.status, newer.json["sold_out"]) == (200, ["cola"])
    assert newer.headers["etag"] != tag


def test_a_change_on_top_of_an_old_revision_is_refused(call: Caller, store: str) -> None:
    tag = call("GET", f"/v1/stores/{store}/menu").headers["etag"]
    kept = put(call, store, "menu", OTHER, headers={"If-Match": tag})
    assert kept.status == 200
    for part, body in [
        ("menu", MENU | {"discounts": []}), ("sold-out", {"items": []}), ("opening-hours", WEEK),
    ]:  # fmt: skip
        refused = put(call, store, part, body, headers={"If-Match": tag})
        assert (refused.status, refused.json["code"]) == (412, "changed")
        assert refused.headers["content-type"] == "application/problem+json"
    assert call("PUT", f"/v1/stores/{store}", SETTINGS | {"name": "x"}, headers={"If-Match": tag}).status == 412
    assert call("GET", f"/v1/stores/{store}/menu").headers["etag"] == kept.headers["etag"]
    assert put(call, store, "sold-out", {"items": []}, headers={"If-Match": "*"}).status == 200


def test_if_match_makes_no_store(call: Caller) -> None:
    for known in ("*", '"1"'):
        assert call("PUT", "/v1/stores/s1", SETTINGS, headers={"If-Match": known}).status == 412
    assert call("GET", "/v1/stores/s1").status == 404


def test_of_two_changes_at_once_on_one_revision_one_is_kept(another: Another, call: Caller, store: str) -> None:
    tag = call("GET", f"/v1/stores/{store}/menu").headers["etag"]
    answers = at_once(
        [partial(put, another(), store, "sold-out", {"items": [f"i{n}"]}, headers={"If-Match": tag}) for n in range(6)]
    )
    assert sorted(answer.status for answer in answers) == [200] + [412] * 5
    (kept,) = [answer for answer in answers if answer.status == 200]
    assert call("GET", f"/v1/stores/{store}/menu").json["sold_out"] == kept.json["sold_out"]


def test_a_store_made_many_times_at_once_is_made_once(another: Another, call: Caller) -> None:
    answers = at_once([partial(another(), "PUT", "/v1/stores/s1", SETTINGS | {"name": f"n{n}"}) for n in range(6)])
    assert sorted({answer.status for answer in answers} - {503}) in ([201], [200, 201])
    assert len([answer for answer in answers if answer.status == 201]) == 1
    assert call("GET", "/v1/stores/s1").status == 200


def test_an_old_menu_that_is_replayed_does_not_come_back(call: Caller, store: str) -> None:
    captured = Caller(call.handler, call.key, int(time()) - 10)
    first = put(captured, store, "menu", OTHER)
    assert first.status == 200
    newer = put(call, store, "menu", MENU | {"discounts": []})
    for key in (None, "added by somebody else"):
        replayed = put(captured, store, "menu", OTHER, key=key)
        assert (replayed.status, replayed.text) == (200, first.text)
        assert replayed.headers["idempotent-replayed"] == "true"
    assert call("GET", f"/v1/stores/{store}/menu").json == newer.json


def test_a_mark_taken_back_and_set_again_within_a_second_is_three_changes(call: Caller, store: str) -> None:
    target = f"/v1/stores/{store}/sold-out"
    for items in (["cola"], [], ["cola"]):
        made = call("PUT", target, {"items": items})
        assert "idempotent-replayed" not in made.headers
        assert made.json["sold_out"] == items


def test_what_is_not_there_is_not_found(call: Caller) -> None:
    body: Any
    for method, part, body in [
        ("GET", "", None), ("GET", "/menu", None), ("PUT", "/menu", OTHER), ("PUT", "/sold-out", {"items": []}),
        ("PUT", "/opening-hours", WEEK),
    ]:  # fmt: skip
        answer = call(method, f"/v1/stores/nowhere{part}", body)
        assert (answer.status, answer.json["code"]) == (404, "unknown_store")
    call("PUT", "/v1/stores/s1", SETTINGS)
    assert call("GET", "/v1/stores/s1/menu").json["code"] == "no_menu"
    source = {"kind": "mini_program", "id": "mini", "number": "1"}
    assert call("POST", "/v1/orders", an_order("s1", source=source)).json["errors"][0]["code"] == "no_menu"


def test_each_part_of_a_store_takes_its_right_at_its_place(
    another: Another, store: str, env: Environment, database: MariaDB
) -> None:
    def statuses(right: str, at: str) -> list[int]:
        other = another(key=new_key(env, database.owner.url, [right], at))
        return [
            other("GET", f"/v1/stores/{store}").status,
            other("GET", f"/v1/stores/{store}/menu").status,
            put(other, store, "menu", MENU | {"delivery_charge": 1}).status,
            put(other, store, "sold-out", {"items": []}).status,
            put(other, store, "opening-hours", WEEK).status,
            other("PUT", f"/v1/stores/{store}", SETTINGS | {"name": right}).status,
        ]

    for at in ("chain:demo", "region:demo:east", f"store:demo:{store}"):
        assert statuses("menu:read", at) == [200, 200, 403, 403, 403, 403]
        assert statuses("menu:write", at) == [403, 403, 200, 200, 403, 403]
        assert statuses("stores:write", at) == [403, 403, 403, 403, 200, 200]
    for right in ("menu:read", "menu:write", "stores:write"):
        for at in ("region:demo:west", "store:demo:other"):
            assert statuses(right, at) == [403] * 6
        for at in ("chain:other", "region:other:east", f"store:other:{store}"):
            assert statuses(right, at) == [404, 404, 404, 404, 404, 403]


def test_a_store_is_taken_to_another_place_only_by_who_may_write_both(
    another: Another, store: str, env: Environment, database: MariaDB
) -> None:
    east = another(key=new_key(env, database.owner.url, ["stores:write"], "region:demo:east"))
    west = another(key=new_key(env, database.owner.url, ["stores:write"], "region:demo:west"))
    to_the_west = SETTINGS | {"region": "west"}
    assert east("PUT", f"/v1/stores/{store}", to_the_west).status == 403
    assert west("PUT", f"/v1/stores/{store}", to_the_west).status == 403
    assert west("PUT", "/v1/stores/new", to_the_west).status == 201


def test_settings_and_menus_with_faults_are_refused_with_their_paths(call: Caller, store: str) -> None:
    for part, body, path in [
        ("", SETTINGS | {"timezone": "Mars/Base"}, "timezone"),
        ("", SETTINGS | {"currency": "ZZZ"}, "currency"),
        ("", SETTINGS | {"owner": "me"}, "owner"),
        ("/menu", {"items": [MENU["items"][0] | {"colour": "red"}]}, "items[0].colour"),
        ("/menu", {"items": [{"id": "a", "name": "a", "category": "c", "price": -1}]}, "items[0].price"),
        ("/sold-out", {"items": ["../x"]}, "items[0]"),
        ("/opening-hours", {"week": [[]]}, "week"),
        ("/opening-hours", {"week": [[]] * 7, "closed_on": ["2025-02-30"]}, "closed_on[0]"),
    ]:
        refused = call("PUT", f"/v1/stores/{store}{part}", body)
        assert (refused.status, [fault["path"] for fault in refused.json["errors"]]) == (422, [path])
