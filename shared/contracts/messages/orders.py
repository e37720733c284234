"""An order as its messages carry it, and the types of these messages."""

from datetime import date, datetime
from enum import StrEnum

from shared.contracts.ids import Ulid, store_key
from shared.contracts.messages import Document, MessageData, left_out
from shared.contracts.messages.order_parts import (
    STANDARD_CLASS,
    BillStatus,
    DiscountKind,
    LineDiscount,
    LineKind,
    LinePart,
    Metadata,
    Option,
    RefundedLine,
    RefundPart,
    Share,
    TaxAmount,
    Void,
)
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


class GuestDelivery(Document):
    """The delivery as the guest wants it. `name` and `phone` are of the recipient, where it is another person.

    `lat` and `lon` are the door's, in degrees of WGS-84. `wanted_until` ends the window that `wanted_for` begins.
    `may_leave`: at the door or with a neighbour, without a PIN.
    """

    name: str | None = left_out(None)
    phone: str | None = left_out(None)
    lat: float | None = left_out(None)
    lon: float | None = left_out(None)
    gift: bool = left_out(default=False)
    surprise: bool = left_out(default=False)
    may_leave: bool = left_out(default=False)
    card: str | None = left_out(None)
    wishes: str | None = left_out(None)
    wanted_until: datetime | None = left_out(None)

    @property
    def is_for_another(self) -> bool:
        """Whether the person at the door is not the guest, who must not be named there."""
        return bool(self.name or self.phone or self.gift or self.surprise)


class Guest(Document):
    """The guest, as far as known. `member` is the chain's member id."""

    member: str | None = None
    name: str | None = None
    phone: str | None = None
    address: str | None = None
    delivery: GuestDelivery | None = left_out(None)


class Line(Document):
    """One line: `unit_price` is what the source charged per piece, options included; `amount` is for all pieces.

    `amount` is before the line's discounts. Of goods by weight `unit_price` is for a kilogram and `weight` is in grams.
    `id` is unique in the order. `seat` is the number of the guest at the table, `round` counts the rounds of a bill.
    `placed_at` is the time of its round. A line that came with the order, and has stayed on its bill, has none.
    """

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
    id: str = left_out("")
    kind: LineKind = left_out(LineKind.GOODS)
    parts: list[LinePart] = left_out([])
    discounts: list[LineDiscount] = left_out([])
    tax_class: str = left_out(STANDARD_CLASS)
    weight: int | None = left_out(None)
    seat: int | None = left_out(None)
    round: int = left_out(1)
    placed_at: datetime | None = left_out(None)
    metadata: Metadata = left_out({})

    @property
    def net(self) -> int:
        """The amount less the line's own discounts."""
        return self.amount - sum(discount.amount for discount in self.discounts)


class Discount(Document):
    """Money off the order: by a code of the menu, or an open amount with its reason and person."""

    code: str
    amount: Amount
    kind: DiscountKind = left_out(DiscountKind.CODE)
    reason: str | None = left_out(None)
    person: str | None = left_out(None)


class Difference(Document):
    """One point on which the source and the store disagree: an amount, or what `code` names."""

    path: str
    code: str = "amount_differs"
    stated: int | str | None = None
    expected: int | str | None = None


class Payment(Document):
    """Money taken for an order; `reference` is the payer's side's own, unique per order.

    `rounding` is what cash came short of the total (less than 0) or over it because it is paid in coins.
    `amount` is for the bill. `tip` comes on top. Of cash, `tendered` was handed over and `change` given back.
    `day` is the store's business day on which the money moved. `share` names the share of a split bill.
    `differences` names what was changed of a payment that came after its order; the order lists them too.
    """

    reference: str
    method: str
    amount: Amount
    taken_at: datetime
    rounding: SignedAmount = 0
    tip: Amount = left_out(0)
    tendered: Amount | None = left_out(None)
    change: Amount = left_out(0)
    share: str | None = left_out(None)
    day: date | None = left_out(None)
    metadata: Metadata = left_out({})
    differences: list[Difference] = left_out([])


class Refund(Document):
    """Money that went back. `amount` is of the bill; `tip` is of a tip, on top of `amount`.

    `payment` is the reference of the payment to which it went back, and `method` its method. A refund to several
    payments has `parts` instead. `lines` are the pieces that it is for. `comp`: they were given for free after the
    payment. `day` is the store's business day on which it went back. `rounding` is the amount of cash above (less than
    0: below) what was charged for the lines, because it goes back in coins. `differences` are as those of a payment.
    """

    reference: str
    amount: Amount
    reason: str
    refunded_at: datetime
    payment: str | None = left_out(None)
    method: str | None = left_out(None)
    tip: Amount = left_out(0)
    parts: list[RefundPart] = left_out([])
    lines: list[RefundedLine] = left_out([])
    comp: bool = left_out(default=False)
    person: str | None = left_out(None)
    day: date | None = left_out(None)
    metadata: Metadata = left_out({})
    rounding: SignedAmount = left_out(0)
    differences: list[Difference] = left_out([])


class Order(Document):
    """An order as it stands. Amounts are minor units of `currency`; times are UTC.

    `store` is unique within `chain`. `business_day` is the day that the order is for. `kitchen_at` is when the kitchen
    begins; older orders have none.

    `refund_due` is the amount to refund. `over_refunded` is the amount by which refunds exceed payments. `rounding` is
    the sum of its payments' rounding. `settled_at` is the first moment at which nothing was open.

    `version` grows by one with each change of the bill. `taxes` breaks down `tax`, and sums to it. `tip` is the sum of
    the tips, less those that went back. `liabilities` is the value of gift cards and deposits that were sold. `slot` is
    the beginning of the slot in which a scheduled order has a place.
    `opened`: it was placed as an open bill, so its kitchens got tickets with each round.
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
    version: int = 1
    bill: BillStatus = BillStatus.CLOSED
    opened: bool = left_out(default=False)
    covers: int | None = left_out(None)
    waiter: str | None = left_out(None)
    note: str | None = left_out(None)
    taxes: list[TaxAmount] = left_out([])
    voids: list[Void] = left_out([])
    shares: list[Share] = left_out([])
    tip: Amount = left_out(0)
    liabilities: Amount = left_out(0)
    split_from: Ulid | None = left_out(None)
    merged_into: Ulid | None = left_out(None)
    metadata: Metadata = left_out({})
    slot: datetime | None = left_out(None)

    @property
    def settled(self) -> bool:
        """Whether nothing was open once. Messages of before `settled_at` say it by their sums."""
        if "settled_at" in self.model_fields_set:
            return self.settled_at is not None
        return self.paid >= self.total

    @property
    def revenue(self) -> int:
        """The money that the store keeps of it. An excess of payments or refunds is a debt, a gift card a liability."""
        due = self.total + self.rounding
        received = min(max(self.paid - self.refunded, 0), due) if self.settled else 0
        return max(received - self.liabilities, 0)

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
    """The fulfilment moved from `before` to `after`. `recalled`: it moved back, with a reason."""

    type = "order.fulfilment_changed"
    before: FulfilmentStatus
    after: FulfilmentStatus
    recalled: bool = left_out(default=False)
    reason: str | None = left_out(None)
    person: str | None = left_out(None)
