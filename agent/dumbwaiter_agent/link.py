"""One connection to the relay as a pure object: fed with frames and times, drained of frames and events.

No socket, no clock, no disk. Times are steady seconds (clock.py), given by the caller; the relay's are in its frames.
"""

import hashlib
from base64 import b64decode
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dumbwaiter_agent.jobs import Job
from print_link.frames import FROM_RELAY, PROTOCOL, BadFrame, Frame, bundle, decode_all, encode, without_nulls

WELCOME_WITHIN = 10.0
PARTS_WITHIN = 60.0
# Silence is two heartbeats, and this for the way.
SLACK_SECONDS = 5.0
# Tickets in parts that arrive at the same time; a relay sends them one after the other.
MOST_IN_PARTS = 8
# Nothing else counts before the welcome, nor after that of a relay that this agent does not use.
BEFORE_WELCOME = ("welcome", "error")
# A welcome that names none.
HEARTBEAT = 60.0


@dataclass(frozen=True)
class Welcomed:
    """The relay accepts the agent. `time` is its clock; `confirm`: the agent asks before it begins a job.

    `epoch` grows with each failover; 0 from a relay that names none.
    """

    time: float
    standby: bool
    confirm: bool
    epoch: int = 0


@dataclass(frozen=True)
class Delivered:
    """A job whose payload is here, or is to be fetched from `link`."""

    job: Job
    payload: bytes = b""
    link: str | None = None
    size: int = 0
    sha256: str = ""


@dataclass(frozen=True)
class Granted:
    """The job may be begun."""

    job: str


@dataclass(frozen=True)
class Withdrawn:
    """The job is not to be begun any more."""

    job: str
    printer: str | None


@dataclass(frozen=True)
class Noted:
    """The relay has these results."""

    jobs: tuple[str, ...]


@dataclass(frozen=True)
class RoleGiven:
    """Whether another agent of the store prints."""

    standby: bool


@dataclass(frozen=True)
class Asked:
    """The relay wants to know every printer's state."""


@dataclass(frozen=True)
class TimeTold:
    """The relay's clock."""

    time: float


@dataclass(frozen=True)
class Leave:
    """Open the next connection within so many seconds, then close this one."""

    within: float


@dataclass(frozen=True)
class Broken:
    """This connection is of no use any more."""

    reason: str


@dataclass(frozen=True)
class Refused:
    """The relay does not want this agent: `code` says why; trying again soon does not help."""

    code: str
    detail: str


@dataclass(frozen=True)
class Complained:
    """The relay could not act on a frame of ours."""

    complaint: str


Event = (
    Welcomed
    | Delivered
    | Granted
    | Withdrawn
    | Noted
    | RoleGiven
    | Asked
    | TimeTold
    | Leave
    | Broken
    | Refused
    | Complained
)
# Errors of the relay after which only a person helps.
REFUSALS = frozenset({"revoked", "protocol_unsupported", "wrong_store", "other_machine"})


@dataclass
class _Parts:
    job: Job
    size: int
    sha256: str
    count: int
    since: float
    data_by_number: dict[int, bytes] = field(default_factory=dict)


