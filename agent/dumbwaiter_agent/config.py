"""agent.toml → what the agent is to do (docs/guide/set-up-a-print-agent.md has every key)."""

import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from dumbwaiter_agent.print_attempt import Patience
from dumbwaiter_agent.printer_connection import PROOFS, Printer
from dumbwaiter_agent.wires import check_address
from print_link.frames import MAX_PRINTERS, is_id

LOG_BYTES = 5_000_000
LOG_FILES = 5


class BadConfig(Exception):
    """A sentence for the person who wrote the file."""


@dataclass(frozen=True)
class Config:
    """The settings of agent.toml. `relays` empty: those that came with the enrolment."""

    data: Path
    printers: tuple[Printer, ...] = ()
    relays: tuple[str, ...] = ()
    ca_file: Path | None = None
    log_bytes: int = LOG_BYTES
    log_files: int = LOG_FILES
    unknown: tuple[str, ...] = field(default=())


def default_path() -> Path:
    """Where agent.toml is looked for."""
    if sys.platform == "win32":
        return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / "Dumbwaiter" / "agent.toml"
    return Path("/etc/dumbwaiter-agent/agent.toml")


def read(path: Path) -> Config:
    """Raises `BadConfig`."""
    try:
        with path.open("rb") as file:
            document = tomllib.load(file)
    except OSError as error:
        raise BadConfig(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise BadConfig(f"{path}: {error}") from error
    try:
        return parse(document, path.parent)
    except (ValueError, TypeError) as error:
        raise BadConfig(f"{path}: {error}") from error


def parse(document: Mapping[str, Any], folder: Path) -> Config:
    """From the file's content; relative paths are relative to its folder. Raises ValueError."""
    keys = {"data", "relays", "ca_file", "log", "printers"}
    printers = document.get("printers", {})
    if not isinstance(printers, dict) or len(printers) > MAX_PRINTERS:
        raise ValueError(f"printers are tables [printers.NAME], at most {MAX_PRINTERS}")
    log = document.get("log", {})
    default_data = folder if sys.platform == "win32" else Path("/var/lib/dumbwaiter-agent")
    ca_file = document.get("ca_file")
    return Config(
        data=folder / document.get("data", default_data),
        printers=tuple(_printer(name, members) for name, members in printers.items()),
        relays=tuple(document.get("relays", ())),
        ca_file=folder / ca_file if ca_file else None,
        log_bytes=int(log.get("bytes", LOG_BYTES)),
        log_files=int(log.get("files", LOG_FILES)),
        unknown=tuple(sorted(set(document) - keys)),
    )


def _printer(name: str, members: Mapping[str, Any]) -> Printer:
    keys = {"address", "proof", "share", "identity", "poll", "answer", "patience"}
    if not is_id(name):
        raise ValueError(f"printers.{name}: a name is 1 to 64 of A-Z a-z 0-9 . _ -")
    if unknown := set(members) - keys:
        raise ValueError(f"printers.{name}: {', '.join(sorted(unknown))}: not known")
    address = members.get("address", "")
    try:
        check_address(address)
    except ValueError as error:
        raise ValueError(f"printers.{name}: {error}") from error
    if members.get("proof", "auto") not in PROOFS:
        raise ValueError(f"printers.{name}: proof is one of {', '.join(PROOFS)}")
    if members.get("identity", "auto") not in {"auto", "none"}:
        raise ValueError(f"printers.{name}: identity is auto or none")
    patience = members.get("patience", {})
    if unknown := set(patience) - {entry.name for entry in fields(Patience)}:
        raise ValueError(f"printers.{name}.patience: {', '.join(sorted(unknown))}: not known")
    return Printer(
        id=name,
        address=address,
        proof=members.get("proof", "auto"),
        share=bool(members.get("share", False)),
        identity=members.get("identity", "auto"),
        poll=float(members.get("poll", 1.5)),
        answer=float(members.get("answer", 1.0)),
        patience=Patience(**{key: float(value) for key, value in patience.items()}),
    )
