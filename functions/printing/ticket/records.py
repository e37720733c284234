"""A ticket, without its printer; and a printer's profile, without its tickets.

Both are stored as JSON, so they grow like messages: by fields with a default.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Base64Bytes, Field

from shared.contracts.messages import Document
from shared.contracts.messages.orders import Guest, Service
from shared.contracts.money import Amount, Currency, SignedAmount

MAX_LOGO_BYTES = 64 * 1024


class TicketKind(StrEnum):
    """The purpose of a ticket. A label ticket has a label for each piece of its lines.

    A `change` tells a kitchen what changed of an open bill. A `bill` is shown to the guest before the payment.
    """

    KITCHEN = "kitchen"
    PACKING = "packing"
    RECEIPT = "receipt"
    LABEL = "label"
    CANCELLATION = "cancellation"
    TEST = "test"
    CHANGE = "change"
    BILL = "bill"
    DAY_REPORT = "day_report"


class Language(StrEnum):
    """The language of the labels. Names and notes are printed as they were entered."""

    ENGLISH = "en"
    CHINESE = "zh"
    ARABIC = "ar"


class TicketLine(Document):
    """An item to make. `amount` is for all pieces, in minor units. An `allergy` is printed larger than a `note`.

    An option that begins with `- ` is left out. On a change ticket a line has a mark; `before` is its earlier text.
    """

    name: str
    size: str | None = None
    options: list[str] = []
    quantity: int = Field(default=1, ge=1)
    note: str | None = None
    allergy: str | None = None
    amount: Amount | None = None
    discounts: "list[Entry]" = []
    mark: Literal["added", "removed", "changed"] | None = None
    before: str | None = None
    reason: str | None = None


class Entry(Document):
    """A named amount of a bill: a discount by its code, or a payment by its method."""

    name: str
    amount: Amount


class ReportEntry(Document):
    """A line of a report, already as text."""

    name: str
    value: str


class ReportSection(Document):
    """A part of a report with its title."""

    title: str
    entries: list[ReportEntry]


class Bill(Document):
    """The sums of a receipt, in minor units of `currency`. `rounding` is for cash; `refunded` was paid back before.

    `taxes` break down `tax` by rate. `tendered` and `change` are the cash that was handed over and given back.
    """

    currency: Currency
    subtotal: Amount
    discounts: list[Entry] = []
    service_charge: Amount = 0
    delivery_charge: Amount = 0
    tax: Amount = 0
    total: Amount
    payments: list[Entry] = []
    rounding: SignedAmount = 0
    refunded: Amount = 0
    taxes: list[Entry] = []
    shares: list[Entry] = []
    tip: Amount = 0
    tendered: Amount = 0
    change: Amount = 0


class Ticket(Document):
    """The content of one paper. Times are in the store's zone. `reprint` counts from 1; 0 is the first print.

    `source` and `number` identify the order at its till, mini-program or platform. `qr` is the content of a QR code.
    `reason` is why an order was cancelled. `about` describes the printer on a test page. `drawer_until` is when a
    receipt stops opening the cash drawer; null means never. `moved_from` is the table before a transfer.
    """

    kind: TicketKind
    store: str
    language: Language = Language.ENGLISH
    header: list[str] = []
    footer: list[str] = []
    station: str | None = None
    pickup_number: int | None = None
    service: Service | None = None
    table: str | None = None
    source: str | None = None
    number: str | None = None
    guest: Guest | None = None
    placed_at: AwareDatetime | None = None
    wanted_for: AwareDatetime | None = None
    lines: list[TicketLine] = []
    bill: Bill | None = None
    reprint: int = Field(default=0, ge=0)
    qr: Annotated[str, Field(max_length=1000)] | None = None
    reason: str | None = None
    about: list[str] = []
    drawer_until: AwareDatetime | None = None
    covers: int | None = None
    waiter: str | None = None
    note: str | None = None
    moved_from: str | None = None
    sections: list[ReportSection] = []


class Encoding(StrEnum):
    """How a printer gets text. `raster` sends pictures; the others send a line as a picture if the font lacks it."""

    GB18030 = "gb18030"
    GBK = "gbk"
    BIG5 = "big5"
    UTF8 = "utf8"
    CP437 = "cp437"
    CP850 = "cp850"
    CP852 = "cp852"
    CP858 = "cp858"
    CP866 = "cp866"
    CP1252 = "cp1252"
    RASTER = "raster"


class Lack(StrEnum):
    """A command of ESC/POS that a cheap printer lacks."""

    SIZES = "sizes"  # GS !
    INVERSE = "inverse"  # GS B
    CUT_FEED = "cut_feed"  # GS V 65 and 66: feed to the cutter, then cut
    CODE_PAGES = "code_pages"  # ESC t: it has one page only


class Profile(Document):
    """A printer: 576 dots are paper of 80 mm, 384 of 58 mm. `logo` is a PNG that is printed above receipts.

    `drawer`: a cash drawer is connected. It opens once for cash that a till has just taken.
    `code_page` is the number for ESC t, if it differs from Epson's.
    """

    encoding: Encoding = Encoding.GB18030
    dots: Literal[576, 384] = 576
    cut: Literal["partial", "full", "none"] = "partial"
    drawer: bool = False
    logo: Annotated[Base64Bytes, Field(max_length=MAX_LOGO_BYTES)] | None = None
    code_page: Annotated[int, Field(ge=0, le=255)] | None = None
    lacks: frozenset[Lack] = frozenset()

    @property
    def columns(self) -> int:
        """Columns of font A, 12 dots wide."""
        return self.dots // 12
