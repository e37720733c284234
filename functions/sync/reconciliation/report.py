"""The report of a reconciliation: a mail with a table for people, and a CSV file with each differing document."""

import csv
import html
import io
import re
from collections.abc import Sequence
from datetime import date
from email.message import EmailMessage

from functions.sync.reconciliation.comparison import Comparison, NamedDifference
from shared.contracts.money import written

HEAD = ("fault", "kind", "store", "day", "key", "reference", "here", "there", "detail")
# Rows of the table in the mail; the file has all that are named.
MOST_ROWS = 100
_AMOUNT = re.compile("-?[0-9]+([.][0-9]+)?", re.ASCII)


def csv_of(named: Sequence[NamedDifference], currency: str) -> str:
    """The differing documents as CSV (RFC 4180). A text that a spreadsheet would compute is quoted."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEAD)
    for difference in named:
        writer.writerow([_harmless(value) for value in _row(difference, currency)])
    return text.getvalue()


def _harmless(value: str) -> str:
    """A spreadsheet runs a cell that begins with one of these characters. An amount may begin with a minus."""
    is_formula = value.startswith(("=", "+", "-", "@", "\t", "\r")) and not _AMOUNT.fullmatch(value)
    return f"'{value}" if is_formula else value


def _row(difference: NamedDifference, currency: str) -> tuple[str, ...]:
    return (
        difference.fault,
        difference.kind,
        difference.store,
        difference.day.isoformat(),
        difference.key,
        difference.reference,
        _amount(difference.gross_here, currency),
        _amount(difference.gross_there, currency),
        difference.detail,
    )


def _amount(amount: int | None, currency: str) -> str:
    return "" if amount is None else written(amount, currency).replace(",", "")


def mail_of(
    sender: str,
    to: Sequence[str],
    system: str,
    days: tuple[date, date],
    comparison: Comparison,
    currency: str,
) -> EmailMessage:
    """The mail: text, HTML, and the CSV file where something differs."""
    message = EmailMessage()
    gross = written(comparison.gross, currency)
    last = date.fromordinal(days[1].toordinal() - 1)
    period = days[0].isoformat() if days[0] == last else f"{days[0].isoformat()} to {last.isoformat()}"
    message["From"], message["To"] = sender, ", ".join(to)
    message["Subject"] = f"{system}, {period}: difference {gross} {currency}, {len(comparison.named)} documents"
    message.set_content(_text(system, period, comparison, currency))
    message.add_alternative(_html(system, period, comparison, currency), subtype="html")
    if comparison.named:
        content = csv_of(comparison.named, currency).encode("utf-8-sig")
        message.add_attachment(content, maintype="text", subtype="csv", filename=f"differences-{days[0]}.csv")
    return message


def _summary(system: str, period: str, comparison: Comparison, currency: str) -> str:
    if not comparison.named and not comparison.differing:
        return f"{system} agrees with Dumbwaiter for {period}: {comparison.documents} documents, difference 0.00."
    return (
        f"{system} differs from Dumbwaiter for {period}: {len(comparison.named)} documents, "
        f"{len(comparison.differing)} of {comparison.cells} sums by store, day and tender, "
        f"{written(comparison.gross, currency)} {currency} in all."
    )


def _text(system: str, period: str, comparison: Comparison, currency: str) -> str:
    lines = [_summary(system, period, comparison, currency), ""]
    lines += [", ".join(filter(None, _row(difference, currency))) for difference in comparison.named[:MOST_ROWS]]
    return "\n".join(lines)


def _html(system: str, period: str, comparison: Comparison, currency: str) -> str:
    rows = [_row(difference, currency) for difference in comparison.named[:MOST_ROWS]]
    cells = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    head = "".join(f"<th>{name}</th>" for name in HEAD)
    table = f"<table border='1' cellpadding='4'><tr>{head}</tr>{cells}</table>" if rows else ""
    return f"<p>{html.escape(_summary(system, period, comparison, currency))}</p>{table}"
