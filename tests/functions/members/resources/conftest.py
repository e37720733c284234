"""A client of the members' API, and ten guests."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.members import api
from tests.support.members import Town, a_line, an_order, paid, tell
from tests.support.orders import Caller, new_key

RIGHTS = ["members:read", "members:write", "members:forget", "members:export", "tags:write"]


@pytest.fixture
def key(town: Town) -> dict[str, str]:
    return new_key(town.env, town.url, RIGHTS)


@pytest.fixture
def members(key: dict[str, str]) -> Caller:
    return Caller(api.handler, key)


@pytest.fixture
def guests(town: Town) -> datetime:
    """Ten guests: g0 to g4 bought yesterday, the others 200 days ago; even ones in 深圳, of whom g0 and g8 are big."""
    town.open_store("sz", "深圳", "Asia/Shanghai")
    now = datetime.now(UTC)
    for n in range(10):
        moment = now - timedelta(days=1 if n < 5 else 200)
        parts: dict[str, Any] = {"store": "sz" if n % 2 == 0 else "s1", "total": 70_000 if n in {0, 8} else 900}
        tell([paid(an_order(f"g{n}", moment, lines=[a_line('6" sub, "hot"', "subs")], **parts))])
    town.spread()
    town.announce()
    return now
