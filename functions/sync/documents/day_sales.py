"""The documents of a store's business day: one for each tender and kind, summed over all orders of the day."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from functions.sync.documents.document import Document, DocumentLine, Kind, LineType
from functions.sync.documents.sales import order_documents
from functions.sync.documents.tender_split import Amounts, by_tender
from shared.contracts.ids import derived_id
from shared.contracts.messages.orders import Order
from shared.contracts.store_settings import TaxRule
from shared.spine.clock import midnight_of

# Lines of the same type, name, item, unit and tax are summed.
_LineKey = tuple[LineType, str, str | None, str | None, str | None]


def day_documents(store_key: str, day: date, orders: Sequence[Order], rules: Mapping[str, TaxRule]) -> list[Document]:
    """The sales and credit notes of the day by tender. `orders` may hold orders of other days with refunds on it."""
    documents = [document for order in orders for document in order_documents(order, rules) if document.day == day]
    sums: dict[tuple[Kind, str, str], dict[_LineKey, Amounts]] = defaultdict(dict)
    for document in documents:
        for tender, key, amounts in _shares(document):
            lines = sums[document.kind, tender, document.currency or ""]
            lines[key] = lines.get(key, Amounts()).plus(amounts)
    return [
        _document(store_key, day, kind, tender, currency, lines)
        for (kind, tender, currency), lines in sorted(sums.items())
    ]


def _shares(document: Document) -> list[tuple[str, _LineKey, Amounts]]:
    """(tender, line, amounts) of each line. The rest of a line's rounding goes to the tender of the largest amount."""
    whole = Amounts(1, Decimal(0), document.net, document.tax, document.gross)
    targets = by_tender(whole, document.payments)
    main = next(iter(targets))
    shares: list[tuple[str, _LineKey, Amounts]] = []
    for line in document.lines:
        quantity = Decimal(line.quantity) if line.type == LineType.ITEM else Decimal(0)
        shares.append((main, _key(line), Amounts(0, quantity, line.net, line.tax, line.gross)))
    return shares + _moved(main, targets)


def _moved(main: str, targets: Mapping[str, Amounts]) -> list[tuple[str, _LineKey, Amounts]]:
    """The shares of the other tenders: taken off the main tender, and added to theirs, as charges."""
    moved: list[tuple[str, _LineKey, Amounts]] = []
    key: _LineKey = (LineType.CHARGE, "Paid by another tender", None, None, None)
    for tender, amounts in targets.items():
        if tender != main:
            moved.append((tender, key, Amounts(0, Decimal(0), *amounts[2:])))
            moved.append((main, key, Amounts(0, Decimal(0), *(-amount for amount in amounts[2:]))))
    return moved


def _key(line: DocumentLine) -> _LineKey:
    return line.type, line.name, line.item, line.unit, line.tax_code


def _document(
    store_key: str, day: date, kind: Kind, tender: str, currency: str, lines: Mapping[_LineKey, Amounts]
) -> Document:
    chain, _, store = store_key.partition(":")
    prefix = "D" if kind == Kind.SALE else "E"
    return Document(
        source_key=prefix + derived_id(midnight_of(day), chain, store, tender, currency),
        group=day_group(store_key, day),
        kind=kind,
        store=store,
        day=day,
        reference=f"{store} {day.isoformat()} {tender}",
        currency=currency,
        tender=tender,
        lines=tuple(
            DocumentLine(kind_, name, item, _text(amounts.quantity, kind_), unit, amounts.net, amounts.tax, code)
            for (kind_, name, item, unit, code), amounts in sorted(lines.items(), key=lambda pair: str(pair[0]))
        ),
    )


def _text(quantity: Decimal, kind: LineType) -> str:
    return f"{quantity.normalize():f}" if kind == LineType.ITEM else "1"


def day_group(store_key: str, day: date) -> str:
    """The group of the documents of a store's business day."""
    return f"{store_key}|{day.isoformat()}"
