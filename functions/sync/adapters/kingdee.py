"""Kingdee K3Cloud: a sale is a sales delivery (SAL_OUTSTOCK), a credit note a sales return (SAL_RETURNSTOCK).

A bill is saved, submitted and audited. Its number is our key, which K3Cloud keeps unique. Only audited bills count. The
code of a tender is that of a customer, of a store that of a warehouse, of a tax its percent.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from typing import Any

from functions.sync.adapters.contract import (
    Accepted,
    Refused,
    Result,
    StoredDocument,
    TargetDocument,
    TargetLine,
)
from functions.sync.adapters.kingdee_api import BUSY, Account, Api, Row, RowError
from functions.sync.adapters.kingdee_search import pages_by_id, search
from functions.sync.adapters.single_posts import kind_refused
from functions.sync.documents.document import MONEY_KINDS, Kind, LineType
from functions.sync.outside.exchange import Exchange
from functions.sync.states import Cause, Flow

CREDENTIALS = ("account", "user", "app", "secret")
FLOWS = frozenset({Flow.PUSH_SALES, Flow.RECONCILE})
BATCH = 50
FORMS = {Kind.SALE: "SAL_OUTSTOCK", Kind.CREDIT_NOTE: "SAL_RETURNSTOCK"}
AUDITED = "C"
STEPS = {"A": ("Submit", "Audit"), "D": ("Submit", "Audit"), "B": ("Audit",)}
MATERIALS = {
    LineType.CHARGE: "CHARGE",
    LineType.DISCOUNT: "DISCOUNT",
    LineType.TIP: "TIP",
    LineType.ROUNDING: "ROUNDING",
    LineType.LIABILITY: "LIABILITY",
}
KEYS = (
    "FID", "FBillNo", "FDocumentStatus", "FDate", "FCustomerID.FNumber", "FNote", "FStockID.FNumber",
    "FMaterialID.FNumber", "FRealQty", "FAllAmount", "FEntryTaxAmount",
)  # fmt: skip
CENT = Decimal("0.01")
NOT_UNIQUE, MISSING_CODE = "唯一", "不存在"


def make(url: str, credentials: Mapping[str, str], settings: Mapping[str, Any], exchange: Exchange) -> "KingdeeAdapter":
    """`url` is that of the server: https://HOST/k3cloud/. Settings: `organisation`, `unit`, `language`."""
    account = Account(
        credentials["account"],
        credentials["user"],
        credentials["app"],
        credentials["secret"],
        str(settings.get("language", "2052")),
    )
    unit = str(settings.get("unit", "PCS"))
    return KingdeeAdapter(Api(url, account, exchange), str(settings.get("organisation", "100")), unit)


