"""The part of an order that its outlet sees, as it is stored with the notice."""

import json
from datetime import UTC, datetime
from typing import TypedDict, cast
from zoneinfo import ZoneInfo

from shared.contracts.messages.order_parts import LinePart, Option
from shared.contracts.messages.orders import Line, Order, Service, SourceKind
from shared.contracts.money import EXPONENTS


class DocumentLine(TypedDict):
    """One line: pieces, dish, its options and its note."""

    quantity: int
    name: str
    details: list[str]
    note: str | None


class Document(TypedDict):
    """The shown part of an order. `wanted_for` is a time of the outlet's clock."""

    number: str
    store: str
    service: str
    table: str | None
    wanted_for: str | None
    lines: list[DocumentLine]
    note: str | None
    total: str
    paid: bool
    changed: bool
    guest: list[str]
    zone: str


def document_of(order: Order, store: str, zone: str, *, changed: bool) -> Document:
    """The document of an order. The guest is there only where the outlet delivers."""
    number = order.source.number if order.source.kind is SourceKind.PLATFORM else str(order.pickup_number)
    moment = order.wanted_for
    wanted = moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M") if moment else None
    return Document(
        number=number,
        store=store,
        service=order.service.value,
        table=order.table,
        wanted_for=wanted,
        lines=[_line(line) for line in order.lines],
        note=order.note,
        total=money(order.total, order.currency),
        paid=order.settled,
        changed=changed,
        guest=_guest(order),
        zone=zone,
    )


def money(amount: int, currency: str) -> str:
    """`13.25 USD`."""
    digits = EXPONENTS.get(currency, 2)
    whole, rest = divmod(amount, 10**digits)
    return f"{whole}.{rest:0{digits}d} {currency}" if digits else f"{whole} {currency}"


def stored(document: Document) -> str:
    """The document as text."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def loaded(text: str) -> Document | None:
    """The document of a text; None after the guest was forgotten."""
    return cast("Document", json.loads(text)) if text else None


def local_time(moment: datetime, zone: str) -> str:
    """`12:03` by the outlet's clock."""
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(ZoneInfo(zone)).strftime("%H:%M")


def _line(line: Line) -> DocumentLine:
    details = [line.size] if line.size else []
    details += [text for option in line.options for text in _option(option)]
    details += [_part(part) for part in line.parts]
    return DocumentLine(quantity=line.quantity, name=line.name, details=details, note=line.note)


def _option(option: Option) -> list[str]:
    name = f"- {option.name}" if option.without else option.name
    name = f"{option.quantity} × {name}" if option.quantity > 1 else name
    return [name, *(text for inner in option.options for text in _option(inner))]


def _part(part: LinePart) -> str:
    details = [part.size] if part.size else []
    details += [text for option in part.options for text in _option(option)]
    return " ".join([f"{part.quantity} × {part.name}", *(f"({text})" for text in details), part.note or ""]).strip()


def _guest(order: Order) -> list[str]:
    if order.guest is None or order.service is not Service.DELIVERY:
        return []
    return [text for text in (order.guest.name, order.guest.phone, order.guest.address) if text]
