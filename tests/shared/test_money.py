"""Shares and taxes round half away from zero, like a till does."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import TypeAdapter, ValidationError

from shared.money import CURRENCIES, MAX_AMOUNT, Amount, Currency, PositiveAmount, share, tax_within

AMOUNTS = some.integers(0, MAX_AMOUNT)
RATES = some.integers(0, 10_000)


def rounded(exact: Fraction) -> int:
    return int((Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal(1), ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("amount", "rate", "expected"),
    [(1005, 5000, 503), (1004, 5000, 502), (1325, 1000, 133), (1324, 1000, 132), (1, 4999, 0), (1, 5000, 1), (0, 1, 0)],
)
def test_a_share_rounds_halves_up(amount: int, rate: int, expected: int) -> None:
    assert share(amount, rate) == expected


@pytest.mark.parametrize(
    ("amount", "rate", "expected"),
    # 10600 at 6 % is 10000 and 600. 301 at 100 % is 150.5 and 150.5. 1050 at 6 % is 990.57 and 59.43.
    [(10600, 600, 600), (301, 10_000, 151), (300, 10_000, 150), (1050, 600, 59), (1325, 600, 75), (999, 0, 0)],
)
def test_the_tax_within_a_price_rounds_halves_up(amount: int, rate: int, expected: int) -> None:
    assert tax_within(amount, rate) == expected


@given(AMOUNTS, RATES)
def test_a_share_is_the_exact_one_rounded(amount: int, rate: int) -> None:
    assert share(amount, rate) == rounded(Fraction(amount * rate, 10_000))


@given(AMOUNTS, RATES)
def test_the_tax_within_is_the_exact_one_rounded(amount: int, rate: int) -> None:
    assert tax_within(amount, rate) == rounded(amount - Fraction(amount * 10_000, 10_000 + rate))


@pytest.mark.parametrize("text", ["-1", "1000000001", "1.5", "1.0", '"1"', "true", "null", "1e2", "1" * 400])
def test_an_amount_is_a_whole_number_of_minor_units(text: str) -> None:
    for kind in (Amount, PositiveAmount):
        with pytest.raises(ValidationError):
            TypeAdapter(kind).validate_json(text, strict=True)


def test_amounts_reach_from_nothing_to_the_most_that_an_order_may_be() -> None:
    assert TypeAdapter(Amount).validate_json("0", strict=True) == 0
    assert TypeAdapter(Amount).validate_json("1000000000", strict=True) == MAX_AMOUNT
    with pytest.raises(ValidationError):
        TypeAdapter(PositiveAmount).validate_json("0", strict=True)


@pytest.mark.parametrize("code", ["usd", "USDX", "US", "XXX", "ZZZ", "", "US$"])
def test_a_currency_is_one_of_iso_4217(code: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Currency).validate_python(code)


def test_the_currencies_of_the_big_chains_are_known() -> None:
    assert {"USD", "CNY", "EUR", "JPY", "GBP", "HKD", "TWD"} <= CURRENCIES
