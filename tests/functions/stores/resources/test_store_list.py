"""The list of stores, and a store that is closed for good."""

from typing import Any

import pytest

from shared.spine.env import Environment
from stack.gateway_event import Answer
from stack.mariadb import MariaDB
from tests.support.environments import Another
from tests.support.orders import SETTINGS, Caller, an_order, new_key, open_store
from tests.support.store_changes import HOUR, NOON

TODAY, TOMORROW = {"closed_from": "2025-01-15"}, {"closed_from": "2025-01-16"}


def ids(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.text
    return [store["id"] for store in answer.json["stores"]]


@pytest.fixture
def stores(another: Another) -> Caller:
    """Five stores in two regions; one is closed since today, another one from tomorrow on."""
    call = another(NOON)
    for store, different in {
        "a": {"city": "Boston"},
        "b": {"region": "west", "city": "Reno"},
        "c": {"region": "west", **TODAY},
        "d": {"city": "Boston", **TOMORROW},
        "e": {},
    }.items():
        assert call("PUT", f"/v1/stores/{store}", SETTINGS | different).status == 201
    return call


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "abcde"), ("?chain=demo", "abcde"), ("?chain=rival", ""), ("?region=west", "bc"), ("?city=Boston", "ad"),
        ("?state=open", "abde"), ("?state=closed", "c"), ("?state=closed&region=east", ""), ("?limit=2", "ab"),
        ("?cursor=demo%3Ab", "cde"),
    ],
)  # fmt: skip
def test_filters_choose_stores(stores: Caller, query: str, expected: str) -> None:
    assert ids(stores("GET", f"/v1/stores{query}")) == list(expected)


@pytest.mark.parametrize("filters", ["", "&state=open"])
def test_pages_show_each_store_once(stores: Caller, filters: str) -> None:
    shown: list[str] = []
    cursor = ""
    while True:
        page = stores("GET", f"/v1/stores?limit=2{filters}{cursor}")
        shown += ids(page)
        if page.json["next"] is None:
            break
        cursor = f"&cursor={page.json['next'].replace(':', '%3A')}"
    assert shown == list("abde" if filters else "abcde")


def test_a_key_lists_the_stores_of_its_grants(
    another: Another, stores: Caller, env: Environment, database: MariaDB
) -> None:
    del stores

    def listed(right: str, at: str) -> list[str]:
        client = another(at=NOON, key=new_key(env, database.owner.url, [right], at))
        return ids(client("GET", "/v1/stores"))

    assert listed("menu:read", "region:demo:west") == ["b", "c"]
    assert listed("menu:read", "store:demo:e") == ["e"]
    assert listed("menu:read", "chain:rival") == []
    assert listed("orders:read", "chain:demo") == []


def order_at(call: Caller, store: str, kind: str, **different: Any) -> Answer:
    order = an_order(store, **different)
    order["source"] |= {"kind": kind}
    return call("POST", "/v1/orders", order)


def test_a_closed_store_refuses_guests_and_keeps_sales(another: Another) -> None:
    call = another(NOON)
    store = open_store(call, closed_from="2025-01-16")
    order = order_at(call, store, "mini_program").json["id"]
    # The business day of the 15th ends at 04:00 of the 16th, 09:00 UTC.
    for hours, status in ((15.9, 201), (16, 422)):
        assert order_at(another(NOON + hours * HOUR), store, "mini_program").status == status
    later = another(NOON + 24 * HOUR)
    refused = order_at(later, store, "mini_program")
    assert [fault["code"] for fault in refused.json["errors"]] == ["store_closed"]
    sale = order_at(later, store, "till")
    assert (sale.status, [found["code"] for found in sale.json["differences"]]) == (201, ["store_closed"])
    wanted = order_at(call, store, "mini_program", wanted_for=(NOON + 24 * HOUR).isoformat())
    assert [fault["code"] for fault in wanted.json["errors"]] == ["store_closed"]
    read = later("GET", f"/v1/stores/{store}").json
    assert (read["open"], read["closed"], call("GET", f"/v1/stores/{store}").json["closed"]) == (False, True, False)
    assert later("GET", f"/v1/orders/{order}").status == later("GET", f"/v1/stores/{store}/menu").status == 200
    assert later("POST", f"/v1/orders/{order}/cancel", {"reason": "closed"}).status == 200
