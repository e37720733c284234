"""Splits and merges of bills: by items, by seat, evenly. No cent is lost."""

from functools import partial
from typing import Any

import pytest

from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.support.bills import COLA, PIZZA, change, close, merge, open_bill, reopen, split
from tests.support.environments import Another, at_once
from tests.support.intake import faults
from tests.support.order_changes import cancel, message_types, pay
from tests.support.orders import EVERYTHING, MENU, Caller, new_key, open_store, paid
from tests.support.queues import Inbox

# 8.875 % on top: 1325 + 600 = 1925, and a tax of 170.84, so 171.
TAXED = {"percent": "8.875", "inclusive": False}


@pytest.fixture
def taxed_store(call: Caller) -> str:
    return open_store(call, tax=TAXED)


@pytest.fixture
def bill(call: Caller, taxed_store: str) -> dict[str, Any]:
    """An open bill: a pizza at seat 1, two colas at seat 2. 20.96 with tax."""
    return open_bill(call, taxed_store, PIZZA | {"seat": 1}, COLA | {"seat": 2})


def test_a_bill_is_split_by_items_and_no_cent_is_lost(call: Caller, bill: dict[str, Any], inbox: Inbox) -> None:
    inbox.take()
    parts = [{"lines": [{"line": "1"}], "table": "bar", "covers": 1}, {"lines": [{"line": "2", "quantity": 1}]}]
    answer = split(call, bill["id"], 1, parts=parts, person="Kim")
    order, (first, second) = answer.json["order"], answer.json["orders"]
    assert [(one["subtotal"], one["bill"], one["table"]) for one in (order, first, second)] == [
        (300, "open", "7"), (1325, "open", "bar"), (300, "open", "7"),
    ]  # fmt: skip
    # 8.875 % of 3.00, 13.25 and 3.00 are 26.6, 117.6 and 26.6 cents: 27 + 118 + 27 is one more than 171.
    assert sum(one["tax"] for one in (order, first, second)) == bill["tax"] == 171
    assert sum(one["total"] for one in (order, first, second)) == bill["total"] == 2096
    assert (first["split_from"], first["covers"], first["version"]) == (bill["id"], 1, 1)
    assert [one["pickup_number"] for one in (first, second)] == [2, 3]
    assert call("GET", f"/v1/orders/{first['id']}").json == first
    messages = {message["subject"][6:]: message for message in inbox.take()}
    assert {order_id: message["type"] for order_id, message in messages.items()} == {
        bill["id"]: "order.changed", first["id"]: "order.placed", second["id"]: "order.placed",
    }  # fmt: skip
    delta = messages[bill["id"]]["data"]["delta"]
    assert (delta["cause"], [moved["order"] for moved in delta["moved_out"]]) == ("split", [first["id"], second["id"]])
    assert not delta.keys() & {"added", "changed", "voided"}


def test_split_bills_are_closed_and_paid_to_the_cent(call: Caller, bill: dict[str, Any]) -> None:
    answer = split(call, bill["id"], 1, by_seat=True).json
    taken = 0
    for one in (answer["order"], *answer["orders"]):
        closed = close(call, one["id"], one["version"]).json
        assert closed["total"] == one["total"]
        taken += pay(call, one["id"], closed["total"]).json["paid"]
        assert message_types(call, one["id"]).count("order.paid") == 1
    assert taken == bill["total"]


def test_a_split_bill_that_grows_is_priced_again(call: Caller, bill: dict[str, Any]) -> None:
    new = split(call, bill["id"], 1, by_seat=True).json["orders"][0]
    grown = change(call, new["id"], add=[PIZZA]).json
    # 6.00 and 13.25; 8.875 % are 1.71.
    assert (grown["subtotal"], grown["tax"], grown["total"]) == (1925, 171, 2096)


