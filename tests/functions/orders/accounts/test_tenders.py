"""The tender of a refund: the parts add up, and no payment gives back more than it got."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as some

from functions.orders.accounts.tenders import choose_parts, open_tenders, parts_of, with_parts
from shared.contracts.messages.orders import Payment, Refund

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
METHODS = some.sampled_from(["cash", "card", "wallet"])
AMOUNTS = some.tuples(some.integers(0, 500), some.integers(0, 50))


def payment(number: int, method: str, amount: int, tip: int) -> Payment:
    return Payment(reference=f"p{number}", method=method, amount=amount, tip=tip, taken_at=NOON)


@given(
    some.lists(some.tuples(METHODS, AMOUNTS), max_size=5),
    some.lists(some.tuples(some.none() | METHODS, AMOUNTS), max_size=5),
)
def test_parts_add_up_and_no_payment_gives_back_more_than_it_got(
    paid: list[tuple[str, tuple[int, int]]], back: list[tuple[str | None, tuple[int, int]]]
) -> None:
    payments = [payment(number, method, *amounts) for number, (method, amounts) in enumerate(paid)]
    refunds: list[Refund] = []
    for number, (method, (amount, tip)) in enumerate(back):
        if not amount and not tip:
            continue
        refund = Refund(reference=f"r{number}", amount=amount, tip=tip, reason="cold", refunded_at=NOON)
        parts = choose_parts(open_tenders(payments, refunds), amount, tip, method)
        assert (sum(part.amount for part in parts), sum(part.tip for part in parts)) == (amount, tip)
        assert method is None or {part.method for part in parts} == {method}
        refunds.append(with_parts(refund, parts))
    got = {each.reference: (each.amount, each.tip) for each in payments}
    for reference, (amount, tip) in got.items():
        parts = [part for refund in refunds for part in parts_of(refund) if part.payment == reference]
        assert sum(part.amount for part in parts) <= amount
        assert sum(part.tip for part in parts) <= tip


def test_the_newest_payment_that_has_all_of_it_comes_first() -> None:
    tenders = open_tenders([payment(1, "card", 1000, 0), payment(2, "cash", 300, 0)], [])
    assert [(part.payment, part.amount) for part in choose_parts(tenders, 300, 0, None)] == [("p2", 300)]
    assert [(part.payment, part.amount) for part in choose_parts(tenders, 301, 0, None)] == [("p1", 301)]
    parts = choose_parts(tenders, 1400, 0, None)
    assert [(part.payment, part.amount) for part in parts] == [("p2", 300), ("p1", 1000), (None, 100)]
