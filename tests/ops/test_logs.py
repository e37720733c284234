"""`python -m ops.logs` finds what a function said about one request."""

import json
import subprocess
import sys
import time

import httpx

from ops.account import local_account
from ops.logs import lines
from stack.addresses import CHECKOUT
from stack.stack import Stack


def logs(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ops", "logs", *arguments, "--root", str(stack.root)]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)


def test_the_request_of_a_problem_document_finds_its_lines_and_no_others(stack: Stack) -> None:
    problems = [
        httpx.get(f"{stack.place.http}/v1/orders/{order}", trust_env=False, timeout=30).json() for order in ("a", "b")
    ]
    for _ in range(10):  # a line is there a moment after the reply
        found = logs(stack, "orders", "--request", problems[0]["request"])
        if not found.returncode:
            break
    assert found.returncode == 0, found.stderr
    [line] = [json.loads(line) for line in found.stdout.splitlines()]
    assert (line["message"], line["status"], line["request"]) == ("answered", 401, problems[0]["request"])
    # All functions of the concern log into one group; each line names its function.
    assert logs(stack, "orders_api", "--request", problems[0]["request"]).stdout == found.stdout
    assert logs(stack, "orders_on_", "--request", problems[0]["request"]).returncode == 1


def test_what_nobody_logged_is_said_to_be_missing(stack: Stack) -> None:
    found = logs(stack, "--request", "nobody-said-this")
    assert (found.returncode, found.stdout) == (1, "")
    assert "No function has logged that." in found.stderr


def test_nothing_is_lost_where_one_answer_holds_no_more(stack: Stack) -> None:
    account, first = local_account(stack.root), int(time.time() * 1000) - 60_000
    client, group = account.client("logs"), f"/aws/lambda/{account.prefix}flood"
    client.create_log_group(logGroupName=group)
    try:
        client.create_log_stream(logGroupName=group, logStreamName="a")
        for part in (range(6_000), range(6_000, 12_000)):
            events = [{"timestamp": first + number, "message": f'{{"number":{number}}}'} for number in part]
            client.put_log_events(logGroupName=group, logStreamName="a", logEvents=events)
        found = [json.loads(line)["number"] for _, line in lines(account, "flood", "", first / 1000)]
    finally:
        client.delete_log_group(logGroupName=group)
    assert found == list(range(12_000))
