"""The report of a closed day → ticket: sections of names and amounts, in the station's language. Pure."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from functions.printing.ticket.labels import LABELS, Labels
from functions.printing.ticket.records import Language, ReportEntry, ReportSection, Ticket, TicketKind
from shared.contracts.messages.days import DayReport
from shared.contracts.money import written


def ticket_of_day(report: DayReport, *, store: str, timezone: str, language: Language) -> Ticket:
    """The ticket of a closed day. `store` is a name, `timezone` is IANA."""
    labels = LABELS[language]
    closed = f"{report.closed_at.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M}" if report.closed_at else ""
    header = [f"{labels.day_report} {report.number}", report.day.isoformat(), closed, report.person or ""]
    return Ticket(
        kind=TicketKind.DAY_REPORT,
        store=store,
        language=language,
        header=[line for line in header if line],
        sections=[section for section in _sections(report, labels) if section.entries],
    )


def _sections(report: DayReport, labels: Labels) -> Iterator[ReportSection]:
    currency = report.currency
    yield _section(labels.sales, currency, _sales(report, labels))
    taxes = [(f"{tax.name} {tax.percent or ''}%".replace(" %", ""), tax.amount) for tax in report.taxes]
    yield _section(labels.tax, currency, taxes)
    discounts = [(discount.code or discount.kind.value, discount.amount) for discount in report.discounts]
    yield _section(labels.discount, currency, discounts)
    yield _section(labels.tenders, currency, _tenders(report, labels))
    yield _section(labels.drawer, currency, _drawer(report, labels))
    hours = [(f"{hour.hour:02d}:00", hour.sales) for hour in report.hours]
    yield _section(labels.hours, currency, hours)
    yield _section(labels.persons, currency, [(person.person, person.sales) for person in report.persons])
    yield _section(labels.late, currency, [(late.day.isoformat(), late.sales) for late in report.late])


def _section(title: str, currency: str, amounts: Sequence[tuple[str, int]]) -> ReportSection:
    entries = [ReportEntry(name=name, value=written(amount, currency)) for name, amount in amounts]
    return ReportSection(title=title, entries=entries)


def _sales(report: DayReport, labels: Labels) -> list[tuple[str, int]]:
    amounts = [
        (f"{labels.subtotal} ({report.orders})", report.subtotal),
        (labels.service_charge, report.service_charge),
        (labels.delivery_charge, report.delivery_charge),
        (f"{labels.total} {report.currency}", report.total),
        (labels.liabilities, report.liabilities),
        (f"{labels.voids} ({report.voided_pieces})", report.voided),
        (f"{labels.cancelled} ({report.cancelled})", report.cancelled_total),
        (labels.tip, report.tips),
        (f"{labels.refunded} ({report.refunds})", report.refunded),
    ]
    return [(name, amount) for name, amount in amounts if amount or name.startswith(labels.total)]


def _tenders(report: DayReport, labels: Labels) -> list[tuple[str, int]]:
    amounts: list[tuple[str, int]] = []
    for tender in report.tenders:
        name = tender.method or labels.refunded
        net = tender.amount + tender.tips - tender.refunded - tender.tips_refunded
        amounts.append((f"{name} ({tender.payments})", net))
        if tender.difference is not None:
            amounts.append((f"  {labels.difference}", tender.difference))
    return amounts


def _drawer(report: DayReport, labels: Labels) -> list[tuple[str, int]]:
    drawer = report.drawer
    moves = [(move.reason, move.amount) for move in drawer.moves]
    amounts = [(labels.opening_float, drawer.opening_float), *moves, (labels.expected, drawer.expected)]
    if drawer.counted is None or drawer.difference is None:
        return amounts
    return [*amounts, (labels.counted, drawer.counted), (labels.difference, drawer.difference)]
