"""docs/api/first-ten-minutes.md: its blocks run as they stand, against the stack with the demo's printers."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from demo import run as demo
from demo.printers import printers
from stack.addresses import CHECKOUT
from stack.stack import Stack

PAGE = (CHECKOUT / "docs/api/first-ten-minutes.md").read_text(encoding="utf-8")
STORE = "main-street"
# Bounds the wait for paper.
SECONDS = 240


def _blocks() -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_page_has_ten_calls() -> None:
    titles = re.findall(r"^\*\*(\d+)\. ", PAGE, re.MULTILINE)
    assert titles == [str(number) for number in range(1, 11)]
    calls = [len(re.findall(r"\bcall (?:GET|POST)", block)) for block in _blocks()]
    assert calls == [0, 0, *[1] * 10]


@pytest.fixture
def folder(stack: Stack, tmp_path: Path) -> Path:
    """A checkout whose running system is the stack of the test."""
    (tmp_path / ".local").symlink_to(stack.root)
    (tmp_path / ".venv").symlink_to(CHECKOUT / ".venv")
    return tmp_path


def test_ten_calls_go_from_the_menu_to_paper_and_refund(stack: Stack, folder: Path) -> None:
    demo.open_stores(stack.place)
    with printers(stack.root, [STORE]) as paper:
        done = subprocess.run(
            ["sh", "-eu"],
            input="\n".join(_blocks()),
            cwd=folder,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        assert done.returncode == 0, done.stdout[-2_000:] + done.stderr
        assert list((paper / STORE).glob("*/00001.png"))
    menu, placed, again, paid, jobs, accepted, refunded, read, found, trace = _documents(done.stdout)
    assert menu["currency"] == "USD"
    assert (placed["total"], placed["payment"], placed["differences"]) == (2075, "unpaid", [])
    assert again == placed
    assert (paid["id"], paid["payment"], paid["paid"]) == (placed["id"], "paid", 2075)
    assert "printed" in {job["state"] for job in jobs["jobs"]}
    assert {job["order"] for job in jobs["jobs"]} == {placed["id"]}
    assert accepted["fulfilment"] == "accepted"
    assert (refunded["payment"], refunded["refunded"]) == ("part_refunded", 400)
    assert read == refunded
    assert found == {"orders": [read], "next": None}
    types = [message["type"] for message in trace["messages"]]
    assert types[:3] == ["order.placed", "order.payment_taken", "order.paid"]
    assert "order.refunded" in types


def _documents(printed: str) -> list[Any]:
    return [json.loads(line) for line in printed.splitlines() if line]
