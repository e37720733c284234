"""POST /v1/orders: an order is stored, numbered and announced; its input has limits."""

import json
from typing import Any

from stack.mariadb import MariaDB
from tests.support.intake import TEXTS, TOO_MUCH, faults, mini_program_order, pickup_numbers, rows_in
from tests.support.orders import Caller, an_order, open_store, paid
from tests.support.queues import Inbox


def test_an_order_is_kept_numbered_and_announced(call: Caller, store: str, inbox: Inbox) -> None:
    answer = call("POST", "/v1/orders", an_order(store, payments=paid(1325)))
    assert answer.status == 201
    assert answer.json["pickup_number"] == 1
    assert answer.headers["location"] == f"/v1/orders/{answer.json['id']}"
    placed, was_paid = inbox.take()
    assert [placed["type"], was_paid["type"]] == ["order.placed", "order.paid"]
    for sequence, message in enumerate((placed, was_paid), start=1):
        assert message["sequence"] == sequence
        assert message["subject"] == f"order/{answer.json['id']}"
        assert message["storeid"] == f"demo:{store}"
        assert message["data"]["order"] == answer.json


def test_what_is_answered_is_what_is_read_afterwards(call: Caller, store: str) -> None:
    order = an_order(
        store,
        service="delivery",
        table="7b",
        guest={"member": "m-1", "name": "Ana", "phone": "+1 (555) 010-0", "address": "1 Main Street"},
        lines=[
            {"item": "hawaiian", "size": "L", "options": ["cheese", "thin"], "quantity": 2, "unit_price": 1800,
             "note": "well done", "station": "oven_2"},
            {"item": "cola", "quantity": 1, "unit_price": 300},
        ],
        discounts=[{"code": "TENTH", "amount": 390}],
        delivery_charge=350,
        total=3860,
        payments=[*paid(1000, "a"), {"reference": "b", "method": "card", "amount": 500}],
        wanted_for="2030-01-01T12:00:00+08:00",
    )  # fmt: skip
    placed = call("POST", "/v1/orders", order)
    assert placed.status == 201, placed.text
    assert placed.json["differences"] == []
    assert placed.json["payment"] == "part_paid"
    assert placed.json["wanted_for"] == "2030-01-01T04:00:00Z"
    assert call("GET", placed.headers["location"]).json == placed.json


# Money that comes along


def test_an_order_with_more_money_than_there_is_is_refused_whole(call: Caller, store: str, database: MariaDB) -> None:
    before = rows_in(database, "messages")
    refused = call("POST", "/v1/orders", an_order(store, payments=TOO_MUCH))
    assert (refused.status, refused.json["code"]) == (422, "overpaid")
    assert (rows_in(database, "orders"), rows_in(database, "payments")) == (0, 0)
    assert rows_in(database, "messages") == before


def test_an_order_that_costs_nothing_is_paid(call: Caller, store: str, inbox: Inbox) -> None:
    lines = [{"item": "cola", "quantity": 1, "unit_price": 300}]
    free = an_order(store, lines=lines, discounts=[{"code": "WELCOME", "amount": 300}], total=0)
    answer = call("POST", "/v1/orders", free)
    assert (answer.json["payment"], answer.json["differences"]) == ("paid", [])
    assert [message["type"] for message in inbox.take()] == ["order.placed", "order.paid"]


def test_two_payments_that_the_database_would_take_for_one_are_refused_not_lost(
    call: Caller, store: str, database: MariaDB
) -> None:
    for twin in ("a", "a "):
        refused = call("POST", "/v1/orders", mini_program_order(store, payments=[*paid(1, "a"), *paid(1, twin)]))
        assert refused.status == 422
    assert rows_in(database, "orders") == 0
    kept = call("POST", "/v1/orders", an_order(store, payments=[*paid(1, "a"), *paid(1, "A"), *paid(1, "á")]))
    assert len(call("GET", f"/v1/orders/{kept.json['id']}").json["payments"]) == 3


# Input


