"""Jobs and what becomes of them."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Of a job, as far as the agent moves it."""

    RECEIVED = "received"
    PRINTING = "printing"
    PRINTED = "printed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether the agent moves it no further."""
        return self not in {State.RECEIVED, State.PRINTING}


class Evidence(StrEnum):
    """The grounds of a result, strongest first."""

    ECHO = "A"  # GS ( H came back: printed
    FENCE = "B"  # GS r was answered behind the data
    STATUS = "C"  # the printer said before and after that all is well
    SPOOLER = "D"  # the operating system's queue says so
    WRITTEN = "E"  # the last byte was handed over


@dataclass(frozen=True)
class Job:
    """One ticket for one printer. `deadline`: not begun later, in seconds since 1970 by the relay's clock.

    `after` is the `seq` of the job before it at this printer, None where the relay names none. `mark` holds the bytes
    that go before a second copy; without them the agent never prints one.
    """

    id: str
    printer: str
    seq: int
    after: int | None
    deadline: float
    kind: str
    interrupted: str = "continue"
    mark: bytes = b""


@dataclass(frozen=True)
class Outcome:
    """How a job ended. `code` says why for machines, `detail` for people; `written` and `copies` what was sent."""

    state: State
    evidence: Evidence | None = None
    code: str | None = None
    detail: str | None = None
    written: int = 0
    copies: int = 0
