"""The words of an outside system become what the ledger holds."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from functions.sync.adapters.contract import Accepted, InDoubt, ItemRecord, Refused, StockLevel, StoredDocument
from functions.sync.documents.document import Kind
from functions.sync.states import Cause

NOW, DAY, ZERO = datetime(2026, 12, 1, tzinfo=UTC), date(2026, 12, 1), Decimal(0)


def stored(gross: Decimal, **different: Any) -> StoredDocument:
    return StoredDocument("1", "1", "k", Kind.SALE, "posted", "s", DAY, None, ZERO, ZERO, gross, ZERO, **different)


def test_words_that_no_table_holds_become_those_that_it_holds() -> None:
    refused = Refused(Cause.DATA, "\u00e9\n" + "x" * 99, "a\ud800b\x00c")
    assert (refused.reason, refused.detail) == ("??" + "x" * 62, "abc")
    accepted = Accepted("\udfff" + "1" * 200, "n\x00")
    assert (accepted.id, accepted.number) == ("1" * 128, "n")
    failed = InDoubt("\u00e9", "\ud800")
    assert (failed.reason, failed.detail) == ("?", "")


@pytest.mark.parametrize("text", ["1e99999999", "1e-99999999", "NaN", "-Infinity", "1000000000000000"])
def test_a_number_that_fills_a_memory_is_no_number_of_an_answer(text: str) -> None:
    number = Decimal(text)
    with pytest.raises(InDoubt):
        stored(number)
    with pytest.raises(InDoubt):
        StockLevel("s", "i", None, number, NOW)
    with pytest.raises(InDoubt):
        ItemRecord("i", "n", "pc", "V6", active=True, price=number, currency="CNY", changed_at=NOW)
    assert stored(Decimal("-999999999999999.99"), payments=(("cash", number),)).payments == ()
    assert stored(ZERO, payments=(("cash", Decimal("1.20")),)).payments == (("cash", Decimal("1.20")),)
