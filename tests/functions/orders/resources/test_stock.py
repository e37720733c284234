"""Counted items: mini-programs never buy more than is left, sales are kept and named, cancelled orders give back."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from shared.spine.env import Environment
from stack.gateway_event import Answer
from stack.mariadb import MariaDB
from tests.support.bills import merge, open_bill, split
from tests.support.environments import Another, at_once
from tests.support.order_changes import cancel
from tests.support.orders import MENU, Caller, an_order, new_key, open_store
from tests.support.store_changes import COLA, HOUR, NOON

SET: dict[str, Any] = {
    "id": "set", "name": "Set", "category": "set", "price": 900,
    "combo": {"parts": [{"id": "drink", "name": "Drink", "choices": [{"item": "cola"}]}]},
}  # fmt: skip


def left(call: Caller, store: str) -> dict[str, int]:
    items = call("GET", f"/v1/stock/{store}").json["items"]
    return {item["item"]: item["left"] for item in items}


def count(call: Caller, store: str, item: str, pieces: int | None) -> None:
    assert call("PUT", f"/v1/stock/{store}/{item}", {"left": pieces}).status == 200


def buy(call: Caller, store: str, quantity: int = 1, kind: str = "mini_program", **different: Any) -> Answer:
    order = an_order(store)
    order["source"] |= {"kind": kind}
    return call(
        "POST", "/v1/orders", order | {"lines": [COLA | {"quantity": quantity}], "total": 300 * quantity} | different
    )


def test_of_fifty_guests_at_once_six_get_the_last_six(another: Another, call: Caller, store: str) -> None:
    count(call, store, "cola", 6)
    callers = [another() for _ in range(10)]
    answers = at_once([partial(buy_patiently, callers[number % 10], store) for number in range(10)])
    answers += at_once([partial(buy_patiently, callers[number % 10], store) for number in range(10)])
    for _ in range(3):
        answers += at_once([partial(buy_patiently, callers[number % 10], store) for number in range(10)])
    assert sorted(answer.status for answer in answers) == [201] * 6 + [422] * 44
    refused = next(answer for answer in answers if answer.status == 422)
    [fault] = refused.json["errors"]
    assert (fault["path"], fault["code"], fault["stated"], fault["expected"]) == ("lines[0].item", "sold_out", 1, 0)
    assert left(call, store) == {"cola": 0}


def buy_patiently(call: Caller, store: str) -> Answer:
    """Buy one; again while the store's counter is busy."""
    order = an_order(store)
    order["source"] |= {"kind": "mini_program"}
    order |= {"lines": [COLA], "total": 300}
    answer = call("POST", "/v1/orders", order)
    while answer.status == 503:
        answer = call("POST", "/v1/orders", order)
    return answer


def test_an_order_of_more_than_is_left_takes_nothing(call: Caller, store: str) -> None:
    count(call, store, "cola", 3)
    count(call, store, "hawaiian", 1)
    pizza = {"item": "hawaiian", "size": "M", "quantity": 1, "unit_price": 1325}
    refused = buy(call, store, lines=[COLA | {"quantity": 4}, pizza], total=2525)
    assert [(fault["path"], fault["expected"]) for fault in refused.json["errors"]] == [("lines[0].item", 3)]
    assert left(call, store) == {"cola": 3, "hawaiian": 1}
    assert buy(call, store, lines=[COLA | {"quantity": 3}, pizza], total=2225).status == 201
    assert left(call, store) == {"cola": 0, "hawaiian": 0}


def test_a_count_is_seen_at_once_by_an_environment_that_has_a_copy(another: Another, call: Caller, store: str) -> None:
    other = another()
    assert buy(other, store).status == 201
    count(call, store, "cola", 0)
    assert buy(other, store).json["errors"][0]["code"] == "sold_out"
    count(call, store, "cola", None)
    assert left(call, store) == {}
    assert buy(other, store).status == 201


def test_a_sale_is_kept_and_named_and_the_count_falls_below_zero(call: Caller, store: str) -> None:
    count(call, store, "cola", 2)
    assert buy(call, store, 2, "till").json["differences"] == []
    sold = buy(call, store, 3, "platform")
    assert sold.status == 201
    [difference] = sold.json["differences"]
    assert difference == {"path": "lines[0].item", "code": "oversold", "stated": 3, "expected": 0}
    assert left(call, store) == {"cola": -3}
    assert call("POST", f"/v1/stock/{store}/cola", {"add": 5}).json["items"][0]["left"] == 2
    assert call("POST", f"/v1/stock/{store}/tea", {"add": 5}).json["code"] == "not_counted"


def test_an_order_that_is_sent_again_takes_once_even_when_nothing_is_left(call: Caller, store: str) -> None:
    count(call, store, "cola", 1)
    order = an_order(store, lines=[COLA], total=300)
    order["source"] |= {"kind": "mini_program"}
    first = call("POST", "/v1/orders", order, key="a")
    for key in ("a", "b"):
        again = call("POST", "/v1/orders", order, key=key)
        assert (again.status, again.text) == (201, first.text)
    assert left(call, store) == {"cola": 0}


