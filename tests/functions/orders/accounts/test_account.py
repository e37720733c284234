"""The account of an order: its payment status by the net of payments and refunds."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from functions.orders.accounts.account import Account
from functions.orders.pricing.order_request import PaymentIn
from shared.contracts.money import MAX_AMOUNT
from shared.contracts.store_settings import CashRule
from shared.spine.errors import Rejected

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
NICKELS, EUROS, NONE = CashRule(5, 10), CashRule(0, 10), CashRule(0, 0)


def moved(total: int, *moves: int, rule: CashRule = NONE, method: str = "card") -> Account:
    """An order of `total` after payments (more than 0) and refunds (less), a minute apart."""
    account = Account.opened(total, NOON)
    for minute, amount in enumerate(moves):
        at = NOON + timedelta(minutes=minute)
        if amount > 0:
            paying = PaymentIn(reference=f"p{minute}", method=method, amount=amount)
            _, account = account.pay(paying, at, rule)
        else:
            account = account.add_refund(-amount)
    return account


@pytest.mark.parametrize(
    ("total", "moves", "status", "refund_due", "over_refunded"),
    [
        (1000, (), "unpaid", 0, 0), (0, (), "paid", 0, 0), (1000, (1,), "part_paid", 0, 0),
        (1000, (999,), "part_paid", 0, 0), (1000, (1000,), "paid", 0, 0), (1000, (600, 400), "paid", 0, 0),
        # Too much: 10.05 of 10.00, and a second wallet that was captured too.
        (1000, (1005,), "paid", 5, 0), (1000, (1000, 1000), "paid", 1000, 0),
        (1000, (1000, 1000, -1000), "paid", 0, 0), (1000, (1000, 1000, -400), "paid", 600, 0),
        (0, (5,), "paid", 5, 0), (0, (5, -5), "paid", 0, 0),
        # Back from an order that was paid.
        (1000, (1000, -1), "part_refunded", 0, 0), (1000, (1000, -1000), "refunded", 0, 0),
        (1000, (1000, -400, -600), "refunded", 0, 0),
        # Back, and paid again: the wrong card first.
        (1000, (1000, -1000, 1000), "paid", 0, 0), (1000, (1000, -600, 300), "part_refunded", 0, 0),
        (1000, (500, -500), "refunded", 0, 0), (1000, (500, -500, 1000), "paid", 0, 0),
        (1000, (500, -500, 300), "part_paid", 0, 0), (1000, (500, -100), "part_paid", 0, 0),
        # 5.00 refunded on the wrong card, then 10.00 in cash: 5.00 too much went back.
        (1000, (1000, -500, -1000), "refunded", 0, 500), (1000, (1000, -500, -1000, 500), "refunded", 0, 0),
        # The refund was uploaded before its payment.
        (1000, (-300,), "refunded", 0, 300), (1000, (-300, 1300), "paid", 0, 0),
    ],
)  # fmt: skip
def test_status_goes_by_the_net_of_payments_and_refunds(
    total: int, moves: tuple[int, ...], status: str, refund_due: int, over_refunded: int
) -> None:
    account = moved(total, *moves)
    assert (account.status, account.refund_due, account.over_refunded) == (status, refund_due, over_refunded)


@pytest.mark.parametrize(
    ("total", "moves", "minute"),
    [(1000, (1000,), 0), (1000, (400, 600, 1), 1), (1000, (500, -500, 500, 500), 3), (1000, (1000, -1000, 1000), 0),
     (1000, (999,), None), (1000, (500, -500, 500), None),
     # The refund was uploaded before its payment.
     (1000, (-300, 1000), 1), (1000, (-1000, 1000), 1), (1000, (-300, 400, 900), 2), (1000, (-300, 400, 600), None)],
)  # fmt: skip
def test_an_order_is_settled_at_the_first_moment_at_which_nothing_is_open(
    total: int, moves: tuple[int, ...], minute: int | None
) -> None:
    expected = None if minute is None else NOON + timedelta(minutes=minute)
    assert moved(total, *moves).settled_at == expected
    assert moved(0).settled_at == NOON


@pytest.mark.parametrize(
    ("moves", "status", "refund_due"),
    [((), "unpaid", 0), ((1000,), "paid", 1000), ((400,), "part_paid", 400), ((400, -100), "part_refunded", 300),
     ((1000, -1000), "refunded", 0), ((1000, 1000), "paid", 2000)],
)  # fmt: skip
def test_all_that_was_paid_for_a_cancelled_order_must_go_back(
    moves: tuple[int, ...], status: str, refund_due: int
) -> None:
    account = moved(1000, *moves)
    cancelled = Account(1000, account.paid, account.refunded, 0, account.settled_at, cancelled=True)
    assert (cancelled.status, cancelled.refund_due) == (status, refund_due)


def test_a_capture_after_the_cancel_is_no_sale() -> None:
    cancelled = Account(1000, cancelled=True).add_payment(1000, 0, NOON)
    assert (cancelled.status, cancelled.refund_due, cancelled.settled_at) == ("paid", 1000, None)


@pytest.mark.parametrize(
    ("total", "amount", "rule", "method", "rounding", "status", "refund_due"),
    [
        (1002, 1000, NICKELS, "cash", -2, "paid", 0), (1003, 1005, NICKELS, "cash", 2, "paid", 0),
        (1003, 1005, NICKELS, "Cash", 2, "paid", 0), (1000, 1005, NICKELS, "cash", 0, "paid", 5),
        (1004, 1000, NICKELS, "cash", -4, "paid", 0), (1005, 1000, NICKELS, "cash", 0, "part_paid", 0),
        # Neither a card nor an amount that no coins make is rounded, nor where there is a coin of one.
        (1002, 1000, NICKELS, "card", 0, "part_paid", 0), (1002, 1001, NICKELS, "cash", 0, "part_paid", 0),
        (1002, 1000, EUROS, "cash", 0, "part_paid", 0), (1002, 1000, NONE, "cash", 0, "part_paid", 0),
        # Forint: 1,007.00 is paid with 1,005.00; kronor: 99.50 with 100.00.
        (100_700, 100_500, CashRule(500, 500), "cash", -200, "paid", 0),
        (9_950, 10_000, CashRule(100, 100), "cash", 50, "paid", 0),
    ],
)  # fmt: skip
def test_cash_is_rounded_to_coins_both_ways(
    total: int, amount: int, rule: CashRule, method: str, rounding: int, status: str, refund_due: int
) -> None:
    account = moved(total, amount, rule=rule, method=method)
    assert (account.rounding, account.status, account.refund_due) == (rounding, status, refund_due)


@pytest.mark.parametrize(
    ("stated", "rule", "kept", "status"),
    [(-2, EUROS, -2, "paid"), (-2, NICKELS, -2, "paid"), (0, NICKELS, 0, "part_paid"), (-2, NONE, 0, "part_paid"),
     (-10, EUROS, 0, "part_paid"), (-1002, NICKELS, 0, "part_paid")],
)  # fmt: skip
def test_a_stated_rounding_is_taken_while_it_is_small_enough_to_be_one(
    stated: int, rule: CashRule, kept: int, status: str
) -> None:
    paying = PaymentIn(reference="p", method="cash", amount=1000, rounding=stated)
    payment, account = Account(1002).pay(paying, NOON, rule)
    assert (payment.rounding, account.rounding, account.status) == (kept, kept, status)


def test_rounding_does_not_add_up_beyond_a_step() -> None:
    paying = [PaymentIn(reference=f"p{n}", method="cash", amount=100, rounding=-4) for n in range(5)]
    account = Account(1000)
    for one in paying:
        _, account = account.pay(one, NOON, NICKELS)
    # -4 and -4 are the most below ten.
    assert (account.rounding, account.status) == (-8, "part_paid")


def test_a_card_pays_to_the_cent_what_was_refunded_in_rounded_cash() -> None:
    cash = moved(1002, 1000, -1000, rule=NICKELS, method="cash")
    assert (cash.rounding, cash.status) == (-2, "refunded")
    payment, card = cash.pay(PaymentIn(reference="c", method="card", amount=1002), NOON, NICKELS)
    assert (payment.rounding, card.rounding, card.status, card.refund_due) == (2, 0, "paid", 0)
    _, again = cash.pay(PaymentIn(reference="c", method="cash", amount=1000), NOON, NICKELS)
    assert (again.rounding, again.status, again.refund_due) == (-2, "paid", 0)


def test_slips_of_the_keys_are_refused() -> None:
    """A refund of more than all payments and the total, and payments of more than any order can hold."""
    with pytest.raises(Rejected) as refused:
        moved(1000, 1000, -500).add_refund(1501)
    assert (refused.value.code, refused.value.extensions) == ("over_refunded", {"refundable": 1500})
    with pytest.raises(Rejected) as too_much:
        moved(1000, 400).add_payment(MAX_AMOUNT - 399, 0, NOON)
    assert (too_much.value.code, too_much.value.extensions) == ("overpaid", {"open": MAX_AMOUNT - 400})


@given(some.integers(0, 50), some.lists(some.integers(-30, 30).filter(bool), max_size=20))
def test_whatever_moves_the_sums_and_the_status_say_it(total: int, moves: list[int]) -> None:
    paid = refunded = 0
    account = Account.opened(total, NOON)
    settled = total == 0
    for amount in moves:
        if amount < 0 and refunded - amount > total + paid:
            with pytest.raises(Rejected):
                account.add_refund(-amount)
            continue
        account = account.add_payment(amount, 0, NOON) if amount > 0 else account.add_refund(-amount)
        refund_came_first = refunded > paid
        paid, refunded = paid + max(amount, 0), refunded + max(-amount, 0)
        settled = settled or (amount > 0 and paid - (0 if refund_came_first else refunded) >= total)
    net = paid - refunded
    assert (account.paid, account.refunded, account.settled_at is not None) == (paid, refunded, settled)
    assert account.refund_due == max(net - total, 0)
    assert account.over_refunded == max(-net, 0)
    assert (account.status == "paid") == (net >= total)
    assert (account.status == "refunded") == (net < total and net <= 0 and refunded > 0)
    assert (account.status == "part_paid") == (0 < net < total and not (settled and refunded))
