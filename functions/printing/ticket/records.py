"""What is printed and on what: a ticket without its printer, a printer's profile without its tickets.

Both are kept as JSON, so they grow like messages: by fields with a default.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Base64Bytes, Field

from shared.contracts.messages import Document
from shared.contracts.messages.orders import Guest, Service
from shared.contracts.money import Amount, Currency, SignedAmount

MAX_LOGO_BYTES = 64 * 1024


class TicketKind(StrEnum):
    """What a ticket is for; a label ticket is one label for each piece of its lines."""

    KITCHEN = "kitchen"
    PACKING = "packing"
    RECEIPT = "receipt"
    LABEL = "label"
    CANCELLATION = "cancellation"
    TEST = "test"


class Language(StrEnum):
    """What the ticket's own words are in; names and notes stay as they were given."""

    ENGLISH = "en"
    CHINESE = "zh"
    ARABIC = "ar"


class TicketLine(Document):
    """What is to be made. `amount` is for all pieces, in minor units; an `allergy` is shouted, a `note` is said."""

    name: str
    size: str | None = None
    options: list[str] = []
    quantity: int = Field(default=1, ge=1)
    note: str | None = None
    allergy: str | None = None
    amount: Amount | None = None


class Entry(Document):
    """A named amount of a bill: a discount by its code, a payment by its method."""

    name: str
    amount: Amount


class Bill(Document):
    """What a receipt adds up to, in minor units of `currency`. `rounding` is of cash, `refunded` went back before."""

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


class Ticket(Document):
    """All that stands on the paper. Times are in the store's zone; `reprint` counts from 1, 0 is the first print.

    `source` and `number` are the order's own at the till, mini-program or platform. `qr` is what a QR code says.
    `reason` says why an order is cancelled. `about` is what a test page says of its printer. `drawer_until` is when
    a receipt stops opening the cash drawer; null: it never opens it.
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


class Encoding(StrEnum):
    """How a printer takes text; `raster` prints pictures of it, and every other falls back to that by the line."""

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
    """What a clone cannot do though ESC/POS has it."""

    SIZES = "sizes"  # GS !
    INVERSE = "inverse"  # GS B
    CUT_FEED = "cut_feed"  # GS V 65 and 66: feed to the cutter, then cut
    CODE_PAGES = "code_pages"  # ESC t: it has one page only


class Profile(Document):
    """A printer: 576 dots are paper of 80 mm, 384 of 58 mm. `logo` is a PNG, printed above receipts.

    `drawer`: a cash drawer hangs on it, which opens once for cash that a till has just taken.
    `code_page` is the number for ESC t where it is not Epson's.
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
        """Of font A, 12 dots wide."""
        return self.dots // 12
