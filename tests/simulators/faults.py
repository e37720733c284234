"""How an outside system misbehaves: faults one by one, or drawn from a seed."""

import random
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

# Faults that every HTTP system can have. "after": the work is done, and only the answer is wrong.
BEFORE = ("cut_before", "session_lost", "too_many", "unavailable", "html")
AFTER = ("lost", "failed_after", "html_after", "truncated", "half", "slow")
# Faults of pages, and of batches of documents.
OF_PAGES = ("duplicate_page", "changed_page")
OF_BATCHES = ("reordered", "missing_result", "partial")
KINDS = (*BEFORE, *AFTER, *OF_PAGES, *OF_BATCHES)
# Faults of chat services: accepted and never shown, a chat that ended, rights lost, a content that is refused.
OF_CHATS = ("dropped", "dead", "rights", "content")
# The connection closes at once, and the work is done `seconds` later: a search in between does not see it. Only a
# client that waits longer than the server works is safe, so that no seed draws this one by itself.
LATE = "late"


@dataclass(frozen=True)
class Fault:
    """One fault: its kind, a piece of the path that it waits for, and its seconds (delay, or Retry-After)."""

    kind: str
    path: str = ""
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in (*KINDS, *OF_CHATS, LATE):
            raise ValueError(f"Fault {self.kind} does not exist. It must be one of: {', '.join((*KINDS, *OF_CHATS))}.")


class Plan(Protocol):
    """Decides for each request whether it meets a fault."""

    def next_fault(self, path: str) -> Fault | None: ...


@dataclass
class Script:
    """The faults in this order, each once, each at the first request that fits its path."""

    faults: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def next_fault(self, path: str) -> Fault | None:
        with self._lock:
            for fault in self.faults:
                if fault.path in path:
                    self.faults.remove(fault)
                    return fault
        return None


@dataclass
class Seeded:
    """A share of the requests meets a fault of these kinds; `most` bounds how many. The seed decides which."""

    seed: int
    share: float
    kinds: Sequence[str] = KINDS
    path: str = ""
    most: int = 1_000_000
    seconds: float = 0.0
    met: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def next_fault(self, path: str) -> Fault | None:
        with self._lock:
            meets = self._random.random() < self.share
            kind = self._random.choice(self.kinds)
            if not meets or self.path not in path or len(self.met) >= self.most:
                return None
            self.met.append(Fault(kind, seconds=self.seconds))
            return self.met[-1]


def script(*faults: Fault | str) -> Script:
    """A script of faults; a text is the kind of a fault at any path."""
    return Script([Fault(fault) if isinstance(fault, str) else fault for fault in faults])


def as_plan(plan: Plan | Iterable[Fault | str]) -> Plan:
    """A plan as it is, or a script of these faults."""
    if isinstance(plan, Script | Seeded):
        return plan
    if isinstance(plan, Iterable):
        return script(*plan)
    return plan
