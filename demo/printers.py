"""The demo chain's printers: tests/simulators/demo_stores as a program beside the stack. Tickets become pictures."""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stack import children
from stack.addresses import CHECKOUT
from stack.mariadb import CannotStart

START_SECONDS = 60.0
PRINTERS = ("kitchen", "front")
ROUTING = {
    "stations": [
        {"id": "kitchen_hot", "name": "Oven", "printer": "kitchen"},
        {"id": "front", "name": "Front", "kind": "receipt", "printer": "front"},
    ],
    # The demo's orders are years old.
    "late_uploads": "print",
}
NO_ROUTING: dict[str, Any] = {"stations": []}


@contextmanager
def printers(root: Path, stores: Sequence[str]) -> Iterator[Path]:
    """The folder of the pictures, <store>/<printer>/00001.png and on; at the end no printer and no agent runs.

    Raises CannotStart.
    """
    log = root / "demo_stores.log"
    paths = os.pathsep.join((str(CHECKOUT), str(CHECKOUT / "agent")))
    command = [sys.executable, "-m", "tests.simulators.demo_stores", "--root", str(root), *stores]
    try:
        child = children.start(
            _record(root), command, env=children.environment(PYTHONPATH=paths), cwd=CHECKOUT, log=log
        )
        _wait(child, log)
        yield root / "paper"
    finally:
        with children.undisturbed():
            stop(root)


def stop(root: Path) -> None:
    """End the printers and their agents, also those that a killed demo left."""
    children.stop(_record(root), patience=10)


def _record(root: Path) -> Path:
    return root / "demo_stores.json"


def _wait(child: children.Child, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while "Tickets:" not in log.read_text():
        if not child.alive() or time.monotonic() > until:
            raise CannotStart(f"The demo's printers did not start; the end of {log}:\n{children.tail(log)}")
        time.sleep(0.05)
