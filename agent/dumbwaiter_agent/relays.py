"""Which relay address to try, and when. Pure: full jitter, failover in order of preference, return. Monotonic times."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

FIRST_SECONDS = 2.0
MOST_SECONDS = 60.0
# When a relay restarts, all its agents are back within this time, not within the same second.
SPREAD_SECONDS = 5.0
# Waiting so long for a better address is better than going to the next.
WORTH_SECONDS = 5.0
# A connection that lived shorter was no success.
STABLE_SECONDS = 30.0
# Where trying again does not help by itself: revoked, or too old.
REFUSED_SECONDS = 300.0
RETURN_SECONDS = 300.0


@dataclass
class _Address:
    url: str
    failures: int = 0
    not_before: float = 0.0


class Relays:
    """Addresses in order of preference."""

    def __init__(self, urls: Sequence[str], *, jitter: Callable[[], float]) -> None:
        """`jitter` gives a number from 0 to 1."""
        self._addresses = [_Address(url) for url in urls]
        self._jitter = jitter

    def choose(self, now: float) -> tuple[str, float]:
        """(address, seconds to wait before)."""
        for address in self._addresses:
            if address.not_before <= now + WORTH_SECONDS:
                return address.url, max(0.0, address.not_before - now)
        soonest = min(self._addresses, key=lambda address: address.not_before)
        return soonest.url, soonest.not_before - now

    def better(self, url: str, now: float) -> list[str]:
        """Addresses before this one that may be tried."""
        before = self._addresses[: self._index(url)]
        return [address.url for address in before if address.not_before <= now]

    def failed(self, url: str, now: float) -> None:
        """No connection, or no welcome."""
        address = self._addresses[self._index(url)]
        address.failures += 1
        most = min(MOST_SECONDS, FIRST_SECONDS * 2 ** min(address.failures, 10))
        address.not_before = now + self._jitter() * most

    def refused(self, url: str, now: float) -> None:
        """It is there, and does not want us."""
        address = self._addresses[self._index(url)]
        address.failures += 1
        address.not_before = now + REFUSED_SECONDS * (0.5 + 0.5 * self._jitter())

    def lost(self, url: str, now: float, lived: float) -> None:
        """A connection that was welcomed has ended after so many seconds."""
        if lived < STABLE_SECONDS:
            self.failed(url, now)
            return
        address = self._addresses[self._index(url)]
        address.failures = 0
        address.not_before = now + self._jitter() * SPREAD_SECONDS

    def _index(self, url: str) -> int:
        return next(index for index, address in enumerate(self._addresses) if address.url == url)
