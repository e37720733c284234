"""Sliding windows, as a service enforces them and as a judge measures them afterwards."""

import threading
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """At most `count` messages in any `seconds`, of a robot, of a chat, or of a group chat."""

    count: int
    seconds: float
    scope: str  # robot, chat, group


class Windows:
    """The windows of one service. `ban`: seconds for which a robot or a chat is shut out once it passed one."""

    def __init__(self, windows: Iterable[Window], ban: float = 0.0) -> None:
        self.windows, self.ban = tuple(windows), ban
        self._times: dict[tuple[Window, str], deque[float]] = defaultdict(deque)
        self._banned: dict[str, float] = {}
        self._lock = threading.Lock()

    def banned(self, robot: str, now: float) -> float:
        """Seconds until the ban of this robot ends, or 0."""
        return max(0.0, self._banned.get(robot, 0.0) - now)

    def take(self, robot: str, chat: str, now: float, *, group: bool = False) -> float:
        """0 if the message fits into all windows, otherwise the seconds until it fits. A refused one isn't counted."""
        keys = [(window, key) for window in self.windows if (key := _key(window, robot, chat, group=group))]
        with self._lock:
            wait = max((self._wait(window, key, now) for window, key in keys), default=0.0)
            if not wait:
                for window, key in keys:
                    self._times[window, key].append(now)
            elif self.ban:
                self._banned[robot] = now + self.ban
            return wait

    def _wait(self, window: Window, key: str, now: float) -> float:
        times = self._times[window, key]
        while times and times[0] <= now - window.seconds:
            times.popleft()
        return times[0] + window.seconds - now if len(times) >= window.count else 0.0


def most_in_a_window(times: Iterable[float], seconds: float) -> int:
    """The most of these times in any half-open window of so many seconds."""
    ordered = sorted(times)
    return max((bisect_left(ordered, begin + seconds) - at for at, begin in enumerate(ordered)), default=0)


def _key(window: Window, robot: str, chat: str, *, group: bool) -> str:
    if window.scope == "robot":
        return robot
    return "" if window.scope == "group" and not group else f"{robot} {chat}"
