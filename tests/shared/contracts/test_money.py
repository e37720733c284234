"""Shares and taxes round half away from zero, like a till does."""

import re
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import pytest
from babel.numbers import get_currency_precision
from hypothesis import given
from hypothesis import strategies as some
from pydantic import TypeAdapter, ValidationError

from shared.contracts.money import (
    CASH_STEPS,
    CURRENCIES,
    EXPONENTS,
    MAX_AMOUNT,
    Amount,
    Currency,
    PositiveAmount,
    cash_step,
    exponent,
    share,
    tax_within,
    written,
)

AMOUNTS = some.integers(0, MAX_AMOUNT)
RATES = some.integers(0, 10_000)


THOUSANDTHS = some.integers(0, 100_000)
_CLDR_SAYS_NONE = "AFN ALL IRR KPW LAK LBP MGA MMK RSD SOS SYP YER"
# ISO 4217's column "minor unit" (2024 list), read for the currencies on which Unicode's CLDR says otherwise.
ISO_AGAINST_CLDR = dict.fromkeys(_CLDR_SAYS_NONE.split(), 2) | {"IQD": 3}


def rounded(exact: Fraction) -> int:
    with localcontext(prec=60):
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


@given(AMOUNTS, THOUSANDTHS)
def test_taxes_to_a_thousandth_of_a_percent_are_the_exact_ones_rounded(amount: int, rate: int) -> None:
    assert share(amount, rate, 100_000) == rounded(Fraction(amount * rate, 100_000))
    assert tax_within(amount, rate, 100_000) == rounded(amount - Fraction(amount * 100_000, 100_000 + rate))


def test_minor_units_are_those_of_iso_4217() -> None:
    """Against a source of its own: CLDR's digits, but where ISO's list says otherwise."""
    assert {code: exponent(code) for code in CURRENCIES} == {
        code: ISO_AGAINST_CLDR.get(code, get_currency_precision(code)) for code in CURRENCIES
    }


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1_234_500, "HUF", "12,345.00"), (1_234_500, "COP", "12,345.00"), (125_000_000_0, "IDR", "12,500,000.00"),
        (1_234_500, "PKR", "12,345.00"), (1_234_500, "JPY", "1,234,500"), (1_234_500, "IQD", "1,234.500"),
        (-5, "USD", "-0.05"), (0, "KWD", "0.000"), (MAX_AMOUNT, "IRR", "10,000,000,000.00"),
    ],
)  # fmt: skip
def test_an_amount_is_written_with_its_currency_s_decimals(amount: int, currency: str, text: str) -> None:
    assert written(amount, currency) == text


def test_pages_have_the_same_table_of_minor_units() -> None:
    script = Path("web/console/kit/format.ts").read_text(encoding="utf-8")
    assert {code: int(digits) for code, digits in re.findall(r"\b([A-Z]{3}): (\d)", script)} == EXPONENTS


@pytest.mark.parametrize(
    ("currency", "step"),
    # Five rappen, five cents, ten cents (New Zealand), half a krone (Denmark), a krona, five forint.
    [("CHF", 5), ("AUD", 5), ("CAD", 5), ("USD", 5), ("NZD", 10), ("DKK", 50), ("SEK", 100), ("NOK", 100),
     ("CZK", 100), ("HUF", 500), ("CNY", 10), ("EUR", None), ("JPY", None), ("GBP", None)],
)  # fmt: skip
def test_cash_is_rounded_to_the_smallest_coin_in_use(currency: str, step: int | None) -> None:
    assert CASH_STEPS.get(currency) == step


@pytest.mark.parametrize(
    ("country", "step"),
    [("FI", 5), ("NL", 5), ("BE", 5), ("IE", 5), ("IT", 5), ("SK", 5), ("EE", 5), ("LT", 5), ("DE", 0), ("FR", 0),
     ("ES", 0), (None, 0)],
)  # fmt: skip
def test_cash_in_euros_is_rounded_by_the_country(country: str | None, step: int) -> None:
    assert cash_step("EUR", country) == step
    assert cash_step("CHF", country) == 5


def test_sums_of_largest_amounts_fit_a_column_and_javascript() -> None:
    assert 1_000_000 * MAX_AMOUNT < 2**63
    assert 9_000 * MAX_AMOUNT < 2**53


@pytest.mark.parametrize("text", ["-1", "1000000000001", "1.5", "1.0", '"1"', "true", "null", "1e2", "1" * 400])
def test_an_amount_is_a_whole_number_of_minor_units(text: str) -> None:
    for kind in (Amount, PositiveAmount):
        with pytest.raises(ValidationError):
            TypeAdapter(kind).validate_json(text, strict=True)


def test_amounts_reach_from_nothing_to_the_most_that_an_order_may_be() -> None:
    assert TypeAdapter(Amount).validate_json("0", strict=True) == 0
    assert TypeAdapter(Amount).validate_json("1000000000000", strict=True) == MAX_AMOUNT
    # 12.5 million rupiah, 70 million Lebanese pounds, 100 million rials.
    for minor in ("1250000000", "7000000000", "10000000000"):
        assert TypeAdapter(PositiveAmount).validate_json(minor, strict=True) == int(minor)
    with pytest.raises(ValidationError):
        TypeAdapter(PositiveAmount).validate_json("0", strict=True)


@pytest.mark.parametrize("code", ["usd", "USDX", "US", "XXX", "ZZZ", "", "US$"])
def test_a_currency_is_one_of_iso_4217(code: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Currency).validate_python(code)


def test_the_currencies_of_the_big_chains_are_known() -> None:
    assert {"USD", "CNY", "EUR", "JPY", "GBP", "HKD", "TWD"} <= CURRENCIES
    assert set(EXPONENTS) <= CURRENCIES
    assert set(CASH_STEPS) <= CURRENCIES
