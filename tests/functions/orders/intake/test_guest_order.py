"""The order of a guest: what it has beyond its token is refused, and named."""

from typing import Any

import pytest

from stack.mariadb import MariaDB
from tests.support.guests import ORDERS, code, fault_codes, guest_of, order_of
from tests.support.intake import rows_in
from tests.support.orders import Caller, paid


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({"payments": paid(1325)}, {"payments": "field_not_for_guests"}),
        ({"open": True}, {"open": "field_not_for_guests"}),
        ({"waiter": "w"}, {"waiter": "field_not_for_guests"}),
        ({"placed_at": "2020-01-01T00:00:00Z"}, {"placed_at": "before_token"}),
        (
            {"lines": [{"item": "hawaiian", "size": "M", "quantity": 1, "unit_price": 1325, "station": "bar",
                        "name": "x"}]},
            {"lines[0].name": "field_not_for_guests", "lines[0].station": "field_not_for_guests"},
        ),
        (
            {"lines": [{"item": "hawaiian", "size": "M", "quantity": 1, "unit_price": 1325,
                        "discounts": [{"kind": "comp", "reason": "x", "person": "me"}]}]},
            {"lines[0].discounts": "field_not_for_guests"},
        ),
        (
            {"discounts": [{"code": "TENTH", "amount": 133}], "total": 1192},
            {"discounts[0].code": "discount_not_of_token"},
        ),
        (
            {"discounts": [{"kind": "open", "amount": 1325, "reason": "me", "person": "me"}], "total": 0},
            dict.fromkeys([f"discounts[0].{n}" for n in ("kind", "person", "reason")], "field_not_for_guests")
            | {"discounts[0].code": "discount_not_of_token"},
        ),
    ],
)  # fmt: skip
def test_a_guest_takes_no_right_of_staff(
    server: Caller, store: str, database: MariaDB, change: dict[str, Any], faults: dict[str, str]
) -> None:
    guest, token = guest_of(server, store)
    assert fault_codes(guest("POST", ORDERS, order_of(token, **change))) == faults
    assert rows_in(database, "orders") == 0
    assert guest("POST", ORDERS, order_of(token)).status == 201


def test_a_token_names_its_discounts_and_charges(server: Caller, store: str) -> None:
    guest, token = guest_of(server, store, discounts=["TENTH"], delivery_charge=350, service_charge=100, orders=2)
    delivery: dict[str, Any] = {"service": "delivery", "guest": {"address": "1 Main Street"}}
    low = order_of(token, **delivery, delivery_charge=1, service_charge=100, total=1426)
    refused = guest("POST", ORDERS, low)
    assert fault_codes(refused) == {"delivery_charge": "charge_too_low"}
    assert (refused.json["errors"][0]["stated"], refused.json["errors"][0]["expected"]) == (1, 350)
    assert fault_codes(guest("POST", ORDERS, order_of(token))) == {"service_charge": "charge_too_low"}
    # 1325 less 10 % (132.5, halves up: 133), with both charges: 1325 - 133 + 350 + 100.
    whole = order_of(token, **delivery, delivery_charge=350, service_charge=100, total=1642)
    whole["discounts"] = [{"code": "TENTH", "amount": 133}]
    assert guest("POST", ORDERS, whole).status == 201


def test_a_guest_cancels_no_order_that_is_accepted_or_paid(call: Caller, server: Caller, store: str) -> None:
    for change in (
        ("fulfilment", {"status": "accepted"}),
        ("payments", {"reference": "w", "method": "wechat", "amount": 500}),
    ):
        guest, token = guest_of(server, store)
        path = f"{ORDERS}/{guest('POST', ORDERS, order_of(token)).json['id']}"
        assert call("POST", f"{path}/{change[0]}", change[1]).status in (200, 201)
        assert code(guest("POST", f"{path}/cancel", {"reason": "x"}, "c")) == (409, "too_late_to_cancel")
        assert call("GET", path).json["fulfilment"] != "cancelled"
