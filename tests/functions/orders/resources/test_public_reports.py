"""Public reports about other systems. Each test is named by what its report asks of a system like this one."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.bills import PIZZA, change, close, open_bill
from tests.support.environments import Another
from tests.support.order_changes import cancel, message_types, pay, refund
from tests.support.orders import MENU, Caller, an_order, open_store, paid
from tests.support.queues import Inbox


def ago(minutes: int) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes)).replace(microsecond=0).isoformat()


def standing(call: Caller, order: str) -> tuple[Any, ...]:
    found = call("GET", f"/v1/orders/{order}").json
    return tuple(found[name] for name in ("bill", "payment", "paid", "refunded", "refund_due"))


def test_a_bill_that_is_open_on_the_server_and_was_paid_offline_is_paid(
    call: Caller, another: Another, store: str
) -> None:
    """odoo/odoo#288974: a till without network takes the card of an open table; another till writes in between."""
    bill = open_bill(call, store, PIZZA)
    other_till = another()
    assert change(other_till, bill["id"], version=1, set={"waiter": "Ben"}).status == 200
    # Back on line, the first till sends what it did, by the version that it saw. The money is taken first.
    card = {"reference": "card-1", "method": "card", "amount": 1325, "taken_at": ago(30)}
    assert call("POST", f"/v1/orders/{bill['id']}/payments", card).status == 201
    assert standing(call, bill["id"]) == ("open", "part_paid", 1325, 0, 0)
    late = close(call, bill["id"], 1, total=1325)
    assert (late.status, late.json["code"], late.json["version"]) == (409, "version_conflict", 2)
    assert close(call, bill["id"], late.json["version"], total=1325).status == 200
    assert standing(call, bill["id"]) == ("closed", "paid", 1325, 0, 0)
    # Neither the copy of the other till nor a repeated payment opens it again.
    stale = change(other_till, bill["id"], add=[PIZZA])
    assert (stale.status, stale.json["code"]) == (409, "bill_not_open")
    assert call("POST", f"/v1/orders/{bill['id']}/payments", card).status == 200
    assert standing(call, bill["id"]) == ("closed", "paid", 1325, 0, 0)
    assert message_types(call, bill["id"]).count("order.paid") == 1


def test_a_paid_sale_of_a_till_that_was_offline_is_kept_though_its_item_has_left_the_menu(
    call: Caller, store: str, inbox: Inbox
) -> None:
    """odoo/odoo#288974: paid orders stay until the server has them, and the server takes them."""
    menu = {"items": [item for item in MENU["items"] if item["id"] != "hawaiian"]}
    assert call("PUT", f"/v1/stores/{store}/menu", menu).status == 200
    inbox.take()
    kept = call("POST", "/v1/orders", an_order(store, payments=paid(1325)))
    assert (kept.status, kept.json["payment"]) == (201, "paid")
    assert [point["code"] for point in kept.json["differences"]] == ["unknown_item"]
    assert [message["type"] for message in inbox.take()] == ["order.placed", "order.differs", "order.paid"]


def test_a_receipt_number_that_a_till_uses_again_on_the_next_day_is_a_new_sale(call: Caller, store: str) -> None:
    """odoo/odoo#71455: an order whose number was used before went missing."""
    source = {"kind": "till", "id": "till-1", "number": "00001-001-0001"}
    first, second = (
        call("POST", "/v1/orders", an_order(store, source=source, payments=paid(1325), placed_at=ago(minutes)))
        for minutes in (2 * 24 * 60, 5)
    )
    assert (first.status, second.status) == (201, 201)
    query = f"store={store}&source=till&source_id=till-1&number={source['number']}"
    listed = call("GET", f"/v1/orders?{query}").json["orders"]
    assert {order["id"] for order in listed} == {first.json["id"], second.json["id"]}


def test_two_sales_under_one_receipt_number_of_a_day_are_a_conflict_and_never_swallowed(
    call: Caller, store: str
) -> None:
    """odoo/odoo#71455: two tabs of one till count from the same number. The till is told which order has it."""
    source = {"kind": "till", "id": "till-1", "number": "00001-001-0001"}
    first = call("POST", "/v1/orders", an_order(store, source=source, placed_at=ago(1)))
    other = call("POST", "/v1/orders", an_order(store, source=source, placed_at=ago(0), payments=paid(1325)))
    assert (other.status, other.json["code"], other.json["order"]) == (409, "order_exists", first.json["id"])


def test_a_charge_that_settles_after_another_tender_has_paid_the_order_is_due_back(call: Caller, store: str) -> None:
    """woocommerce-gateway-stripe#5362: a charge captured after the order was complete is not abandoned."""
    order = call("POST", "/v1/orders", an_order(store, payments=paid(1325, "gateway-2"))).json["id"]
    late = {"reference": "ch_1", "method": "card", "amount": 1325}
    assert call("POST", f"/v1/orders/{order}/payments", late).status == 201
    assert standing(call, order) == ("closed", "paid", 2650, 0, 1325)
    assert message_types(call, order).count("order.paid") == 1
    assert refund(call, order, 1325).status == 201
    assert standing(call, order) == ("closed", "paid", 2650, 1325, 0)


def test_a_charge_that_settles_after_the_guest_has_cancelled_is_due_back(call: Caller, store: str) -> None:
    """woocommerce-gateway-stripe#5362, as it came up again: the charge of an order that its guest cancelled."""
    order = call("POST", "/v1/orders", an_order(store)).json["id"]
    assert cancel(call, order).status == 200
    assert pay(call, order, 1325, "ch_1").status == 201
    assert standing(call, order) == ("closed", "paid", 1325, 0, 1325)


def test_an_order_that_was_paid_and_refunded_can_be_paid_again(call: Caller, order: str) -> None:
    """pretix#343: the status follows the net of payments and refunds alone."""
    pay(call, order, 1325, "bank")
    refund(call, order, 1325)
    assert standing(call, order) == ("closed", "refunded", 1325, 1325, 0)
    pay(call, order, 1325, "cash")
    assert standing(call, order) == ("closed", "paid", 2650, 1325, 0)


def test_cash_in_belgium_is_rounded_to_five_cents_and_the_order_is_paid_with_a_difference(call: Caller) -> None:
    """OCA/pos PR#420: cash is rounded to 5 cents there, the order is paid, and the difference is written down."""
    store = open_store(call, currency="EUR", country="BE")
    for total, cash, rounding in ((1322, 1320, -2), (1323, 1325, 2)):
        order = call("POST", "/v1/orders", an_order(store, total=total, currency="EUR")).json["id"]
        paid_up = pay(call, order, cash).json
        assert (paid_up["payment"], paid_up["rounding"], paid_up["refund_due"]) == ("paid", rounding, 0)
    card = call("POST", "/v1/orders", an_order(store, total=1322, currency="EUR")).json["id"]
    by_card = {"reference": "c", "method": "card", "amount": 1320}
    assert call("POST", f"/v1/orders/{card}/payments", by_card).json["payment"] == "part_paid"
