"""A round that an offline till uploads late: it counts at its own time, by the store as it was then."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.bills import change as change_bill
from tests.support.bills import open_bill
from tests.support.environments import Another
from tests.support.orders import open_store
from tests.support.queues import Inbox
from tests.support.store_changes import CLOSED, COLA, HOUR, NOON, change, menu_with_cola_at


@pytest.fixture
def shop(another: Another) -> str:
    """A store that has been open since a day before noon. An hour after noon colas get dearer, later it closes."""
    shop = open_store(another(NOON - timedelta(days=1)))
    change(another, NOON + HOUR, shop, "menu", menu_with_cola_at(350))
    change(another, NOON + 2 * HOUR, shop, "opening-hours", CLOSED)
    return shop


def late_round(another: Another, shop: str, placed_at: Any) -> dict[str, Any]:
    bill = open_bill(another(NOON), shop, COLA, placed_at=NOON.isoformat())
    # An hour after the store has closed.
    stated = {"placed_at": placed_at.isoformat()} if placed_at else {}
    answer = change_bill(another(NOON + 3 * HOUR), bill["id"], add=[COLA], **stated)
    assert answer.status == 200, answer.text
    order: dict[str, Any] = answer.json
    return order


@pytest.mark.parametrize(
    ("minutes", "points"),
    [
        (30, []),
        (90, [("changes[2].add[0].unit_price", "amount_differs")]),
        (150, [("changes[2].store", "store_closed"), ("changes[2].add[0].unit_price", "amount_differs")]),
    ],
)
def test_a_late_round_is_judged_by_the_menu_and_hours_of_its_time(
    another: Another, shop: str, inbox: Inbox, minutes: int, points: list[tuple[str, str]]
) -> None:
    placed_at = NOON + timedelta(minutes=minutes)
    order = late_round(another, shop, placed_at)
    assert [(point["path"], point["code"]) for point in order["differences"]] == points
    stated = placed_at.isoformat().replace("+00:00", "Z")
    assert [line.get("placed_at") for line in order["lines"]] == [None, stated]
    [delta] = [message["data"]["delta"] for message in inbox.take() if message["type"] == "order.changed"]
    assert (delta["placed_at"], delta["at"]) == (stated, "2025-01-15T20:00:00Z")


def test_a_round_that_states_no_time_is_judged_by_the_present_store(another: Another, shop: str, inbox: Inbox) -> None:
    order = late_round(another, shop, None)
    assert [point["code"] for point in order["differences"]] == ["store_closed", "amount_differs"]
    [delta] = [message["data"]["delta"] for message in inbox.take() if message["type"] == "order.changed"]
    assert "placed_at" not in delta


def test_a_round_of_a_till_whose_clock_is_ahead_counts_at_its_receipt(another: Another, shop: str) -> None:
    order = late_round(another, shop, NOON + 4 * HOUR)
    [ahead] = [point for point in order["differences"] if point["code"] == "clock_ahead"]
    assert (ahead["path"], ahead["expected"]) == ("changes[2].placed_at", "2025-01-15T20:00:00+00:00")
    assert order["lines"][1]["placed_at"] == "2025-01-15T20:00:00Z"


def test_a_round_of_before_a_count_takes_nothing_from_it(another: Another, shop: str) -> None:
    bill = open_bill(another(NOON), shop, COLA)
    call = another(NOON + HOUR)
    assert call("PUT", f"/v1/stock/{shop}/cola", {"left": 5}).status == 200
    for minutes, left in ((30, 5), (90, 4)):
        placed_at = (NOON + timedelta(minutes=minutes)).isoformat()
        round_ = change_bill(another(NOON + 2 * HOUR), bill["id"], add=[COLA], placed_at=placed_at)
        assert round_.status == 200
        assert call("GET", f"/v1/stock/{shop}").json["items"][0]["left"] == left


def test_a_round_of_a_scheduled_bill_is_judged_by_the_hours_of_the_bill(another: Another) -> None:
    shop = open_store(another(NOON - timedelta(days=1)))
    # From 19:00 to 22:00; it is noon.
    evening = {"week": [[{"opens": "19:00", "closes": "22:00"}]] * 7}
    change(another, NOON - HOUR, shop, "opening-hours", evening)
    call = another(NOON)
    bill = open_bill(call, shop, COLA, wanted_for=(NOON + 8 * HOUR).isoformat())
    assert change_bill(call, bill["id"], add=[COLA]).json["differences"] == bill["differences"] == []
