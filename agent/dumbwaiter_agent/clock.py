"""The relay's time between two beats, by a clock that cannot be set and that counts the machine's sleep."""

import ctypes
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

ON_ITS_WAY_SECONDS = 5.0
# A step of the machine's clock, or a halt of the whole virtual machine. Slewing by NTP is far below that.
JUMP_SECONDS = 10.0


def _sleepless_clock() -> Callable[[], float]:
    """A monotonic clock that goes on while the machine sleeps; time.monotonic stands still on Linux and macOS.

    Sources: Linux clock_gettime(2), CLOCK_BOOTTIME. macOS clock_gettime(3), CLOCK_MONOTONIC "will continue to increment
    while the system is asleep". Windows: "the elapsed time retrieved by GetTickCount64 includes time the system spends
    in sleep or hibernation" (Windows Time).
    """
    if sys.platform == "win32":
        ticks = ctypes.WinDLL("kernel32").GetTickCount64
        ticks.restype = ctypes.c_uint64
        return lambda: ticks() / 1000
    clock_id = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return lambda: time.clock_gettime(clock_id)


_STEADY = _sleepless_clock()


@dataclass(frozen=True)
class Clocks:
    """This machine's clocks, in seconds: `wall` since 1970, as the system has it; `steady` goes on in sleep."""

    wall: Callable[[], float] = time.time
    steady: Callable[[], float] = _STEADY

    def difference(self) -> float:
        """Stays as it is until one of them jumps."""
        return self.wall() - self.steady()


class RelayClock:
    """Seconds since 1970 as the relay counts them.

    Before the first word from the relay it is this machine's clock with the difference of last time. It is never
    before `not_before`, the latest time of the relay on disk.
    """

    def __init__(self, offset: float = 0.0, not_before: float = 0.0, *, clocks: Clocks | None = None) -> None:
        self.clocks = clocks or Clocks()
        self._relay_time: tuple[float, float] | None = None
        self._offset = offset
        self._not_before = not_before
        self._difference = self.clocks.difference()

    def told(self, relay_time: float) -> None:
        """The relay's time is this, now; or was, by what the frame took on its way: then the clock is not set back."""
        if not (self._relay_time and 0 < self.now() - relay_time < ON_ITS_WAY_SECONDS):
            self._relay_time = relay_time, self.clocks.steady()
        self._difference = self.clocks.difference()

    def agrees(self, relay_time: float) -> bool:
        """Take a time that may be old, for the frame can have waited while the machine slept. It never sets back.

        False where it is behind: then only a new connection tells what is right.
        """
        behind = self.now() - relay_time
        if self.jumped or behind >= ON_ITS_WAY_SECONDS:
            return False
        self.told(relay_time)
        return True

    @property
    def jumped(self) -> bool:
        """Whether wall and steady clock have parted since the relay told the time: one of them is wrong, or both.

        Also where the machine's clock is behind a time that is known to have been.
        """
        behind = not self.is_told and self.clocks.wall() + self._offset < self._not_before - JUMP_SECONDS
        return behind or abs(self.clocks.difference() - self._difference) > JUMP_SECONDS

    @property
    def is_told(self) -> bool:
        """Whether the relay has told the time since the agent started."""
        return self._relay_time is not None

    def now(self) -> float:
        """The relay's time."""
        if self._relay_time:
            return self._relay_time[0] + self.clocks.steady() - self._relay_time[1]
        return max(self.clocks.wall() + self._offset, self._not_before)

    @property
    def offset(self) -> float:
        """The relay's clock less this machine's."""
        return self.now() - self.clocks.wall()
