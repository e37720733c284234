"""Tryton 8 over JSON-RPC: a document is a sale. A credit note is a sale of negative quantities.

A sale is made as a draft, and then quoted, confirmed and processed. Tryton keeps no reference unique, so a draft is
found by its reference and goes on from its state. The product never imports Tryton's code.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from functions.sync.adapters.contract import (
    Accepted,
    BatchRefused,
    InDoubt,
    ItemPage,
    NotSent,
    Refused,
    Result,
    StockPage,
    StoredDocument,
    TargetDocument,
)
from functions.sync.adapters.tryton_amounts import SaleLine, sale_lines_of
from functions.sync.adapters.tryton_masters import TrytonMasters
from functions.sync.adapters.tryton_returns import POSTED, STEPS, TrytonReturns
from functions.sync.adapters.tryton_rpc import Row, Rpc, RpcRefused
from functions.sync.adapters.tryton_stock import TrytonStock
from functions.sync.documents.document import MONEY_KINDS, Kind
from functions.sync.outside.exchange import Exchange
from functions.sync.states import Cause, Flow

CREDENTIALS = ("user", "password")
FLOWS = frozenset(Flow) - {Flow.PULL_EMPLOYEES, Flow.PULL_TILL_SALES}
BATCH = 10
PAGE = 200
FIELDS = (
    "reference", "number", "state", "sale_date", "untaxed_amount", "tax_amount", "total_amount", "description",
    "origin",
)  # fmt: skip
# The source keys of credit notes begin so.
CREDIT_KEYS = ("R", "E")
GUEST = "POS"


def make(url: str, credentials: Mapping[str, str], settings: Mapping[str, Any], exchange: Exchange) -> "TrytonAdapter":
    """`url` is that of the database's RPC: https://HOST/DATABASE/rpc/."""
    rpc = Rpc(url, credentials["user"], credentials["password"], exchange)
    return TrytonAdapter(rpc, int(settings.get("batch", BATCH)), str(settings.get("supplier") or ""))


