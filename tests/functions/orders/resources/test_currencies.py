"""A store's currency, and amounts in currencies whose minor unit is worth little."""

import pytest

from tests.support.orders import SETTINGS, Caller, an_order, open_store, paid

EUROS = SETTINGS | {"currency": "EUR"}


def test_the_currency_of_a_store_without_menu_and_orders_can_be_put_right(call: Caller) -> None:
    assert call("PUT", "/v1/stores/s1", SETTINGS).status == 201
    assert call("PUT", "/v1/stores/s1", EUROS).json["settings"]["currency"] == "EUR"


def test_the_currency_of_a_store_with_a_menu_stays(call: Caller, store: str) -> None:
    refused = call("PUT", f"/v1/stores/{store}", EUROS)
    assert (refused.status, refused.json["code"], refused.json["currency"]) == (409, "store_in_use", "USD")
    kept = call("GET", f"/v1/stores/{store}/menu")
    assert (kept.json["currency"], kept.json["revision"]) == ("USD", 2)
    # All else can change.
    assert call("PUT", f"/v1/stores/{store}", SETTINGS | {"name": "Other"}).status == 200


def test_the_currency_of_a_store_with_orders_alone_stays(call: Caller) -> None:
    assert call("PUT", "/v1/stores/s1", SETTINGS).status == 201
    # A sale of a till is kept though the store has no menu yet.
    assert call("POST", "/v1/orders", an_order("s1")).status == 201
    refused = call("PUT", "/v1/stores/s1", EUROS)
    assert (refused.status, refused.json["code"]) == (409, "store_in_use")


@pytest.mark.parametrize(
    ("currency", "total"),
    # 12.5 million rupiah are 760 USD, 70 million Lebanese pounds 780, ten billion rials about ten thousand.
    [("IDR", 12_500_000_00), ("LBP", 70_000_000_00), ("IRR", 10_000_000_000_00)],
)
def test_a_banquet_in_a_currency_of_large_numbers_is_an_order(call: Caller, currency: str, total: int) -> None:
    menu = {"items": [{"id": "banquet", "name": "Banquet", "category": "c", "price": total}]}
    store = open_store(call, menu, currency=currency)
    line = {"item": "banquet", "quantity": 1, "unit_price": total}
    order = an_order(store, lines=[line], total=total, currency=currency, payments=paid(total))
    answer = call("POST", "/v1/orders", order)
    assert (answer.status, answer.json["payment"], answer.json["differences"]) == (201, "paid", [])
    assert call("GET", f"/v1/orders/{answer.json['id']}").json["paid"] == total
