"""A document's amounts by tender: nothing is lost, and one tender has all of it."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as some

from functions.sync.documents.document import Tender
from functions.sync.documents.tender_split import Amounts, by_tender

amounts = some.integers(0, 10_000_000)


@given(gross=amounts, tax=amounts, tender=some.integers(1, 10_000_000))
def test_one_tender_has_all_of_the_document(gross: int, tax: int, tender: int) -> None:
    whole = Amounts(1, Decimal(3), gross - tax, tax, gross)
    assert by_tender(whole, (Tender("card", tender),)) == {"card": whole}


@given(gross=amounts, tax=amounts, paid=some.lists(some.integers(1, 1_000_000), min_size=2, max_size=5))
def test_several_tenders_have_all_of_it_together(gross: int, tax: int, paid: list[int]) -> None:
    whole = Amounts(1, Decimal(3), gross - tax, tax, gross)
    split = by_tender(whole, tuple(Tender(f"t{number}", amount) for number, amount in enumerate(paid)))
    total = Amounts(0)
    for share in split.values():
        total = total.plus(share)
    assert total == whole


def test_a_head_whose_net_does_not_fit_counts_by_gross_and_tax() -> None:
    whole = Amounts(1, Decimal(1), 90, 6, 106)
    assert by_tender(whole, (Tender("card", 106),)) == {"card": whole._replace(net=100)}
    assert sum(share.net for share in by_tender(whole, (Tender("a", 53), Tender("b", 53))).values()) == 100