class Link:
    """The state of a connection: welcomed or not, the time of the last frame, the parts that are missing."""

    def __init__(self, hello: Frame, now: float, *, jitter: Callable[[], float], epoch: int = 0) -> None:
        """`jitter` gives a number from 0 to 1. `epoch` is the highest that any relay has named."""
        self.welcomed = False
        self._epoch = epoch
        self._jitter = jitter
        self._opened = self._heard = self._beat_at = now
        self._heartbeat = HEARTBEAT
        self._leave_at: float | None = None
        self._parts: dict[str, _Parts] = {}
        self._events: deque[Event] = deque()
        self._frames: deque[str] = deque()
        self._bundles = False
        self.send({"type": "hello", "protocol": PROTOCOL, "oldest": PROTOCOL, **hello})

    # What goes out

    def send(self, frame: Frame) -> None:
        """Queue a frame for the relay."""
        self._frames.append(encode(frame))

    def take_frames(self) -> list[str]:
        """Text frames to send, in order."""
        texts = list(self._frames)
        self._frames.clear()
        return bundle(texts) if self._bundles else texts

    def take_events(self) -> list[Event]:
        """Events for the agent, in order."""
        events = list(self._events)
        self._events.clear()
        return events

    # What comes in

    def receive(self, text: str | bytes, now: float) -> None:
        """One frame from the relay. A bad frame is answered, never raised."""
        if not self.welcomed and now >= self._opened + WELCOME_WITHIN:
            return  # what waited while the machine slept: its time is not of now
        self._heard = now
        for frame in decode_all(text, FROM_RELAY):
            if isinstance(frame, BadFrame):
                self._complain(frame)
            elif self.welcomed or frame["type"] in BEFORE_WELCOME:
                getattr(self, f"_on_{frame['type']}")(frame, now)

    def _complain(self, fault: BadFrame) -> None:
        if fault.about != "error":  # two sides that answer errors with errors never stop
            self.send(without_nulls(type="error", code=fault.code, detail=str(fault.detail), about=fault.about))

    def _on_welcome(self, frame: Frame, now: float) -> None:
        epoch = frame.get("epoch") or 0
        if frame["protocol"] != PROTOCOL:
            self._events.append(Refused("protocol_unsupported", f"the relay speaks {frame['protocol']}"))
            return
        if epoch < self._epoch:
            self._events.append(Broken(f"the relay's epoch {epoch} is older than {self._epoch}: it was failed over"))
            return
        self.welcomed = True
        self._bundles = "bundle" in (frame.get("capabilities") or [])
        self._heartbeat = frame["heartbeat"]
        # Spread, so that a chain's agents do not all come back in the same second.
        self._leave_at = now + frame["lifetime"] * (0.85 + 0.1 * self._jitter())
        self._events.append(
            Welcomed(frame["time"], frame.get("role") == "standby", frame.get("confirm") is True, epoch)
        )

    def _on_job(self, frame: Frame, now: float) -> None:
        job, payload = _job(frame), frame["payload"]
        size, sha256 = payload["bytes"], payload["sha256"]
        if "data" in payload:
            self._whole(job, b64decode(payload["data"]), size, sha256)
        elif "link" in payload:
            self._events.append(Delivered(job, link=payload["link"], size=size, sha256=sha256))
        else:
            self._parts.pop(job.id, None)
            if len(self._parts) >= MOST_IN_PARTS:
                self._give_up(next(iter(self._parts)))
            self._parts[job.id] = _Parts(job, size, sha256, payload["parts"], now)

    def _on_part(self, frame: Frame, now: float) -> None:
        parts = self._parts.get(frame["job"])
        if parts is None or frame["part"] >= parts.count:
            self._refuse(frame["job"], "parts_missing", "a part without its job")
            return
        parts.since = now
        parts.data_by_number[frame["part"]] = b64decode(frame["data"])
        if sum(map(len, parts.data_by_number.values())) > parts.size:
            self._give_up(frame["job"])
        elif len(parts.data_by_number) == parts.count:
            del self._parts[frame["job"]]
            data = b"".join(parts.data_by_number[number] for number in range(parts.count))
            self._whole(parts.job, data, parts.size, parts.sha256)

    def _whole(self, job: Job, data: bytes, size: int, sha256: str) -> None:
        if is_payload(data, size, sha256):
            self._events.append(Delivered(job, data))
        else:
            self._refuse(job.id, "digest_wrong", "the payload is not what its length and digest say")

    def _on_go(self, frame: Frame, _now: float) -> None:
        self._events.append(Granted(frame["job"]))

    def _on_cancel(self, frame: Frame, _now: float) -> None:
        self._parts.pop(frame["job"], None)
        self._events.append(Withdrawn(frame["job"], frame.get("printer")))

    def _on_noted(self, frame: Frame, _now: float) -> None:
        self._events.append(Noted(tuple(frame["jobs"])))

    def _on_role(self, frame: Frame, _now: float) -> None:
        self._events.append(RoleGiven(frame["role"] == "standby"))

    def _on_ask(self, _frame: Frame, _now: float) -> None:
        self._events.append(Asked())

    def _on_reconnect(self, frame: Frame, _now: float) -> None:
        self._leave_at = None
        self._events.append(Leave(frame["within"] * self._jitter()))

    def _on_beat(self, frame: Frame, _now: float) -> None:
        self._events.append(TimeTold(frame["time"]))

    def _on_error(self, frame: Frame, _now: float) -> None:
        if frame["code"] in REFUSALS:
            self._events.append(Refused(frame["code"], frame.get("detail") or ""))
            return
        complaint = " ".join(frame[name] for name in ("code", "about", "job", "detail") if frame.get(name))
        # Before the welcome the hello is all that it can be about.
        self._events.append(Complained(complaint) if self.welcomed else Broken(complaint))

    # What time does

    def tick(self, now: float) -> None:
        """Beat, leave or give up, if it is time."""
        if not self.welcomed:
            if now >= self._opened + WELCOME_WITHIN:
                self._events.append(Broken("no_welcome"))
            return
        if now >= self.silent_at:
            self._events.append(Broken("silent"))
            return
        if now >= self._beat_at + self._heartbeat:
            self._beat_at = now
            self.send({"type": "beat"})
        if self._leave_at is not None and now >= self._leave_at:
            self._leave_at = None
            self._events.append(Leave(0))
        for job in [name for name, parts in self._parts.items() if now >= parts.since + PARTS_WITHIN]:
            self._give_up(job)

    def due(self) -> float:
        """When `tick` has something to do next."""
        if not self.welcomed:
            return self._opened + WELCOME_WITHIN
        times = [self._beat_at + self._heartbeat, self.silent_at]
        times += [parts.since + PARTS_WITHIN for parts in self._parts.values()]
        return min(times if self._leave_at is None else [*times, self._leave_at])

    @property
    def silent_at(self) -> float:
        """When the relay counts this agent as off line, should nothing more go either way."""
        return self._heard + 2 * self._heartbeat + SLACK_SECONDS

    def _give_up(self, job: str) -> None:
        self._parts.pop(job)
        self._refuse(job, "parts_missing", "not all parts came")

    def _refuse(self, job: str, code: str, detail: str) -> None:
        self.send({"type": "refuse", "job": job, "code": code, "detail": detail})


def is_payload(data: bytes, size: int, sha256: str) -> bool:
    """Whether the bytes are those that were announced."""
    return len(data) == size and hashlib.sha256(data).hexdigest() == sha256


def _job(frame: dict[str, Any]) -> Job:
    return Job(
        frame["job"],
        frame["printer"],
        frame["seq"],
        frame.get("after"),
        frame["deadline"],
        frame["kind"],
        frame.get("interrupted") or "continue",
        b64decode(frame.get("mark") or ""),
    )