def test_a_split_by_seat_makes_a_bill_for_each_guest(call: Caller, store: str) -> None:
    lines = [PIZZA | {"seat": 2}, COLA | {"seat": 1}, COLA | {"seat": 3}, COLA]
    order = open_bill(call, store, *lines)
    answer = split(call, order["id"], 1, by_seat=True).json
    assert [[line.get("seat") for line in one["lines"]] for one in (answer["order"], *answer["orders"])] == [
        [None], [1], [2], [3],
    ]  # fmt: skip
    seated = open_bill(call, store, *lines[:2])
    answer = split(call, seated["id"], 1, by_seat=True).json
    assert [[line["seat"] for line in one["lines"]] for one in (answer["order"], *answer["orders"])] == [[1], [2]]
    alone = split(call, answer["order"]["id"], 2, by_seat=True)
    assert (alone.status, faults(alone)) == (422, [("by_seat", "one_seat")])


def test_a_bill_is_shared_evenly_and_each_share_is_paid(call: Caller, bill: dict[str, Any], inbox: Inbox) -> None:
    close(call, bill["id"], 1)
    inbox.take()
    shared = split(call, bill["id"], 2, ways=3).json
    # 20.96 by three.
    assert ([share["amount"] for share in shared["order"]["shares"]], shared["orders"]) == ([699, 699, 698], [])
    for share in shared["order"]["shares"]:
        payment = {
            "reference": share["id"],
            "method": "card",
            "amount": share["amount"],
            "share": share["id"],
            "tip": 50,
        }
        answer = call("POST", f"/v1/orders/{bill['id']}/payments", payment)
    assert (answer.json["payment"], answer.json["tip"]) == ("paid", 150)
    assert inbox.take()[0]["type"] == "order.changed"


def test_shares_follow_the_total(call: Caller, bill: dict[str, Any]) -> None:
    split(call, bill["id"], 1, ways=2)
    grown = change(call, bill["id"], add=[COLA]).json
    # 25.25 and 8.875 % are 27.49.
    assert [share["amount"] for share in grown["shares"]] == [1375, 1374]


def test_every_part_that_does_not_fit_the_bill_is_named(call: Caller, bill: dict[str, Any]) -> None:
    for parts, expected in [
        ([{"lines": [{"line": "9"}]}], [("parts[0].lines[0].line", "unknown_line")]),
        ([{"lines": [{"line": "2", "quantity": 3}]}], [("parts[0].lines[0].quantity", "too_many")]),
        ([{"lines": [{"line": "1"}, {"line": "2"}]}], [("parts", "nothing_stays")]),
        ([{"lines": [{"line": "1"}]}, {"lines": [{"line": "1"}]}], [("parts[1].lines[0].line", "unknown_line")]),
    ]:
        refused = split(call, bill["id"], 1, parts=parts)
        assert (refused.status, refused.json["code"], faults(refused)) == (422, "split_invalid", expected)
    wrongs: list[dict[str, Any]] = [{}, {"ways": 1}, {"ways": 2, "by_seat": True}, {"parts": []}]
    for wrong in wrongs:
        assert split(call, bill["id"], 1, **wrong).status == 422
    assert call("GET", f"/v1/orders/{bill['id']}").json == bill


def test_a_split_that_is_sent_again_makes_no_second_bill(another: Another, bill: dict[str, Any], store: str) -> None:
    target, body = f"/v1/orders/{bill['id']}/split", {"version": 1, "by_seat": True}

    def send(till: Caller) -> Any:
        answer = till("POST", target, body, key="k")
        while answer.status in (409, 503):
            answer = till("POST", target, body, key="k")
        return answer

    answers = at_once([partial(send, another()) for _ in range(6)])
    assert {(answer.status, answer.text) for answer in answers} == {(200, answers[0].text)}
    orders = another()("GET", f"/v1/orders?store={bill['store']}").json["orders"]
    assert len(orders) == 2
    assert store != bill["store"]


def test_a_paid_bill_is_opened_before_it_is_split(call: Caller, bill: dict[str, Any]) -> None:
    close(call, bill["id"], 1)
    pay(call, bill["id"], 2096)
    refused = split(call, bill["id"], 2, by_seat=True)
    assert (refused.status, refused.json["code"]) == (409, "bill_is_paid")
    reopen(call, bill["id"], 2)
    parts = split(call, bill["id"], 3, by_seat=True).json
    order = close(call, bill["id"], 4).json
    assert (order["payment"], order["refund_due"]) == ("paid", parts["orders"][0]["total"])