@pytest.mark.parametrize("kind", ["mini_program", "till"])
def test_a_cancelled_order_gives_back_once(another: Another, store: str, kind: str) -> None:
    count(another(NOON), store, "cola", 5)
    order = buy(another(NOON + HOUR), store, 2, kind).json["id"]
    assert left(another(NOON), store) == {"cola": 3}
    for minutes in (1, 2):
        later = another(NOON + HOUR + timedelta(minutes=minutes))
        assert later("POST", f"/v1/orders/{order}/cancel", {"reason": "x"}).status == 200
        assert left(another(NOON), store) == {"cola": 5}


@pytest.mark.parametrize("kind", ["mini_program", "till"])
def test_a_cancelled_order_gives_nothing_back_to_a_later_count(another: Another, store: str, kind: str) -> None:
    count(another(NOON), store, "cola", 5)
    order = buy(another(NOON + HOUR), store, 2, kind).json["id"]
    later = another(NOON + 2 * HOUR)
    count(later, store, "cola", 4)
    assert later("POST", f"/v1/orders/{order}/cancel", {"reason": "x"}).status == 200
    assert left(later, store) == {"cola": 4}


def test_a_sale_of_before_the_count_takes_nothing(another: Another, store: str) -> None:
    later = another(NOON + HOUR)
    count(later, store, "cola", 5)
    placed_at = (NOON + timedelta(minutes=30)).isoformat()
    order = buy(another(NOON + 2 * HOUR), store, 2, "till", placed_at=placed_at)
    assert order.status == 201
    assert left(later, store) == {"cola": 5}
    another(NOON + 2 * HOUR)("POST", f"/v1/orders/{order.json['id']}/cancel", {"reason": "x"})
    assert left(later, store) == {"cola": 5}


def test_parts_of_a_combo_count(call: Caller) -> None:
    store = open_store(call, MENU | {"items": [*MENU["items"], SET]})
    count(call, store, "cola", 3)
    line = {"item": "set", "quantity": 2, "unit_price": 900, "parts": [{"part": "drink", "item": "cola"}]}
    assert buy(call, store, lines=[line], total=1800).status == 201
    assert left(call, store) == {"cola": 1}
    refused = buy(call, store, lines=[line], total=1800)
    assert refused.json["errors"][0]["path"] == "lines[0].parts[0].item"


def test_the_menu_shows_what_is_left(call: Caller, store: str) -> None:
    path = f"/v1/stores/{store}/menu"
    first = call("GET", path)
    assert first.json["left"] == {}
    count(call, store, "cola", 1)
    second = call("GET", path, headers={"If-None-Match": first.headers["etag"]})
    assert (second.status, second.json["left"], second.json["sold_out"]) == (200, {"cola": 1}, [])
    buy(call, store)
    third = call("GET", path, headers={"If-None-Match": second.headers["etag"]})
    assert (third.status, third.json["left"], third.json["sold_out"]) == (200, {"cola": 0}, ["cola"])
    assert call("GET", path, headers={"If-None-Match": third.headers["etag"]}).status == 304


@pytest.mark.parametrize(("counted", "statements"), [("hawaiian", 0), ("cola", 1)])
def test_an_order_pays_a_statement_only_for_counted_items(
    call: Caller,
    store: str,
    env: Environment,
    counted: str,
    statements: int,
) -> None:
    def questions() -> int:
        with env.db.transaction() as transaction:
            row = transaction.row("SHOW SESSION STATUS LIKE 'Questions'")
        assert row
        return int(row["Value"])

    def cost() -> int:
        before = questions()
        assert buy(call, store).status == 201
        return questions() - before

    buy(call, store)
    plain = cost()
    count(call, store, counted, 100)
    buy(call, store)
    assert cost() - plain == statements


def test_each_right_reaches_its_stock(another: Another, store: str, env: Environment, database: MariaDB) -> None:
    def statuses(right: str, at: str) -> list[int]:
        client = another(key=new_key(env, database.owner.url, [right], at))
        path = f"/v1/stock/{store}"
        return [
            client("GET", path).status,
            client("PUT", f"{path}/cola", {"left": 5}).status,
            client("POST", f"{path}/cola", {"add": 1}).status,
        ]

    assert statuses("menu:write", f"store:demo:{store}") == [403, 200, 200]
    assert statuses("menu:read", "region:demo:east") == [200, 403, 403]
    assert statuses("menu:write", "region:demo:west") == [403, 403, 403]
    assert statuses("menu:write", "chain:rival") == [404, 404, 404]


def test_only_whole_counts_are_taken(call: Caller, store: str) -> None:
    for pieces in (-1, 1_000_001, 1.5, "3"):
        assert call("PUT", f"/v1/stock/{store}/cola", {"left": pieces}).status == 422
    assert call("PUT", f"/v1/stock/{store}/..%2Fcola", {"left": 1}).status in (404, 422)


