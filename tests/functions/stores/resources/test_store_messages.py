"""Changes of stores and chain menus are announced, so that tills and mini-programs read a menu again."""

from typing import Any

from shared.contracts.messages.stores import MenuChanged, StoreChanged
from tests.support.orders import MENU, SETTINGS, Caller
from tests.support.queues import Inbox

CLOSED: dict[str, Any] = {"week": [[]] * 7}


def told(inbox: Inbox, kind: str) -> list[dict[str, Any]]:
    messages = sorted(inbox.take(of_stores=True), key=lambda message: message["sequence"])
    return [message for message in messages if message["type"] == kind]


def test_each_change_of_a_store_names_its_new_parts(call: Caller, inbox: Inbox) -> None:
    changes = [
        ("", SETTINGS), ("", SETTINGS | {"name": "Other"}), ("/menu", MENU), ("/opening-hours", CLOSED),
        ("/sold-out", {"items": ["cola"]}), ("/sold-out", {"items": ["cola"]}),
    ]  # fmt: skip
    for path, body in changes:
        assert call("PUT", f"/v1/stores/s1{path}", body).status in (200, 201)
    messages = told(inbox, StoreChanged.type)
    assert [(m["sequence"], m["subject"], m["storeid"]) for m in messages] == [
        (number, "store/demo:s1", "demo:s1") for number in range(1, 7)
    ]
    assert [(m["data"]["revision"], m["data"]["parts"]) for m in messages] == [
        (1, ["settings", "opening_hours", "menu", "sold_out"]), (2, ["settings"]), (3, ["menu"]),
        (4, ["opening_hours"]), (5, ["sold_out"]), (6, []),
    ]  # fmt: skip
    assert {(m["data"]["chain"], m["data"]["store"]) for m in messages} == {("demo", "s1")}


def test_a_refused_change_and_a_repeated_one_are_not_announced(call: Caller, inbox: Inbox) -> None:
    for _ in range(2):
        assert call("PUT", "/v1/stores/s1", SETTINGS, key="k1").status == 201
    assert call("PUT", "/v1/stores/s1", SETTINGS, headers={"if-match": '"7"'}).status == 412
    assert [message["sequence"] for message in told(inbox, StoreChanged.type)] == [1]


def test_a_chain_menu_is_announced_once_for_all_its_stores(call: Caller, inbox: Inbox) -> None:
    body = {"currency": "USD", "menu": MENU}
    assert call("PUT", "/v1/menus/main", body).status in (200, 201)
    for store in ("s1", "s2"):
        assert call("PUT", f"/v1/stores/{store}", SETTINGS | {"menu": "main"}).status == 201
    planned = call("PUT", "/v1/menus/main", body | {"begins_at": "2999-01-01T00:00:00Z"})
    assert planned.json["stores"] == 2
    version = planned.json["version"]
    assert call("PUT", "/v1/menus/main/overrides/store%3As2", {"hidden": ["cola"]}).status == 200
    assert call("DELETE", f"/v1/menus/main/versions/{version}").status == 200
    messages = told(inbox, MenuChanged.type)
    assert [(m["sequence"], m["subject"]) for m in messages] == [(n, "menu/demo:main") for n in (1, 2, 3, 4)]
    assert [(m["data"]["layer"], m["data"]["version"], m["data"]["stores"]) for m in messages] == [
        ("chain", 1, 0), ("chain", version, 2), ("store:s2", 3, 1), ("chain", version, 2),
    ]  # fmt: skip
    assert [m["data"]["begins_at"] is None for m in messages] == [False, False, False, True]
