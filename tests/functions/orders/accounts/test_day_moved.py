"""The business day on which money moved."""

from datetime import UTC, date, datetime, timedelta

import pytest

from functions.orders.accounts.day_moved import day_moved
from shared.contracts.store_record import Store
from shared.contracts.store_settings import StoreSettings

# Half past three in the morning of 16 January in New York: still the 15th.
NOW = datetime(2025, 1, 16, 8, 30, tzinfo=UTC)
SETTINGS = {"name": "Corner", "chain": "demo", "region": "east", "timezone": "America/New_York", "currency": "USD"}
STORE = Store("s1", 1, StoreSettings.model_validate(SETTINGS), None, None, frozenset())


@pytest.mark.parametrize(
    ("moved_at", "history", "day"),
    [
        (NOW, False, date(2025, 1, 15)),
        (NOW - timedelta(days=3), False, date(2025, 1, 12)),
        # A clock that is ahead.
        (NOW + timedelta(hours=1), False, date(2025, 1, 15)),
        (datetime(2031, 1, 1, tzinfo=UTC), False, date(2025, 1, 15)),
        # A clock that is years behind, and real history.
        (datetime(2001, 1, 1, 12, tzinfo=UTC), False, date(2025, 1, 15)),
        (datetime(2001, 1, 1, 12, tzinfo=UTC), True, date(2001, 1, 1)),
    ],
)
def test_money_counts_on_the_day_on_which_it_moved(moved_at: datetime, history: bool, day: date) -> None:  # noqa: FBT001
    assert day_moved(STORE, moved_at, NOW, history=history) == day
