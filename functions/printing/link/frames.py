"""The relay's frames (docs/develop/print-link.md): typed frames of agents, and the frames that go to them.

The rules and the encoding are those of `print_link.frames`, which relay and agent share.
"""

import hashlib
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, cast

from functions.printing.tables.jobs import Job
from print_link.frames import FROM_AGENT, PROTOCOL, BadFrame, Frame, decode_all, encode

# In base64 with its frame around it this stays under the limit of a frame.
PART_BYTES = 20_000


@dataclass(frozen=True, kw_only=True)
class PrinterState:
    """A printer as its agent sees it. Times are seconds since 1970."""

    printer: str
    state: str
    paper: str | None = None
    cover: str | None = None
    error: str | None = None
    proof: str | None = None
    trouble: str | None = None
    waiting: int | None = None
    at: float | None = None


@dataclass(frozen=True, kw_only=True)
class PrinterChanged(PrinterState):
    """A printer's state, when it changes."""


@dataclass(frozen=True, kw_only=True)
class Hello:
    """The first frame of a connection. `cursor`: by printer, the seq up to which all is in the journal.

    `machine`: hashes of the machine's network hardware; two machines have none in common.
    """

    protocol: int
    oldest: int
    agent: str
    journal: str
    capabilities: list[str]
    printers: list[PrinterState]
    cursor: dict[str, int]
    platform: str | None = None
    machine: list[str] | None = None


@dataclass(frozen=True, kw_only=True)
class Ack:
    """The job is on the agent's disk."""

    job: str


@dataclass(frozen=True, kw_only=True)
class Refuse:
    """The agent does not keep the job."""

    job: str
    code: str
    detail: str | None = None


@dataclass(frozen=True, kw_only=True)
class Begin:
    """The agent asks whether the job may begin."""

    job: str


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The job has begun. `held`: the reason why it stands still."""

    job: str
    state: str
    at: float
    held: str | None = None


@dataclass(frozen=True, kw_only=True)
class Result:
    """The final state of a job."""

    job: str
    state: str
    at: float
    evidence: str | None = None
    code: str | None = None
    detail: str | None = None
    began: float | None = None
    written: int | None = None
    copies: int | None = None


@dataclass(frozen=True, kw_only=True)
class Beat:
    """The agent is there."""


@dataclass(frozen=True, kw_only=True)
class Bye:
    """The agent is about to close this connection."""

    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Error:
    """The agent could not act on a frame of the relay."""

    code: str
    detail: str | None = None
    about: str | None = None
    job: str | None = None


FromAgent = Hello | Ack | Refuse | Begin | Progress | Result | PrinterChanged | Beat | Bye | Error
TYPES: dict[str, type[FromAgent]] = {
    "hello": Hello,
    "ack": Ack,
    "refuse": Refuse,
    "begin": Begin,
    "progress": Progress,
    "result": Result,
    "printer": PrinterChanged,
    "beat": Beat,
    "bye": Bye,
    "error": Error,
}


NAMES = {record: name for name, record in TYPES.items()}


def type_of(frame: FromAgent) -> str:
    """The value of the member `type`."""
    return NAMES[type(frame)]


def read(text: str) -> Iterator[FromAgent | BadFrame]:
    """The frame in `text`, or those of a bundle in their order, with its fault in the place of a bad one."""
    for frame in decode_all(text, FROM_AGENT):
        yield frame if isinstance(frame, BadFrame) else _typed(frame)


def _typed(frame: Frame) -> FromAgent:
    if frame["type"] == "hello":
        frame = frame | {"printers": [_record(PrinterState, printer) for printer in frame["printers"]]}
    return cast("FromAgent", _record(TYPES[frame["type"]], frame))


def _record(record: type[Any], frame: Frame) -> Any:
    """Unknown members are ignored, and null is missing."""
    names = {field.name for field in fields(record)}
    return record(**{name: value for name, value in frame.items() if name in names and value is not None})


def job_frames(job: Job, payload: bytes, *, interrupted: str, mark: bytes) -> list[str]:
    """The frames of one job: the whole of it, or the job and its parts."""
    frame = {
        "type": "job",
        "job": job.id,
        "printer": job.printer,
        "seq": job.seq,
        "after": job.after_seq,
        "deadline": job.deadline.timestamp(),
        "kind": job.kind,
        "payload": {"bytes": len(payload), "sha256": hashlib.sha256(payload).hexdigest(), **_content(payload)},
    }
    if interrupted == "reprint":
        frame |= {"interrupted": interrupted, "mark": b64encode(mark).decode()}
    return [encode(frame), *(encode(part) for part in _parts(job.id, payload))]


def _content(payload: bytes) -> Frame:
    if len(payload) <= PART_BYTES:
        return {"data": b64encode(payload).decode()}
    return {"parts": -(-len(payload) // PART_BYTES)}


def _parts(job_id: str, payload: bytes) -> list[Frame]:
    if len(payload) <= PART_BYTES:
        return []
    pieces = [payload[start : start + PART_BYTES] for start in range(0, len(payload), PART_BYTES)]
    return [
        {"type": "part", "job": job_id, "part": number, "data": b64encode(piece).decode()}
        for number, piece in enumerate(pieces)
    ]


def welcome(now: datetime, *, heartbeat: int, lifetime: int, role: str, confirm: bool) -> Frame:
    """The answer to hello. `heartbeat` and `lifetime` are seconds."""
    head = {"type": "welcome", "protocol": PROTOCOL, "time": now.timestamp(), "heartbeat": heartbeat}
    return {**head, "lifetime": lifetime, "role": role, "confirm": confirm, "capabilities": ["bundle"]}


def cancel(job: Job, reason: str) -> Frame:
    """Withdraw a job."""
    return {"type": "cancel", "job": job.id, "printer": job.printer, "reason": reason}


def noted(jobs: Sequence[str]) -> Frame:
    """These results are kept."""
    return {"type": "noted", "jobs": list(jobs)}
