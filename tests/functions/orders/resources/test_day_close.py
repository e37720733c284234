"""The close of a business day: what it counts, once, and what it never changes."""

import csv
import io
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from shared.spine.env import Environment
from stack.gateway_event import Answer
from stack.mariadb import MariaDB
from tests.support.environments import Another, at_once
from tests.support.order_changes import cancel, pay, refund
from tests.support.orders import Caller, an_order, new_key, open_store, paid
from tests.support.queues import Inbox

# Wednesday noon in New York.
NOON = datetime(2025, 1, 15, 17, 0, tzinfo=UTC)
DAY, NEXT = "2025-01-15", "2025-01-16"


def close(call: Caller, store: str, day: str = DAY, **body: Any) -> Answer:
    return call("POST", f"/v1/days/{store}/{day}/close", body)


def sell(call: Caller, store: str, *payments: dict[str, Any], **parts: Any) -> str:
    answer = call("POST", "/v1/orders", an_order(store, payments=list(payments), **parts))
    assert answer.status == 201, answer.text
    order: str = answer.json["id"]
    return order


def by(rows: list[dict[str, Any]], key: str) -> dict[Any, dict[str, Any]]:
    return {row[key]: row for row in rows}


@pytest.fixture
def noon(another: Another) -> Caller:
    """Calls at noon of the day."""
    return another(NOON)


@pytest.fixture
def tomorrow(another: Another) -> Caller:
    """Calls at noon of the next day."""
    return another(NOON + timedelta(days=1))


def test_a_close_counts_sales_and_money_of_the_day(noon: Caller, store: str, inbox: Inbox) -> None:
    sell(noon, store, paid(1325)[0] | {"tendered": 2000}, waiter="Ann", covers=2)
    card = sell(noon, store, {"reference": "c", "method": "card", "amount": 1325, "tip": 200}, service="dine_in")
    lunch = {"discounts": [{"code": "WELCOME", "amount": 500}], "total": 825}
    sell(noon, store, {"reference": "g", "method": "gift_card", "amount": 825}, **lunch)
    unpaid = sell(noon, store)
    called_off = sell(noon, store, *paid(1325))
    cancel(noon, called_off)
    refund(noon, called_off, 1325)
    body = {"reference": "r1", "amount": 325, "reason": "cold", "person": "Bob", "comp": True}
    assert noon("POST", f"/v1/orders/{card}/refunds", body).status == 201
    inbox.take()
    counted = [{"method": "cash", "amount": 11300}, {"method": "voucher", "amount": 0}]
    moves = [{"amount": -200, "reason": "tips paid out"}]
    answer = close(noon, store, counted=counted, opening_float=10000, moves=moves, person="Ann")
    report = answer.json
    assert (answer.status, report["number"], report["day"], report["person"]) == (201, 1, DAY, "Ann")
    assert (report["orders"], report["covers"], report["subtotal"], report["total"]) == (3, 2, 3 * 1325, 3 * 1325 - 500)
    assert (report["cancelled"], report["cancelled_total"], report["unpaid"]) == (1, 1325, 1)
    assert report["discounts"] == [{"kind": "code", "code": "WELCOME", "count": 1, "amount": 500}]
    assert (report["tips"], report["refunds"], report["refunded"]) == (200, 2, 1650)
    assert report["comps_after_payment"] == 325
    assert report["net_paid"] == 1325 + 1325 + 200 + 825 + 1325 - 1325 - 325
    tenders = by(report["tenders"], "method")
    assert tenders["card"] | {} == {
        "method": "card", "payments": 1, "amount": 1325, "tips": 200, "refunds": 1, "refunded": 325,
        "tips_refunded": 0, "rounding": 0, "expected": 1200, "counted": None, "difference": None,
    }  # fmt: skip
    assert (tenders["cash"]["amount"], tenders["cash"]["refunded"]) == (2650, 1325)
    # 100.00 in the drawer, 13.25 kept, 2.00 paid out: 111.25 expected, 113.00 counted.
    assert (tenders["cash"]["expected"], tenders["cash"]["difference"]) == (11125, 175)
    assert (report["drawer"]["expected"], report["drawer"]["difference"]) == (11125, 175)
    assert tenders["gift_card"]["amount"] == 825
    assert tenders["voucher"]["difference"] == 0
    assert by(report["persons"], "person")["Bob"]["refunds"] == 325
    assert by(report["hours"], "hour")[12]["orders"] == 3
    assert by(report["services"], "service")["takeaway"]["sales"] == 1325 + 825
    assert report["late"] == []
    (message,) = inbox.take()
    assert (message["type"], message["sequence"], message["data"]["report"]) == ("day.closed", 1, report)
    assert noon("GET", f"/v1/days/{store}/{DAY}").json == report
    assert pay(noon, unpaid, 1325).status == 201
    assert noon("GET", f"/v1/days/{store}/{DAY}").json == report


