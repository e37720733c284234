"""Money that moved is recorded whatever the form of its fields, and each change of the form is named."""

from typing import Any

from stack.gateway_event import Answer
from tests.support.order_changes import message_types
from tests.support.orders import Caller, an_order, paid

MUCH = {f"key{number}": "v" * 600 for number in range(60)}


def points(answer: Answer) -> dict[str, tuple[str, Any, Any]]:
    differences = answer.json["differences"]
    return {point["path"]: (point["code"], point["stated"], point["expected"]) for point in differences}


def test_a_payment_of_another_form_is_kept_and_each_change_is_named(call: Caller, order: str) -> None:
    body = paid(1325)[0] | {
        "method": "Visa Credit", "share": "share 1/2", "metadata": MUCH, "taken_at": "0001-01-01T00:00:00Z",
    }  # fmt: skip
    answer = call("POST", f"/v1/orders/{order}/payments", body)
    assert (answer.status, answer.json["payment"]) == (201, "paid")
    [payment] = answer.json["payments"]
    assert (payment["method"], payment.get("share"), len(payment["metadata"])) == ("Visa-Credit", None, 50)
    assert {len(value) for value in payment["metadata"].values()} == {500}
    assert payment["taken_at"][:2] == "20"
    named = points(answer)
    assert named["payments[p1].method"] == ("method_malformed", "Visa Credit", "Visa-Credit")
    assert named["payments[p1].share"] == ("id_malformed", "share 1/2", None)
    assert named["payments[p1].metadata"] == ("metadata_cut", 60, 50)
    assert named["payments[p1].taken_at"][0] == "clock_behind"
    assert len(named) == len(payment["differences"]) == 4
    assert message_types(call, order) == ["order.placed", "order.payment_taken", "order.differs", "order.paid"]
    # A read and the next payment list each difference once.
    assert call("GET", f"/v1/orders/{order}").json == answer.json
    again = call("POST", f"/v1/orders/{order}/payments", paid(1, "p2")[0])
    assert points(again) == named
    assert len(again.json["differences"]) == 4
    assert call("GET", f"/v1/orders/{order}").json == again.json


def test_the_method_of_a_payment_that_comes_with_its_order_takes_the_same_form(call: Caller, store: str) -> None:
    for stated, method in [("Visa Credit", "Visa-Credit"), (" cash ", "cash"), ("微信支付", "other"), ("", "other"),
                           ("x" * 40, "x" * 32)]:  # fmt: skip
        sale = call("POST", "/v1/orders", an_order(store, payments=[paid(1325)[0] | {"method": stated}]))
        assert (sale.status, sale.json["payments"][0]["method"]) == (201, method)
        assert points(sale) == {"payments[0].method": ("method_malformed", stated, method)}
        assert call("GET", f"/v1/orders/{sale.json['id']}").json == sale.json


def test_a_refund_of_another_form_is_kept_too(call: Caller, order: str) -> None:
    call("POST", f"/v1/orders/{order}/payments", paid(1325)[0])
    body = {
        "reference": "r1", "amount": 1325, "reason": "r" * 300, "person": "p" * 200, "method": "Gift Card",
        "metadata": MUCH, "lines": [{"line": "no such line"}], "refunded_at": "1899-12-30T00:00:00Z",
    }  # fmt: skip
    answer = call("POST", f"/v1/orders/{order}/refunds", body)
    assert (answer.status, answer.json["payment"]) == (201, "refunded")
    [refund] = answer.json["refunds"]
    assert (refund["method"], refund["lines"][0]["line"]) == ("Gift-Card", "no such line")
    assert (len(refund["reason"]), len(refund["person"]), len(refund["metadata"])) == (200, 100, 50)
    assert {path: point[0] for path, point in points(answer).items()} == {
        "refunds[r1].reason": "text_too_long", "refunds[r1].person": "text_too_long",
        "refunds[r1].method": "method_malformed", "refunds[r1].metadata": "metadata_cut",
        "refunds[r1].refunded_at": "clock_behind",
    }  # fmt: skip
    assert message_types(call, order)[-2:] == ["order.refunded", "order.differs"]
    assert call("GET", f"/v1/orders/{order}").json == answer.json


def test_the_sender_of_a_payment_without_a_text_as_its_method_can_correct_it(call: Caller, order: str) -> None:
    for wrong in ({"method": 7}, {"method": None}, {"amount": 0}, {"taken_at": "noon"}):
        assert call("POST", f"/v1/orders/{order}/payments", paid(1325)[0] | wrong).status == 422
