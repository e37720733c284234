"""The frames of agents as records (docs/develop/print-link.md). `print_link.frames` validates and decodes them."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, cast

from print_link.frames import FROM_AGENT, BadFrame, Frame, decode_all


@dataclass(frozen=True, kw_only=True)
class PrinterState:
    """The state of a printer, as its agent sees it. Times are seconds since 1970."""

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
    """The new state of a printer."""


@dataclass(frozen=True, kw_only=True)
class Hello:
    """The first frame of a connection.

    `cursor`: by printer, the `seq` up to which the journal has every job.
    `machine`: hashes of the machine's network hardware; two machines have no hash in common.
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
    """The agent is on line."""


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
    """The frame in `text`, or the frames of a bundle in their order. A bad frame is replaced by its fault."""
    for frame in decode_all(text, FROM_AGENT):
        yield frame if isinstance(frame, BadFrame) else _typed(frame)


def _typed(frame: Frame) -> FromAgent:
    if frame["type"] == "hello":
        frame = frame | {"printers": [_record(PrinterState, printer) for printer in frame["printers"]]}
    return cast("FromAgent", _record(TYPES[frame["type"]], frame))


def _record(record: type[Any], frame: Frame) -> Any:
    """Unknown fields are ignored; null means missing."""
    names = {field.name for field in fields(record)}
    return record(**{name: value for name, value in frame.items() if name in names and value is not None})
