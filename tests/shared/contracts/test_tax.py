"""Tax rates: ten-thousandths as ever, or a percent with three decimals, exact to the cent."""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import ValidationError

from shared.contracts.money import MAX_AMOUNT
from shared.contracts.store_settings import Tax
from tests.support.orders import MENU, SETTINGS, Caller, an_order, open_store, paid


def by_decimal(amount: int, percent: str, *, inclusive: bool) -> int:
    """The rule of docs/api/README.md, by another arithmetic."""
    with localcontext(prec=60):
        rate = Decimal(percent) / 100
        exact = amount - amount / (1 + rate) if inclusive else amount * rate
        return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("amount", "percent", "inclusive", "due"),
    [
        # New York City: 1325 × 0.08875 is 117.59; a cent more by 8.88 %.
        (1325, "8.875", False, 118), (1200, "8.875", False, 107), (100_000, "8.875", False, 8_875),
        (100_000, "8.88", False, 8_880), (108_875, "8.875", True, 8_875), (400, "0.125", False, 1),
        (399, "0.125", False, 0), (1000, "100", False, 1000), (1000, "100.000", True, 500), (1000, "0", False, 0),
    ],
)  # fmt: skip
def test_a_percent_of_three_decimals_is_taken_exactly(amount: int, percent: str, due: int, *, inclusive: bool) -> None:
    assert Tax(percent=percent, inclusive=inclusive).due(amount) == due


@given(some.integers(0, MAX_AMOUNT), some.integers(0, 100_000), some.booleans())
def test_a_percent_is_what_decimals_say(amount: int, thousandths: int, inclusive: bool) -> None:  # noqa: FBT001 - given
    percent = f"{thousandths // 1000}.{thousandths % 1000:03d}"
    assert Tax(percent=percent, inclusive=inclusive).due(amount) == by_decimal(amount, percent, inclusive=inclusive)


@given(some.integers(0, MAX_AMOUNT), some.integers(0, 10_000), some.booleans())
def test_ten_thousandths_say_what_they_always_said(amount: int, rate: int, inclusive: bool) -> None:  # noqa: FBT001 - given
    percent = str(Decimal(rate) / 100)
    assert Tax(rate=rate, inclusive=inclusive).due(amount) == by_decimal(amount, percent, inclusive=inclusive)


@pytest.mark.parametrize(
    "percent", ["8.8755", "-1", "100.001", "101", "8,875", "8.", ".5", "8.875 %", "1e1", "", 8.875]
)
def test_what_is_no_percent_is_refused(percent: Any) -> None:
    with pytest.raises(ValidationError):
        Tax(percent=percent)


def test_a_tax_has_one_rate() -> None:
    with pytest.raises(ValidationError, match="either a rate or a percent"):
        Tax.model_validate({"rate": 600, "percent": "6"})
    assert Tax().model_dump() == {"rate": 0, "percent": None, "inclusive": True}


def test_a_store_in_new_york_city_charges_its_tax(call: Caller) -> None:
    store = open_store(call, MENU, tax={"percent": "8.875", "inclusive": False})
    assert call("GET", f"/v1/stores/{store}").json["settings"]["tax"] == {
        "rate": None, "percent": "8.875", "inclusive": False,
    }  # fmt: skip
    order = an_order(store, tax=118, total=1443, payments=paid(1443))
    assert call("POST", "/v1/orders", order).json["differences"] == []
    # What the API shows can be put back.
    settings = call("GET", f"/v1/stores/{store}").json["settings"]
    assert call("PUT", f"/v1/stores/{store}", settings).json["settings"] == settings
    assert call("PUT", f"/v1/stores/{store}", SETTINGS | {"tax": {"rate": 888}}).status == 200
