"""Small tickets that name their job, and what a printer's paper says of them."""

from collections import Counter
from collections.abc import Iterable

from tests.simulators.printer import Printer, Ticket

CUT = b"\x1dVB\x00"


def ticket(job_id: str, lines: int = 3) -> bytes:
    """`JOB`, some lines, `END`, a cut: what has its END is whole."""
    body = "".join(f"line {number} of {job_id}\n" for number in range(lines))
    return f"\x1b@JOB {job_id}\n{body}END {job_id}\n".encode() + CUT


def whole(paper: Iterable[Ticket]) -> Counter[str]:
    """By job: how many whole tickets are on the paper."""
    lines = (line for ticket in paper for line in ticket.text.splitlines())
    return Counter(line.removeprefix("END ") for line in lines if line.startswith("END "))


def begun(paper: Iterable[Ticket]) -> Counter[str]:
    """By job: how many tickets are on the paper, torn off ones too."""
    lines = (line for ticket in paper for line in ticket.text.splitlines())
    return Counter(line.removeprefix("JOB ") for line in lines if line.startswith("JOB "))


def paper_of(printer: Printer) -> list[Ticket]:
    """What has come out, with what hangs out."""
    return [*printer.paper, printer.ticket]
