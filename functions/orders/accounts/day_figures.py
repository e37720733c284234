"""Figures of a day: named sums that are added over orders, payments and refunds. Pure functions."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

from functions.orders.accounts.account import CASH
from functions.orders.accounts.cash_change import in_drawer
from functions.orders.accounts.tenders import parts_of
from shared.contracts.messages.order_parts import BillStatus, DiscountKind, LineDiscount
from shared.contracts.messages.orders import Discount, FulfilmentStatus, Order, Payment, Refund

# The name of a sum. The first word is its kind, the last one its field in the report.
Name = tuple[str | int | bool | None, ...]
Figures = Counter[Name]


def add_up(pairs: Iterable[tuple[Name, int]]) -> Figures:
    """The sums of these pairs."""
    figures: Figures = Counter()
    for name, amount in pairs:
        figures[name] += amount
    return figures


def is_sale(order: Order) -> bool:
    """Whether the order counts as a sale: paid in full once, not cancelled, and its bill is closed."""
    return order.settled and order.bill == BillStatus.CLOSED and order.fulfilment != FulfilmentStatus.CANCELLED


def order_figures(order: Order, timezone: ZoneInfo) -> Figures:
    """The figures of an order as it stands. Voids count for every order, all else for a sale."""
    pairs = [*_voids(order)]
    if is_sale(order):
        pairs += [*_sale(order, timezone), *_taxes(order), *_discounts(order)]
    elif order.fulfilment == FulfilmentStatus.CANCELLED:
        pairs += [(("report", "cancelled"), 1), (("report", "cancelled_total"), order.total)]
    return Counter({name: amount for name, amount in add_up(pairs).items() if amount})


def _sale(order: Order, timezone: ZoneInfo) -> Iterator[tuple[Name, int]]:
    for field in ("subtotal", "service_charge", "delivery_charge", "tax", "total", "liabilities"):
        yield ("report", field), getattr(order, field)
    yield ("report", "orders"), 1
    yield ("report", "covers"), order.covers or 0
    groups: list[Name] = [
        ("hour", order.placed_at.astimezone(timezone).hour),
        ("service", order.service.value),
        ("late", order.business_day.isoformat()),
    ]
    for group in groups + ([("person", order.waiter)] if order.waiter else []):
        yield (*group, "orders"), 1
        yield (*group, "sales"), order.total


def _voids(order: Order) -> Iterator[tuple[Name, int]]:
    for void in order.voids:
        yield ("report", "voided_pieces"), void.quantity
        yield ("report", "voided"), void.amount
        if void.person:
            yield ("person", void.person, "voids"), void.amount


def _taxes(order: Order) -> Iterator[tuple[Name, int]]:
    for tax in order.taxes:
        name = ("tax", tax.id, tax.name, tax.percent, tax.inclusive)
        yield (*name, "base"), tax.base
        yield (*name, "amount"), tax.amount
    unnamed = order.tax - sum(tax.amount for tax in order.taxes)
    yield ("tax", "", "", None, True, "amount"), unnamed


def _discounts(order: Order) -> Iterator[tuple[Name, int]]:
    discounts: list[Discount | LineDiscount] = [*order.discounts]
    discounts += [discount for line in order.lines for discount in line.discounts]
    for discount in discounts:
        yield ("discount", discount.kind.value, discount.code, "count"), 1
        yield ("discount", discount.kind.value, discount.code, "amount"), discount.amount
        if discount.person:
            field = "comps" if discount.kind == DiscountKind.COMP else "discounts"
            yield ("person", discount.person, field), discount.amount


def payment_figures(payments: Sequence[Payment], timezone: ZoneInfo) -> Figures:
    """The figures of payments."""
    return add_up(pair for payment in payments for pair in _payment(payment, timezone))


def _payment(payment: Payment, timezone: ZoneInfo) -> Iterator[tuple[Name, int]]:
    fields = {"payments": 1, "amount": payment.amount, "tips": payment.tip, "rounding": payment.rounding}
    for field, amount in fields.items():
        yield ("tender", payment.method, field), amount
    paid = payment.amount + payment.tip
    yield ("report", "tips"), payment.tip
    yield ("report", "rounding"), payment.rounding
    yield ("report", "net_paid"), paid
    yield ("hour", payment.taken_at.astimezone(timezone).hour, "net_paid"), paid
    yield ("late", _day(payment), "payments"), 1
    yield ("late", _day(payment), "amount"), paid
    if payment.method.casefold() == CASH:
        yield ("drawer", "paid"), paid
        yield ("drawer", "change_differences"), in_drawer(payment) - paid


def refund_figures(refunds: Sequence[Refund], timezone: ZoneInfo) -> Figures:
    """The figures of refunds."""
    return add_up(pair for refund in refunds for pair in [*_refund(refund, timezone), *_tenders(refund)])


def _refund(refund: Refund, timezone: ZoneInfo) -> Iterator[tuple[Name, int]]:
    back = refund.amount + refund.tip
    yield ("report", "refunds"), 1
    yield ("report", "refunded"), refund.amount
    yield ("report", "tips"), -refund.tip
    yield ("report", "net_paid"), -back
    yield ("report", "comps_after_payment"), refund.amount if refund.comp else 0
    yield ("hour", refund.refunded_at.astimezone(timezone).hour, "net_paid"), -back
    yield ("late", _day(refund), "refunds"), 1
    yield ("late", _day(refund), "refunded"), back
    if refund.person:
        yield ("person", refund.person, "refunds"), refund.amount


def _tenders(refund: Refund) -> Iterator[tuple[Name, int]]:
    for part in parts_of(refund):
        for field, amount in {"refunds": 1, "refunded": part.amount, "tips_refunded": part.tip}.items():
            yield ("tender", part.method, field), amount
        if (part.method or "").casefold() == CASH:
            yield ("drawer", "refunded"), part.amount + part.tip


def _day(moved: Payment | Refund) -> str:
    assert moved.day is not None  # as of all that a close can count
    return moved.day.isoformat()