class TrytonAdapter:
    """The books of one company. A tender's code is the code of a party, and a store's that of a warehouse.

    `supplier`: the code of the party from which receipts come.
    """

    def __init__(self, rpc: Rpc, batch: int, supplier: str = "") -> None:
        self._rpc = rpc
        self.batch = batch
        self._ids: dict[tuple[str, str], Row] = {}
        self._stock = TrytonStock(rpc, supplier)
        self._masters = TrytonMasters(rpc)
        self._returns = TrytonReturns(rpc)

    def post(self, documents: Sequence[TargetDocument]) -> dict[str, Result]:
        """See `Adapter`. Drafts are made in one transaction, and then go on together."""
        results: dict[str, Result] = {}
        rows: list[Row] = []
        keys: list[str] = []
        for document in documents:
            if document.kind not in MONEY_KINDS:
                results[document.key] = self._stock.post(document)
                continue
            row = self._row(document)
            if isinstance(row, Refused):
                results[document.key] = row
            else:
                rows.append(row)
                keys.append(document.key)
        if not rows:
            return results
        try:
            ids = self._rpc.call("sale.sale.create", rows)
        except RpcRefused as refusal:
            raise _refused_batch(refusal) from None
        self._advance(ids, "draft")
        numbers = {row["id"]: row for row in self._sales([["id", "in", ids]])}
        return results | {key: _accepted(numbers[sale_id]) for key, sale_id in zip(keys, ids, strict=True)}

    def find(self, kind: Kind, keys: Sequence[str]) -> list[StoredDocument]:
        """See `Adapter`."""
        if kind not in MONEY_KINDS:
            return self._stock.find(kind, keys)
        return self._stored(self._sales([["reference", "in", list(keys)]]))

    def complete(self, stored: Sequence[StoredDocument]) -> dict[str, Result]:
        """See `Adapter`. A draft that Tryton refuses is deleted, so that a corrected one can be sent."""
        results: dict[str, Result] = {}
        for document in stored:
            if document.kind not in MONEY_KINDS:
                results[document.key] = self._stock.complete(document)
                continue
            sale_id = int(document.id)
            [row] = self._sales([["id", "=", sale_id]])
            try:
                for step in STEPS.get(row["state"], ()):
                    self._rpc.insist(f"sale.sale.{step}", [sale_id])
            except RpcRefused as refusal:
                self._rpc.insist("sale.sale.cancel", [sale_id])
                self._rpc.insist("sale.sale.delete", [sale_id])
                results[document.key] = Refused(Cause.DATA, refusal.reason, refusal.detail)
            else:
                results[document.key] = _accepted(row)
        return results

    def cancel(self, kind: Kind, ids: Sequence[str]) -> dict[str, Result]:
        """See `Adapter`. Tryton cancels no sale that is processed: it is returned, by a sale of its opposite."""
        if kind not in MONEY_KINDS:
            return {shipment: self._stock.cancel(kind, shipment) for shipment in ids}
        results: dict[str, Result] = {}
        for row in self._sales([["id", "in", [int(sale_id) for sale_id in ids]]]):
            results[str(row["id"])] = self._cancelled(row)
        # A sale that was deleted by hand is cancelled, too.
        return {sale_id: results.get(sale_id, Accepted(sale_id)) for sale_id in ids}

    def read_documents(self, kind: Kind, day_from: date, day_until: date) -> Iterator[list[StoredDocument]]:
        """See `Adapter`. The pages go by id inside the window of days."""
        if kind not in MONEY_KINDS:
            return
        last = 0
        domain = [["sale_date", ">=", day_from], ["sale_date", "<", day_until], ["state", "in", list(POSTED)]]
        while rows := self._sales([*domain, ["id", ">", last]], PAGE):
            valid = self._returns.without_returned(rows)
            yield [stored for stored in self._stored(valid) if stored.kind == kind]
            last = rows[-1]["id"]

    def read_items(self, changed_from: datetime, changed_until: datetime) -> Iterator[ItemPage]:
        """See `ItemSource`."""
        return self._masters.read_items(changed_from, changed_until)

    def read_stock(self, changed_from: datetime, changed_until: datetime) -> Iterator[StockPage]:
        """See `StockSource`."""
        return self._masters.read_stock(changed_from, changed_until)

    def _advance(self, ids: Sequence[int], state: str) -> None:
        """The drafts exist, so that a failure is a doubt: the next attempt finds them, and goes on one by one."""
        try:
            for step in STEPS[state]:
                self._rpc.insist(f"sale.sale.{step}", ids)
        except (RpcRefused, NotSent) as failure:
            raise InDoubt(failure.reason, failure.detail) from None

    def _cancelled(self, row: Row) -> Result:
        if row["state"] == "cancelled":
            return Accepted(str(row["id"]))
        if row["state"] in POSTED:
            return self._returns.return_sale(row)
        try:
            self._rpc.insist("sale.sale.cancel", [row["id"]])
        except RpcRefused as refusal:
            return Refused(Cause.RIGHTS, refusal.reason, refusal.detail)
        return Accepted(str(row["id"]))

    def _sales(self, domain: Sequence[Any], limit: int | None = None) -> list[Row]:
        return self._rpc.read("sale.sale", domain, [*FIELDS, "warehouse.code", "party.code"], limit)

    def _stored(self, rows: Sequence[Row]) -> list[StoredDocument]:
        quantities = self._quantities([row["id"] for row in rows])
        return [_stored(row, quantities.get(row["id"], Decimal(0))) for row in rows]

    def _quantities(self, ids: Sequence[int]) -> dict[int, Decimal]:
        """The pieces of goods of each sale."""
        domain = [["sale", "in", list(ids)], ["product.type", "=", "goods"]]
        sums: dict[int, Decimal] = {}
        for line in self._rpc.read("sale.line", domain, ["sale", "quantity"]) if ids else []:
            sums[line["sale"]] = sums.get(line["sale"], Decimal(0)) + Decimal(str(line["quantity"]))
        return sums

    def _row(self, document: TargetDocument) -> Row | Refused:
        """The sale as Tryton's `create` takes it, or the code that Tryton lacks."""
        try:
            party = self._one("party.party", document.tender or _main_tender(document), "addresses")
            lines = sale_lines_of(document, self._rates)
            return {
                "company": self._rpc.company,
                "currency": self._currency(document.currency or ""),
                "party": party["id"],
                "invoice_address": party["addresses"][0],
                "shipment_address": party["addresses"][0],
                "reference": document.key,
                "description": " ".join(f"{tender}={amount}" for tender, amount in document.payments)[:200],
                "sale_date": document.day,
                "warehouse": self._one("stock.location", document.store)["id"],
                "invoice_method": "order",
                "shipment_method": "order",
                "lines": [["create", [self._line(line) for line in lines]]],
            }
        except LookupError as missing:
            return Refused(Cause.MAPPING, "unknown_code", f"Tryton has no {missing.args[0]}.")

    def _line(self, line: SaleLine) -> Row:
        product = self._one("product.product", line.product, "default_uom")
        return {
            "type": "line",
            "product": product["id"],
            "unit": product["default_uom"],
            "quantity": float(line.quantity),
            "unit_price": line.unit_price,
            "taxes": [["add", [self._tax_ids[code] for code in line.taxes]]],
            "description": line.name,
        }

    def _one(self, model: str, code: str, *fields: str) -> Row:
        """The record with a code, remembered for the run. Raises `LookupError`."""
        if (model, code) not in self._ids:
            rows = self._rpc.read(model, [["code", "=", code]], ["id", *fields], 1)
            if not rows:
                raise LookupError(f"{model} {code}")
            self._ids[model, code] = rows[0]
        return self._ids[model, code]

    def _currency(self, code: str) -> int:
        currency: int = self._one("currency.currency", code)["id"]
        return currency

    @cached_property
    def _taxes(self) -> list[Row]:
        domain = [["type", "=", "percentage"], ["parent", "=", None]]
        return self._rpc.read("account.tax", domain, ["name", "rate"])

    @cached_property
    def _rates(self) -> "_Named":
        return _Named({row["name"]: Decimal(row["rate"]) for row in self._taxes})

    @cached_property
    def _tax_ids(self) -> "_Named":
        return _Named({row["name"]: row["id"] for row in self._taxes})


