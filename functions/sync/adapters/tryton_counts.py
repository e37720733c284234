"""Counts of stock in Tryton: an inventory of a store's storage, confirmed, with our key in a note.

An inventory takes no reference and no number of ours. So it is made as a draft, which moves nothing, then it gets its
note, and then it is confirmed. Tryton finds notes only by the records that they are of (trytond/ir/resource.py): the
inventories that this user made.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from functions.sync.adapters.contract import Accepted, StoredDocument, TargetDocument
from functions.sync.adapters.tryton_codes import TrytonCodes
from functions.sync.adapters.tryton_rpc import Row, Rpc
from functions.sync.documents.document import Kind

MODEL = "stock.inventory"
STATES = {"done": "posted", "cancelled": "cancelled"}
FIELDS = ("number", "state", "date")
PAGE = 200


class TrytonCounts:
    """The inventories of one company."""

    def __init__(self, rpc: Rpc, codes: TrytonCodes) -> None:
        self._rpc = rpc
        self._codes = codes

    def make(self, document: TargetDocument) -> int:
        """Make the draft. Raises `LookupError` for a code that Tryton lacks, and `RpcRefused`."""
        lines = [
            {
                "product": self._codes.product(line.item or "")["id"],
                "quantity": float(self._codes.in_own_unit(line.quantity, line.item or "", line.unit or "")),
            }
            for line in document.lines
        ]
        row = {
            "company": self._rpc.company,
            "location": self._codes.warehouse(document.store)["storage_location"],
            "date": document.day,
            "lines": [["create", lines]],
        }
        [made] = self._rpc.call(f"{MODEL}.create", [row])
        return int(made)

    def name(self, inventory: int, key: str) -> None:
        """Write our key beside a draft."""
        self._rpc.call("ir.note.create", [{"resource": f"{MODEL},{inventory}", "message": key}])

    def advance(self, inventory: int) -> Accepted:
        """Confirm a draft."""
        [row] = self._rpc.read(MODEL, [["id", "=", inventory]], FIELDS)
        if row["state"] == "draft":
            self._rpc.insist(f"{MODEL}.confirm", [inventory])
        return Accepted(str(inventory), row["number"] or "")

    def find(self, keys: Sequence[str]) -> list[StoredDocument]:
        """The inventories whose notes have these keys."""
        mine = [["create_uid", "=", self._rpc.user_id]]
        found: list[StoredDocument] = []
        for rows in self._rpc.pages(MODEL, mine, FIELDS, PAGE):
            by_resource = {f"{MODEL},{row['id']}": row for row in rows}
            domain = [["resource", "in", list(by_resource)], ["message", "in", list(keys)]]
            notes = self._rpc.read("ir.note", domain, ["resource", "message"])
            found += [_stored(note["message"], by_resource[note["resource"]]) for note in notes]
        return found


def _stored(key: str, row: Row) -> StoredDocument:
    return StoredDocument(
        id=str(row["id"]),
        number=row["number"] or "",
        key=key,
        kind=Kind.COUNT,
        state=STATES.get(row["state"], "draft"),
        store="",
        day=row["date"] or date.min,
        tender=None,
        net=Decimal(0),
        tax=Decimal(0),
        gross=Decimal(0),
        quantity=Decimal(0),
    )
