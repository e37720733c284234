"""Tips, cash with change, and the tender to which a refund goes back."""

from typing import Any

import pytest

from stack.gateway_event import Answer
from tests.support.order_changes import pay, refund
from tests.support.orders import Caller, an_order, paid
from tests.support.queues import Inbox


def take(call: Caller, order: str, reference: str, method: str, amount: int, **fields: Any) -> Answer:
    body = {"reference": reference, "method": method, "amount": amount} | fields
    return call("POST", f"/v1/orders/{order}/payments", body)


def give_back(call: Caller, order: str, **fields: Any) -> Answer:
    body = {"reference": "r1", "reason": "cold"} | fields
    return call("POST", f"/v1/orders/{order}/refunds", body)


def test_a_tip_is_on_top_of_the_bill_and_can_go_back(call: Caller, order: str) -> None:
    answer = take(call, order, "p1", "card", 1325, tip=200)
    assert (answer.json["payment"], answer.json["paid"], answer.json["tip"]) == ("paid", 1325, 200)
    assert answer.json["refund_due"] == 0
    back = give_back(call, order, tip=150)
    assert (back.status, back.json["refunded"], back.json["tip"], back.json["payment"]) == (201, 0, 50, "paid")
    assert call("GET", f"/v1/orders/{order}").json == back.json
    slip = give_back(call, order, reference="r2", tip=1376)
    assert (slip.status, slip.json["code"], slip.json["refundable"]) == (422, "over_refunded", 1375)


def test_an_order_that_comes_with_a_tip_has_it(call: Caller, store: str) -> None:
    payment = paid(1325)[0] | {"tip": 175, "tendered": 2000}
    placed = call("POST", "/v1/orders", an_order(store, payments=[payment]))
    assert (placed.status, placed.json["tip"], placed.json["payments"][0]["change"]) == (201, 175, 500)
    assert placed.json["differences"] == []
    assert call("GET", f"/v1/orders/{placed.json['id']}").json == placed.json


@pytest.mark.parametrize(
    ("fields", "change", "difference"),
    [
        ({"tendered": 2000}, 675, None),
        ({"tendered": 2000, "change": 675}, 675, None),
        ({"tendered": 2000, "change": 600}, 600, ("payments[p1].change", "change_differs", 600, 675)),
        ({"tendered": 2000, "tip": 100, "change": 675}, 675, ("payments[p1].change", "change_differs", 675, 575)),
        ({"tendered": 1300}, None, ("payments[p1].tendered", "tendered_too_little", 1300, 1325)),
        ({"change": 10}, 10, None),
    ],
)
def test_wrong_change_is_a_difference_and_no_refusal(
    call: Caller, order: str, inbox: Inbox, fields: dict[str, int], change: int | None, difference: Any
) -> None:
    inbox.take()
    answer = take(call, order, "p1", "cash", 1325, **fields)
    assert answer.status == 201
    assert answer.json["payments"][0].get("change") == change
    named = [(d["path"], d["code"], d["stated"], d["expected"]) for d in answer.json["differences"]]
    assert named == ([difference] if difference else [])
    assert ("order.differs" in [message["type"] for message in inbox.take()]) == bool(difference)
    assert call("GET", f"/v1/orders/{order}").json == answer.json


def test_a_refund_goes_back_to_the_newest_payment_that_has_all_of_it(call: Caller, order: str) -> None:
    take(call, order, "c1", "card", 1000)
    take(call, order, "k1", "cash", 325)
    first = refund(call, order, 500).json["refunds"][0]
    assert (first["payment"], first["method"]) == ("c1", "card")
    second = refund(call, order, 300, "r2").json["refunds"][1]
    assert (second["payment"], second["method"]) == ("k1", "cash")


def test_a_refund_of_several_payments_is_split_and_never_exceeds_one(call: Caller, order: str) -> None:
    take(call, order, "c1", "card", 1000, tip=50)
    take(call, order, "k1", "cash", 325)
    (whole,) = give_back(call, order, amount=1400, tip=50).json["refunds"]
    assert whole["parts"] == [
        {"payment": "k1", "method": "cash", "amount": 325},
        {"payment": "c1", "method": "card", "amount": 1000, "tip": 50},
        {"payment": None, "method": None, "amount": 75},
    ]


def test_a_stated_tender_counts(call: Caller, order: str) -> None:
    """The card machine is out of order: the cashier gives back notes for a card payment."""
    take(call, order, "c1", "card", 1325)
    by_cash = give_back(call, order, amount=100, payment="c1", method="cash").json["refunds"][0]
    assert (by_cash["payment"], by_cash["method"]) == ("c1", "cash")
    unpaid = give_back(call, order, reference="r2", amount=100, method="voucher").json["refunds"][1]
    assert (unpaid.get("payment"), unpaid["method"]) == (None, "voucher")
    later = give_back(call, order, reference="r3", amount=100, payment="not-yet").json["refunds"][2]
    assert later["payment"] == "not-yet"


def test_a_refund_by_lines_computes_its_amount(call: Caller, store: str) -> None:
    lines = [
        {"item": "hawaiian", "size": "M", "quantity": 3, "unit_price": 1325},
        {"item": "cola", "quantity": 1, "unit_price": 300},
    ]
    discounts = [{"code": "WELCOME", "amount": 500}]
    body = an_order(store, lines=lines, discounts=discounts, total=3775, payments=paid(3775))
    order = call("POST", "/v1/orders", body).json["id"]
    # 3775 over 3975 and 300 of 4275: 3510.09 and 264.91, so 3510 and 265. A third of 3510 is 1170.
    one = give_back(call, order, lines=[{"line": "1", "quantity": 1}], person="Ann", comp=True).json["refunds"][0]
    assert (one["amount"], one["lines"]) == (1170, [{"line": "1", "quantity": 1, "amount": 1170}])
    assert (one["person"], one["comp"]) == ("Ann", True)
    many = give_back(call, order, reference="r2", lines=[{"line": "1", "quantity": 3}])
    assert (many.status, many.json["code"]) == (422, "not_refundable")
    assert many.json["errors"][0] | {"detail": ""} == {
        "path": "lines[0].quantity", "code": "too_many_pieces", "detail": "", "stated": 3, "expected": 2,
    }  # fmt: skip
    rest = give_back(call, order, reference="r3", lines=[{"line": "2"}, {"line": "1", "quantity": 2}])
    assert (rest.json["refunded"], rest.json["payment"]) == (3775, "refunded")
    assert give_back(call, order, reference="r4", lines=[{"line": "9"}]).json["errors"][0]["code"] == "unknown_line"


def test_a_stated_amount_of_lines_is_recorded_as_it_went(call: Caller, order: str) -> None:
    pay(call, order, 1325)
    answer = give_back(call, order, amount=1000, lines=[{"line": "1", "quantity": 5}])
    assert (answer.status, answer.json["refunds"][0]["lines"][0]["amount"]) == (201, 1000)


def test_a_refund_of_nothing_is_refused(call: Caller, order: str) -> None:
    assert give_back(call, order).status == 422
    assert give_back(call, order, amount=0).status == 422


def test_metadata_and_share_of_money_are_kept(call: Caller, order: str) -> None:
    answer = take(call, order, "p1", "card", 1325, metadata={"terminal": "7"}, share="a")
    assert (answer.json["payments"][0]["metadata"], answer.json["payments"][0]["share"]) == ({"terminal": "7"}, "a")
    back = give_back(call, order, amount=1, metadata={"slip": "9"})
    assert back.json["refunds"][0]["metadata"] == {"slip": "9"}
    assert call("GET", f"/v1/orders/{order}").json == back.json