# Merges


def test_the_lines_of_another_bill_come_in_and_it_is_empty(
    call: Caller, bill: dict[str, Any], taxed_store: str, inbox: Inbox
) -> None:
    other = open_bill(call, taxed_store, COLA, PIZZA, table="8", covers=2, discounts=[{"code": "TENTH", "amount": 0}])
    inbox.take()
    merged = merge(call, bill, other)
    assert merged.status == 200
    names = ("subtotal", "tax", "total")
    assert {name: merged.json[name] for name in names} == {name: bill[name] + other[name] for name in names}
    assert [line["id"] for line in merged.json["lines"]] == ["1", "2", "2.1", "2.2"]
    assert (merged.json["covers"], merged.json["table"]) == (2, "7")
    assert merged.json["discounts"] == [{"code": "TENTH", "amount": 193, "kind": "open"}]
    emptied = call("GET", f"/v1/orders/{other['id']}").json
    assert (emptied["bill"], emptied["lines"], emptied["total"], emptied["merged_into"]) == (
        "merged", [], 0, bill["id"],
    )  # fmt: skip
    assert emptied["payment"] == "unpaid"
    messages = {message["subject"][6:]: message for message in inbox.take()}
    assert {message["type"] for message in messages.values()} == {"order.changed"}
    assert {message["data"]["delta"]["cause"] for message in messages.values()} == {"merge"}
    assert messages[bill["id"]]["data"]["delta"]["moved_in"][0]["order"] == other["id"]
    assert messages[other["id"]]["data"]["delta"]["moved_out"][0]["order"] == bill["id"]
    closed = close(call, bill["id"], 2).json
    assert closed["total"] == bill["total"] + other["total"]


def test_money_that_reaches_a_merged_bill_is_kept_and_due_back(
    call: Caller, bill: dict[str, Any], taxed_store: str
) -> None:
    other = open_bill(call, taxed_store, COLA)
    merge(call, bill, other)
    late = pay(call, other["id"], 600)
    assert (late.status, late.json["payment"], late.json["refund_due"]) == (201, "part_paid", 600)
    assert cancel(call, other["id"]).json["code"] == "illegal_move"
    for answer in (change(call, other["id"], add=[COLA]), close(call, other["id"], 2)):
        assert (answer.status, answer.json["code"], answer.json["bill"]) == (409, "bill_not_open", "merged")
    assert "order.paid" not in message_types(call, other["id"])


def test_bills_that_do_not_go_together_are_not_merged(
    call: Caller, another: Another, env: Environment, database: MariaDB, bill: dict[str, Any], taxed_store: str
) -> None:
    deposit = open_bill(call, taxed_store, COLA, payments=paid(100))
    assert merge(call, bill, deposit).json["code"] == "bill_has_payments"
    elsewhere = open_bill(call, open_store(call, MENU), COLA)
    assert faults(merge(call, bill, elsewhere)) == [("order", "other_store")]
    assert faults(merge(call, bill, bill)) == [("order", "same_order")]
    closed = open_bill(call, taxed_store, COLA)
    closed = close(call, closed["id"], 1).json
    assert merge(call, bill, closed).json["code"] == "bill_not_open"
    assert merge(call, bill, deposit | {"version": 9}).json["code"] == "version_conflict"
    stranger = another(key=new_key(env, database.owner.url, EVERYTHING, f"store:demo:{elsewhere['store']}"))
    assert merge(stranger, elsewhere, bill).json["code"] == "unknown_order"
    assert merge(call, deposit, bill).status == 200


def test_two_bills_that_merge_into_each_other_at_once_merge_once(
    another: Another, call: Caller, bill: dict[str, Any], taxed_store: str
) -> None:
    other = open_bill(call, taxed_store, COLA)
    answers = at_once([partial(merge, another(), bill, other), partial(merge, another(), other, bill)])
    assert sorted(answer.status for answer in answers) == [200, 409]
    totals = [call("GET", f"/v1/orders/{one['id']}").json["total"] for one in (bill, other)]
    assert sorted(totals) == [0, bill["total"] + other["total"]]
