"""Work in turns: a piece that fails is reported, its neighbours are done, and then the timer fails by it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from shared.spine import log
from shared.spine.db import Locked
from shared.spine.errors import DumbwaiterError, Unavailable


class Turns:
    """Used as a context around a timer's loop over chains, stores or runs.

    Leaving it raises the first failure, so that Lambda counts an error and the alarm "function errors" sees it.
    `failed` are the names of the pieces that failed.
    """

    def __init__(self) -> None:
        self._failures: dict[str, Exception] = {}

    @property
    def failed(self) -> list[str]:
        return list(self._failures)

    @contextmanager
    def take(self, name: str) -> Iterator[None]:
        """One piece of work. A database or a service that is away is away for all."""
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
