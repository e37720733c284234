"""Order → ticket. The kind of the ticket decides its content. Pure."""

import re
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from functions.printing.ticket.labels import LABELS
from functions.printing.ticket.records import Bill, Entry, Language, Ticket, TicketKind, TicketLine
from shared.contracts.messages.order_parts import LinePart, Option
from shared.contracts.messages.orders import Line, Order, Service

# A note with one of these words is an allergy, in any language.
_ALLERGY = re.compile(
    r"al+erg|anaphyla|anafil|epipen|co?eliac|过敏|過敏|アレルギ|알레르|حساسي|аллерг|αλλεργ|แพ้|אלרג", re.IGNORECASE
)
# Staff who pack or deliver need the guest. A kitchen does not, and other people may see its paper.
_FOR_THE_GUEST = {TicketKind.PACKING, TicketKind.RECEIPT, TicketKind.LABEL, TicketKind.BILL}
_FOR_STAFF = {TicketKind.KITCHEN, TicketKind.PACKING, TicketKind.CHANGE}


def ticket_from_order(
    order: Order,
    kind: TicketKind,
    *,
    store: str,
    timezone: str,
    language: Language = Language.ENGLISH,
    station: str | None = None,
    lines: Sequence[Line] | None = None,
    reason: str | None = None,
) -> Ticket:
    """The ticket of this kind. `store` and `station` are names, `timezone` is IANA. Without `lines` it has all."""
    zone = ZoneInfo(timezone)
    return Ticket(
        kind=kind,
        store=store,
        language=language,
        station=station,
        pickup_number=order.pickup_number,
        service=order.service,
        table=order.table,
        source=order.source.kind.value,
        number=order.source.number,
        guest=order.guest if kind in _FOR_THE_GUEST and order.service != Service.DINE_IN else None,
        placed_at=order.placed_at.astimezone(zone),
        wanted_for=order.wanted_for.astimezone(zone) if order.wanted_for else None,
        lines=[ticket_line(line, language) for line in (order.lines if lines is None else lines)],
        bill=_bill(order) if kind in (TicketKind.RECEIPT, TicketKind.BILL) else None,
        reason=reason,
        covers=order.covers,
        waiter=order.waiter,
        note=order.note if kind in _FOR_STAFF else None,
    )


def slip_of(ticket: Ticket, reason: str) -> Ticket:
    """The cancellation slip for staff who have this ticket."""
    return ticket.model_copy(update={"kind": TicketKind.CANCELLATION, "reason": reason, "reprint": 0, "bill": None})


def mentions_allergy(note: str) -> bool:
    """Whether a guest's note says something about an allergy."""
    return bool(_ALLERGY.search(note))


def ticket_line(line: Line, language: Language) -> TicketLine:
    """A line as a kitchen or a guest reads it: options within options are indented, parts of a combo are options."""
    allergy = line.note is not None and mentions_allergy(line.note)
    return TicketLine(
        name=line.name,
        size=line.size,
        options=[*_options(line.options, language), *_parts(line.parts, language), *_weight(line)],
        quantity=line.quantity,
        note=None if allergy else line.note,
        allergy=line.note if allergy else None,
        amount=line.amount,
        discounts=[Entry(name=discount.reason or discount.kind, amount=discount.amount) for discount in line.discounts],
    )


def _options(options: Sequence[Option], language: Language, depth: int = 0) -> Iterator[str]:
    for option in options:
        name = f"{option.quantity} x {option.name}" if option.quantity > 1 else option.name
        pad = "  " * depth
        yield f"{pad}- {LABELS[language].without} {name}" if option.without else f"{pad}{name}"
        yield from _options(option.options, language, depth + 1)


def _parts(parts: Sequence[LinePart], language: Language) -> Iterator[str]:
    for part in parts:
        size = f" [{part.size}]" if part.size else ""
        yield f"{part.quantity} x {part.name}{size}"
        yield from _options(part.options, language, 1)
        if part.note:
            yield f"  {part.note}"


def _weight(line: Line) -> Iterator[str]:
    if line.weight is not None:
        yield f"{line.weight / 1000:.3f} kg"


def _bill(order: Order) -> Bill:
    return Bill(
        currency=order.currency,
        subtotal=order.subtotal,
        discounts=[Entry(name=discount.code, amount=discount.amount) for discount in order.discounts],
        service_charge=order.service_charge,
        delivery_charge=order.delivery_charge,
        tax=order.tax,
        total=order.total,
        taxes=[Entry(name=f"{tax.name} {tax.percent}%", amount=tax.amount) for tax in order.taxes],
        shares=[Entry(name=share.id, amount=share.amount) for share in order.shares],
        payments=[Entry(name=payment.method, amount=payment.amount) for payment in order.payments],
        tip=sum(payment.tip for payment in order.payments),
        tendered=sum(payment.tendered or 0 for payment in order.payments),
        change=sum(payment.change for payment in order.payments),
        rounding=order.rounding,
        refunded=order.refunded,
    )