def test_what_comes_after_a_close_counts_in_the_next_one(noon: Caller, tomorrow: Caller, store: str) -> None:
    """A late upload, a refund, a cancelled and a newly paid order: each once, and the closed day stays as it is."""
    sold, called_off, unpaid = sell(noon, store, *paid(1325)), sell(noon, store, *paid(1325)), sell(noon, store)
    first = close(noon, store).json
    assert (first["orders"], first["total"], first["unpaid"], first["net_paid"]) == (2, 2650, 1, 2650)
    sell(noon, store, *paid(1325), placed_at="2025-01-15T08:00:00-05:00")
    refund(tomorrow, sold, 325)
    cancel(tomorrow, called_off)
    pay(tomorrow, unpaid, 1325, "later")
    running = tomorrow("GET", f"/v1/days/{store}/{NEXT}").json
    second = close(tomorrow, store, NEXT).json
    # One of two orders was called off; one came late and one was paid.
    assert (second["number"], second["orders"], second["total"], second["corrected"]) == (2, 1, 1325, 2)
    assert second["cancelled"] == 1
    assert second["net_paid"] == 1325 - 325 + 1325
    assert second["late"] == [
        {"day": DAY, "orders": 1, "sales": 1325, "payments": 1, "amount": 1325, "refunds": 0, "refunded": 0}
    ]
    differ = {name for name, amount in running.items() if amount != second[name]}
    assert differ == {"number", "closed_at", "client"}
    assert noon("GET", f"/v1/days/{store}/{DAY}").json == first
    listed = tomorrow("GET", f"/v1/days/{store}?limit=1").json
    assert (listed["closes"], listed["next"]) == ([second], 2)
    assert tomorrow("GET", f"/v1/days/{store}?before=2").json == {"closes": [first], "next": None}


def test_a_day_is_closed_once(noon: Caller, tomorrow: Caller, another: Another, store: str) -> None:
    sell(noon, store, *paid(1325))
    answers = at_once([partial(close, another(NOON), store, person=f"p{n}") for n in range(6)])
    assert sorted(answer.status for answer in answers) == [201] + [409] * 5
    assert {answer.json.get("code") for answer in answers} == {None, "day_closed"}
    assert close(tomorrow, store, NEXT).json["number"] == 2
    late = close(tomorrow, store, DAY)
    assert (late.status, late.json["code"], late.json["number"]) == (409, "day_closed", 2)


def test_the_same_request_gets_the_same_report(noon: Caller, store: str) -> None:
    sell(noon, store, *paid(1325))
    path = f"/v1/days/{store}/{DAY}/close"
    first, again = noon("POST", path, {}, key="k"), noon("POST", path, {}, key="k")
    assert (first.status, again.status, again.json) == (201, 201, first.json)


def test_a_day_to_come_is_not_closed(noon: Caller, store: str) -> None:
    answer = close(noon, store, NEXT)
    assert (answer.status, answer.json["code"]) == (422, "day_not_begun")


def test_a_skipped_day_is_in_the_next_close(noon: Caller, tomorrow: Caller, another: Another, store: str) -> None:
    assert close(noon, store).json["number"] == 1
    sell(tomorrow, store, *paid(1325))
    report = close(another(NOON + timedelta(days=2)), store, "2025-01-17").json
    assert (report["number"], report["orders"], report["late"][0]["day"]) == (2, 1, NEXT)
    unknown = tomorrow("GET", f"/v1/days/{store}/{NEXT}")
    assert (unknown.status, unknown.json["code"], unknown.json["number"]) == (404, "day_not_closed", 2)


def test_the_first_close_begins_with_its_day_or_with_the_stated_one(noon: Caller, tomorrow: Caller) -> None:
    for since, orders in ((None, 1), (DAY, 2)):
        store = open_store(noon)
        sell(noon, store, *paid(1325))
        sell(tomorrow, store, *paid(1325))
        report = close(tomorrow, store, NEXT, **({"since": since} if since else {})).json
        assert (report["orders"], report["net_paid"]) == (orders, orders * 1325)


def test_imported_history_is_in_no_close(noon: Caller, tomorrow: Caller, store: str) -> None:
    close(noon, store)
    sell(noon, store, *paid(1325), placed_at="2024-12-24T12:00:00-05:00")
    report = close(tomorrow, store, NEXT).json
    assert (report["orders"], report["net_paid"]) == (0, 0)


def test_a_clock_ahead_hides_no_money(noon: Caller, store: str) -> None:
    order = sell(noon, store)
    body = paid(1325)[0] | {"taken_at": "2031-01-01T00:00:00Z"}
    payment = noon("POST", f"/v1/orders/{order}/payments", body).json["payments"][0]
    assert payment["day"] == DAY
    assert close(noon, store).json["net_paid"] == 1325


def test_wrong_change_shows_in_the_drawer(noon: Caller, store: str) -> None:
    sell(noon, store, paid(1325)[0] | {"tendered": 2000, "change": 600})
    drawer = close(noon, store, counted=[{"method": "cash", "amount": 1400}]).json["drawer"]
    names = ("paid", "change_differences", "expected", "difference")
    assert [drawer[name] for name in names] == [1325, 75, 1400, 0]