def test_text_is_kept_as_it_was_sent(call: Caller, store: str, inbox: Inbox) -> None:
    lines = [{"item": "cola", "quantity": 1, "unit_price": 300, "note": text} for text in TEXTS]
    order = an_order(store, lines=lines, total=2100, table=TEXTS[0], guest={"name": TEXTS[1], "address": TEXTS[2]})
    answer = call("POST", "/v1/orders", order)
    read = call("GET", f"/v1/orders/{answer.json['id']}").json
    (message,) = inbox.take()
    for found in (answer.json, read, message["data"]["order"]):
        assert [one["note"] for one in found["lines"]] == TEXTS
        assert (found["table"], found["guest"]["name"], found["guest"]["address"]) == tuple(TEXTS[:3])


def test_text_that_a_printer_or_a_queue_chokes_on_is_refused_at_its_place(call: Caller, store: str) -> None:
    unfit = ["a\0b", "\x07", "a\rb", "\x1b[31m", "\x7f", "\ufffe", "\uffff", "", "x" * 201]
    lines = [{"item": "cola", "quantity": 1, "unit_price": 300, "note": text} for text in unfit]
    refused = call("POST", "/v1/orders", mini_program_order(store, lines=lines, total=2700))
    assert (refused.status, refused.json["code"]) == (422, "body_invalid")
    assert faults(refused) == [
        *((f"lines[{n}].note", "value_error") for n in range(7)),
        ("lines[7].note", "string_too_short"),
        ("lines[8].note", "string_too_long"),
    ]


def test_an_amount_that_is_no_amount_is_refused_at_its_place(call: Caller, store: str) -> None:
    members = ("service_charge", "delivery_charge", "tax", "total")
    wrong: Any
    for wrong in (-1, 0.5, 1325.0, 10**12 + 1, 10**30, 1e300, True, "1325", None, [], {}):
        refused = call("POST", "/v1/orders", an_order(store, **dict.fromkeys(members, wrong)))
        assert (refused.status, [path for path, _ in faults(refused)]) == (422, list(members)), wrong


def test_amounts_deep_inside_are_refused_at_their_places(call: Caller, store: str) -> None:
    lines = [{"item": "cola", "quantity": q, "unit_price": p} for q, p in ((0, 1), (1000, 1), (1.5, 1), (1, -1))]
    parts = {"lines": lines, "discounts": [{"code": "A", "amount": -1}], "payments": [*paid(-1), *paid(-5)]}
    assert [path for path, _ in faults(call("POST", "/v1/orders", an_order(store, **parts)))] == [
        "lines[0].quantity", "lines[1].quantity", "lines[2].quantity", "lines[3].unit_price", "discounts[0].amount",
        "payments[0].amount", "payments[1].amount",
    ]  # fmt: skip


def test_an_unknown_member_is_refused_wherever_it_is(call: Caller, store: str) -> None:
    order = an_order(store, tip=5, guest={"nickname": "x"})
    order["source"]["till"] = 1
    order["lines"][0]["colour"] = "red"
    refused = call("POST", "/v1/orders", order)
    assert sorted(faults(refused)) == [
        (path, "extra_forbidden") for path in ("guest.nickname", "lines[0].colour", "source.till", "tip")
    ]


def test_200_lines_are_an_order_and_201_are_not_unless_they_were_sold(call: Caller, store: str) -> None:
    line = {"item": "cola", "quantity": 1, "unit_price": 300}
    assert call("POST", "/v1/orders", mini_program_order(store, lines=[line] * 200, total=60_000)).status == 201
    refused = call("POST", "/v1/orders", mini_program_order(store, lines=[line] * 201, total=60_300))
    assert (refused.status, faults(refused)) == (422, [("lines", "too_long")])
    sold = call("POST", "/v1/orders", an_order(store, lines=[line] * 201, total=60_300))
    assert (sold.status, len(sold.json["lines"])) == (201, 201)
    refused = call("POST", "/v1/orders", an_order(store, lines=[line] * 1001, total=300_300))
    assert (refused.status, faults(refused)) == (422, [("lines", "too_long")])
    assert faults(call("POST", "/v1/orders", an_order(store, lines=[], total=0))) == [("lines", "too_short")]


