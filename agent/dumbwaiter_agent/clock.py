"""The relay's time, told now and then, kept by a clock that nobody sets."""

import time
from collections.abc import Callable

ON_ITS_WAY_SECONDS = 5.0


class RelayClock:
    """Seconds since 1970 as the relay counts them.

    Before the first word from the relay: this machine's clock with the difference of last time, and never before
    `not_before`, the latest time that is known to have been.
    """

    def __init__(
        self,
        offset: float = 0.0,
        not_before: float = 0.0,
        *,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._told: tuple[float, float] | None = None
        self._offset = offset
        self._not_before = not_before

    def told(self, relay_time: float) -> None:
        """The relay's time is this, now; or was, by what the frame took on its way: then the clock is not set back."""
        if self._told and 0 < self.now() - relay_time < ON_ITS_WAY_SECONDS:
            return
        self._told = relay_time, self._monotonic()

    def now(self) -> float:
        """The relay's time."""
        if self._told:
            return self._told[0] + self._monotonic() - self._told[1]
        return max(self._wall() + self._offset, self._not_before)

    @property
    def offset(self) -> float:
        """The relay's clock less this machine's."""
        return self.now() - self._wall()
