"""Frames of the print link (docs/develop/print-link.md): what agents send, checked, and what the relay sends them."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import pydantic_core
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from functions.printing.tables.jobs import Job

PROTOCOL = 1
# API Gateway closes a connection (1009) over a larger frame.
MAX_FRAME_BYTES = 32 * 1024
# In base64 with its frame around it this stays under the limit.
PART_BYTES = 20_000
MAX_PARTS = 256
MAX_PAYLOAD_BYTES = 4 * 1024 * 1024
MAX_PRINTERS = 100
MAX_NOTED = 400
MAX_BUNDLED = 50
_HEAD, _TAIL = '{"type":"bundle","frames":[', "]}"

Frame = dict[str, Any]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Seq = Annotated[int, Field(ge=0, le=2**53 - 1)]
Time = Annotated[float, Field(ge=0, le=1e11, allow_inf_nan=False)]
Code = Annotated[str, Field(max_length=64)]
# Kept in a column of ASCII.
Trouble = Annotated[str, Field(max_length=64, pattern=r"^[!-~]+$")]
Detail = Annotated[str, Field(max_length=300)]
MachinePart = Annotated[str, Field(pattern=r"^[0-9a-f]{16,64}$")]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]


class BadFrame(Exception):
    """A frame that cannot be acted on; `code` and `about` are what the agent is told."""

    def __init__(self, code: str, detail: str, about: str | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail, self.about = code, detail, about

    def frame(self) -> Frame:
        """The answer."""
        return without_nulls(type="error", code=self.code, detail=self.detail, about=self.about)


class Inbound(BaseModel):
    """Base of what agents send: unknown members are ignored, and null is missing."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


class PrinterState(Inbound):
    """A printer as its agent sees it."""

    printer: Id
    state: Literal["ready", "stopped", "unreachable", "mute", "unchecked"]
    paper: Literal["ok", "low", "out"] | None = None
    cover: Literal["closed", "open"] | None = None
    error: Literal["none", "recoverable", "cutter", "unrecoverable"] | None = None
    proof: Literal["echo", "fence", "status", "spooler", "none"] | None = None
    trouble: Trouble | None = None
    waiting: Seq | None = None
    at: Time | None = None


class Hello(Inbound):
    """The first frame of a connection. `cursor`: by printer, the seq up to which all is in the journal.

    `machine`: hashes of the machine's network hardware; two machines have none in common.
    """

    type: Literal["hello"]
    protocol: Annotated[int, Field(ge=1)]
    oldest: Annotated[int, Field(ge=1)]
    agent: Code
    journal: Id
    capabilities: Annotated[list[Annotated[str, Field(max_length=32)]], Field(max_length=32)]
    printers: Annotated[list[PrinterState], Field(max_length=MAX_PRINTERS)]
    cursor: Annotated[dict[Id, Seq], Field(max_length=MAX_PRINTERS)]
    platform: Annotated[str, Field(max_length=128)] | None = None
    machine: Annotated[list[MachinePart], Field(max_length=16)] | None = None


class Ack(Inbound):
    """The job is on the agent's disk."""

    type: Literal["ack"]
    job: Id


class Refuse(Inbound):
    """The job is not kept."""

    type: Literal["refuse"]
    job: Id
    code: Code
    detail: Detail | None = None


class Begin(Inbound):
    """May this job begin?"""

    type: Literal["begin"]
    job: Id


class Progress(Inbound):
    """The job is begun; `held`: it stands still, and why."""

    type: Literal["progress"]
    job: Id
    state: Literal["printing"]
    at: Time
    held: Code | None = None


class Result(Inbound):
    """How the job ended, for good."""

    type: Literal["result"]
    job: Id
    state: Literal["printed", "failed", "unknown", "expired", "cancelled"]
    at: Time
    evidence: Literal["A", "B", "C", "D", "E"] | None = None
    code: Code | None = None
    detail: Detail | None = None
    began: Time | None = None
    written: Seq | None = None
    copies: Count | None = None


class PrinterChanged(PrinterState):
    """A printer's state, when it changes."""

    type: Literal["printer"]


class Beat(Inbound):
    """The agent is there."""

    type: Literal["beat"]


class Bye(Inbound):
    """The agent is about to close this connection."""

    type: Literal["bye"]
    reason: Code | None = None


class Error(Inbound):
    """The agent could not act on a frame of ours."""

    type: Literal["error"]
    code: Code
    detail: Detail | None = None
    about: Code | None = None
    job: Id | None = None


class Bundle(Inbound):
    """Several frames in one; each is read, and may be a bad one, by itself."""

    type: Literal["bundle"]
    frames: Annotated[list[Any], Field(max_length=MAX_BUNDLED)]


