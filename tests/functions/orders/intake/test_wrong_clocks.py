"""A sale whose source has a wrong clock: it is kept, it counts today, and the kitchen knows whether a guest waits."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from demo.printers import ROUTING
from functions.printing.routing.rules import Routing, tickets
from functions.printing.routing.timing import LATE_UPLOAD, late
from shared.contracts.messages.orders import Order
from shared.spine.env import Environment
from stack.gateway_event import Answer
from stack.mariadb import MariaDB
from tests.support.environments import Another
from tests.support.intake import NOON, mini_program_order
from tests.support.orders import EVERYTHING, Caller, an_order, new_key, paid

WITHOUT_IMPORT = [right for right in EVERYTHING if right != "orders:import"]
DAY = timedelta(days=1)


@pytest.fixture
def key(env: Environment, database: MariaDB) -> dict[str, str]:
    """The key of a till that may not import."""
    return new_key(env, database.owner.url, WITHOUT_IMPORT)


@pytest.fixture
def till(another: Another, key: dict[str, str]) -> Caller:
    """That till, at noon."""
    return another(NOON, key)


def sold(till: Caller, store: str, at: datetime | str, **parts: Any) -> Answer:
    text = at if isinstance(at, str) else at.isoformat()
    return till("POST", "/v1/orders", an_order(store, placed_at=text, payments=paid(1325)) | parts)


def points(answer: Answer) -> list[tuple[str, str]]:
    assert answer.status == 201, answer.text
    return [(difference["path"], difference["code"]) for difference in answer.json["differences"]]


def test_a_sale_of_a_week_ago_counts_at_its_time(till: Caller, store: str) -> None:
    sale = sold(till, store, NOON - 7 * DAY)
    assert points(sale) == []
    assert sale.json["business_day"] == "2025-01-08"


def test_an_older_sale_is_kept_counts_today_and_is_not_cooked(till: Caller, store: str) -> None:
    sale = sold(till, store, NOON - 7 * DAY - timedelta(seconds=1))
    assert sale.json["differences"] == [
        {
            "path": "placed_at", "code": "clock_behind",
            "stated": "2025-01-08T16:59:59+00:00", "expected": "2025-01-15T17:00:00+00:00",
        },
    ]  # fmt: skip
    assert (sale.json["placed_at"], sale.json["business_day"]) == ("2025-01-15T17:00:00Z", "2025-01-15")
    # Its money moved on its day, so the next close lists it as late.
    assert (sale.json["payment"], sale.json["payments"][0]["day"]) == ("paid", "2025-01-08")
    order = Order.model_validate(sale.json)
    routing = Routing.model_validate({name: value for name, value in ROUTING.items() if name != "late_uploads"})
    for receipts in (False, True):
        ticket = late(order, routing, tickets(order, routing, receipts=receipts), NOON, receipts=receipts)
        assert ticket is not None
        assert ticket.code == LATE_UPLOAD


@pytest.mark.parametrize(
    "stated",
    ["2000-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "1899-12-30T00:00:00Z",
     "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"],
)  # fmt: skip
def test_the_sale_of_a_clock_without_battery_is_kept_and_cooked(till: Caller, store: str, stated: str) -> None:
    sale = sold(till, store, stated, payments=[paid(1325)[0] | {"taken_at": stated}])
    assert points(sale) == [("placed_at", "clock_behind"), ("payments[0].taken_at", "clock_behind")]
    assert (sale.json["business_day"], sale.json["payments"][0]["day"]) == ("2025-01-15", "2025-01-15")
    assert sale.json["kitchen_at"] == sale.json["placed_at"] == "2025-01-15T17:00:00Z"
    assert sale.json["payments"][0]["taken_at"] == "2025-01-15T17:00:00Z"


def test_a_till_whose_clock_always_says_the_same_sells_anew_each_day(
    another: Another, key: dict[str, str], store: str
) -> None:
    coffee = an_order(store, placed_at="1970-01-01T00:00:00Z")
    first = another(NOON, key)("POST", "/v1/orders", coffee, key="k1")
    again = another(NOON + timedelta(minutes=1), key)("POST", "/v1/orders", coffee, key="k2")
    tomorrow = another(NOON + DAY, key)("POST", "/v1/orders", coffee, key="k3")
    assert again.text == first.text
    assert tomorrow.json["id"] != first.json["id"]
    assert points(tomorrow) == [("placed_at", "clock_behind"), ("source.number", "number_repeated")]


def test_a_late_upload_that_is_sent_again_a_week_later_is_the_same_sale(
    another: Another, key: dict[str, str], store: str
) -> None:
    late_sale = an_order(store, placed_at=(NOON - 6 * DAY).isoformat())
    first = another(NOON, key)("POST", "/v1/orders", late_sale, key="k1")
    again = another(NOON + 3 * DAY, key)("POST", "/v1/orders", late_sale, key="k2")
    assert (points(first), again.text) == ([], first.text)


def test_a_time_of_the_end_of_a_calendar_is_a_clock_ahead_and_no_time_for_the_guest(till: Caller, store: str) -> None:
    sale = sold(till, store, "9999-12-31T23:59:59-14:00", wanted_for="0001-01-01T00:00:00Z")
    assert points(sale) == [("placed_at", "clock_ahead"), ("wanted_for", "time_out_of_range")]
    assert (sale.json["placed_at"], sale.json["wanted_for"]) == ("2025-01-15T17:00:00Z", None)


def test_who_may_import_history_imports_it_but_none_of_before_1970(another: Another, store: str) -> None:
    importer = another(NOON)
    assert points(sold(importer, store, NOON - 400 * DAY)) == []
    assert points(sold(importer, store, "1969-12-31T23:59:59Z")) == [("placed_at", "clock_behind")]


def test_a_guest_can_correct_an_old_time(till: Caller, store: str) -> None:
    order = mini_program_order(store, placed_at=(NOON - 8 * DAY).isoformat())
    assert till("POST", "/v1/orders", order).json["code"] == "not_allowed"
