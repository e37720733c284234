"""Functions that are killed while they change, split and pay bills: a till that sends again loses nothing."""

import random
from typing import Any

import pytest

from stack.mariadb import MariaDB
from tests.support.bills import COLA, PIZZA, open_bill
from tests.support.intake import rows_in
from tests.support.kill_drills import environments, insist
from tests.support.orders import Caller


@pytest.mark.parametrize("seed", [1, 2])
def test_a_killed_function_loses_no_round_and_makes_none_twice(
    call: Caller, store: str, database: MariaDB, function_environment: dict[str, str], seed: int
) -> None:
    chance = random.Random(seed)
    order = open_bill(call, store, PIZZA, COLA)
    path = f"/v1/orders/{order['id']}"

    def post(part: str, body: dict[str, Any], order_id: str = order["id"]) -> dict[str, Any]:
        request = {
            "method": "POST",
            "target": f"/v1/orders/{order_id}/{part}",
            "body": body,
            "key": f"{part}-{body}"[:99],
        }
        return insist(drill, chance, request)

    with environments(dict(call.key), function_environment) as drill:
        for number in range(2):
            post("changes", {"add": [COLA | {"id": f"r{number}"}]})
        post("changes", {"version": 3, "void": [{"line": "2", "quantity": 1, "reason": "spilled"}]})
        parts = post("split", {"version": 4, "parts": [{"lines": [{"line": "r0"}, {"line": "1"}]}]})
        new = parts["orders"][0]["id"]
        for order_id, version in ((order["id"], 5), (new, 1)):
            total = post("close", {"version": version}, order_id)["total"]
            post("payments", {"reference": "p", "method": "card", "amount": total}, order_id)
        assert drill.kills >= 8
    standing, other = call("GET", path).json, call("GET", f"/v1/orders/{new}").json
    assert [line["id"] for line in standing["lines"]] == ["2", "r1"]
    assert [line["id"] for line in other["lines"]] == ["r0", "1"]
    # 3.00 + 6.00, and 6.00 + 13.25.
    assert (standing["paid"], other["paid"], standing["version"]) == (900, 1925, 6)
    assert {one["payment"] for one in (standing, other)} == {"paid"}
    assert (rows_in(database, "orders"), rows_in(database, "payments"), rows_in(database, "order_changes")) == (2, 2, 6)
    for order_id, expected in ((order["id"], 8), (new, 4)):
        messages = call("GET", f"/v1/orders/{order_id}/trace").json["messages"]
        assert [message["sequence"] for message in messages] == list(range(1, expected + 1))
        assert [message["type"] for message in messages].count("order.paid") == 1
