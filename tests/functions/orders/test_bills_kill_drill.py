"""Functions that are killed while they change, split and pay bills: a till that sends again loses nothing."""

import json
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from stack.gateway_event import Answer, answer_of, event
from stack.mariadb import MariaDB
from stack.signed_requests import signed_headers
from tests.support.bills import COLA, PIZZA, open_bill
from tests.support.intake import rows_in
from tests.support.orders import Caller

# Seconds from the request to the kill: before, in and after its transaction.
KILLED_AFTER = (0.002, 0.01, 0.02, 0.04)
WARM = {"method": "GET", "target": "/v1/orders?limit=1", "body": None}


class Environments:
    """One execution environment after the other, each a process that may be killed."""

    def __init__(self, key: dict[str, str], variables: dict[str, str]) -> None:
        self.key, self.variables, self.kills = key, variables, 0
        self.process: subprocess.Popen[str] | None = None

    def ask(self, request: dict[str, Any], fault: str | None = None, kill_after: float | None = None) -> Answer | None:
        """The answer; None when the process died before it gave one."""
        process = self.process or self._start()
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(self._event(request) | ({"_fault": fault} if fault else {})) + "\n")
        process.stdin.flush()
        if kill_after is not None:
            threading.Timer(kill_after, process.kill).start()
        line = process.stdout.readline()
        if line.strip() == "asleep" or kill_after is not None:
            process.kill()
            self.end()
            self.kills += 1
        reply = json.loads(line) if line.startswith("{") else None
        return answer_of(reply) if reply and "statusCode" in reply else None

    def _event(self, request: dict[str, Any]) -> dict[str, Any]:
        content = b"" if request["body"] is None else json.dumps(request["body"]).encode()
        headers = signed_headers(self.key, request["method"], request["target"], content, None)
        headers |= {"content-type": "application/json", "host": "api"}
        headers |= {"idempotency-key": request["key"]} if "key" in request else {}
        return event(request["method"], request["target"], headers, content)

    def _start(self) -> "subprocess.Popen[str]":
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.worker", "functions.orders.api"],
            env=self.variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        # The first request reads the key and opens the connection.
        assert self.ask(WARM)
        return self.process

    def end(self) -> None:
        if self.process:
            with self.process:
                self.process.kill()
            self.process = None


@contextmanager
def environments(key: dict[str, str], variables: dict[str, str]) -> Iterator[Environments]:
    made = Environments(key, variables)
    try:
        yield made
    finally:
        made.end()


def insist(drill: Environments, chance: random.Random, request: dict[str, Any]) -> dict[str, Any]:
    """Send until there is an answer, as a till does, and then once more."""
    for fault, kill_after in [
        *chance.sample([("sleep", None), ("cut", None), ("bug", None)], 1),
        *chance.sample([(None, seconds) for seconds in KILLED_AFTER], 1),
    ]:
        drill.ask(request, fault, kill_after)
    answers: list[Answer] = []
    while len(answers) < 2:
        answer = drill.ask(request)
        if answer and answer.status not in (409, 503):
            answers.append(answer)
    assert answers[0].status in (200, 201), answers[0].text
    assert answers[0].text == answers[1].text
    reply: dict[str, Any] = answers[0].json
    return reply


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
