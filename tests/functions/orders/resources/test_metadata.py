"""Metadata: an integrator's keys of an order, its lines and its payments."""

from tests.support.bills import COLA, change, open_bill
from tests.support.order_changes import message_types
from tests.support.orders import Caller, an_order, paid


def test_metadata_changes_without_a_version(call: Caller, store: str) -> None:
    line = COLA | {"metadata": {"sku": "4711"}}
    payments = [paid(600)[0] | {"metadata": {"terminal": "3"}}]
    order = open_bill(call, store, line, payments=payments, metadata={"ticket": "a", "seat": "b"})
    assert (order["metadata"], order["lines"][0]["metadata"]) == ({"ticket": "a", "seat": "b"}, {"sku": "4711"})
    target = f"/v1/orders/{order['id']}/metadata"
    changed = call("POST", target, {"metadata": {"ticket": "c", "seat": None, "new": "d"}})
    assert (changed.status, changed.json["metadata"], changed.json["version"]) == (200, {"ticket": "c", "new": "d"}, 1)
    call("POST", target, {"line": "1", "metadata": {"sku": None, "batch": "9"}})
    call("POST", target, {"payment": "p1", "metadata": {"terminal": "4"}})
    change(call, order["id"], version=1, set={"table": "9"})
    after = call("GET", f"/v1/orders/{order['id']}").json
    assert after["metadata"] == {"ticket": "c", "new": "d"}
    assert after["lines"][0]["metadata"] == {"batch": "9"}
    assert after["payments"][0]["metadata"] == {"terminal": "4"}
    assert message_types(call, order["id"]).count("order.metadata_changed") == 3


def test_a_simple_order_has_metadata_too(call: Caller, store: str) -> None:
    order = call("POST", "/v1/orders", an_order(store)).json
    changed = call("POST", f"/v1/orders/{order['id']}/metadata", {"metadata": {"k": "v"}}).json
    assert changed == order | {"metadata": {"k": "v"}}
    assert call("GET", f"/v1/orders/{order['id']}").json == changed


def test_limits_of_metadata_hold_for_the_sum_of_changes(call: Caller, store: str) -> None:
    order = call("POST", "/v1/orders", an_order(store)).json["id"]
    target = f"/v1/orders/{order}/metadata"
    assert call("POST", target, {"metadata": {f"k{number}": "v" for number in range(50)}}).status == 200
    for metadata in ({"one more": "v"}, {"k1": "x" * 501}, {"x" * 41: "v"}, {"": "v"}, {"k1": "\u0000"}):
        assert call("POST", target, {"metadata": metadata}).status == 422
    assert call("POST", target, {"metadata": {"k0": None, "one more": "v"}}).status == 200
    for wrong in ({"line": "9"}, {"payment": "none"}, {"line": "1", "payment": "p"}):
        assert call("POST", target, {"metadata": {}} | wrong).status == 422
