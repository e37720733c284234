"""The report of a store's business day, and the message that announces its close."""

from datetime import date, datetime

from pydantic import Field

from shared.contracts.ids import Ulid
from shared.contracts.messages import Document, MessageData, left_out
from shared.contracts.messages.order_parts import DiscountKind
from shared.contracts.messages.orders import Service
from shared.contracts.money import Currency, SumOfAmounts


def day_subject(store_key: str) -> str:
    """The `subject` of messages about the days of a store."""
    return f"day/{store_key}"


class TenderTakings(Document):
    """Money by one tender. `amount` is for bills and `tips` on top; `refunded` and `tips_refunded` went back.

    `rounding` is the sum by which cash was rounded. `counted` is the counted money, less `expected` in `difference`.
    A refund above all payments has no `method`.
    """

    method: str | None
    payments: int = 0
    amount: SumOfAmounts = 0
    tips: SumOfAmounts = 0
    refunds: int = 0
    refunded: SumOfAmounts = 0
    tips_refunded: SumOfAmounts = 0
    rounding: SumOfAmounts = 0
    expected: SumOfAmounts = 0
    counted: SumOfAmounts | None = None
    difference: SumOfAmounts | None = None


class TaxTakings(Document):
    """One tax of the sales. An order that states no rate has its tax under an empty `id` and no `percent`."""

    id: str
    name: str
    percent: str | None
    inclusive: bool
    base: SumOfAmounts = 0
    amount: SumOfAmounts = 0


class DiscountTakings(Document):
    """Discounts of one kind and code, on orders and on lines."""

    kind: DiscountKind
    code: str | None
    count: int = 0
    amount: SumOfAmounts = 0


class HourTakings(Document):
    """Sales by the hour in which the order was placed, and money (less refunds) by the hour in which it moved.

    `hour` is by the store's clock.
    """

    hour: int
    orders: int = 0
    sales: SumOfAmounts = 0
    net_paid: SumOfAmounts = 0


class PersonTakings(Document):
    """Sales of a waiter, and discounts, comps, voids and refunds that a person gave."""

    person: str
    orders: int = 0
    sales: SumOfAmounts = 0
    discounts: SumOfAmounts = 0
    comps: SumOfAmounts = 0
    voids: SumOfAmounts = 0
    refunds: SumOfAmounts = 0


class ServiceTakings(Document):
    """Sales of one kind of service."""

    service: Service
    orders: int = 0
    sales: SumOfAmounts = 0


class LateDay(Document):
    """Sales and money of an earlier day that no close had counted: orders of a till that was offline."""

    day: date
    orders: int = 0
    sales: SumOfAmounts = 0
    payments: int = 0
    amount: SumOfAmounts = 0
    refunds: int = 0
    refunded: SumOfAmounts = 0


class CashMove(Document):
    """Cash that was put into the drawer, or taken out of it (less than 0), other than for an order."""

    amount: SumOfAmounts
    reason: str
    person: str | None = left_out(None)


class Drawer(Document):
    """The cash in the drawer. `change_differences` is the sum by which wrong change left more or less in it."""

    opening_float: SumOfAmounts = 0
    paid: SumOfAmounts = 0
    refunded: SumOfAmounts = 0
    change_differences: SumOfAmounts = 0
    moves: list[CashMove] = []
    expected: SumOfAmounts = 0
    counted: SumOfAmounts | None = None
    difference: SumOfAmounts | None = None


class DayReport(Document):
    """Sales and money that a close of a business day counts. Amounts are minor units of `currency`.

    A sale is an order that was paid in full once, is not cancelled, and whose bill is closed. `total` is the sum of the
    sales. `liabilities` is its part for gift cards and deposits, which is no revenue. Money is by tender.

    An order or a movement that came after the close of its day is in `late`, and in all sums. A counted order that
    changed later is taken off and counted again. So an amount of one close can be less than 0.

    A running report has no `number`. `unpaid` is the number of orders that are no sale yet; a later close counts them.
    """

    store: str
    chain: str
    day: date
    currency: Currency
    number: int | None = Field(default=None, description="Counts from 1 for each store, without gaps.")
    closed_at: datetime | None = None
    person: str | None = None
    client: str | None = None
    orders: int = 0
    covers: int = 0
    subtotal: SumOfAmounts = 0
    discounts: list[DiscountTakings] = []
    service_charge: SumOfAmounts = 0
    delivery_charge: SumOfAmounts = 0
    tax: SumOfAmounts = 0
    taxes: list[TaxTakings] = []
    total: SumOfAmounts = 0
    liabilities: SumOfAmounts = 0
    rounding: SumOfAmounts = 0
    cancelled: int = 0
    cancelled_total: SumOfAmounts = 0
    voided_pieces: int = 0
    voided: SumOfAmounts = 0
    tips: SumOfAmounts = 0
    refunds: int = 0
    refunded: SumOfAmounts = 0
    comps_after_payment: SumOfAmounts = 0
    net_paid: SumOfAmounts = Field(default=0, description="All payments less all refunds, tips included.")
    tenders: list[TenderTakings] = []
    services: list[ServiceTakings] = []
    hours: list[HourTakings] = []
    persons: list[PersonTakings] = []
    late: list[LateDay] = []
    corrected: int = Field(default=0, description="Orders that an earlier close counted with other amounts.")
    unpaid: int = 0
    open_bills: list[Ulid] = Field(default=[], description="Open bills of the day and before, at most 100.")
    drawer: Drawer = Drawer()


class DayClosed(MessageData):
    """A business day of a store was closed. The report never changes after that."""

    type = "day.closed"
    report: DayReport