def test_a_round_of_a_bill_takes_and_a_void_gives_back(call: Caller, store: str) -> None:
    count(call, store, "cola", 3)
    bill = call("POST", "/v1/orders", an_order(store, open=True, lines=[COLA], total=300)).json
    assert left(call, store) == {"cola": 2}
    changes = f"/v1/orders/{bill['id']}/changes"
    round_two = call("POST", changes, {"add": [COLA | {"quantity": 2, "id": "b"}]})
    assert (round_two.status, left(call, store)) == (200, {"cola": 0})
    assert call("POST", changes, {"version": 2, "change": [{"line": "b", "quantity": 3}]}).status == 200
    assert left(call, store) == {"cola": -1}
    third = call("POST", changes, {"add": [COLA]}).json
    assert [found for found in third["differences"] if found["code"] == "oversold"][-1][
        "path"
    ] == "changes[4].add[0].item"
    voided = call("POST", changes, {"version": 4, "void": [{"line": "b", "quantity": 2, "reason": "x", "person": "y"}]})
    assert (voided.status, left(call, store)) == (200, {"cola": 0})


@pytest.mark.parametrize("kind", ["mini_program", "till"])
def test_a_round_after_a_count_gives_back_to_it(another: Another, store: str, kind: str) -> None:
    count(another(NOON), store, "cola", 9)
    order = an_order(store, open=True, lines=[COLA], total=300)
    order["source"] |= {"kind": kind}
    bill = another(NOON + HOUR)("POST", "/v1/orders", order).json
    count(another(NOON + 2 * HOUR), store, "cola", 5)
    later = another(NOON + 3 * HOUR)
    changed = later("POST", f"/v1/orders/{bill['id']}/changes", {"add": [COLA | {"quantity": 2, "id": "b"}]}).json
    assert [line.get("placed_at") for line in changed["lines"]] == [None, "2025-01-15T20:00:00Z"]
    assert left(later, store) == {"cola": 3}
    void = {"version": 2, "void": [{"line": "b", "quantity": 1, "reason": "x"}]}
    assert another(NOON + 3 * HOUR)("POST", f"/v1/orders/{bill['id']}/changes", void).status == 200
    assert left(later, store) == {"cola": 4}
    # The cola of the first round is not in the count.
    assert later("POST", f"/v1/orders/{bill['id']}/cancel", {"reason": "x"}).status == 200
    assert left(later, store) == {"cola": 5}


def test_lines_that_move_between_bills_keep_the_time_at_which_they_were_taken(another: Another, store: str) -> None:
    count(another(NOON), store, "cola", 9)
    early, call = another(NOON + HOUR), another(NOON + 3 * HOUR)
    first, second = (open_bill(early, store, COLA, COLA, source=a_guest(number), total=600) for number in ("a", "b"))
    assert left(call, store) == {"cola": 5}
    count(another(NOON + 2 * HOUR), store, "cola", 5)
    # Split off and placed again after the count, and merged into a bill of after the count: all of before it.
    part = split(call, first["id"], 1, parts=[{"lines": [{"line": "1"}]}]).json["orders"][0]
    young = open_bill(call, store, COLA, source=a_guest("c"), total=300)
    merged = merge(call, young, second).json
    assert left(call, store) == {"cola": 4}
    assert cancel(call, part["id"]).status == 200
    assert left(call, store) == {"cola": 4}
    assert cancel(call, merged["id"]).status == 200
    assert left(call, store) == {"cola": 5}


def a_guest(number: str) -> dict[str, str]:
    return {"kind": "mini_program", "id": "app", "number": number}


def test_a_sale_of_long_ago_takes_nothing_from_a_count_and_gives_nothing_back(
    another: Another, store: str, env: Environment, database: MariaDB
) -> None:
    rights = ["orders:place", "orders:read", "orders:cancel", "menu:read"]
    call = another(NOON, key=new_key(env, database.owner.url, rights))
    count(another(NOON - 24 * HOUR), store, "cola", 5)
    # It counts at its receipt, because it is older than a week.
    sale = buy(call, store, 2, "till", placed_at=(NOON - timedelta(days=10)).isoformat())
    assert (sale.status, sale.json["placed_at"], left(call, store)) == (201, "2025-01-15T17:00:00Z", {"cola": 5})
    assert cancel(call, sale.json["id"]).status == 200
    assert left(call, store) == {"cola": 5}


def test_a_guests_round_takes_only_what_is_left(call: Caller, store: str) -> None:
    count(call, store, "cola", 1)
    bill = call("POST", "/v1/orders", an_order(store, open=True, lines=[], total=0)).json
    guest = {"source": {"kind": "mini_program", "id": "app"}}
    changes = f"/v1/orders/{bill['id']}/changes"
    refused = call("POST", changes, guest | {"add": [COLA | {"quantity": 2}]})
    assert [(fault["path"], fault["code"]) for fault in refused.json["errors"]] == [("add[0].item", "sold_out")]
    assert (call("POST", changes, guest | {"add": [COLA]}).status, left(call, store)) == (200, {"cola": 0})