class KingdeeAdapter:
    """The sales of one organisation."""

    batch = BATCH

    def __init__(self, api: Api, organisation: str, unit: str) -> None:
        self._api = api
        self._organisation = organisation
        self._unit = unit

    def post(self, documents: Sequence[TargetDocument]) -> dict[str, Result]:
        """See `Adapter`. A bill that is saved and not audited has no result: it is found, and goes on."""
        results: dict[str, Result] = {}
        for kind, form in FORMS.items():
            chosen = [document for document in documents if document.kind == kind]
            if chosen:
                results |= self._post(form, chosen)
        others = [document for document in documents if document.kind not in FORMS]
        return results | {document.key: kind_refused(document.kind) for document in others}

    def find(self, kind: Kind, keys: Sequence[str]) -> list[StoredDocument]:
        """See `Adapter`."""
        numbers = ",".join(f"'{key}'" for key in keys if "'" not in key)
        if not numbers or kind not in FORMS:
            return []
        rows = search(self._api, FORMS[kind], KEYS, f"FBillNo in ({numbers})")
        return _bills(kind, [row for row in rows if row["FBillNo"] in set(keys)])

    def complete(self, stored: Sequence[StoredDocument]) -> dict[str, Result]:
        """See `Adapter`. Each bill goes on from its own status."""
        results: dict[str, Result] = {}
        for bill in stored:
            for step in STEPS.get(bill.number.rpartition("#")[2], STEPS["A"]):
                outcome = self._api.step(step, FORMS[bill.kind], [bill.id])
                if outcome.errors:
                    results[bill.key] = _refused(next(iter(outcome.errors.values())), outcome.code)
                    break
            else:
                results[bill.key] = Accepted(bill.id, bill.key)
        return results

    def cancel(self, kind: Kind, ids: Sequence[str]) -> dict[str, Result]:
        """See `Adapter`. A bill is taken back and deleted. One that does not exist is cancelled already."""
        if kind not in FORMS:
            return dict.fromkeys(ids, kind_refused(kind))
        results: dict[str, Result] = {}
        where = f"FID in ({','.join(str(int(bill_id)) for bill_id in ids)})"
        stored = {bill.id: bill for bill in _bills(kind, search(self._api, FORMS[kind], KEYS, where))}
        for bill_id in ids:
            results[bill_id] = self._delete(FORMS[kind], stored[bill_id]) if bill_id in stored else Accepted(bill_id)
        return results

    def read_documents(self, kind: Kind, day_from: date, day_until: date) -> Iterator[list[StoredDocument]]:
        """See `Adapter`. The pages go by id."""
        if kind not in MONEY_KINDS:
            return
        window = f"FDate >= '{day_from}' and FDate < '{day_until}'"
        for rows, _ in pages_by_id(self._api, FORMS[kind], KEYS, window):
            yield _bills(kind, rows)

    def _post(self, form: str, documents: Sequence[TargetDocument]) -> dict[str, Result]:
        saved = self._api.save(form, [self._model(document) for document in documents])
        results = {
            documents[index].key: _refused(error, saved.code)
            for index, error in saved.errors.items()
            # A bill of this number exists: the next attempt finds it.
            if NOT_UNIQUE not in error.message and index < len(documents)
        }
        ids = [bill_id for bill_id, _ in saved.accepted.values()]
        for step in ("Submit", "Audit") if ids else ():
            outcome = self._api.step(step, form, ids)
            ids = [bill_id for bill_id, _ in outcome.accepted.values()]
            if not ids:
                break
        audited = set(ids)
        accepted: dict[str, Result] = {
            documents[index].key: Accepted(bill_id, number)
            for index, (bill_id, number) in saved.accepted.items()
            if bill_id in audited
        }
        return {**results, **accepted}

    def _delete(self, form: str, bill: StoredDocument) -> Result:
        steps = ("UnAudit", "Delete") if bill.state == "posted" else ("Delete",)
        for step in steps:
            outcome = self._api.step(step, form, [bill.id])
            if outcome.errors:
                return Refused(Cause.RIGHTS, step.lower(), next(iter(outcome.errors.values())).message)
        return Accepted(bill.id, bill.key)

    def _model(self, document: TargetDocument) -> Row:
        customer = document.tender or _main_tender(document)
        return {
            "FBillNo": document.key,
            "FDate": document.day.isoformat(),
            "FSaleOrgId": _code(self._organisation),
            "FStockOrgId": _code(self._organisation),
            "FCustomerID": _code(customer),
            "FNote": " ".join(f"{tender}={amount}" for tender, amount in document.payments)[:255],
            "FEntity": [self._entry(document.store, *entry) for entry in entries_of(document)],
        }

    def _entry(self, store: str, material: str, quantity: Decimal, price: Decimal, percent: str) -> Row:
        return {
            "FMaterialID": _code(material),
            "FUnitID": _code(self._unit),
            "FRealQty": str(quantity),
            "FStockID": _code(store),
            "FTaxPrice": f"{price:f}",
            "FEntryTaxRate": percent,
        }


