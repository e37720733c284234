"""A sale that comes late is judged by the store as it was when the sale was made."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.orders.tables.store_history import SELECT_STORE_AT
from shared.spine.db import Row, Transaction
from stack.mariadb import MariaDB
from tests.support.environments import Another
from tests.support.orders import MENU, SETTINGS, Caller, an_order, open_store
from tests.support.store_changes import CLOSED, COLA, HOUR, NOON, change, menu_with_cola_at


def sale(store: str, at: datetime, **parts: Any) -> dict[str, Any]:
    return an_order(store, lines=[COLA], total=300, placed_at=at.isoformat()) | parts


def points(till: Caller, order: dict[str, Any]) -> dict[str, Any]:
    """What is named of the order: the expected amount by path, or the code."""
    answer = till("POST", "/v1/orders", order)
    assert answer.status == 201, answer.text
    differences = answer.json["differences"]
    return {d["path"]: d["expected"] if d["code"] == "amount_differs" else d["code"] for d in differences}


@pytest.fixture
def shop(another: Another) -> str:
    """A store that has been open since a day before noon."""
    return open_store(another(NOON - timedelta(days=1)))


def test_a_store_that_has_closed_since_and_an_item_that_has_left_the_menu_are_no_difference(
    another: Another, shop: str
) -> None:
    till = another(NOON + 9 * HOUR)
    change(another, NOON + HOUR, shop, "sold-out", {"items": ["cola"]})
    change(another, NOON + 2 * HOUR, shop, "opening-hours", CLOSED)
    change(another, NOON + 3 * HOUR, shop, "menu", {"items": MENU["items"][:1]})
    for hours, named in [
        (0, {}),
        (1, {"lines[0].item": "sold_out"}),
        (2, {"lines[0].item": "sold_out", "store": "store_closed"}),
        (3, {"lines[0].item": "unknown_item", "store": "store_closed"}),
        (9, {"lines[0].item": "unknown_item", "store": "store_closed"}),
    ]:
        assert points(till, sale(shop, NOON + hours * HOUR)) == named, hours
    # A moment before a change the store was as it was.
    assert points(till, sale(shop, NOON + HOUR - timedelta(microseconds=1))) == {}


def test_the_price_that_held_is_the_price_that_is_expected(another: Another, shop: str) -> None:
    for hours, price in ((1, 320), (2, 280), (3, 350)):
        change(another, NOON + hours * HOUR, shop, "menu", menu_with_cola_at(price))
    till = another(NOON + 9 * HOUR)
    for minutes, named in [
        (59, {}),
        (61, {"lines[0].unit_price": 320, "total": 320}),
        (121, {"lines[0].unit_price": 280, "total": 280}),
        (181, {"lines[0].unit_price": 350, "total": 350}),
    ]:
        assert points(till, sale(shop, NOON + timedelta(minutes=minutes))) == named, minutes


def test_tax_day_and_lead_are_those_that_held(another: Another, shop: str) -> None:
    now = SETTINGS | {"day_ends_at": "00:00", "lead_minutes": 10, "tax": {"rate": 1000, "inclusive": False}}
    change(another, NOON + HOUR, shop, "", now)
    till = another(NOON + 20 * HOUR)
    # 01:30 in the night before: the day ended at 04:00 then, and ends at midnight now.
    night = {"placed_at": "2025-01-15T01:30:00-05:00", "wanted_for": "2025-01-15T02:30:00-05:00"}
    order = till("POST", "/v1/orders", sale(shop, NOON, **night)).json
    assert (order["business_day"], order["differences"], order["kitchen_at"]) == (
        "2025-01-14", [], "2025-01-15T07:00:00Z",
    )  # fmt: skip
    night = {"placed_at": "2025-01-16T01:30:00-05:00", "wanted_for": "2025-01-16T02:30:00-05:00"}
    order = till("POST", "/v1/orders", sale(shop, NOON, **night)).json
    assert (order["business_day"], order["kitchen_at"]) == ("2025-01-16", "2025-01-16T07:20:00Z")
    assert {d["path"]: d["expected"] for d in order["differences"]} == {"tax": 30, "total": 330}


def test_a_mini_programs_order_is_judged_by_the_store_as_it_is(another: Another, shop: str) -> None:
    change(another, NOON + HOUR, shop, "menu", menu_with_cola_at(320))
    source = {"kind": "mini_program", "id": "mini", "number": "1"}
    refused = another(NOON + 2 * HOUR)("POST", "/v1/orders", sale(shop, NOON, source=source))
    assert (refused.status, refused.json["code"]) == (422, "amounts_differ")


def test_an_environment_with_an_old_copy_of_the_store_judges_as_any_other(another: Another, shop: str) -> None:
    warm = another(NOON + 9 * HOUR)
    assert points(warm, sale(shop, NOON)) == {}
    change(another, NOON + HOUR, shop, "menu", menu_with_cola_at(320))
    assert points(warm, sale(shop, NOON + 2 * HOUR)) == {"lines[0].unit_price": 320, "total": 320}
    assert points(warm, sale(shop, NOON)) == {}


def test_of_what_is_not_known_the_store_as_it_is_decides(another: Another, shop: str) -> None:
    assert another(NOON - 3 * HOUR)("PUT", "/v1/stores/new", SETTINGS).status == 201
    change(another, NOON - HOUR, "new", "menu", MENU)
    for store in (shop, "new"):
        change(another, NOON + HOUR, store, "menu", menu_with_cola_at(320))
    till = another(NOON + 2 * HOUR)
    now = {"lines[0].unit_price": 320, "total": 320}
    # Before the store was there, before what is kept of it, and before it had a menu.
    assert points(till, sale(shop, NOON - timedelta(days=2))) == now
    assert points(till, sale(shop, NOON - timedelta(days=30))) == now
    assert points(till, sale("new", NOON - 2 * HOUR)) == now
    assert points(till, sale("new", NOON)) == {}


def test_a_sale_of_a_store_that_changed_before_versions_were_kept_is_judged_by_the_oldest(
    another: Another, shop: str, database: MariaDB
) -> None:
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE stores SET changed_at = NULL")
        cursor.execute("DELETE FROM store_versions")
    assert points(another(NOON), sale(shop, NOON - timedelta(days=3))) == {}
    change(another, NOON + HOUR, shop, "menu", menu_with_cola_at(320))
    assert points(another(NOON + 2 * HOUR), sale(shop, NOON - timedelta(days=3))) == {}


@contextmanager
def versions_read(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements that read versions: what must not happen can only be seen where it would."""
    seen: list[str] = []
    rows = Transaction.rows

    def noted(transaction: Transaction, statement: str, values: Any = ()) -> Sequence[Row]:
        seen.extend([statement] * (statement == SELECT_STORE_AT))
        return rows(transaction, statement, values)

    with monkeypatch.context() as patch:
        patch.setattr(Transaction, "rows", noted)
        yield seen


def test_an_order_of_now_and_one_of_history_cost_no_statement_more(
    another: Another, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(another, NOON, shop, "menu", MENU)
    till = another(NOON + HOUR)
    with versions_read(monkeypatch) as seen:
        for moment in (NOON, NOON + HOUR, NOON - timedelta(days=8)):
            assert points(till, sale(shop, moment)) == {}
        assert points(till, an_order(shop)) == {}
        assert seen == []
        assert points(till, sale(shop, NOON - HOUR)) == {}
        assert seen == [SELECT_STORE_AT]
