"""The demo's table: two rounds, a split by seat, and a tip each."""

from typing import Any

import httpx

from demo import pizzaplace
from demo.run import TEA
from demo.table import serve_table
from tests.support.orders import Caller, open_store


def test_a_table_orders_two_rounds_splits_and_tips(call: Caller) -> None:
    menu = pizzaplace.menu()
    store = open_store(call, menu | {"items": [*menu["items"], TEA]})

    def send(target: str, body: Any, key: str) -> httpx.Response:
        answer = call("POST", target, body, key=key)
        return httpx.Response(answer.status, text=answer.text, request=httpx.Request("POST", "http://api"))

    # Two pizzas of 13.25 at seat 1, two teas of 4.00 at seat 2.
    bills = serve_table(send, store, "table-1")
    assert [(bill["total"], bill["tip"], bill["payment"]) for bill in bills] == [
        (2650, 200, "paid"),
        (800, 200, "paid"),
    ]
    assert [bill["id"] for bill in serve_table(send, store, "table-1")] == [bill["id"] for bill in bills]
    assert bills[1]["split_from"] == bills[0]["id"]
