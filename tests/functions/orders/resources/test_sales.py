"""Sales that have happened: kept as sold, each point that disagrees with the store named and announced."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stack.gateway_event import Answer
from tests.support.environments import Another
from tests.support.orders import Caller, an_order, open_store, paid
from tests.support.queues import Inbox

# A Wednesday, noon in New York.
NOON = datetime(2025, 1, 15, 17, 0, tzinfo=UTC)
COLA = {"item": "cola", "quantity": 1, "unit_price": 300}
PLATFORM = {"kind": "platform", "id": "rider", "number": "1"}


def points(answer: Answer) -> list[tuple[str, str]]:
    assert answer.status == 201, answer.text
    return [(point["path"], point["code"]) for point in answer.json["differences"]]


def sold(call: Caller, store: str, **parts: Any) -> Answer:
    """A cola that was paid for, whatever else is said of it."""
    return call("POST", "/v1/orders", an_order(store, lines=[COLA], total=300, payments=paid(300)) | parts)


def test_a_payment_of_nothing_beside_a_voucher_is_named_and_left_out(call: Caller, store: str) -> None:
    payments = [*paid(0, "voucher"), *paid(300, "cash")]
    sale = sold(call, store, payments=payments)
    assert points(sale) == [("payments[0].amount", "payment_of_nothing")]
    assert [(payment["reference"], payment["amount"]) for payment in sale.json["payments"]] == [("cash", 300)]
    asked = an_order(store, source={"kind": "mini_program", "id": "m", "number": "2"}, payments=paid(0))
    assert call("POST", "/v1/orders", asked).json["errors"][0]["path"] == "payments[0].amount"


def test_a_platforms_codes_of_items_may_be_any_text(call: Caller, store: str) -> None:
    line = {
        "item": "宫保鸡丁/大 份", "size": "大", "options": ["微辣", "", "x" * 65], "category": "川菜", "quantity": 1,
        "unit_price": 300,
    }  # fmt: skip
    sale = sold(call, store, lines=[line], source=PLATFORM)
    assert points(sale) == [("lines[0].options[2]", "text_too_long"), ("lines[0].item", "unknown_item")]
    [kept] = sale.json["lines"]
    assert (kept["item"], kept["name"], kept["size"], kept["category"]) == (
        "宫保鸡丁/大 份",
        "宫保鸡丁/大 份",
        "大",
        "川菜",
    )
    assert [option["name"] for option in kept["options"]] == ["微辣", "…", "x" * 63 + "…"]
    asked = an_order(store, source={"kind": "mini_program", "id": "m", "number": "1"}, lines=[line], total=300)
    refused = call("POST", "/v1/orders", asked)
    assert (refused.status, {fault["path"] for fault in refused.json["errors"]}) == (
        422,
        {"lines[0].item", "lines[0].size", "lines[0].category", *(f"lines[0].options[{place}]" for place in range(3))},
    )


@pytest.mark.parametrize("kind", ["till", "platform"])
def test_a_sale_is_kept_named_and_announced_whatever_the_store_says_today(
    call: Caller, store: str, inbox: Inbox, kind: str
) -> None:
    call("PUT", f"/v1/stores/{store}/sold-out", {"items": ["cola"]})
    call("PUT", f"/v1/stores/{store}/opening-hours", {"week": [[]] * 7})
    lines = [
        COLA,
        {"item": "calzone", "quantity": 2, "unit_price": 900, "name": "Calzone", "category": "folded"},
        {"item": "hawaiian", "size": "XXL", "options": ["gold"], "quantity": 1, "unit_price": 2500},
    ]
    source = {"kind": kind, "id": "s", "number": "1"}
    discounts = [{"code": "满30减5", "amount": 500}]
    parts = {"lines": lines, "discounts": discounts, "guest": {"phone": "138****8000"}, "service": "delivery"}
    sale = call("POST", "/v1/orders", an_order(store, source=source, total=4100, payments=paid(4100), **parts))
    assert points(sale) == [
        ("guest.phone", "phone_format"),
        ("guest.address", "address_missing"),
        ("store", "store_closed"),
        ("lines[0].item", "sold_out"),
        ("lines[1].item", "unknown_item"),
        ("lines[2].size", "unknown_size"),
        ("lines[2].options[0]", "unknown_option"),
        ("discounts[0].code", "unknown_discount"),
    ]
    assert (sale.json["payment"], sale.json["subtotal"], sale.json["total"]) == ("paid", 4600, 4100)
    messages = inbox.take()
    assert [message["type"] for message in messages] == ["order.placed", "order.differs", "order.paid"]
    assert messages[1]["data"]["order"] == sale.json
    assert call("GET", f"/v1/orders/{sale.json['id']}").json == sale.json


def test_a_kitchen_reads_what_the_source_calls_an_item_that_the_menu_does_not_know(call: Caller, store: str) -> None:
    lines = [
        {"item": "soup-7", "quantity": 1, "unit_price": 500, "name": "Soup of the day", "category": "soup",
         "size": "big", "options": ["hot"], "station": "stove", "note": "no bread"},
        {"item": "soup-8", "quantity": 1, "unit_price": 500},
        {"item": "cola", "quantity": 1, "unit_price": 350, "name": "Soda", "options": ["lemon"]},
        {"item": "hawaiian", "size": "M", "quantity": 1, "unit_price": 1525, "options": ["cheese", "olives"]},
    ]  # fmt: skip
    sale = call("POST", "/v1/orders", an_order(store, lines=lines, total=2875))
    named, bare, cola, pizza = sale.json["lines"]
    assert (named["name"], named["category"], named["size"], named["station"], named["note"]) == (
        "Soup of the day", "soup", "big", "stove", "no bread",
    )  # fmt: skip
    assert named["options"] == [{"id": "hot", "name": "hot", "price": 0}]
    assert (bare["name"], bare["category"], bare["station"]) == ("soup-8", "other", None)
    assert (cola["name"], cola["category"]) == ("Cola", "drink")
    assert pizza["options"] == [
        {"id": "cheese", "name": "Extra cheese", "price": 150}, {"id": "olives", "name": "olives", "price": 0},
    ]  # fmt: skip
    # No price stands against a line that the menu does not know wholly.
    assert {code for _, code in points(sale)} == {"unknown_item", "unknown_option"}


def test_a_store_without_a_menu_keeps_what_its_till_has_sold(call: Caller, inbox: Inbox) -> None:
    settings = {"name": "New", "chain": "demo", "region": "east", "timezone": "America/New_York", "currency": "USD"}
    assert call("PUT", "/v1/stores/new", settings).status == 201
    sale = sold(call, "new", discounts=[{"code": "ANY", "amount": 100}], total=200, payments=paid(200))
    assert points(sale) == [("store", "no_menu")]
    assert sale.json["lines"][0]["name"] == "cola"
    assert [message["type"] for message in inbox.take()] == ["order.placed", "order.differs", "order.paid"]
    refused = sold(call, "new", currency="EUR")
    assert (refused.status, [fault["code"] for fault in refused.json["errors"]]) == (422, ["wrong_currency"])


@pytest.mark.parametrize("phone", ["138****8000", "13800138000_3473", "(0755) 8000 ext. 12", "保密", "1" * 40])
def test_a_phone_of_a_platform_is_kept_as_it_was_sent_and_shows_only_where_the_guest_does(
    call: Caller, store: str, phone: str
) -> None:
    sale = sold(call, store, source=PLATFORM, guest={"phone": phone, "member": "m 1"})
    assert (sale.json["guest"]["phone"], sale.json["guest"]["member"]) == (phone, None)
    # A forgotten guest must not be left in what is named.
    assert sale.json["differences"] == [
        {"path": path, "code": code, "stated": None, "expected": None}
        for path, code in (("guest.member", "member_malformed"), ("guest.phone", "phone_format"))
    ]


def test_a_phone_of_today_is_no_difference(call: Caller, store: str) -> None:
    assert (
        points(sold(call, store, guest={"phone": "+86 138 0013 8000", "member": "m-1", "name": "", "address": ""}))
        == []
    )


def test_a_long_note_is_kept_whole_and_an_endless_one_to_a_thousand_characters(call: Caller, store: str) -> None:
    whole = "well done " * 99 + "no nuts!!!"
    lines = [
        COLA | {"note": note}
        for note in (whole, whole + "x", "x" * 5_000, "", "a\0b\x1b[31m", "no onion\r\nno salt\rthanks")
    ]
    sale = call("POST", "/v1/orders", an_order(store, lines=lines, total=1800))
    assert [line["note"] for line in sale.json["lines"]] == [
        whole, whole[:999] + "…", "x" * 999 + "…", None, "ab[31m", "no onion\nno salt\nthanks",
    ]  # fmt: skip
    assert sale.json["differences"] == [
        {"path": "lines[1].note", "code": "text_too_long", "stated": 1_001, "expected": 1_000},
        {"path": "lines[2].note", "code": "text_too_long", "stated": 5_000, "expected": 1_000},
        {"path": "lines[4].note", "code": "control_characters", "stated": None, "expected": None},
        {"path": "lines[5].note", "code": "control_characters", "stated": None, "expected": None},
    ]


def test_every_other_text_of_a_sale_is_kept_too(call: Caller, store: str) -> None:
    guest = {"name": "x" * 1_001, "phone": "1" * 41, "address": "\x07Main\nStreet"}
    sale = sold(call, store, service="delivery", table="y" * 101, guest=guest)
    assert points(sale) == [
        ("guest.name", "text_too_long"),
        ("guest.phone", "text_too_long"),
        ("guest.phone", "phone_format"),
        ("guest.address", "control_characters"),
    ]
    assert sale.json["table"] == "y" * 101
    assert sale.json["guest"] == {
        "member": None, "name": "x" * 999 + "…", "phone": "1" * 39 + "…", "address": "Main\nStreet",
    }  # fmt: skip


def test_two_payments_under_one_reference_are_both_money(call: Caller, store: str) -> None:
    payments = [*paid(100, "cash"), *paid(100, "cash"), *paid(60, "cash~2"), *paid(40, "cash")]
    sale = sold(call, store, payments=payments)
    assert (sale.json["payment"], sale.json["paid"]) == ("paid", 300)
    assert [(p["reference"], p["amount"]) for p in sale.json["payments"]] == [
        ("cash", 100), ("cash~3", 100), ("cash~2", 60), ("cash~4", 40),
    ]  # fmt: skip
    assert sale.json["differences"] == [
        {"path": "payments[1].reference", "code": "reference_repeated", "stated": "cash", "expected": "cash~3"},
        {"path": "payments[3].reference", "code": "reference_repeated", "stated": "cash", "expected": "cash~4"},
    ]
    assert call("GET", f"/v1/orders/{sale.json['id']}").json["paid"] == 300


def test_the_longest_reference_twice_is_still_two(call: Caller, store: str) -> None:
    sale = sold(call, store, payments=[*paid(100, "ü" * 128), *paid(200, "ü" * 128)])
    assert [p["reference"] for p in sale.json["payments"]] == ["ü" * 128, "ü" * 126 + "~2"]


def test_the_same_option_and_the_same_voucher_twice_count_twice(call: Caller, store: str) -> None:
    lines = [{"item": "hawaiian", "size": "M", "options": ["cheese", "cheese"], "quantity": 1, "unit_price": 1625}]
    vouchers = [{"code": "WELCOME", "amount": 500}, {"code": "WELCOME", "amount": 500}]
    sale = call("POST", "/v1/orders", an_order(store, lines=lines, discounts=vouchers, total=625))
    # 1325 + 2 × 150 = 1625; less 500 twice: 625. No amount differs.
    assert points(sale) == [("lines[0].options[1]", "option_repeated"), ("discounts[1].code", "discount_repeated")]
    assert [option["name"] for option in sale.json["lines"][0]["options"]] == ["Extra cheese"] * 2


def test_more_vouchers_than_cart_leave_nothing_to_pay(call: Caller, store: str, inbox: Inbox) -> None:
    vouchers = [{"code": "WELCOME", "amount": 300}, {"code": "TENTH", "amount": 0}]
    right = call("POST", "/v1/orders", an_order(store, lines=[COLA], discounts=vouchers, total=0))
    assert (points(right), right.json["payment"]) == ([], "paid")
    vouchers = [{"code": "WELCOME", "amount": 500}, {"code": "TENTH", "amount": 30}]
    at_face_value = call("POST", "/v1/orders", an_order(store, lines=[COLA], discounts=vouchers, total=0))
    assert at_face_value.json["differences"] == [
        {"path": "discounts", "code": "discount_too_large", "stated": 530, "expected": 300},
        {"path": "discounts[0].amount", "code": "amount_differs", "stated": 500, "expected": 300},
        {"path": "discounts[1].amount", "code": "amount_differs", "stated": 30, "expected": 0},
    ]
    assert at_face_value.json["payment"] == "paid"
    assert len(inbox.take()) == 5


def test_a_till_whose_clock_is_ahead_has_sold_by_now_at_the_latest(another: Another, store: str) -> None:
    noon = another(NOON)
    ahead = NOON + timedelta(days=365)
    sale = sold(noon, store, placed_at=ahead.isoformat())
    assert sale.json["differences"] == [
        {
            "path": "placed_at", "code": "clock_ahead",
            "stated": "2026-01-15T17:00:00+00:00", "expected": "2025-01-15T17:00:00+00:00",
        },
    ]  # fmt: skip
    assert (sale.json["placed_at"], sale.json["business_day"]) == ("2025-01-15T17:00:00Z", "2025-01-15")
    assert points(sold(noon, store, placed_at=(NOON + timedelta(minutes=5)).isoformat())) == []


def test_money_is_taken_by_now_at_the_latest_too(another: Another, store: str) -> None:
    payment = paid(300)[0] | {"taken_at": (NOON + timedelta(days=365)).isoformat()}
    sale = sold(another(NOON), store, payments=[payment])
    assert points(sale) == [("payments[0].taken_at", "clock_ahead")]
    assert sale.json["payments"][0]["taken_at"] == "2025-01-15T17:00:00Z"


def test_the_most_points_that_a_sale_can_have_fit_into_its_messages(call: Caller) -> None:
    store = open_store(call)
    line = {"item": "x" * 64, "quantity": 1, "unit_price": 1}
    sale = call("POST", "/v1/orders", an_order(store, lines=[line] * 400, total=400))
    differences = sale.json["differences"]
    assert len(differences) == 200
    assert differences[-1] == {"path": "differences", "code": "more_differences", "stated": 400, "expected": 200}


def test_what_no_store_could_keep_is_refused_from_every_source(call: Caller, store: str) -> None:
    refusals: list[tuple[dict[str, Any], str]] = [
        ({"currency": "EUR"}, "currency"),
        ({"lines": [COLA | {"item": ""}]}, "lines[0].item"),
        ({"lines": [COLA | {"quantity": 0}]}, "lines[0].quantity"),
        ({"total": -1}, "total"),
        ({"payments": paid(-1)}, "payments[0].amount"),
        ({"source": {"kind": "till", "id": "t", "number": ""}}, "source.number"),
    ]
    for parts, path in refusals:
        refused = sold(call, store, **parts)
        assert (refused.status, [fault["path"] for fault in refused.json["errors"]]) == (422, [path])
    assert sold(call, "nowhere").json["errors"][0]["code"] == "unknown_store"