def test_the_table_has_amounts_in_major_units_and_no_formula(noon: Caller, store: str) -> None:
    sell(noon, store, {"reference": "c", "method": "card", "amount": 1325}, waiter="=HYPERLINK(1)")
    close(noon, store)
    answer = noon("GET", f"/v1/days/{store}/{DAY}/csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["section", "name", "field", "value"]
    assert ["report", "", "total", "13.25"] in rows
    assert ["tenders", "card", "payments", "1"] in rows
    assert ["persons", "'=HYPERLINK(1)", "sales", "13.25"] in rows


def test_days_have_rights_of_their_own(
    noon: Caller, another: Another, store: str, env: Environment, database: MariaDB
) -> None:
    url = database.owner.url
    reader = another(NOON, key=new_key(env, url, ["days:read"], f"store:demo:{store}"))
    assert reader("GET", f"/v1/days/{store}/{DAY}").status == 200
    assert close(reader, store).json["code"] == "not_allowed"
    closer = another(NOON, key=new_key(env, url, ["days:close"], f"store:demo:{store}"))
    assert closer("GET", f"/v1/days/{store}/{DAY}").status == 403
    other = open_store(noon)
    assert close(closer, other).status == 403
    rival = another(NOON, key=new_key(env, url, ["days:read", "days:close"], "chain:rival"))
    for reference in (store, f"demo%3A{store}"):
        assert rival("GET", f"/v1/days/{reference}/{DAY}").json["code"] == "unknown_store"
        assert close(rival, reference).json["code"] == "unknown_store"
    assert close(closer, store).status == 201


def test_orders_that_come_while_the_day_is_closed_are_in_one_of_two_closes(
    another: Another, noon: Caller, tomorrow: Caller, store: str
) -> None:
    early = [sell(noon, store) for _ in range(3)]

    def sell_all(till: Caller) -> None:
        for _ in range(5):
            sell(till, store, *paid(1325))

    def pay_all(till: Caller) -> None:
        for order in early:
            assert pay(till, order, 1325).status == 201

    def close_soon(till: Caller) -> None:
        sell_all(till)
        assert close(till, store).status == 201

    works = [partial(sell_all, another(NOON)) for _ in range(3)]
    at_once([*works, partial(pay_all, another(NOON)), partial(close_soon, another(NOON))])
    reports = [noon("GET", f"/v1/days/{store}/{DAY}").json, close(tomorrow, store, NEXT).json]
    assert sum(report["orders"] for report in reports) == 23
    assert sum(report["net_paid"] for report in reports) == 23 * 1325


def test_an_open_bill_is_kept_on_demand_and_counts_after_it_is_paid(noon: Caller, tomorrow: Caller, store: str) -> None:
    bill = sell(noon, store, open=True)
    refused = close(noon, store)
    assert (refused.status, refused.json["code"], refused.json["orders"]) == (409, "bills_open", [bill])
    kept = close(noon, store, open_bills="keep", person="Ann").json
    assert (kept["orders"], kept["unpaid"], kept["open_bills"]) == (0, 1, [bill])
    assert tomorrow("POST", f"/v1/orders/{bill}/close", {"version": 1}).status == 200
    assert pay(tomorrow, bill, 1325).status == 201
    report = close(tomorrow, store, NEXT).json
    assert (report["orders"], report["total"], report["late"][0]["day"]) == (1, 1325, DAY)
    again = tomorrow("POST", f"/v1/orders/{bill}/reopen", {"version": 2, "reason": "forgot a cola"})
    assert (again.status, again.json["code"]) == (409, "day_closed")


def test_a_gift_card_is_revenue_once(noon: Caller, store: str, database: MariaDB) -> None:
    """As opensourcepos#2672 asks: the gift card counts when it pays, and not when it is sold."""
    card = [{"item": "gift", "name": "Gift card", "kind": "gift_card", "quantity": 1, "unit_price": 1325}]
    sold = noon("POST", "/v1/orders", an_order(store, lines=card, payments=paid(1325)))
    assert (sold.status, sold.json["liabilities"], sold.json["tax"]) == (201, 1325, 0)
    sell(noon, store, {"reference": "g", "method": "gift_card", "amount": 1325})
    report = close(noon, store).json
    assert (report["total"], report["liabilities"]) == (2650, 1325)
    assert {tender["method"]: tender["amount"] for tender in report["tenders"]} == {"cash": 1325, "gift_card": 1325}
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT revenue FROM daily_revenue")
        assert cursor.fetchall() == ((1325,),)


def test_a_refund_after_the_close_is_in_the_next_one_by_its_tender(noon: Caller, tomorrow: Caller, store: str) -> None:
    """Each refund counts once, with its own amount, also the second of an order."""
    order = sell(noon, store, {"reference": "c", "method": "card", "amount": 1325})
    close(noon, store)
    refund(tomorrow, order, 300)
    refund(tomorrow, order, 200, "r2")
    report = close(tomorrow, store, NEXT).json
    assert (report["orders"], report["refunds"], report["refunded"], report["net_paid"]) == (0, 2, 500, -500)
    assert by(report["tenders"], "method")["card"]["expected"] == -500
