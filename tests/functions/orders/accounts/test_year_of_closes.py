"""A real pizzeria's year (pizzaplace) with taxes, in 358 closes: to the cent what another arithmetic gives.

The oracle is decimal arithmetic from the rules in words (docs/api/orders.md, docs/api/day-close.md). It reads the data
set alone. The rates are 8.875 % on top of the prices, and 6 % within them.
"""

from collections import Counter, defaultdict
from datetime import UTC, date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from demo import pizzaplace
from functions.orders.accounts.day_figures import Figures, order_figures, payment_figures
from functions.orders.accounts.day_report import DrawerCount, report_of
from functions.orders.pricing.bill import total_bill
from shared.contracts.messages.days import DayReport
from shared.contracts.messages.orders import FulfilmentStatus, Line, Order, Payment, PaymentStatus, Service, Source
from shared.contracts.store_record import Store
from shared.contracts.store_settings import StoreSettings

NEW_YORK = ZoneInfo("America/New_York")


def store_with(tax: dict[str, Any]) -> Store:
    settings = pizzaplace.settings_of("harbour") | {"taxes": [{"id": "sales", "name": "Sales tax"} | tax]}
    return Store("harbour", 1, StoreSettings.model_validate(settings), None, None, frozenset())


def order_at(sale: pizzaplace.Sale, store: Store) -> Order:
    """The sale as a paid order with its taxes. Every tenth guest gives a tip of a dollar."""
    pizzas = enumerate(sale.pizzas.items(), start=1)
    fields: dict[str, Any] = {"category": "pizza", "options": [], "note": None, "station": None}
    lines = [
        Line(
            id=str(n),
            item=pizza,
            name=pizza,
            size=size,
            quantity=count,
            unit_price=price,
            amount=price * count,
            **fields,
        )
        for n, ((pizza, size, price), count) in pizzas
    ]
    bill = total_bill(lines, store, Service.TAKEAWAY)
    at = sale.at.replace(tzinfo=NEW_YORK).astimezone(UTC)
    tip = 100 if int(sale.number.rpartition("-")[2]) % 10 == 0 else 0
    payment = Payment(reference="p", method="card", amount=bill.total, tip=tip, taken_at=at, day=store.day_of(at))
    nothing: dict[str, Any] = {"table": None, "guest": None, "refunds": [], "differences": [], "wanted_for": None}
    return Order(
        id="0" * 26,
        store="harbour",
        chain="demo",
        source=Source(kind="till", id="t", number=sale.number),
        pickup_number=1,
        business_day=store.day_of(at),
        service=Service.TAKEAWAY,
        lines=lines,
        currency="USD",
        payment=PaymentStatus.PAID,
        fulfilment=FulfilmentStatus.HANDED_OVER,
        paid=bill.total,
        refunded=0,
        payments=[payment],
        placed_at=at,
        received_at=at,
        settled_at=at,
        **bill.fields(),
        **nothing,
    )


def closes(store: Store) -> list[DayReport]:
    """A report for each business day of the year."""
    days: dict[date, Figures] = defaultdict(Figures)
    for sale in pizzaplace.sales():
        order = order_at(sale, store)
        days[order.business_day].update(order_figures(order, NEW_YORK))
        days[order.business_day].update(payment_figures(order.payments, NEW_YORK))
    return [report_of(figures, store, day, DrawerCount()) for day, figures in sorted(days.items())]


@cache
def subtotals() -> Counter[tuple[date, int]]:
    """How many orders of a day have a subtotal (cents). A day ends at four in the morning."""
    counter: Counter[tuple[date, int]] = Counter()
    for sale in pizzaplace.sales():
        cents = sum(price * count for (_, _, price), count in sale.pizzas.items())
        counter[(sale.at - timedelta(hours=4)).date(), cents] += 1
    return counter


def rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


@pytest.mark.parametrize("inclusive", [False, True])
def test_the_closes_of_a_year_are_to_the_cent(*, inclusive: bool) -> None:
    rate = Decimal("0.06") if inclusive else Decimal("0.08875")
    store = store_with({"percent": "6" if inclusive else "8.875", "inclusive": inclusive})
    reports = closes(store)
    expected: dict[date, list[int]] = defaultdict(lambda: [0, 0, 0])
    for (day, cents), count in subtotals().items():
        tax = rounded(cents * rate / (1 + rate)) if inclusive else rounded(cents * rate)
        sums = (count, count * tax, count * (cents if inclusive else cents + tax))
        expected[day] = [before + more for before, more in zip(expected[day], sums, strict=True)]
    assert {report.day: [report.orders, report.tax, report.total] for report in reports} == expected
    # The data set's documentation: 21,350 orders and 817,860.05 USD on 358 days.
    assert (len(reports), sum(report.orders for report in reports)) == (358, 21_350)
    assert sum(report.subtotal for report in reports) == 81_786_005
    for report in reports:
        (tax_row,), (tender,) = report.taxes, report.tenders
        assert (tax_row.amount, tender.amount) == (report.tax, report.total)
        assert tax_row.base == report.subtotal - (report.tax if inclusive else 0)
        assert tender.payments == report.orders
        assert report.net_paid == report.total + report.tips
        assert sum(hour.sales for hour in report.hours) == report.total
    assert sum(report.tips for report in reports) == 2_135 * 100