FromAgent = Hello | Ack | Refuse | Begin | Progress | Result | PrinterChanged | Beat | Bye | Error
KNOWN = ("hello", "ack", "refuse", "begin", "progress", "result", "printer", "beat", "bye", "error")
_bundle = TypeAdapter(Bundle)
_frames: TypeAdapter[FromAgent] = TypeAdapter(Annotated[FromAgent, Field(discriminator="type")])


def read(text: str) -> Iterator[FromAgent | BadFrame]:
    """The frame in `text`, or those of a bundle in their order, with its fault in the place of a bad one."""
    try:
        document = _document(text)
        alone = _bundle.validate_python(document).frames if document.get("type") == "bundle" else [document]
    except BadFrame as fault:
        yield fault
        return
    except ValidationError:
        yield BadFrame("bad_member", "frames", "bundle")
        return
    for one in alone:
        try:
            yield _checked(one)
        except BadFrame as fault:
            yield fault


def _document(text: str) -> Any:
    if len(text) > MAX_FRAME_BYTES or len(text.encode(errors="replace")) > MAX_FRAME_BYTES:
        raise BadFrame("too_large", f"a frame has at most {MAX_FRAME_BYTES} bytes")
    try:
        document = pydantic_core.from_json(text, allow_inf_nan=False)
    except ValueError:
        raise BadFrame("not_json", "a frame is one JSON object") from None
    if not isinstance(document, dict):
        raise BadFrame("no_type", "a frame is one JSON object with a member `type`")
    return document


def _checked(document: Any) -> FromAgent:
    if not isinstance(document, dict) or not isinstance(document.get("type"), str):
        raise BadFrame("no_type", "a frame is one JSON object with a member `type`")
    if document["type"] not in KNOWN:
        raise BadFrame("unknown_type", "not known to this version", document["type"][:64])
    try:
        return _frames.validate_python(document)
    except ValidationError as failure:
        named = {".".join(map(str, error["loc"][1:])) for error in failure.errors(include_url=False)}
        raise BadFrame("bad_member", ", ".join(sorted(named))[:200], document["type"]) from None


def job_frames(job: Job, payload: bytes, *, interrupted: str, mark: bytes) -> list[str]:
    """The job as it goes out: whole, or in parts behind their job."""
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
    return [encode(one) for one in (frame, *_parts(job.id, payload))]


def _content(payload: bytes) -> Frame:
    if len(payload) <= PART_BYTES:
        return {"data": b64encode(payload).decode()}
    return {"parts": -(-len(payload) // PART_BYTES)}


def _parts(job_id: str, payload: bytes) -> list[Frame]:
    if len(payload) <= PART_BYTES:
        return []
    pieces = [payload[at : at + PART_BYTES] for at in range(0, len(payload), PART_BYTES)]
    return [
        {"type": "part", "job": job_id, "part": number, "data": b64encode(piece).decode()}
        for number, piece in enumerate(pieces)
    ]


def welcome(now: datetime, *, heartbeat: int, lifetime: int, role: str, confirm: bool) -> Frame:
    """The answer to hello."""
    head = {"type": "welcome", "protocol": PROTOCOL, "time": now.timestamp(), "heartbeat": heartbeat}
    return {**head, "lifetime": lifetime, "role": role, "confirm": confirm, "capabilities": ["bundle"]}


def cancel(job: Job, reason: str) -> Frame:
    """Withdraw a job."""
    return {"type": "cancel", "job": job.id, "printer": job.printer, "reason": reason}


def noted(jobs: Sequence[str]) -> Frame:
    """These results are kept."""
    return {"type": "noted", "jobs": list(jobs)}


def encode(frame: Frame) -> str:
    """One line of JSON. Raises ValueError over the limit: whoever builds frames keeps them small."""
    text = json.dumps(frame, separators=(",", ":"), allow_nan=False)
    if len(text) > MAX_FRAME_BYTES:
        raise ValueError(f"a {frame['type']} frame of {len(text)} bytes")
    return text


def bundled(texts: Sequence[str]) -> list[str]:
    """Encoded frames in as few as they fit in, in their order; for an agent with the capability `bundle`."""
    bundles: list[list[str]] = []
    room = 0
    for text in texts:
        if len(text) >= room or len(bundles[-1]) == MAX_BUNDLED:
            bundles.append([])
            room = MAX_FRAME_BYTES - len(_HEAD + _TAIL)
        bundles[-1].append(text)
        room -= len(text) + 1
    return [one[0] if len(one) == 1 else _HEAD + ",".join(one) + _TAIL for one in bundles]


def without_nulls(**members: Any) -> Frame:
    """A frame of the members that are known."""
    return {name: value for name, value in members.items() if value is not None}
