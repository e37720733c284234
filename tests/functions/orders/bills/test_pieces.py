"""Lines in pieces: no minor unit is lost, and no id comes twice."""

from itertools import accumulate, pairwise

from hypothesis import given
from hypothesis import strategies as some

from functions.orders.bills.pieces import taken_from, with_new_ids
from shared.contracts.messages.order_parts import DiscountKind, LineDiscount, LinePart
from shared.contracts.messages.orders import Line


def line(id_: str = "1", quantity: int = 1, amount: int = 100, discounts: tuple[int, ...] = ()) -> Line:
    return Line(
        item="x", name="X", category="c", size=None, options=[], quantity=quantity, unit_price=amount, amount=amount,
        note=None, station=None, id=id_,
        discounts=[LineDiscount(kind=DiscountKind.OPEN, amount=discount) for discount in discounts],
    )  # fmt: skip


def amounts(piece: Line | None) -> list[int]:
    if piece is None:
        return []
    return [piece.amount, *(d.amount for d in piece.discounts), *(part.amount for part in piece.parts)]


def test_a_third_of_a_line_of_ten_cents_leaves_three_and_keeps_seven() -> None:
    pieces, remainder = taken_from(line(quantity=3, amount=10, discounts=(5, 5)), 1)
    # 10 × 1/3 = 3.33. The discounts run to 5/3 = 1.67 and 10/3 = 3.33: 1 and 2.
    assert (pieces.quantity, amounts(pieces)) == (1, [3, 1, 2])
    assert remainder
    assert (remainder.quantity, amounts(remainder)) == (2, [7, 4, 3])


def test_all_pieces_of_a_line_are_the_line() -> None:
    whole = line(quantity=3)
    assert taken_from(whole, 3) == (whole, None)


@given(
    some.integers(2, 999).flatmap(lambda n: some.tuples(some.just(n), some.integers(1, n - 1))),
    some.integers(0, 10**7),
    some.lists(some.integers(0, 10**7), max_size=4),
    some.lists(some.integers(0, 10**7), max_size=4),
)
def test_pieces_sum_to_their_line_and_no_discount_exceeds_them(
    quantities: tuple[int, int], amount: int, stated: list[int], of_parts: list[int]
) -> None:
    quantity, moved = quantities
    # Each at most by what the discounts before it leave.
    sums = [0, *(min(amount, end) for end in accumulate(stated))]
    discounts = [LineDiscount(kind=DiscountKind.OPEN, amount=end - start) for start, end in pairwise(sums)]
    parts = [LinePart(part="p", item="i", name="I", category="c", amount=one) for one in of_parts]
    whole = line(quantity=quantity, amount=amount).model_copy(update={"discounts": discounts, "parts": parts})
    pieces, remainder = taken_from(whole, moved)
    assert remainder
    assert [a + b for a, b in zip(amounts(pieces), amounts(remainder), strict=True)] == amounts(whole)
    assert pieces.quantity + remainder.quantity == quantity
    assert min(pieces.net, remainder.net, *amounts(pieces), *amounts(remainder)) >= 0


def test_an_id_that_the_bill_has_used_is_replaced_by_one_of_the_version() -> None:
    lines = with_new_ids([line("a"), line("1"), line("1"), line("3.1")], ["1"], 3)
    assert [one.id for one in lines] == ["a", "3.1", "3.2", "3.3"]
