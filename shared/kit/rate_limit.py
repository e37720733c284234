"""Rate limits as token buckets, in the memory of one execution environment. Times are in seconds, from any clock."""

from dataclasses import dataclass

# A limit forgets the key that it counted longest ago beyond so many.
MAX_KEYS = 10_000


@dataclass
class TokenBucket:
    """Fills with `per_second` tokens a second up to `burst`; `tokens` were in it at `counted_at`."""

    per_second: float
    burst: float
    tokens: float
    counted_at: float

    def available(self, now: float) -> float:
        """The tokens at this time. Spends nothing."""
        return min(self.burst, self.tokens + (now - self.counted_at) * self.per_second)

    def spend(self, now: float, tokens: float = 1.0) -> bool:
        """Take tokens out. False where there were too few: the bucket is empty then."""
        remainder = self.available(now) - tokens
        self.tokens, self.counted_at = max(remainder, 0.0), now
        return remainder >= 0


class RateLimit:
    """A bucket for each key: a connection, a network, a store."""

    def __init__(self, per_second: float, burst: float) -> None:
        self._per_second, self._burst = per_second, burst
        self._buckets: dict[str, TokenBucket] = {}

    def available(self, key: str, now: float) -> float:
        """The tokens of the key at this time. Spends nothing."""
        bucket = self._buckets.get(key)
        return bucket.available(now) if bucket else self._burst

    def spend(self, key: str, now: float, tokens: float = 1.0) -> bool:
        """Take tokens of the key. False where there were too few."""
        bucket = self._buckets.pop(key, None) or TokenBucket(self._per_second, self._burst, self._burst, now)
        if len(self._buckets) >= MAX_KEYS:
            self._buckets.pop(next(iter(self._buckets)))
        self._buckets[key] = bucket
        return bucket.spend(now, tokens)