def entries_of(document: TargetDocument) -> list[tuple[str, Decimal, Decimal, str]]:
    """(material, quantity, price with tax, percent) of each entry.

    K3Cloud computes the tax of each entry from its gross. Where the sum differs from the document's tax, two entries
    without a gross in sum bring it to its amount.
    """
    entries = [_entry_of(line) for line in document.lines if line.net + line.tax or line.type == LineType.ITEM]
    computed = sum((_tax(quantity * price, percent) for _, quantity, price, percent in entries), Decimal(0))
    missing = document.tax - computed
    percents = [percent for *_, percent in entries if Decimal(percent)]
    if not missing or not percents:
        return entries
    rate = Decimal(percents[0]) / 100
    amount = (missing * (1 + rate) / rate).quantize(CENT, ROUND_HALF_UP)
    quantity = Decimal(1) if amount > 0 else Decimal(-1)
    material = MATERIALS[LineType.ROUNDING]
    return [*entries, (material, quantity, abs(amount), percents[0]), (material, -quantity, abs(amount), "0")]


def _entry_of(line: TargetLine) -> tuple[str, Decimal, Decimal, str]:
    material = line.item if line.type == LineType.ITEM and line.item else MATERIALS.get(line.type, "CHARGE")
    quantity = line.quantity or Decimal(1)
    price = (line.net + line.tax) / quantity
    return material, quantity, price.quantize(Decimal("0.0000000001")), line.tax_code or "0"


def _tax(gross: Decimal, percent: str) -> Decimal:
    rate = Decimal(percent) / 100
    return (gross.quantize(CENT, ROUND_HALF_UP) / (1 + rate) * rate).quantize(CENT, ROUND_HALF_UP)


def _main_tender(document: TargetDocument) -> str:
    return max(document.payments, key=lambda payment: payment[1])[0] if document.payments else ""


def _code(number: str) -> dict[str, str]:
    return {"FNumber": number}


def _refused(error: RowError, code: int) -> Refused:
    detail = f"{error.field} {error.message}".strip()
    if code == BUSY:
        return Refused(Cause.RETRY, "busy", detail)
    if MISSING_CODE in error.message:
        return Refused(Cause.MAPPING, "unknown_code", detail)
    return Refused(Cause.DATA, "refused", detail)


def _bills(kind: Kind, rows: Sequence[Row]) -> list[StoredDocument]:
    """The bills of query rows that are sorted by id."""
    return [_bill(kind, list(entries)) for _, entries in groupby(rows, key=lambda row: row["FID"])]


def _bill(kind: Kind, entries: Sequence[Row]) -> StoredDocument:
    head = entries[0]
    gross = sum((_decimal(entry["FAllAmount"]) for entry in entries), Decimal(0))
    tax = sum((_decimal(entry["FEntryTaxAmount"]) for entry in entries), Decimal(0))
    goods = [entry for entry in entries if entry["FMaterialID.FNumber"] not in MATERIALS.values()]
    status = head["FDocumentStatus"]
    return StoredDocument(
        id=str(head["FID"]),
        number=head["FBillNo"] if status == AUDITED else f"{head['FBillNo']}#{status}",
        key=head["FBillNo"],
        kind=kind,
        state="posted" if status == AUDITED else "draft",
        store=head["FStockID.FNumber"] or "",
        day=date.fromisoformat(str(head["FDate"])[:10]),
        tender=head["FCustomerID.FNumber"],
        net=gross - tax,
        tax=tax,
        gross=gross,
        quantity=sum((_decimal(entry["FRealQty"]) for entry in goods), Decimal(0)),
        payments=_payments(head["FNote"] or ""),
    )


def _decimal(value: object) -> Decimal:
    """K3Cloud sends JSON numbers: their shortest text is the amount."""
    return Decimal(str(value or 0)).normalize()


def _payments(note: str) -> tuple[tuple[str, Decimal], ...]:
    try:
        pairs = [pair.split("=") for pair in note.split()]
        return tuple((tender, Decimal(amount)) for tender, amount in pairs)
    except (ValueError, ArithmeticError):
        return ()
