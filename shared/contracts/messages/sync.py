"""Messages about outside systems: their failures, differences of money, and runs that go on."""

from datetime import date, datetime

from shared.contracts.ids import derived_id
from shared.contracts.messages import Document, MessageData
from shared.spine.clock import EPOCH


def system_subject(system_key: str) -> str:
    """The `subject` of messages about an outside system. Its key may be longer than a subject."""
    return f"system/{derived_id(EPOCH, system_key)}"


class SystemMessage(MessageData):
    """Base of the messages about an outside system: its chain, and its name there."""

    chain: str
    system: str


class SyncSystemFailing(SystemMessage):
    """Nothing is sent until `open_until`, because the system failed `failures` times in a row, or refused the login."""

    type = "sync.system_failing"
    reason: str
    failures: int
    open_until: datetime


class SyncSystemRecovered(SystemMessage):
    """The system answers again."""

    type = "sync.system_recovered"


class SyncDifferenceFound(SystemMessage):
    """A reconciliation found documents that only one side has, or whose amounts differ. `gross` is ours less theirs.

    `cells` counts the differing pairs of a store's day and a tender.
    """

    type = "sync.difference_found"
    reconciliation: str
    day_from: date
    day_until: date
    documents: int
    cells: int
    gross: int


class SyncRunUnfinished(SystemMessage):
    """A run of a flow reached the end of its time. The consumer goes on from the checkpoint.

    With days, a person asked for a comparison of the half-open window.
    """

    type = "sync.run_unfinished"
    flow: str
    day_from: date | None = None
    day_until: date | None = None


class ItemChange(Document):
    """A change of an item of a menu, or of one `size` of it. A field that is None stays as it is on the menu.

    `withdrawn`: it is sold no more. An item that the menu lacks is added, with its `name`, `category` and `price`.
    """

    item: str
    size: str | None = None
    withdrawn: bool = False
    price: int | None = None
    name: str | None = None
    tax_class: str | None = None
    category: str | None = None
    names: dict[str, str] = {}


class MenuStep(Document):
    """The changes of a menu from a moment on; None is now."""

    begins_at: datetime | None
    items: list[ItemChange]


class SyncItemsPulled(SystemMessage):
    """The item master of a system differs from a menu in the fields that the system owns. Prices are in `currency`."""

    type = "sync.items_pulled"
    menu: str
    currency: str
    steps: list[MenuStep]


class SyncStoreItemsPulled(SystemMessage):
    """The item master of a system differs from the own menu of a store, in the fields that the system owns.

    Prices are in `currency`. An item that the menu lacks is added only if a system took it off before.
    """

    type = "sync.store_items_pulled"
    store: str
    currency: str
    items: list[ItemChange]


class ItemsPulled(SystemMessage):
    """Either of both, as their consumer reads them: `store` and `items`, or `menu` and `steps`."""

    currency: str
    menu: str = ""
    steps: list[MenuStep] = []
    store: str = ""
    items: list[ItemChange] = []

    @classmethod
    def types(cls) -> tuple[str, ...]:
        """Both are read as this one."""
        return (SyncItemsPulled.type, SyncStoreItemsPulled.type)


class SyncStockPulled(SystemMessage):
    """The stock of a system makes items of a store sold out, or `available` again.

    An entry is `ITEM` or `ITEM/size/SIZE`.
    """

    type = "sync.stock_pulled"
    store: str
    sold_out: list[str] = []
    available: list[str] = []


def record_subject(record: str) -> str:
    """The `subject` of messages about a stock record."""
    return f"stock/{record}"


class StockMessage(MessageData):
    """Base of the messages about a record of stock. `kind` is wastage, count, receipt or transfer."""

    chain: str
    store: str
    record: str
    kind: str
    day: date


class StockRecorded(StockMessage):
    """A store recorded wastage, a count, a receipt or a transfer."""

    type = "stock.recorded"


class StockCancelled(StockMessage):
    """A store took a record back."""

    type = "stock.cancelled"
