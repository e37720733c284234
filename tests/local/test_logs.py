"""`python -m local.logs` finds what a function said about one request."""

import json
import subprocess
import sys

import httpx

from local.place import HOUSE
from local.stack import Stack


def logs(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local.logs", *arguments, "--root", str(stack.root)]
    return subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, check=False)


def test_the_request_of_a_problem_document_finds_its_lines_and_no_others(stack: Stack) -> None:
    problems = [
        httpx.get(f"{stack.place.http}/v1/orders/{order}", trust_env=False, timeout=30).json() for order in ("a", "b")
    ]
    found = logs(stack, "orders", "--request", problems[0]["request"])
    assert found.returncode == 0, found.stderr
    [line] = [json.loads(line) for line in found.stdout.splitlines()]
    assert (line["message"], line["status"], line["request"]) == ("answered", 401, problems[0]["request"])


def test_what_nobody_logged_is_said_to_be_missing(stack: Stack) -> None:
    found = logs(stack, "--request", "nobody-said-this")
    assert (found.returncode, found.stdout) == (1, "")
    assert "No function has logged that." in found.stderr