def test_an_order_that_no_queue_could_carry_is_refused_and_takes_no_number(call: Caller, database: MariaDB) -> None:
    options = [{"id": f"o{n}", "name": "🍕" * 100} for n in range(20)]
    menu = {"items": [{"id": "a", "name": "🍕" * 100, "category": "c", "price": 1, "options": options}]}
    store = open_store(call, menu)
    line = {"item": "a", "quantity": 1, "unit_price": 1, "options": [f"o{n}" for n in range(20)]}
    refused = call("POST", "/v1/orders", an_order(store, lines=[line] * 40, total=40))
    assert (refused.status, refused.json["code"]) == (422, "too_large")
    assert rows_in(database, "orders") == 0
    assert pickup_numbers([call("POST", "/v1/orders", an_order(store, lines=[line], total=1))]) == [1]


def test_the_largest_order_still_takes_payments_and_refunds(call: Caller) -> None:
    line = {"item": "a", "quantity": 1, "unit_price": 100, "note": "🍕" * 200}
    store = open_store(call, {"items": [{"id": "a", "name": "🍕" * 100, "category": "c", "price": 100}]})
    fits, largest, too_many = "", 1, 200
    while largest + 1 < too_many:
        number = (largest + too_many) // 2
        order = an_order(store, lines=[line] * number, total=100 * number)
        placed = call("POST", "/v1/orders", json.dumps(order, ensure_ascii=False).encode())
        if placed.status == 201:
            fits, largest = placed.json["id"], number
        else:
            assert placed.json["code"] == "too_large"
            too_many = number
    assert largest > 100
    for n in range(4):
        assert call("POST", f"/v1/orders/{fits}/payments", paid(100, f"{'ü' * 120}{n}")[0]).status == 201
    refund = {"amount": 1, "reason": "🍕" * 200, "reference": "r1"}
    assert call("POST", f"/v1/orders/{fits}/refunds", refund).status == 201


def test_wrong_fields_are_refused_with_their_paths(call: Caller, store: str) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"service": "delivery"}, ""),
        ({"guest": {"phone": "call me"}}, "guest.phone"),
        ({"table": "../" * 50}, "table"),
        (
            {"lines": [{"item": "cola", "quantity": 1, "unit_price": 300, "options": ["ice", "ice"]}]},
            "lines[0].options",
        ),
        ({"guest": {"member": "m 1"}}, "guest.member"),
        ({"guest": {"name": "x" * 101}}, "guest.name"),
        ({"discounts": [{"code": "a b", "amount": 1}]}, "discounts[0].code"),
        ({"discounts": [{"code": "TENTH", "amount": 1}] * 2}, ""),
        ({"source": {"kind": "fax", "id": "a", "number": "1"}}, "source.kind"),
        ({"source": {"kind": "till", "id": "a", "number": "x" * 65}}, "source.number"),
        ({"currency": "usd"}, "currency"),
        ({"payments": [{"reference": "r", "method": "m" * 33, "amount": 1}]}, "payments[0].method"),
        ({"payments": [{"reference": "r" * 129, "method": "m", "amount": 1}]}, "payments[0].reference"),
        ({"payments": [*paid(1, "twice"), *paid(2, "twice")]}, ""),
    ]
    for parts, wrong_path in wrong:
        refused = call("POST", "/v1/orders", mini_program_order(store, **parts))
        assert (refused.status, refused.json["code"], [path for path, _ in faults(refused)]) == (
            422, "body_invalid", [wrong_path],
        ), parts  # fmt: skip
    assert faults(call("POST", "/v1/orders", an_order("../x")))[0][0] == "store"


def test_a_method_and_a_reference_may_be_as_long_as_they_are_allowed_to(call: Caller, store: str) -> None:
    payment = {"reference": "ü" * 128, "method": "m" * 32, "amount": 1325}
    kept = call("POST", "/v1/orders", an_order(store, payments=[payment]))
    assert call("GET", f"/v1/orders/{kept.json['id']}").json["payments"][0]["reference"] == "ü" * 128
