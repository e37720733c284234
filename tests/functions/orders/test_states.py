"""The two machines of an order, by their full tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from functions.orders.states import first_payment_status, give_refund, move_fulfilment, take_payment
from shared.errors import Conflict, Rejected
from shared.messages.orders import FulfilmentStatus, PaymentStatus

ALLOWED = {
    ("placed", "accepted"), ("accepted", "preparing"), ("preparing", "ready"), ("ready", "handed_over"),
    ("placed", "cancelled"), ("accepted", "cancelled"), ("preparing", "cancelled"), ("ready", "cancelled"),
}  # fmt: skip


@pytest.mark.parametrize("before", FulfilmentStatus)
@pytest.mark.parametrize("after", FulfilmentStatus)
def test_food_moves_one_step_at_a_time_and_never_back(before: FulfilmentStatus, after: FulfilmentStatus) -> None:
    if (before.value, after.value) in ALLOWED:
        assert move_fulfilment(before, after) == after
    else:
        with pytest.raises(Conflict) as refused:
            move_fulfilment(before, after)
        assert refused.value.code == "illegal_move"
        assert refused.value.members == {"fulfilment": before}


@given(some.lists(some.sampled_from(FulfilmentStatus), max_size=30))
def test_no_wish_leads_off_the_table(wishes: list[FulfilmentStatus]) -> None:
    at = FulfilmentStatus.PLACED
    for wish in wishes:
        try:
            moved = move_fulfilment(at, wish)
        except Conflict:
            continue
        assert (at.value, moved.value) in ALLOWED
        at = moved


@pytest.mark.parametrize(
    ("total", "paid", "expected"),
    [(1000, 0, "unpaid"), (1000, 1, "part_paid"), (1000, 999, "part_paid"), (1000, 1000, "paid"), (0, 0, "paid")],
)
def test_an_order_arrives_with_its_money_so_far(total: int, paid: int, expected: str) -> None:
    assert first_payment_status(total, paid) == PaymentStatus(expected)


@pytest.mark.parametrize(("total", "paid"), [(1000, 1001), (0, 1)])
def test_an_order_does_not_arrive_with_too_much(total: int, paid: int) -> None:
    with pytest.raises(Rejected) as refused:
        first_payment_status(total, paid)
    assert (refused.value.code, refused.value.members) == ("overpaid", {"open": total})


@pytest.mark.parametrize(
    ("paid", "amount", "expected"), [(0, 1, "part_paid"), (0, 1000, "paid"), (999, 1, "paid"), (998, 1, "part_paid")]
)
def test_payments_add_up_to_paid(paid: int, amount: int, expected: str) -> None:
    assert take_payment(1000, paid, 0, amount) == PaymentStatus(expected)


def test_no_payment_beyond_the_total_and_none_once_money_went_back() -> None:
    with pytest.raises(Rejected) as refused:
        take_payment(1000, 400, 0, 601)
    assert refused.value.members == {"open": 600}
    with pytest.raises(Conflict) as late:
        take_payment(1000, 400, 1, 1)
    assert late.value.code == "refunded"


@pytest.mark.parametrize(
    ("refunded", "amount", "expected"),
    [(0, 1, "part_refunded"), (0, 1000, "refunded"), (999, 1, "refunded"), (400, 599, "part_refunded")],
)
def test_refunds_add_up_to_refunded(refunded: int, amount: int, expected: str) -> None:
    assert give_refund(1000, refunded, amount) == PaymentStatus(expected)


def test_no_more_goes_back_than_came() -> None:
    with pytest.raises(Rejected) as refused:
        give_refund(1000, 400, 601)
    assert (refused.value.code, refused.value.members) == ("over_refunded", {"refundable": 600})
    with pytest.raises(Rejected):
        give_refund(0, 0, 1)


@given(some.integers(0, 50), some.lists(some.tuples(some.booleans(), some.integers(1, 30)), max_size=20))
def test_whatever_is_tried_money_stays_within_bounds(total: int, tries: list[tuple[bool, int]]) -> None:
    paid = refunded = 0
    status = first_payment_status(total, 0)
    for back, amount in tries:
        try:
            status = give_refund(paid, refunded, amount) if back else take_payment(total, paid, refunded, amount)
        except (Rejected, Conflict):
            continue
        refunded, paid = (refunded + amount, paid) if back else (refunded, paid + amount)
    assert 0 <= refunded <= paid <= total
    if refunded:
        assert status == (PaymentStatus.REFUNDED if refunded == paid else PaymentStatus.PART_REFUNDED)
    elif paid or not total:
        assert status == (PaymentStatus.PAID if paid == total else PaymentStatus.PART_PAID)
    else:
        assert status == PaymentStatus.UNPAID
