"""Messages about sales of outside tills: order intake is asked to place one, and answers."""

from typing import Any

from shared.contracts.messages.sync import SystemMessage


def sale_subject(sale: str) -> str:
    """The `subject` of messages that ask for a sale."""
    return f"sale/{sale}"


def answer_subject(sale: str) -> str:
    """The `subject` of the answers of order intake."""
    return f"sale-answer/{sale}"


class SyncSalePulled(SystemMessage):
    """A till sold: `order` and `refunds` are the bodies that a till would send to order intake.

    The message comes again, with the next sequence, when the till changed the sale.
    """

    type = "sync.sale_pulled"
    sale: str
    order: dict[str, Any]
    refunds: list[dict[str, Any]] = []


class SaleAnswer(SystemMessage):
    """The answer of order intake to a till's sale. `revision` is the sequence of the message that asked."""

    sale: str
    revision: int
    order: str | None = None
    reason: str = ""
    detail: str = ""

    @classmethod
    def types(cls) -> tuple[str, ...]:
        """Both answers are read as this one."""
        return (SalePlaced.type, SaleRefused.type)


class SalePlaced(SaleAnswer):
    """The sale is the order `order`, with its refunds."""

    type = "sale.placed"


class SaleRefused(SaleAnswer):
    """Order intake refused the sale for `reason`."""

    type = "sale.refused"


class SyncFileDropped(SystemMessage):
    """A file of a till or an HR system lies in object storage."""

    type = "sync.file_dropped"
    file: str


def file_subject(file: str) -> str:
    """The `subject` of messages about a file."""
    return f"file/{file}"
