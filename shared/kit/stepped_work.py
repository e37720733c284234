"""Long work in small steps: each step is claimed, runs in its own transactions and stores its progress.

A run that stops continues in the next minute, because progress is in rows. A claim is a lease or a lock of the row, so
that two workers do not run the same step. A step reads the status, so that work can be paused, resumed and given up.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from shared.kit.isolation import Isolation
from shared.spine.env import Environment

Piece = TypeVar("Piece")


@dataclass(frozen=True)
class SteppedWork(Generic[Piece]):
    """One kind of long work.

    `claim(env, failed)` gives the piece whose turn it is, without pieces named in `failed`, or None. `name` names a
    piece in the log. `step(env, piece)` runs one step.
    """

    claim: Callable[[Environment, Collection[str]], Piece | None]
    name: Callable[[Piece], str]
    step: Callable[[Environment, Piece], None]

    def run_step(self, env: Environment, isolation: Isolation) -> bool:
        """Run a step of one piece. Returns False if no piece has work."""
        piece = self.claim(env, isolation.failed)
        if piece is None:
            return False
        with isolation.isolate(self.name(piece)):
            self.step(env, piece)
        return True


def run_steps(env: Environment, until: datetime, isolation: Isolation, kinds: Sequence[SteppedWork[Any]]) -> None:
    """Run a step of each kind in turn, until `until` or until no kind has work."""
    while env.clock() < until:
        worked = [kind.run_step(env, isolation) for kind in kinds]
        if not any(worked):
            return
