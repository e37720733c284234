"""docs/api/ tells an integrator facts: its programs run, and its lists are those of the code."""

import ast
import hashlib
import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo import run as demo
from functions.delivery.life.act import PIN_REFUSALS
from stack.addresses import CHECKOUT
from stack.signed_requests import Caller
from stack.stack import Stack

START, SIGNING, PROBLEMS = (
    (CHECKOUT / "docs/api" / name).read_text(encoding="utf-8") for name in ("README.md", "signing.md", "problems.md")
)
OF_REPLIES, _, OF_FAULTS = PROBLEMS.partition("## In `errors`")
LANGUAGES = {"python": ["python3"], "js": ["node", "--input-type=module", "-"], "sh": ["sh"]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_program_in_the_page_places_an_order(language: str, stack: Stack, caller: Caller, tea_store: str) -> None:
    [program] = _blocks(START, language)
    key = stack.place.keys["till"]
    names = {
        "DUMBWAITER_URL": stack.place.http,
        "DUMBWAITER_KEY_ID": key["id"],
        "DUMBWAITER_SECRET": key["secret"],
        "DUMBWAITER_STORE": tea_store,
    }
    assert all(f"`{name}`" in START for name in names)
    done = subprocess.run(
        LANGUAGES[language],
        input=program,
        env={"PATH": os.environ["PATH"], **names},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    printed = json.loads(done.stdout.splitlines()[-1])
    kept = caller("GET", f"/v1/orders/{printed['id']}").raise_for_status().json()
    assert kept == printed
    assert (kept["store"], kept["total"], kept["paid"], kept["payment"]) == (tea_store, 400, 400, "paid")
    assert kept["differences"] == []


def test_demo_stores_take_orders_at_any_hour(stack: Stack, caller: Caller) -> None:
    for store in demo.open_stores(stack.place):
        assert caller("GET", f"/v1/stores/{store}").raise_for_status().json()["opening_hours"] is None


def test_example_of_a_string_to_sign_is_signed_as_it_says() -> None:
    [text] = [block for block in _blocks(SIGNING, "") if block.startswith("POST")]
    secret, signature = re.findall(r"with the secret `(\w+)` its signature is\s`([0-9a-f]{64})`", SIGNING)[0]
    assert text.splitlines()[3] == hashlib.sha256(b"{}").hexdigest()
    command = ["openssl", "dgst", "-sha256", "-hmac", secret, "-r"]
    done = subprocess.run(command, input=text.removesuffix("\n"), capture_output=True, text=True, check=True)
    assert done.stdout.split()[0] == signature


def _blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)


# The lists of codes

ANSWERS = ("shared", "functions")
ERRORS = {
    "DumbwaiterError",
    "Rejected",
    "NotFound",
    "Conflict",
    "Unavailable",
    "Locked",
    "_unauthorized",
}
# Raised where no HTTP caller waits: in queues, on the print link, in training and backtests, and while publishing or
# sending tickets, which never fails a request.
NOT_ANSWERED = {
    *("message_malformed", "message_misled", "out_of_time", "broker_refused"),
    *("wrong_route", "unknown_connection", "ticket_too_large", "run_taken_over"),
    *("history_short", "word_unknown", "malformed"),
}


def test_page_lists_the_codes_of_all_problems() -> None:
    routing = {"no_such_route", "method_not_allowed", "body_too_large", "http"}
    parts = {f"{part}_invalid" for part in _texts({"checked", "_invalid"}, -1) if part in ("path", "query", "body")}
    # A forbidden action on a delivery is refused with its code; of a PIN the code is one of three.
    of_deliveries = _texts({"refusal"}, 1, ("functions/delivery",)) | {code for code, _ in PIN_REFUSALS.values()}
    raised = _texts(ERRORS, 0) | _bad_rows() | of_deliveries
    assert _listed(OF_REPLIES) == raised - NOT_ANSWERED | routing | parts | {"body_invalid"}


def test_page_lists_the_codes_of_all_faults() -> None:
    assert _listed(OF_FAULTS) == _texts({"Fault"}, 1) | _bad_rows()


def _bad_rows() -> set[str]:
    """Of files: each is the problem's code, and that of its faults."""
    return _texts({"refuse"}, 2)


def _listed(section: str) -> set[str]:
    codes = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert len(codes) == len(set(codes))
    return set(codes)


def _texts(names: set[str], place: int, folders: tuple[str, ...] = ANSWERS) -> set[str]:
    """The constant strings that are that argument of any call of these names."""
    found = set()
    for path in (path for folder in folders for path in (CHECKOUT / folder).rglob("*.py")):
        for node in _calls(path):
            if _name(node.func) in names and len(node.args) > max(place, 0):
                argument = node.args[place]
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    found.add(argument.value)
    return found


def _calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node


def _name(function: Any) -> str:
    return str(getattr(function, "id", getattr(function, "attr", "")))
