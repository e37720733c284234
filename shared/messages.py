"""What functions tell each other: CloudEvents 1.0 documents, with the data of each type as a model.

A type is versioned by adding fields that have a default, never by changing or removing one: messages of last year
are still in the record, and an old consumer ignores what it does not know.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.errors import Rejected
from shared.ids import Ulid
from shared.money import Amount, Currency

# SNS and SQS carry 256 KiB, attributes included; what is over must be refused before it is kept.
MAX_MESSAGE_BYTES = 250 * 1024


class Document(BaseModel):
    """Base of everything inside `data`: readers ignore what they do not know."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)


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
    """The system an order came from and its own number there; unique together, for ever."""

    kind: SourceKind
    id: str
    number: str


class Guest(Document):
    """Who ordered, as far as known. `member` is the chain's member id."""

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
    """One amount on which the source and the store's menu disagree."""

    path: str
    stated: Amount
    expected: Amount


class Payment(Document):
    """Money taken for an order; `reference` is the payer's side's own, unique per order."""

    reference: str
    method: str
    amount: Amount
    taken_at: datetime


class Refund(Document):
    """Money given back."""

    reference: str
    amount: Amount
    reason: str
    refunded_at: datetime


class Order(Document):
    """An order as it stands. Amounts are minor units of `currency`; times are UTC."""

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


class MessageData(Document):
    """Base of the message types; `type` is the CloudEvents type."""

    type: ClassVar[str]


class OrderMessage(MessageData):
    """Base of those about an order: each carries it as it stands then."""

    order: Order


class OrderPlaced(OrderMessage):
    """A new order was kept."""

    type = "order.placed"


class OrderPaid(OrderMessage):
    """The whole total has been paid; said once per order."""

    type = "order.paid"


class OrderPaymentTaken(OrderMessage):
    """A payment came after the order did; `order.paid` follows once nothing is open."""

    type = "order.payment_taken"
    payment: Payment


class OrderDiffers(OrderMessage):
    """A kept order whose amounts disagree with the menu; `order.differences` names each."""

    type = "order.differs"


class OrderCancelled(OrderMessage):
    """Nobody is to make this order any more; `refund_due` is what was paid and not given back."""

    type = "order.cancelled"
    reason: str
    refund_due: Amount


class OrderRefunded(OrderMessage):
    """Money went back: `refund` is this one, `order.refunds` are all."""

    type = "order.refunded"
    refund: Refund


class OrderFulfilmentChanged(OrderMessage):
    """The food moved on."""

    type = "order.fulfilment_changed"
    before: FulfilmentStatus
    after: FulfilmentStatus


class MemberMessage(MessageData):
    """Base of those about a member; `member` is our id, which says nothing to strangers."""

    member: Ulid
    chain: str


class MemberPurchased(MemberMessage):
    """The facts of a member moved: by a purchase, or by money that went back."""

    type = "member.purchased"
    order: Ulid


class MemberTagChanged(MemberMessage):
    """A tag has another value; null is none."""

    type = "member.tag_changed"
    tag: str
    before: str | None
    after: str | None


class MemberMerged(MemberMessage):
    """`member` is `into` from now on, with all that was bought."""

    type = "member.merged"
    into: Ulid


class MemberForgotten(MemberMessage):
    """A person asked to be erased; who keeps anything of this member must erase it."""

    type = "member.forgotten"


class PrintJobMessage(MessageData):
    """Base of those about a print job: one ticket for one printer. `reprint` counts from 1, 0 is the first print."""

    job: Ulid
    store: str
    order: Ulid | None
    kind: str
    station: str | None
    printer: str
    reprint: int


class PrintJobQueued(PrintJobMessage):
    """A ticket waits for its printer; with `moved_from` in place of a job whose printer could not print."""

    type = "print.job_queued"
    deadline: datetime
    moved_from: Ulid | None = None


class PrintJobEnded(PrintJobMessage):
    """Base of a job's ends. `evidence` A to E and `code` are the print link's; `agent` is who told."""

    code: str | None = None
    evidence: str | None = None
    agent: str | None = None


class PrintJobPrinted(PrintJobEnded):
    """It is on paper; `copies` 2: once more behind a mark that says so."""

    type = "print.job_printed"
    copies: int = 1


