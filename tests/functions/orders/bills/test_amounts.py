"""Splits and merges lose no minor unit of any amount; equal shares sum to the amount due."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from functions.orders.bills.amounts import divided, equal_shares, repriced, summed
from functions.orders.bills.pieces import taken_from
from shared.contracts.menu import Menu
from shared.contracts.messages.order_parts import BillStatus, LineKind
from shared.contracts.messages.orders import Discount, Line, Order, Payment
from shared.contracts.store_record import Store
from shared.contracts.store_settings import StoreSettings
from tests.support.outbox import order as an_order

BASE = {"name": "S", "chain": "c", "region": "r", "timezone": "UTC", "currency": "USD"}
# 8.875 % on everything and 20 % on spirits are added; 6 % is contained.
TAXES = [
    {"id": "city", "name": "City", "percent": "8.875", "inclusive": False},
    {"id": "spirits", "name": "Spirits", "percent": "20", "inclusive": False, "classes": ["spirits"]},
    {"id": "vat", "name": "VAT", "percent": "6", "inclusive": True, "charges": False},
]
MENU = {
    "items": [{"id": "x", "name": "X", "category": "c", "price": 100}],
    "discounts": [{"code": "TENTH", "rate": 1000}],
    "service_charge": {"rate": 1250, "services": ["dine_in"]},
}
SUMS = ("subtotal", "service_charge", "delivery_charge", "tax", "total", "liabilities")


def a_store(**settings: Any) -> Store:
    read = StoreSettings.model_validate_json(json.dumps(BASE | settings))
    return Store("s", 1, read, None, Menu.model_validate_json(json.dumps(MENU)), frozenset())


STORES = [
    a_store(), a_store(taxes=TAXES), a_store(taxes=TAXES, tax_rounding="line"),
    a_store(tax={"percent": "8.875", "inclusive": False}), a_store(tax={"rate": 700}),
]  # fmt: skip


@some.composite
def a_line(draw: some.DrawFn) -> Line:
    quantity, price = draw(some.integers(1, 9)), draw(some.integers(0, 5_000))
    return Line(
        item="x", name="X", category="c", size=None, options=[], quantity=quantity, unit_price=price,
        amount=quantity * price, note=None, station=None, id=str(draw(some.uuids())),
        tax_class=draw(some.sampled_from(["standard", "spirits"])),
        kind=draw(some.sampled_from([LineKind.GOODS, LineKind.GOODS, LineKind.GOODS, LineKind.GIFT_CARD])),
    )  # fmt: skip


def a_bill(store: Store, lines: list[Line], **fields: Any) -> Order:
    order = an_order().model_copy(update={"lines": lines, "bill": BillStatus.OPEN, **fields})
    return repriced(order, store)


def taxes_of(*orders: Order) -> dict[str, tuple[int, int]]:
    sums: dict[str, tuple[int, int]] = {}
    for order in orders:
        for tax in order.taxes:
            base, amount = sums.get(tax.id, (0, 0))
            sums[tax.id] = (base + tax.base, amount + tax.amount)
    return sums


bills = some.lists(a_line(), min_size=2, max_size=8)
discounts = some.lists(
    some.builds(Discount, code=some.sampled_from(["TENTH", "gone"]), amount=some.integers(0, 3_000)), max_size=3
)


@given(some.sampled_from(STORES), bills, discounts, some.integers(2, 4), some.randoms())
def test_the_pieces_of_a_split_sum_to_the_bill(
    store: Store, lines: list[Line], given_discounts: list[Discount], count: int, chance: Any
) -> None:
    order = a_bill(store, lines, discounts=given_discounts)
    own: list[list[Line]] = [[] for _ in range(count)]
    for line in order.lines:
        moved, remainder = taken_from(line, chance.randint(1, line.quantity))
        own[chance.randrange(count)].append(moved)
        if remainder:
            own[chance.randrange(count)].append(remainder)
    pieces = divided(order, [order.model_copy(update={"lines": lines_of}) for lines_of in own], store)
    for name in SUMS:
        assert sum(getattr(piece, name) for piece in pieces) == getattr(order, name), name
    assert taxes_of(*pieces) == taxes_of(order)
    off = [sum(discount.amount for discount in piece.discounts) for piece in pieces]
    assert sum(off) == sum(discount.amount for discount in order.discounts)
    for piece, less in zip(pieces, off, strict=True):
        added = sum(tax.amount for tax in piece.taxes if not tax.inclusive)
        assert piece.total == piece.subtotal - less + piece.service_charge + added
        assert piece.tax == sum(tax.amount for tax in piece.taxes)
        assert piece.total >= 0


@given(some.sampled_from(STORES), bills, bills, discounts)
def test_a_merged_bill_is_the_sum_of_both(
    store: Store, lines: list[Line], others: list[Line], given_discounts: list[Discount]
) -> None:
    first, second = a_bill(store, lines, discounts=given_discounts), a_bill(store, others)
    merged = first.model_copy(update=summed(first, second))
    for name in SUMS:
        assert getattr(merged, name) == getattr(first, name) + getattr(second, name), name
    assert taxes_of(merged) == taxes_of(first, second)


@pytest.mark.parametrize(("total", "ways", "expected"), [(100, 3, [34, 33, 33]), (2, 3, [1, 1, 0]), (0, 2, [0, 0])])
def test_equal_shares_sum_to_the_amount_due(total: int, ways: int, expected: list[int]) -> None:
    shares = equal_shares(an_order().model_copy(update={"total": total}), ways)
    assert [share.amount for share in shares] == expected
    assert [share.id for share in shares] == [f"s{number}" for number in range(1, ways + 1)]


def test_a_deposit_lowers_every_share_and_the_payment_of_a_share_lowers_none() -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    paid = [
        Payment(reference="deposit", method="cash", amount=10, taken_at=now),
        Payment(reference="guest 1", method="card", amount=30, taken_at=now, share="s1"),
    ]
    order = an_order().model_copy(update={"total": 100, "payments": paid})
    assert [share.amount for share in equal_shares(order, 3)] == [30, 30, 30]
