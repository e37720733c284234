"""How many frames a connection may send: more than any agent does, fewer than would cost other stores anything.

And how many codes may be guessed from one place.
"""

# An agent with a hundred printers says less than this even when it tells all its results after an outage.
FRAMES_PER_SECOND = 100.0
BURST = 1_000.0
# A frame that cannot be read counts as so many: no agent sends them in numbers.
BAD_FRAME = 20.0
MOST_CONNECTIONS = 10_000


class Floods:
    """Token buckets by whose they are, in the memory of one execution environment."""

    def __init__(self, per_second: float = FRAMES_PER_SECOND, burst: float = BURST) -> None:
        self._per_second, self._burst = per_second, burst
        self._left: dict[str, tuple[float, float]] = {}

    def left(self, whose: str, now: float) -> float:
        """How many are still to be had."""
        left, counted_at = self._left.get(whose, (self._burst, now))
        return min(self._burst, left + (now - counted_at) * self._per_second)

    def over(self, whose: str, now: float, weight: float = 1.0) -> bool:
        """Count one; whether it is one too many."""
        left = self.left(whose, now) - weight
        self._left.pop(whose, None)
        if len(self._left) >= MOST_CONNECTIONS:
            self._left.pop(next(iter(self._left)))
        self._left[whose] = (max(left, 0.0), now)
        return left < 0
