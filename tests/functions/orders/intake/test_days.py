"""The day that an order is for, and when its kitchen begins."""

from datetime import UTC, datetime

import pytest

from shared.contracts.messages.orders import Order
from tests.support.environments import Another
from tests.support.orders import Caller, an_order, open_store

# A Wednesday, noon in New York.
NOON = datetime(2025, 1, 15, 17, 0, tzinfo=UTC)


def test_an_order_for_another_day_is_numbered_on_that_day(another: Another, store: str) -> None:
    noon = another(NOON)
    friday = {"wanted_for": "2025-01-17T12:00:00-05:00"}
    replies = [noon("POST", "/v1/orders", an_order(store, **parts)).json for parts in ({}, friday, friday, {})]
    assert [(reply["business_day"], reply["pickup_number"]) for reply in replies] == [
        ("2025-01-15", 1), ("2025-01-17", 1), ("2025-01-17", 2), ("2025-01-15", 2),
    ]  # fmt: skip
    on_friday = another(datetime(2025, 1, 17, 15, 0, tzinfo=UTC))
    walked_in = on_friday("POST", "/v1/orders", an_order(store)).json
    assert (walked_in["business_day"], walked_in["pickup_number"]) == ("2025-01-17", 3)


def test_yesterdays_late_upload_is_numbered_yesterday(another: Another, store: str) -> None:
    late = another(NOON)("POST", "/v1/orders", an_order(store, placed_at="2025-01-14T20:00:00-05:00")).json
    assert (late["business_day"], late["pickup_number"]) == ("2025-01-14", 1)
    assert late["kitchen_at"] == late["placed_at"] == "2025-01-15T01:00:00Z"


@pytest.mark.parametrize(
    ("lead", "wanted_for", "kitchen_at"),
    [
        (None, None, "2025-01-15T17:00:00Z"),
        (None, "2025-01-17T17:00:00Z", "2025-01-17T16:30:00Z"),
        (45, "2025-01-15T18:00:00Z", "2025-01-15T17:15:00Z"),
        (0, "2025-01-15T18:00:00Z", "2025-01-15T18:00:00Z"),
        (45, "2025-01-15T17:45:00Z", "2025-01-15T17:00:00Z"),
        (45, "2025-01-15T17:10:00Z", "2025-01-15T17:00:00Z"),
        (None, "2025-01-14T17:00:00Z", "2025-01-15T17:00:00Z"),
    ],
)
def test_the_kitchen_begins_the_lead_before_the_meal_and_never_before_the_order(
    call: Caller, another: Another, lead: int | None, wanted_for: str | None, kitchen_at: str
) -> None:
    store = open_store(call) if lead is None else open_store(call, lead_minutes=lead)
    order = an_order(store, **({"wanted_for": wanted_for} if wanted_for else {}))
    assert another(NOON)("POST", "/v1/orders", order).json["kitchen_at"] == kitchen_at


def test_an_order_that_was_wanted_before_it_was_placed_counts_on_the_day_it_was_placed(
    another: Another, store: str
) -> None:
    order = an_order(store, wanted_for="2025-01-14T12:00:00-05:00")
    assert another(NOON)("POST", "/v1/orders", order).json["business_day"] == "2025-01-15"


def test_a_lead_is_between_none_and_a_day(call: Caller, store: str) -> None:
    settings = call("GET", f"/v1/stores/{store}").json["settings"]
    assert settings["lead_minutes"] == 30
    for minutes, status in ((-1, 422), (1441, 422), (1440, 200)):
        assert call("PUT", f"/v1/stores/{store}", settings | {"lead_minutes": minutes}).status == status


def test_a_message_of_before_the_fields_existed_is_still_read(another: Another, store: str) -> None:
    order = another(NOON)("POST", "/v1/orders", an_order(store)).json
    del order["kitchen_at"]
    order["differences"] = [{"path": "total", "stated": 1300, "expected": 1325}]
    read = Order.model_validate(order)
    assert read.kitchen_at is None
    assert read.differences[0].code == "amount_differs"
