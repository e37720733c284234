"""Where each printer is: learnt at set-up, compared with every connection, kept in printers.json.

A printer's lease may go to another printer; both would print each other's tickets, and prove it.
"""

import contextlib
import json
import logging
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dumbwaiter_agent.credentials import write_private
from dumbwaiter_agent.identity import Neighbours, hardware_address

log = logging.getLogger("dumbwaiter_agent")
PRINTERS_FILE = "printers.json"


class Verdict(StrEnum):
    """Of a connection to a printer."""

    RIGHT = "right"
    UNPROVEN = "unproven"
    OTHER = "other"


class Places:
    """By printer the identity that it had, as `mac:…/9100` or `serial:…`; by address the one seen there last."""

    def __init__(self, path: Path | None = None, *, neighbours: Neighbours = hardware_address) -> None:
        """`path` None: nothing is kept, nothing is known."""
        self._path = path
        self.neighbours = neighbours
        self._seen: dict[str, str] = {}
        # By printer (where it is connected, where it is configured).
        self._guests: dict[str, tuple[str, str]] = {}

    def enter(self, printer: str, configured: str, at: str) -> bool:
        """False while another printer's connection is there, of which one is not where it is configured."""
        for name, (used, home) in self._guests.items():
            if name != printer and used == at and (home != used or configured != at):
                return False
        self._guests[printer] = (at, configured)
        return True

    def leave(self, printer: str) -> None:
        """Its connection is closed."""
        self._guests.pop(printer, None)

    def expected(self, printer: str, address: str) -> str | None:
        """The identity of before; None where there is none, or a person has set another address since."""
        entry = self._read().get(printer)
        return str(entry["identity"]) if entry and entry["address"] == address else None

    def judge(self, printer: str, configured: str, at: str, identity: str | None) -> Verdict:
        """Compare the identity at the address `at` with the printer's own. A printer without one gets it."""
        self._seen.pop(at, None)
        expected = self.expected(printer, configured)
        if identity is None:
            return Verdict.UNPROVEN
        self._seen[at] = identity
        if expected is None:
            return self._meet(printer, configured, identity)
        if _kind(expected) != _kind(identity):
            return Verdict.UNPROVEN
        return Verdict.RIGHT if expected == identity else Verdict.OTHER

    def _meet(self, printer: str, configured: str, identity: str) -> Verdict:
        """A printer without an identity. It is not one that has another name at another address.

        Clones may have one serial number; where both are there at the same time it says nothing.
        """
        for name, entry in self._read().items():
            namesake = name != printer and entry["identity"] == identity and entry["address"] != configured
            if namesake and self._seen.get(entry["address"]) != identity:
                return Verdict.OTHER
        self._write({**self._read(), printer: {"address": configured, "identity": identity}})
        return Verdict.RIGHT

    def elsewhere(self, printer: str, configured: str, at: str) -> str:
        """Where to look for it next: where its identity was seen, else where it is configured."""
        expected = self.expected(printer, configured)
        addresses = (address for address, identity in self._seen.items() if identity == expected and address != at)
        return next(addresses, configured)

    def accept(self, printer: str) -> None:
        """The printer at the next connection is the right one: a person has put it there."""
        self._write({name: entry for name, entry in self._read().items() if name != printer})

    def _read(self) -> dict[str, dict[str, Any]]:
        if self._path is None:
            return {}
        with contextlib.suppress(OSError, ValueError):  # another user's file is one that is not there
            document = json.loads(self._path.read_text(encoding="utf-8"))
            return {name: entry for name, entry in document.items() if _is_entry(entry)}
        return {}

    def _write(self, entries: Mapping[str, Any]) -> None:
        if self._path is None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_private(self._path, entries)
        except OSError as error:  # the next connection tries again
            log.warning("%s is as it was: %s", self._path, error)


def by_hardware(address: str, hardware: str) -> str:
    """One box may have several printers, by their ports."""
    return f"mac:{hardware}/{urlsplit(address).port or 9100}"


def _is_entry(entry: Any) -> bool:
    return isinstance(entry, dict) and {"address", "identity"} <= entry.keys()


def _kind(identity: str) -> str:
    return identity.partition(":")[0]
