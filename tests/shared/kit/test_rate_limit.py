"""A limit counts each key for itself, refills with time and bounds its memory."""

import pytest

from shared.kit import rate_limit
from shared.kit.rate_limit import RateLimit, TokenBucket


def test_burst_passes_and_the_next_is_refused() -> None:
    limit = RateLimit(per_second=1.0, burst=3.0)
    assert [limit.spend("c1", 0.0) for _ in range(4)] == [True, True, True, False]


def test_tokens_come_back_with_time_up_to_the_burst() -> None:
    limit = RateLimit(per_second=2.0, burst=4.0)
    limit.spend("c1", 0.0, 4.0)
    assert limit.available("c1", 1.0) == 2.0
    assert limit.available("c1", 60.0) == 4.0


def test_refused_spending_empties_the_bucket() -> None:
    bucket = TokenBucket(per_second=1.0, burst=10.0, tokens=5.0, counted_at=0.0)
    assert not bucket.spend(0.0, 20.0)
    assert bucket.available(0.0) == 0.0


def test_keys_do_not_share_tokens() -> None:
    limit = RateLimit(per_second=1.0, burst=1.0)
    assert limit.spend("c1", 0.0)
    assert not limit.spend("c1", 0.0)
    assert limit.spend("c2", 0.0)


def test_key_that_was_counted_longest_ago_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limit, "MAX_KEYS", 2)
    limit = RateLimit(per_second=0.0, burst=1.0)
    for key in ("c1", "c2", "c1", "c3"):
        limit.spend(key, 0.0)
    assert [limit.available(key, 0.0) for key in ("c1", "c2", "c3")] == [0.0, 1.0, 0.0]
