"""Returns in Tryton of what it cannot cancel: a sale that is processed, and a shipment that is done.

A return of a sale is a sale of the opposite quantities, on the same day, whose origin is the first one. Tryton's own
wizard makes the same, so that a return by a person counts, too. A return of an internal shipment goes the way back.
"""

from collections.abc import Sequence
from decimal import Decimal

from functions.sync.adapters.contract import Accepted, Refused, Result
from functions.sync.adapters.tryton_rpc import Row, Rpc, RpcRefused
from functions.sync.states import Cause

SALE, LINE, INTERNAL = "sale.sale", "sale.line", "stock.shipment.internal"
# States of sales that count, and the steps that a sale of each earlier state still needs.
POSTED = ("processing", "done")
STEPS = {
    "draft": ("quote", "confirm", "process"),
    "quotation": ("confirm", "process"),
    "confirmed": ("process",),
}
SHARED = (
    "company", "currency", "party", "invoice_address", "shipment_address", "warehouse", "sale_date", "invoice_method",
    "shipment_method", "description",
)  # fmt: skip
OF_LINE = ("type", "product", "unit", "quantity", "unit_price", "taxes", "description")
OF_RETURN = ("state", "reference", "total_amount", "origin")
OF_MOVE = ("product", "unit", "quantity", "company")
DATES = ("planned_date", "effective_date", "planned_start_date", "effective_start_date")
WAY = ("from_location", "to_location")


def return_key(key: str) -> str:
    """The reference of our own return of a document."""
    return f"-{key}"


class TrytonReturns:
    """The returns of one company."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc

    def return_sale(self, sale: Row) -> Result:
        """Return a whole sale that is processed. A sale that is returned already is accepted."""
        accepted = Accepted(str(sale["id"]))
        mine: Row | None = None
        for row in self._returns_of([sale["id"]]):
            if row["state"] in POSTED and row["total_amount"] == -sale["total_amount"]:
                return accepted
            if row["reference"] != return_key(sale["reference"] or ""):
                detail = f"A person returns a part of it by sale {row['id']}. Return the rest in Tryton."
                return Refused(Cause.RIGHTS, "returned_in_part", detail)
            mine = row
        try:
            made = mine or {"id": self._made(sale), "state": "draft"}
            for step in STEPS.get(made["state"], ()):
                self._rpc.insist(f"{SALE}.{step}", [made["id"]])
        except RpcRefused as refusal:
            return Refused(Cause.RIGHTS, refusal.reason, refusal.detail)
        return accepted

    def without_returned(self, sales: Sequence[Row]) -> list[Row]:
        """Sales less those that are returned whole, and less their returns: together they are nothing."""
        amounts = {row["id"]: row["total_amount"] for row in sales}
        returned = {
            original
            for row in self._returns_of(list(amounts))
            if row["state"] in POSTED and row["total_amount"] == -amounts[original := _sale_of(row)]
        }
        firsts = [_sale_of(row) for row in sales if row["origin"]]
        first_rows = self._rpc.read(SALE, [["id", "in", firsts]], ["total_amount"]) if firsts else []
        first_amounts = {row["id"]: row["total_amount"] for row in first_rows}
        return [
            row
            for row in sales
            if row["id"] not in returned
            and not (row["origin"] and first_amounts.get(_sale_of(row)) == -row["total_amount"])
        ]

    def return_shipment(self, shipment: Row) -> int:
        """The draft of a shipment that takes an internal one back, or the one that is there already.

        Raises `RpcRefused`.
        """
        key = return_key(shipment["reference"] or "")
        for row in self._rpc.read(INTERNAL, [["reference", "=", key], ["state", "!=", "cancelled"]], ["state"]):
            return int(row["id"])
        day = shipment["planned_date"]
        way = {"from_location": shipment["to_location"], "to_location": shipment["from_location"]}
        moves = self._rpc.read("stock.move", [["shipment", "=", f"{INTERNAL},{shipment['id']}"]], [*OF_MOVE, *WAY])
        # A shipment through a transit location moves everything twice.
        outgoing = [row for row in moves if row["from_location"] == shipment["from_location"]]
        row = {
            "company": shipment["company"],
            "reference": key,
            **dict.fromkeys(DATES, day),
            **way,
            "moves": [["create", [_copied(move, OF_MOVE) | way | {"planned_date": day} for move in outgoing]]],
        }
        [made] = self._rpc.call(f"{INTERNAL}.create", [row])
        return int(made)

    def _returns_of(self, sales: Sequence[int]) -> list[Row]:
        origins = [f"{SALE},{sale}" for sale in sales]
        domain = [["origin", "in", origins], ["state", "!=", "cancelled"]]
        return self._rpc.read(SALE, domain, OF_RETURN) if origins else []

    def _made(self, sale: Row) -> int:
        """The id of a draft with the opposite quantities."""
        [whole] = self._rpc.read(SALE, [["id", "=", sale["id"]]], SHARED)
        lines = self._rpc.read(LINE, [["sale", "=", sale["id"]], ["type", "=", "line"]], OF_LINE)
        row = _copied(whole, SHARED) | {
            "reference": return_key(sale["reference"] or ""),
            "origin": f"{SALE},{sale['id']}",
            "lines": [["create", [_opposite(line) for line in lines]]],
        }
        [made] = self._rpc.call(f"{SALE}.create", [row])
        return int(made)


def _copied(row: Row, names: Sequence[str]) -> Row:
    return {name: row[name] for name in names}


def _opposite(line: Row) -> Row:
    quantity = -Decimal(str(line["quantity"]))
    return _copied(line, OF_LINE) | {"quantity": float(quantity), "taxes": [["add", line["taxes"]]]}


def _sale_of(row: Row) -> int:
    """The id of the sale that a return is of."""
    return int(str(row["origin"]).rpartition(",")[2])
