"""An order as its messages carry it, and the types of these messages."""

from datetime import date, datetime
from enum import StrEnum

from shared.contracts.ids import Ulid, store_key
from shared.contracts.messages import Document, MessageData
from shared.contracts.money import Amount, Currency, SignedAmount


def order_subject(order_id: str) -> str:
    """The `subject` of messages about an order."""
    return f"order/{order_id}"


class SourceKind(StrEnum):
    """Where an order comes from. Only a mini-program can still be told that its total is wrong."""

    TILL = "till"
    MINI_PROGRAM = "mini_program"
    PLATFORM = "platform"


class Service(StrEnum):
    """How the guest gets the food."""

    DINE_IN = "dine_in"
    TAKEAWAY = "takeaway"
    DELIVERY = "delivery"


class PaymentStatus(StrEnum):
    """Where an order's money is."""

    UNPAID = "unpaid"
    PART_PAID = "part_paid"
    PAID = "paid"
    PART_REFUNDED = "part_refunded"
    REFUNDED = "refunded"


class FulfilmentStatus(StrEnum):
    """Where an order's food is."""

    PLACED = "placed"
    ACCEPTED = "accepted"
    PREPARING = "preparing"
    READY = "ready"
    HANDED_OVER = "handed_over"
    CANCELLED = "cancelled"


class Source(Document):
    """The system an order came from and its own number there; unique together in a store and one of its days."""

    kind: SourceKind
    id: str
    number: str


class Guest(Document):
    """The guest, as far as known. `member` is the chain's member id."""

    member: str | None = None
    name: str | None = None
    phone: str | None = None
    address: str | None = None


class Option(Document):
    """A choice made on a line; `price` is per piece."""

    id: str
    name: str
    price: Amount


class Line(Document):
    """One line: `unit_price` is what the source charged per piece, options included; `amount` is for all pieces."""

    item: str
    name: str
    category: str
    size: str | None
    options: list[Option]
    quantity: int
    unit_price: Amount
    amount: Amount
    note: str | None
    station: str | None


class Discount(Document):
    """Money off, by a code of the menu."""

    code: str
    amount: Amount


class Difference(Document):
    """One point on which the source and the store disagree: an amount, or what `code` names."""

    path: str
    code: str = "amount_differs"
    stated: int | str | None = None
    expected: int | str | None = None


class Payment(Document):
    """Money taken for an order; `reference` is the payer's side's own, unique per order.

    `rounding` is what cash came short of the total (less than 0) or over it because it is paid in coins.
    """

    reference: str
    method: str
    amount: Amount
    taken_at: datetime
    rounding: SignedAmount = 0


class Refund(Document):
    """Money given back."""

    reference: str
    amount: Amount
    reason: str
    refunded_at: datetime


class Order(Document):
    """An order as it stands. Amounts are minor units of `currency`; times are UTC.

    `store` is unique within `chain`. `business_day` is the day that the order is for. `kitchen_at` is when the kitchen
    begins; older orders have none.

    `refund_due` is the amount to refund. `over_refunded` is the amount by which refunds exceed payments. `rounding` is
    the sum of its payments' rounding. `settled_at` is the first moment at which nothing was open.
    """

    id: Ulid
    store: str
    chain: str
    source: Source
    pickup_number: int
    business_day: date
    service: Service
    table: str | None
    guest: Guest | None
    lines: list[Line]
    discounts: list[Discount]
    subtotal: Amount
    service_charge: Amount
    delivery_charge: Amount
    tax: Amount
    total: Amount
    currency: Currency
    payment: PaymentStatus
    fulfilment: FulfilmentStatus
    paid: Amount
    refunded: Amount
    payments: list[Payment]
    refunds: list[Refund]
    differences: list[Difference]
    placed_at: datetime
    received_at: datetime
    wanted_for: datetime | None
    kitchen_at: datetime | None = None
    refund_due: Amount = 0
    over_refunded: Amount = 0
    rounding: SignedAmount = 0
    settled_at: datetime | None = None

    @property
    def settled(self) -> bool:
        """Whether nothing was open once. Messages of before `settled_at` say it by their sums."""
        if "settled_at" in self.model_fields_set:
            return self.settled_at is not None
        return self.paid >= self.total

    @property
    def revenue(self) -> int:
        """The money that the store keeps of it. An excess of payments or of refunds is a debt, not revenue."""
        due = self.total + self.rounding
        return min(max(self.paid - self.refunded, 0), due) if self.settled else 0

    @property
    def store_key(self) -> str:
        """The store's id that is unique over all chains: what tables hold."""
        return store_key(self.chain, self.store)


class OrderMessage(MessageData):
    """Base of the messages about an order; each carries the order of that moment."""

    order: Order


class OrderPlaced(OrderMessage):
    """A new order was stored."""

    type = "order.placed"


class OrderPaid(OrderMessage):
    """The whole total is paid. It is announced again after a refund and a new payment, or a change of rounding."""

    type = "order.paid"


class OrderPaymentTaken(OrderMessage):
    """A payment arrived after the order. `order.paid` follows if nothing is open and the order is not cancelled."""

    type = "order.payment_taken"
    payment: Payment


class OrderDiffers(OrderMessage):
    """A stored order disagrees with its store's menu, hours or rules; `order.differences` lists each point."""

    type = "order.differs"


class OrderCancelled(OrderMessage):
    """The order was cancelled; `refund_due` is the paid amount that must go back."""

    type = "order.cancelled"
    reason: str
    refund_due: Amount


class OrderRefunded(OrderMessage):
    """Money went back: `refund` is the new refund, `order.refunds` lists all."""

    type = "order.refunded"
    refund: Refund


class OrderMoneyMoved(OrderMessage):
    """Money of an order went back, or came again after that: for those who read where its money stands by then."""

    @classmethod
    def types(cls) -> tuple[str, ...]:
        """Both of them."""
        return (OrderRefunded.type, OrderPaymentTaken.type)


class OrderFulfilmentChanged(OrderMessage):
    """The fulfilment moved from `before` to `after`."""

    type = "order.fulfilment_changed"
    before: FulfilmentStatus
    after: FulfilmentStatus