class _Named(dict[str, Any]):
    """Taxes by name. A missing one is a `LookupError` that names it."""

    def __missing__(self, name: str) -> Any:
        raise LookupError(f"account.tax {name}")


def _main_tender(document: TargetDocument) -> str:
    """The tender with the largest amount. A document without money is of the guest at the till."""
    return max(document.payments, key=lambda payment: payment[1])[0] if document.payments else GUEST


def _accepted(row: Row) -> Accepted:
    return Accepted(str(row["id"]), row["number"] or "")


def _refused_batch(refusal: RpcRefused) -> Exception:
    if refusal.reason == "ConcurrencyException":
        return NotSent("busy", refusal.detail)
    return BatchRefused(refusal.reason, refusal.detail)


def _stored(row: Row, quantity: Decimal) -> StoredDocument:
    key = row["reference"] or ""
    is_credit = key.startswith(CREDIT_KEYS) or (not key and row["total_amount"] < 0)
    sign = -1 if is_credit else 1
    state = "posted" if row["state"] in POSTED else "cancelled" if row["state"] == "cancelled" else "draft"
    return StoredDocument(
        id=str(row["id"]),
        number=row["number"] or "",
        key=key,
        kind=Kind.CREDIT_NOTE if is_credit else Kind.SALE,
        state=state,
        store=row["warehouse."]["code"] or "",
        day=row["sale_date"],
        tender=row["party."]["code"],
        net=row["untaxed_amount"] * sign,
        tax=row["tax_amount"] * sign,
        gross=row["total_amount"] * sign,
        quantity=quantity * sign,
        payments=_payments(row["description"] or ""),
    )


def _payments(description: str) -> tuple[tuple[str, Decimal], ...]:
    """The tenders that the description of the sale names. Without them the party is the tender."""
    try:
        pairs = [pair.split("=") for pair in description.split()]
        return tuple((tender, Decimal(amount)) for tender, amount in pairs)
    except (ValueError, ArithmeticError):
        return ()
