"""Stock in Tryton: consumption, wastage and transfers are internal shipments.

A shipment has our key as its reference. Tryton keeps no reference unique, so a shipment is found by it, and goes on
from its state (trytond/modules/stock/shipment.py of Tryton 8). Receipts and counts have no reference there.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from functions.sync.adapters.contract import (
    Accepted,
    InDoubt,
    NotSent,
    Refused,
    Result,
    StoredDocument,
    TargetDocument,
)
from functions.sync.adapters.tryton_rpc import Row, Rpc, RpcRefused
from functions.sync.documents.document import Kind
from functions.sync.states import Cause

MODEL = "stock.shipment.internal"
KINDS = (Kind.CONSUMPTION, Kind.WASTAGE, Kind.TRANSFER)
NEXT = {"draft": "wait", "waiting": "assign_force", "packed": "ship", "shipped": "do"}
STATES = {"done": "posted", "cancelled": "cancelled"}
FIELDS = ("reference", "number", "state", "planned_date", "transit_location", "moves")
MOST_STEPS = 8


class TrytonStock:
    """The stock of one company. A store's code is that of a warehouse."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc
        self._rows: dict[tuple[str, str], Row] = {}

    def post(self, document: TargetDocument) -> Result:
        """Make the shipment of one document, and do it."""
        if document.kind not in KINDS:
            return Refused(Cause.BUG, "kind_not_offered", f"The adapter sends no {document.kind}.")
        try:
            row = self._shipment(document)
        except LookupError as missing:
            return Refused(Cause.MAPPING, "unknown_code", f"Tryton has no {missing.args[0]}.")
        try:
            [shipment] = self._rpc.call(f"{MODEL}.create", [row])
        except RpcRefused as refusal:
            if refusal.reason == "ConcurrencyException":
                raise NotSent("busy", refusal.detail) from None
            return Refused(Cause.DATA, refusal.reason, refusal.detail)
        try:
            return self._advance(shipment)
        except (RpcRefused, NotSent) as failure:
            # The draft exists: the next attempt finds it, and goes on.
            raise InDoubt(failure.reason, failure.detail) from None

    def find(self, kind: Kind, keys: Sequence[str]) -> list[StoredDocument]:
        """Every shipment with one of these references."""
        rows = self._rpc.read(MODEL, [["reference", "in", list(keys)]], FIELDS)
        return [_stored(kind, row) for row in rows]

    def complete(self, document: StoredDocument) -> Result:
        """Do the last steps of a draft. One that Tryton refuses is deleted."""
        shipment = int(document.id)
        try:
            return self._advance(shipment)
        except RpcRefused as refusal:
            self._rpc.insist(f"{MODEL}.cancel", [shipment])
            return Refused(Cause.DATA, refusal.reason, refusal.detail)

    def cancel(self, shipment: str) -> Result:
        """Cancel a shipment. One that is cancelled, or gone, is accepted."""
        for row in self._rpc.read(MODEL, [["id", "=", int(shipment)]], FIELDS):
            if row["state"] != "cancelled":
                try:
                    self._rpc.insist(f"{MODEL}.cancel", [row["id"]])
                except RpcRefused as refusal:
                    return Refused(Cause.RIGHTS, refusal.reason, refusal.detail)
        return Accepted(shipment)

    def _advance(self, shipment: int) -> Result:
        """The steps that the shipment still needs. A transfer between warehouses goes through a transit location."""
        for _ in range(MOST_STEPS):
            [row] = self._rpc.read(MODEL, [["id", "=", shipment]], FIELDS)
            if row["state"] == "done":
                return Accepted(str(shipment), row["number"] or "")
            step = ("pack" if row["transit_location"] else "do") if row["state"] == "assigned" else NEXT[row["state"]]
            self._rpc.insist(f"{MODEL}.{step}", [shipment])
        raise InDoubt("steps", "The shipment did not become done.")

    def _shipment(self, document: TargetDocument) -> Row:
        """The shipment as Tryton's `create` takes it. Raises `LookupError` with the code that Tryton lacks."""
        source = self._warehouse(document.store)
        place = self._warehouse(document.to_store) if document.to_store else source
        target = place["storage_location"] if document.to_store else place["lost_found_location"]
        common = {"company": self._rpc.context["company"], "planned_date": document.day}
        route = {"from_location": source["storage_location"], "to_location": target}
        moves = [
            common
            | route
            | {
                "product": self._one("product.product", "code", line.item or "")["id"],
                "unit": self._one("product.uom", "name", line.unit or "")["id"],
                "quantity": float(line.quantity),
            }
            for line in document.lines
        ]
        dates = {
            "planned_start_date": document.day,
            "effective_start_date": document.day,
            "effective_date": document.day,
        }
        return common | route | dates | {"reference": document.key, "moves": [["create", moves]]}

    def _warehouse(self, code: str) -> Row:
        return self._one("stock.location", "code", code, "storage_location", "lost_found_location")

    def _one(self, model: str, name: str, value: str, *fields: str) -> Row:
        if (model, value) not in self._rows:
            rows = self._rpc.read(model, [[name, "=", value]], ["id", *fields], 1)
            if not rows:
                raise LookupError(f"{model} {value}")
            self._rows[model, value] = rows[0]
        return self._rows[model, value]


def _stored(kind: Kind, row: Row) -> StoredDocument:
    return StoredDocument(
        id=str(row["id"]),
        number=row["number"] or "",
        key=row["reference"] or "",
        kind=kind,
        state=STATES.get(row["state"], "draft"),
        store="",
        day=row["planned_date"] or date.min,
        tender=None,
        net=Decimal(0),
        tax=Decimal(0),
        gross=Decimal(0),
        quantity=Decimal(0),
    )
