"""The end of a business day, as the database compares it."""

from datetime import UTC, date, datetime

from functions.sync.tables.stores import ChainStore
from shared.contracts.store_settings import StoreSettings, Tax


def test_a_day_of_new_york_ends_at_nine_in_utc() -> None:
    settings = StoreSettings(
        name="Corner", chain="demo", region="east", timezone="America/New_York", currency="USD", tax=Tax()
    )
    ended_at = ChainStore("demo:s1", settings).day_ended_at(date(2026, 11, 29))
    assert ended_at == datetime(2026, 11, 30, 9, tzinfo=UTC)
    # The driver writes the digits, without the zone.
    assert ended_at.tzinfo == UTC
