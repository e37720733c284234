"""The contract between the engine and the adapter of an outside system. Amounts and quantities are decimals here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, Protocol, runtime_checkable

from functions.sync.documents.document import Kind, LineType
from functions.sync.states import Cause
from shared.contracts.text import ascii_code, cleaned

# What the ledger holds of a name of the outside system.
LONGEST_ID = 128
MOST_NUMBER, SMALLEST_EXPONENT = 10**15, -40


def is_held(number: Decimal) -> bool:
    """Whether a number of an outside system is one of money or goods. A few digits can name one that fills a memory."""
    exponent = Decimal(number).as_tuple().exponent
    return isinstance(exponent, int) and exponent >= SMALLEST_EXPONENT and -MOST_NUMBER < number < MOST_NUMBER


def require_held(*numbers: Decimal) -> None:
    """Raises `InDoubt` for an answer with another number."""
    if not all(is_held(number) for number in numbers):
        raise InDoubt("answer_malformed", "a number of the answer is no amount and no quantity")


class TargetLine(NamedTuple):
    """A line in the codes of the outside system."""

    type: LineType
    name: str
    item: str | None
    quantity: Decimal
    unit: str | None
    net: Decimal
    tax: Decimal
    tax_code: str | None


@dataclass(frozen=True)
class TargetDocument:
    """A document in the codes of the outside system. `key` is ours, and the same in each attempt."""

    key: str
    kind: Kind
    store: str
    day: date
    reference: str
    currency: str | None
    to_store: str | None
    tender: str | None
    refers_to: str | None
    lines: tuple[TargetLine, ...]
    payments: tuple[tuple[str, Decimal], ...]
    net: Decimal
    tax: Decimal

    @property
    def gross(self) -> Decimal:
        """The sum with tax."""
        return self.net + self.tax


@dataclass(frozen=True)
class Accepted:
    """The system has the document, or has cancelled it. `id` and `number` are its own."""

    id: str
    number: str = ""

    def __post_init__(self) -> None:
        for name in ("id", "number"):
            object.__setattr__(self, name, cleaned(getattr(self, name))[:LONGEST_ID])


@dataclass(frozen=True)
class Refused:
    """The system refused one document, which left nothing there. `cause` says who must act."""

    cause: Cause
    reason: str
    detail: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", ascii_code(self.reason))
        object.__setattr__(self, "detail", cleaned(self.detail))


Result = Accepted | Refused


@dataclass(frozen=True)
class StoredDocument:
    """A document as the outside system holds it.

    `state`: `posted`, `cancelled`, or `draft` for one whose last steps are missing. Several may have the same key.
    """

    id: str
    number: str
    key: str
    kind: Kind
    state: str
    store: str
    day: date
    tender: str | None
    net: Decimal
    tax: Decimal
    gross: Decimal
    quantity: Decimal
    payments: tuple[tuple[str, Decimal], ...] = field(default=())

    def __post_init__(self) -> None:
        require_held(self.net, self.tax, self.gross, self.quantity)
        if not all(is_held(amount) for _, amount in self.payments):
            # People write tenders into a note. Without them the party is the tender.
            object.__setattr__(self, "payments", ())


@dataclass(frozen=True)
class ItemRecord:
    """An item of the system's master data, in its codes. `prices` are planned ones, each from a day on.

    `price` is without a planned one; None where the system has no price. An item that is not `active` is withdrawn.
    """

    code: str
    name: str
    unit: str | None
    tax_code: str | None
    active: bool
    price: Decimal | None
    currency: str | None
    changed_at: datetime
    category: str | None = None
    names: tuple[tuple[str, str], ...] = ()
    prices: tuple[tuple[date, Decimal], ...] = ()

    def __post_init__(self) -> None:
        require_held(*([self.price] if self.price is not None else []), *(price for _, price in self.prices))


@dataclass(frozen=True)
class StockLevel:
    """The stock of an item in a store or warehouse, in the codes of the system. It may be below 0."""

    store: str
    item: str
    unit: str | None
    quantity: Decimal
    changed_at: datetime

    def __post_init__(self) -> None:
        require_held(self.quantity)


@dataclass(frozen=True)
class MalformedRecord:
    """A record of a page that cannot be read, by its key there. The other records of the page count."""

    key: str
    detail: str

    def __post_init__(self) -> None:
        for name in ("key", "detail"):
            object.__setattr__(self, name, cleaned(getattr(self, name)))


# Rows of one answer.
ItemPage = list[ItemRecord | MalformedRecord]
StockPage = list[StockLevel | MalformedRecord]


class CallFailed(Exception):
    """A call had no good answer. `reason` is a code for people, `detail` a sentence without secrets."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = ascii_code(reason)
        self.detail = cleaned(detail)


class NotSent(CallFailed):
    """The system surely did nothing: no connection, or it asked for a later call. `retry_after` in seconds."""

    def __init__(self, reason: str, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(reason, detail)
        self.retry_after = retry_after


class InDoubt(CallFailed):
    """The system may have done it: no answer, or none that can be read."""


class BatchRefused(CallFailed):
    """The system refused the whole call without an effect, and does not say for which of its documents."""


class AccessRefused(CallFailed):
    """The login or the address is refused. A person must act."""


class Adapter(Protocol):
    """An outside system. Each method may raise `NotSent`, `InDoubt`, `BatchRefused` or `AccessRefused`."""

    @property
    def batch(self) -> int:
        """Documents in one call of `post`, `find` or `cancel`."""

    def post(self, documents: Sequence[TargetDocument]) -> dict[str, Result]:
        """Send documents that the system does not have. Results by key; a missing result is a doubt."""

    def find(self, kind: Kind, keys: Sequence[str]) -> list[StoredDocument]:
        """Every document with one of these keys."""

    def complete(self, stored: Sequence[StoredDocument]) -> dict[str, Result]:
        """Do the last steps of drafts. Results by key."""

    def cancel(self, kind: Kind, ids: Sequence[str]) -> dict[str, Result]:
        """Cancel documents by id. One that is cancelled already is accepted. Results by id."""

    def read_documents(self, kind: Kind, day_from: date, day_until: date) -> Iterator[list[StoredDocument]]:
        """Pages of the documents of days in the half-open window."""


@runtime_checkable
class Preparing(Protocol):
    """The second part of an adapter that can write documents before it sends them."""

    def prepare(self, documents: Sequence[TargetDocument]) -> None:
        """Write the documents that the next `post` sends. It is called while the system works on others."""


@runtime_checkable
class ReadsStockDocuments(Protocol):
    """The second part of an adapter whose `read_documents` gives documents of stock, too, with their quantities."""

    @property
    def stock_kinds(self) -> frozenset[Kind]:
        """The kinds of them."""


@runtime_checkable
class ItemSource(Protocol):
    """The second part of an adapter whose system keeps the item master."""

    def read_items(self, changed_from: datetime, changed_until: datetime) -> Iterator[ItemPage]:
        """Pages of items that changed in the half-open window, by the time of their change."""


@runtime_checkable
class StockSource(Protocol):
    """The second part of an adapter whose system keeps stock."""

    def read_stock(self, changed_from: datetime, changed_until: datetime) -> Iterator[StockPage]:
        """Pages of stock levels that changed in the half-open window, by the time of their change."""
