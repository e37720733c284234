"""Slots: capacity is taken in the order's transaction; full ones are refused with the next free ones."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from stack.gateway_event import Answer
from stack.mariadb import MariaDB
from tests.support.bills import change, merge, open_bill, split
from tests.support.environments import Another, at_once
from tests.support.order_changes import cancel
from tests.support.orders import SETTINGS, Caller, an_order, open_store
from tests.support.store_changes import COLA, HOUR, NOON

RULE: dict[str, Any] = {"minutes": 15, "orders": 2, "pieces": 10}
# 13:00 in New York.
ONE = NOON + HOUR


@pytest.fixture
def shop(another: Another) -> str:
    return open_store(another(NOON - HOUR), slots=RULE, lead_minutes=30)


def order_for(call: Caller, store: str, minutes: int = 60, quantity: int = 1, kind: str = "mini_program") -> Answer:
    order = an_order(store, lines=[COLA | {"quantity": quantity}], total=300 * quantity)
    order["source"] |= {"kind": kind}
    return call("POST", "/v1/orders", order | {"wanted_for": (NOON + timedelta(minutes=minutes)).isoformat()})


def orders_left(call: Caller, store: str) -> dict[str, tuple[int, int]]:
    slots = call("GET", f"/v1/slots/{store}?day=2025-01-15").json["slots"]
    return {slot["begins_at"]: (slot["orders_left"], slot["pieces_left"]) for slot in slots}


def test_a_full_slot_is_refused_with_the_next_free_ones(another: Another, shop: str) -> None:
    call = another(NOON)
    assert order_for(call, shop, 60).json["slot"] == "2025-01-15T18:00:00Z"
    assert order_for(call, shop, 74).status == 201
    refused = order_for(call, shop, 65)
    assert (refused.status, refused.json["code"]) == (422, "not_orderable")
    [fault] = refused.json["errors"]
    assert (fault["path"], fault["code"]) == ("wanted_for", "slot_full")
    # From the wanted slot on.
    assert refused.json["free_slots"][:2] == ["2025-01-15T18:15:00+00:00", "2025-01-15T18:30:00+00:00"]
    assert len(refused.json["free_slots"]) == 5
    assert order_for(call, shop, 75).json["slot"] == "2025-01-15T18:15:00Z"


def test_pieces_have_a_limit_too(another: Another, shop: str) -> None:
    call = another(NOON)
    assert order_for(call, shop, quantity=9).status == 201
    assert order_for(call, shop, quantity=2).json["errors"][0]["code"] == "slot_full"
    assert order_for(call, shop, quantity=1).status == 201
    never = order_for(call, shop, 90, quantity=11)
    assert (never.json["errors"][0]["code"], never.json["free_slots"]) == ("slot_full", [])


def test_an_order_within_the_lead_time_is_refused(another: Another, shop: str) -> None:
    call = another(NOON)
    refused = order_for(call, shop, 29)
    assert refused.json["errors"][0]["code"] == "too_soon"
    assert refused.json["free_slots"][0] == "2025-01-15T17:30:00+00:00"
    assert order_for(call, shop, 30).status == 201
    assert order_for(call, shop, 20, kind="till").status == 201


def test_a_sale_is_kept_and_named(another: Another, shop: str) -> None:
    call = another(NOON)
    for _ in range(2):
        assert order_for(call, shop, kind="platform").json["differences"] == []
    third = order_for(call, shop, kind="platform").json
    assert [difference["code"] for difference in third["differences"]] == ["slot_full"]
    assert third["slot"] == "2025-01-15T18:00:00Z"
    assert orders_left(call, shop)["2025-01-15T18:00:00Z"] == (0, 7)


def test_a_cancelled_order_gives_its_place_back_once(another: Another, shop: str) -> None:
    call = another(NOON)
    orders = [order_for(call, shop, quantity=4).json["id"] for _ in range(2)]
    assert orders_left(call, shop)["2025-01-15T18:00:00Z"] == (0, 2)
    for seconds in (1, 2):
        cancel = another(NOON + timedelta(seconds=seconds))
        assert cancel("POST", f"/v1/orders/{orders[0]}/cancel", {"reason": "x"}).status == 200
        assert orders_left(call, shop)["2025-01-15T18:00:00Z"] == (1, 6)
    assert order_for(call, shop).status == 201


def test_an_order_that_is_sent_again_takes_one_place(another: Another, shop: str) -> None:
    call = another(NOON)
    order = an_order(shop, lines=[COLA], total=300, wanted_for=ONE.isoformat())
    order["source"] |= {"kind": "mini_program"}
    for key in ("a", "a", "b"):
        assert call("POST", "/v1/orders", order, key=key).status == 201
    assert orders_left(call, shop)["2025-01-15T18:00:00Z"] == (1, 9)


def test_of_ten_guests_at_once_two_get_the_two_places(another: Another, shop: str) -> None:
    callers = [another(NOON) for _ in range(10)]
    answers = at_once([partial(patiently, call, shop) for call in callers])
    assert sorted(answer.status for answer in answers) == [201] * 2 + [422] * 8
    assert orders_left(callers[0], shop)["2025-01-15T18:00:00Z"] == (0, 8)


def patiently(call: Caller, store: str) -> Answer:
    answer = order_for(call, store)
    while answer.status == 503:
        answer = order_for(call, store)
    return answer


def test_the_day_lists_the_slots_that_can_still_be_wanted(another: Another, shop: str) -> None:
    week = {"week": [[{"opens": "12:00", "closes": "13:00"}]] * 7}
    assert another(NOON - HOUR)("PUT", f"/v1/stores/{shop}/opening-hours", week).status == 200
    assert list(orders_left(another(NOON), shop)) == ["2025-01-15T17:30:00Z", "2025-01-15T17:45:00Z"]
    tomorrow = another(NOON)("GET", f"/v1/slots/{shop}?day=2025-01-16").json
    assert [slot["begins_at"][11:16] for slot in tomorrow["slots"]] == ["17:00", "17:15", "17:30", "17:45"]
    assert tomorrow["slots"][0] == {"begins_at": "2025-01-16T17:00:00Z", "orders_left": 2, "pieces_left": 10}


def test_a_store_without_slots_takes_scheduled_orders_as_before(another: Another, database: MariaDB) -> None:
    call = another(NOON)
    store = open_store(call)
    order = order_for(call, store, 1)
    assert (order.status, "slot" in order.json) == (201, False)
    assert call("GET", f"/v1/slots/{store}").json["code"] == "no_slots"
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM slot_counts")
        assert cursor.fetchall() == ((0,),)


def test_slots_of_a_month_ago_are_deleted(another: Another, shop: str, database: MariaDB) -> None:
    assert order_for(another(NOON), shop).status == 201
    much_later = NOON + timedelta(days=40)
    assert (
        another(much_later - HOUR)("PUT", f"/v1/stores/{shop}", SETTINGS | {"slots": RULE, "name": "x"}).status == 200
    )
    order = an_order(shop, lines=[COLA], total=300, wanted_for=(much_later + HOUR).isoformat())
    order["source"] |= {"kind": "mini_program"}
    assert another(much_later)("POST", "/v1/orders", order).status == 201
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM slot_counts")
        assert cursor.fetchall() == ((1,),)


def scheduled_bill(call: Caller, store: str, quantity: int, minutes: int = 60, kind: str = "till") -> dict[str, Any]:
    order = an_order(store)
    source = order["source"] | {"kind": kind}
    wanted_for = (NOON + timedelta(minutes=minutes)).isoformat()
    line = COLA | {"quantity": quantity}
    return open_bill(call, store, line, source=source, wanted_for=wanted_for, total=300 * quantity)


def test_parts_of_a_split_bill_share_one_place(another: Another, shop: str) -> None:
    call = another(NOON)
    bill = scheduled_bill(call, shop, 6)
    parts = [{"lines": [{"line": "1", "quantity": 2}]} for _ in range(2)]
    answer = split(call, bill["id"], 1, parts=parts).json
    assert orders_left(call, shop)["2025-01-15T18:00:00Z"] == (1, 4)
    for number, one in enumerate(answer["orders"], start=1):
        assert cancel(call, one["id"]).status == 200
        assert orders_left(call, shop)["2025-01-15T18:00:00Z"] == (1, 4 + 2 * number)
    assert cancel(call, bill["id"]).status == 200
    assert orders_left(call, shop)["2025-01-15T18:00:00Z"] == (2, 10)


def test_a_round_takes_room_in_the_slot_and_a_void_gives_it_back(another: Another, shop: str) -> None:
    call = another(NOON)
    bill = scheduled_bill(call, shop, 6)
    assert change(call, bill["id"], add=[COLA | {"quantity": 3}]).json["differences"] == []
    assert orders_left(call, shop)["2025-01-15T18:00:00Z"] == (1, 1)
    grown = change(call, bill["id"], add=[COLA | {"quantity": 3, "note": "more"}]).json
    # A sale is kept: 12 pieces of 10.
    assert [(one["path"], one["code"]) for one in grown["differences"]] == [("changes[3].add", "slot_full")]
    void = {"line": "1", "quantity": 5, "reason": "x"}
    assert change(call, bill["id"], version=3, void=[void]).status == 200
    assert orders_left(call, shop)["2025-01-15T18:00:00Z"] == (1, 3)
    assert cancel(call, bill["id"]).status == 200
    assert orders_left(call, shop)["2025-01-15T18:00:00Z"] == (2, 10)


def test_a_guests_round_for_a_slot_without_room_is_refused(another: Another, shop: str) -> None:
    call = another(NOON)
    bill = scheduled_bill(call, shop, 8, kind="mini_program")
    refused = change(call, bill["id"], add=[COLA | {"quantity": 3}])
    assert (refused.status, [(one["path"], one["code"]) for one in refused.json["errors"]]) == (
        422, [("add", "slot_full")],
    )  # fmt: skip
    assert orders_left(call, shop)["2025-01-15T18:00:00Z"] == (1, 2)
    assert change(call, bill["id"], add=[COLA | {"quantity": 2}]).status == 200


def test_of_two_merged_bills_one_place_is_free_again(another: Another, shop: str) -> None:
    call = another(NOON)
    first, second, later = (scheduled_bill(call, shop, 2, minutes) for minutes in (60, 60, 75))
    assert orders_left(call, shop)["2025-01-15T18:00:00Z"] == (0, 6)
    merged = merge(call, first, second).json
    assert orders_left(call, shop)["2025-01-15T18:00:00Z"] == (1, 6)
    merged = merge(call, merged, later).json
    left = orders_left(call, shop)
    assert (left["2025-01-15T18:00:00Z"], left["2025-01-15T18:15:00Z"]) == ((1, 4), (2, 10))
    assert cancel(call, merged["id"]).status == 200
    assert orders_left(call, shop)["2025-01-15T18:00:00Z"] == (2, 10)
