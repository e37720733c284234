"""How many frames a connection may send: more than any agent does, fewer than would cost other stores anything."""

# An agent with a hundred printers says less than this even when it tells all its results after an outage.
FRAMES_PER_SECOND = 100.0
BURST = 1_000.0
MOST_CONNECTIONS = 10_000


class Floods:
    """Token buckets by connection, in the memory of one execution environment."""

    def __init__(self) -> None:
        self._left: dict[str, tuple[float, float]] = {}

    def over(self, connection: str, now: float) -> bool:
        """Count a frame; whether it is one too many."""
        left, counted_at = self._left.pop(connection, (BURST, now))
        left = min(BURST, left + (now - counted_at) * FRAMES_PER_SECOND) - 1
        if len(self._left) >= MOST_CONNECTIONS:
            self._left.pop(next(iter(self._left)))
        self._left[connection] = (max(left, 0.0), now)
        return left < 0