class PrintJobFailed(PrintJobEnded):
    """Nothing came out, and never will."""

    type = "print.job_failed"


class PrintJobUnknown(PrintJobEnded):
    """Nobody can say whether it is on paper; a person looks."""

    type = "print.job_unknown"


class PrintJobExpired(PrintJobEnded):
    """It was not begun before its deadline, and is not printed any more."""

    type = "print.job_expired"


class PrintJobCancelled(PrintJobEnded):
    """It was withdrawn before it was begun."""

    type = "print.job_cancelled"


class PrintJobResolved(PrintJobMessage):
    """A person has looked: it was `on_paper`, is printed `again`, or is given up (`dismissed`)."""

    type = "print.job_resolved"
    resolution: Literal["on_paper", "again", "dismissed"]
    by: str


class PrintingNeedsPerson(PrintJobMessage):
    """A ticket that only a person can help: `unknown`, `failed`, `expired`, or `waiting` for too long."""

    type = "printing.needs_person"
    reason: Literal["unknown", "failed", "expired", "waiting"]
    code: str | None = None


class PrintingAgentMessage(MessageData):
    """Base of those about a store's print agent."""

    agent: str
    store: str
    name: str


class PrintingAgentOnline(PrintingAgentMessage):
    """It is there again, or for the first time."""

    type = "printing.agent_online"


class PrintingAgentOffline(PrintingAgentMessage):
    """Nothing was heard of it for two heartbeats and five seconds."""

    type = "printing.agent_offline"
    seen_at: datetime


class PrintingPrinterChanged(PrintingAgentMessage):
    """A printer's state as its agent told it; the members are the print link's `printer` frame."""

    type = "printing.printer_changed"
    printer: str
    state: str
    before: str | None
    paper: str | None = None
    cover: str | None = None
    error: str | None = None
    can_print: bool


class ForecastMessage(MessageData):
    """Base of those about a chain's nightly forecast; `last_day` is the last day that it knows."""

    run: Ulid
    chain: str
    last_day: date


class ForecastTrainingDue(ForecastMessage):
    """Some stores of a chain are to be trained for; the run has which."""

    type = "forecast.training_due"
    part: int


class ForecastTrained(ForecastMessage):
    """A part has a model set to forecast with."""

    type = "forecast.trained"
    part: int
    model: Ulid


class ForecastReady(ForecastMessage):
    """Every store that could be forecast has its next `days` days."""

    type = "forecast.ready"
    days: int
    stores: int


class ForecastDrifted(ForecastMessage):
    """Of late the forecasts miss more than they should, or their intervals hold less; shares of 1."""

    type = "forecast.drifted"
    missed: float
    expected: float
    inside: float


Data = TypeVar("Data", bound=MessageData)


class Envelope(BaseModel):
    """The CloudEvents 1.0 attributes (github.com/cloudevents/spec v1.0.2) and the extensions that we add.

    `sequence` (the extension of that name) counts the messages of one subject from 1; `storeid` is for the log.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)

    specversion: Literal["1.0"] = "1.0"
    id: Ulid
    type: str
    source: str
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str
    sequence: int = Field(ge=1)
    storeid: str | None = None
    data: dict[str, Any]


@dataclass(frozen=True)
class Message(Generic[Data]):
    """A received message whose data has been checked."""

    id: str
    type: str
    subject: str
    time: datetime
    sequence: int
    store: str | None
    data: Data


def read_message(body: str, model: type[Data]) -> Message[Data]:
    """The message in a queue record's body. Raises `Rejected` for what is no message of this kind."""
    try:
        envelope = Envelope.model_validate_json(body)
        if envelope.type != model.type:
            raise Rejected("message_misled", f"this consumer is for {model.type}, not for {envelope.type[:64]}")
        data = model.model_validate(envelope.data)
    except ValidationError as failure:
        first = failure.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise Rejected(
            "message_malformed", f"{failure.error_count()} faults, the first at {where}: {first['msg']}"
        ) from None
    return Message(
        envelope.id, envelope.type, envelope.subject, envelope.time, envelope.sequence, envelope.storeid, data
    )


def schema_of(message_type: str) -> str:
    """The `dataschema` of a type: major version 1, and there is never a second."""
    return f"urn:dumbwaiter:message:{message_type}:1"
