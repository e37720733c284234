"""The documents of stock: what a day's sales used up, and what stores recorded."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from functions.sync.documents.document import Document, DocumentLine, Kind, LineType
from functions.sync.recipes.stock_record import StockRecord
from functions.sync.recipes.units import StockItem
from shared.contracts.ids import derived_id, split_key
from shared.spine.clock import midnight_of


def consumption_group(store_key: str, day: date) -> str:
    """The group of the consumption of a store's business day."""
    return f"{store_key}|{day.isoformat()}|use"


def consumption_document(
    store_key: str, day: date, used: Mapping[str, Decimal], items: Mapping[str, StockItem]
) -> list[Document]:
    """The document of a store's business day; none for a day without consumption."""
    chain, store = split_key(store_key)
    lines = tuple(
        DocumentLine(LineType.ITEM, items[item].name, item, quantity_text(quantity), items[item].unit)
        for item, quantity in sorted(used.items())
        if quantity > 0
    )
    document = Document(
        source_key="C" + derived_id(midnight_of(day), chain, store, "consumption"),
        group=consumption_group(store_key, day),
        kind=Kind.CONSUMPTION,
        store=store,
        day=day,
        reference=f"{store} {day.isoformat()}",
        lines=lines,
    )
    return [document] if lines else []


def record_document(record: StockRecord) -> list[Document]:
    """The document of a record; none for a cancelled one."""
    if record.is_cancelled:
        return []
    lines = tuple(
        DocumentLine(LineType.ITEM, entry.name, entry.item, quantity_text(entry.quantity), entry.unit)
        for entry in record.entries
    )
    document = Document(
        source_key=f"K{record.id}",
        group=record.id,
        kind=Kind(record.kind),
        store=split_key(record.store)[1],
        day=record.day,
        reference=record.reference,
        to_store=record.to_store,
        lines=lines,
    )
    return [document]


def quantity_text(quantity: Decimal) -> str:
    """A quantity without useless zeros: quantity_text(Decimal("2.500")) is "2.5"."""
    return f"{quantity.normalize():f}"
