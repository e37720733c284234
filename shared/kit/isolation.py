"""Pieces of a timer's work run apart: one failure is reported, and the other pieces still run."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Self, TypeVar

from shared.spine import log
from shared.spine.db import Locked
from shared.spine.errors import DumbwaiterError, Unavailable

Name = TypeVar("Name")


def in_turn(names: Sequence[Name], now: datetime) -> list[Name]:
    """The names, each minute from another one on: no name is always last when the time ends."""
    first = int(now.timestamp() // 60) % len(names) if names else 0
    return [*names[first:], *names[:first]]


class Isolation:
    """A context around a timer's loop over chains, stores or runs.

    Its end raises the first failure. Lambda then counts an error, and the alarm "function errors" rings.
    """

    def __init__(self) -> None:
        self._failures: dict[str, Exception] = {}

    @property
    def failed(self) -> list[str]:
        """The names of the pieces that failed."""
        return list(self._failures)

    @contextmanager
    def isolate(self, name: str) -> Iterator[None]:
        """Run one piece of work and keep its failure. `Unavailable` is raised at once, because it stops all pieces."""
        try:
            yield
        except Exception as failure:
            if isinstance(failure, Unavailable) and not isinstance(failure, Locked):
                raise
            self._failures[name] = failure
            if isinstance(failure, DumbwaiterError):
                log.logger().error(f"{name} failed", extra={"error": str(failure)})
            else:
                log.bug(failure, f"{name} failed")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        if self._failures and raised[0] is None:
            raise next(iter(self._failures.values()))
