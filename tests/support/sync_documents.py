"""Sales documents without orders, for tests and benches of the ledger with many of them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from functions.sync.documents.document import Document, DocumentLine, Kind, LineType, Tender
from functions.sync.engine.intents import Intent
from functions.sync.engine.plan import store_changes
from functions.sync.states import Flow
from shared.contracts.ids import derived_id
from shared.spine.env import Environment

# Base data of an ERP that takes them; its codes are ours.
BASE: dict[str, Any] = {
    "codes": {name: {code: code} for name, code in (("stores", "s1"), ("tenders", "card"), ("taxes", "vat"))}
    | {"units": {"piece": "piece"}},
    "items": [{"code": f"i{number}", "name": f"Item {number}", "unit": "piece"} for number in range(50)],
}
SAME_CODES = ["stores", "items", "tenders", "taxes", "units"]


def sale_documents(name: str, count: int) -> list[Document]:
    """Sales of three lines: 3 × 10.00 with 6 % tax on top."""
    return [
        _document(derived_id(datetime(2026, 1, 1, tzinfo=UTC), name, str(number)), number) for number in range(count)
    ]


def _document(key: str, number: int) -> Document:
    lines = tuple(
        DocumentLine(LineType.ITEM, f"Item {item}", f"i{item}", "1", "piece", 1000, 60, "vat")
        for item in (number % 50, (number + 1) % 50, (number + 2) % 50)
    )
    payments = (Tender("card", 3180),)
    return Document(
        f"S{key}", key, Kind.SALE, "s1", date(2026, 1, 1), f"till {number}", "CNY", lines=lines, payments=payments
    )


def intend(env: Environment, system: str, documents: Sequence[Document]) -> None:
    """Enter the documents into the ledger of a system, to be sent."""
    with env.db.transaction() as transaction:
        intent = Intent(system, Flow.PUSH_SALES, system.partition(":")[0], env.clock())
        store_changes(transaction, documents, [document.group for document in documents], intent)
