"""Stock in Tryton: shipments inside the company, shipments from a supplier, and inventories.

Consumption, wastage and transfers are internal shipments; a receipt is a shipment from a supplier. A shipment has our
key as its reference. Tryton keeps no reference unique, so a shipment is found by it, and goes on from its state
(trytond/modules/stock/shipment.py of Tryton 8). A count is an inventory.
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
from functions.sync.adapters.tryton_codes import TrytonCodes
from functions.sync.adapters.tryton_counts import TrytonCounts
from functions.sync.adapters.tryton_returns import INTERNAL, WAY, TrytonReturns
from functions.sync.adapters.tryton_rpc import Row, Rpc, RpcRefused
from functions.sync.documents.document import Kind
from functions.sync.states import Cause

INCOMING = "stock.shipment.in"
# The step that follows each state.
NEXT = {
    INTERNAL: {"draft": "wait", "waiting": "assign_force", "packed": "ship", "shipped": "do"},
    INCOMING: {"draft": "receive", "received": "do"},
}
STATES = {"done": "posted", "cancelled": "cancelled"}
FIELDS = ("reference", "number", "state", "planned_date")
MOST_STEPS = 8


class TrytonStock:
    """The stock of one company. A store's code is that of a warehouse. `supplier`: the source of receipts."""

    def __init__(self, rpc: Rpc, supplier: str) -> None:
        self._rpc = rpc
        self._supplier = supplier
        self._codes = TrytonCodes(rpc)
        self._counts = TrytonCounts(rpc, self._codes)
        self._returns = TrytonReturns(rpc)

    def post(self, document: TargetDocument) -> Result:
        """Make one document, and bring it to its end."""
        if document.kind == Kind.RECEIPT and not self._supplier:
            return Refused(Cause.MAPPING, "no_supplier", "The system's setting `supplier` names no party.")
        try:
            made = self._make(document)
        except LookupError as missing:
            return Refused(Cause.MAPPING, "unknown_code", f"Tryton has no {missing.args[0]}.")
        except RpcRefused as refusal:
            if refusal.reason == "ConcurrencyException":
                raise NotSent("busy", refusal.detail) from None
            return Refused(Cause.DATA, refusal.reason, refusal.detail)
        try:
            if document.kind == Kind.COUNT:
                self._counts.name(made, document.key)
            return self._advance(document.kind, made)
        except (RpcRefused, NotSent) as failure:
            # The draft exists: the next attempt finds it, and goes on.
            raise InDoubt(failure.reason, failure.detail) from None

    def find(self, kind: Kind, keys: Sequence[str]) -> list[StoredDocument]:
        """Every document of the kind with one of these keys."""
        if kind == Kind.COUNT:
            return self._counts.find(keys)
        rows = self._rpc.read(_model(kind), [["reference", "in", list(keys)]], FIELDS)
        return [_stored(kind, row) for row in rows]

    def complete(self, document: StoredDocument) -> Result:
        """Do the last steps of a draft. One that Tryton refuses is cancelled."""
        shipment = int(document.id)
        try:
            return self._advance(document.kind, shipment)
        except RpcRefused as refusal:
            self._rpc.insist(f"{_model(document.kind)}.cancel", [shipment])
            return Refused(Cause.DATA, refusal.reason, refusal.detail)

    def cancel(self, kind: Kind, shipment: str) -> Result:
        """Cancel a document. One that is cancelled, or gone, is accepted.

        Tryton cancels no internal shipment that is done: the goods go the way back, by a further one.
        """
        model = _model(kind)
        fields = (*FIELDS, *WAY, "company") if model == INTERNAL else FIELDS
        for row in self._rpc.read(model, [["id", "=", int(shipment)]], fields):
            try:
                if row["state"] == "done" and model == INTERNAL:
                    self._advance(kind, self._returns.return_shipment(row))
                elif row["state"] != "cancelled":
                    self._rpc.insist(f"{model}.cancel", [row["id"]])
            except RpcRefused as refusal:
                return Refused(Cause.RIGHTS, refusal.reason, refusal.detail)
        return Accepted(shipment)

    def _make(self, document: TargetDocument) -> int:
        """The id of a draft. Raises `LookupError` with the code that Tryton lacks."""
        if document.kind == Kind.COUNT:
            return self._counts.make(document)
        row = self._receipt(document) if document.kind == Kind.RECEIPT else self._shipment(document)
        [made] = self._rpc.call(f"{_model(document.kind)}.create", [row])
        return int(made)

    def _advance(self, kind: Kind, shipment: int) -> Result:
        """The steps that a document still needs. A transfer between warehouses goes through a transit location."""
        if kind == Kind.COUNT:
            return self._counts.advance(shipment)
        model = _model(kind)
        fields = (*FIELDS, "transit_location") if model == INTERNAL else FIELDS
        for _ in range(MOST_STEPS):
            [row] = self._rpc.read(model, [["id", "=", shipment]], fields)
            if row["state"] == "done":
                return Accepted(str(shipment), row["number"] or "")
            assigned = "pack" if row.get("transit_location") else "do"
            step = assigned if row["state"] == "assigned" else NEXT[model][row["state"]]
            self._rpc.insist(f"{model}.{step}", [shipment])
        raise InDoubt("steps", "The shipment did not become done.")

    def _shipment(self, document: TargetDocument) -> Row:
        """An internal shipment as Tryton's `create` takes it."""
        source = self._codes.warehouse(document.store)
        place = self._codes.warehouse(document.to_store) if document.to_store else source
        target = place["storage_location"] if document.to_store else place["lost_found_location"]
        route = {"from_location": source["storage_location"], "to_location": target}
        starts = {"planned_start_date": document.day, "effective_start_date": document.day}
        return self._head(document) | route | starts | {"moves": [["create", self._moves(document, route)]]}

    def _receipt(self, document: TargetDocument) -> Row:
        """A shipment from the supplier as Tryton's `create` takes it. A move has the product's cost as its price."""
        supplier = self._codes.supplier(self._supplier)
        warehouse = self._codes.warehouse(document.store)
        route = {"from_location": supplier["supplier_location"], "to_location": warehouse["input_location"]}
        moves = self._moves(document, route)
        [company] = self._rpc.read("company.company", [["id", "=", self._rpc.company]], ["currency"])
        for move, line in zip(moves, document.lines, strict=True):
            move["unit_price"] = self._codes.unit_cost(line.item or "", line.unit or "")
            move["currency"] = company["currency"]
        return self._head(document) | {
            "supplier": supplier["id"],
            "warehouse": warehouse["id"],
            "warehouse_input": warehouse["input_location"],
            "warehouse_storage": warehouse["storage_location"],
            "incoming_moves": [["create", moves]],
        }

    def _head(self, document: TargetDocument) -> Row:
        """The fields that all shipments have."""
        dates = {"planned_date": document.day, "effective_date": document.day}
        return {"company": self._rpc.company, "reference": document.key} | dates

    def _moves(self, document: TargetDocument, route: Row) -> list[Row]:
        common = route | {"company": self._rpc.company, "planned_date": document.day}
        return [
            common
            | {
                "product": self._codes.product(line.item or "")["id"],
                "unit": self._codes.unit(line.unit or "")["id"],
                "quantity": float(line.quantity),
            }
            for line in document.lines
        ]


def _model(kind: Kind) -> str:
    return {Kind.COUNT: "stock.inventory", Kind.RECEIPT: INCOMING}.get(kind, INTERNAL)


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
