"""The books of the simulated K3Cloud: bills by form with their status, stock, and totals of audited bills."""

import re
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.simulators.erp_books import Total
from tests.simulators.kingdee_forms import BASE_DATA, FORMS, INVENTORY, UNITS, Form

Row = dict[str, Any]
ZERO, CENT, SMALLEST_PRICE = Decimal(0), Decimal("0.01"), Decimal("0.000001")
# Draft, created, in audit, audited, to be audited again.
DRAFT, CREATED, SUBMITTED, AUDITED, REOPENED = "ZABCD"
TOKEN = re.compile(r"'(?:[^']|'')*'|[A-Za-z_][\w.]*|[^'A-Za-z_]+")
WORDS = {"and", "or", "not", "in", "like", "is", "null", "between", "asc", "desc"}
DAY = re.compile(r"'(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d))?'")


class Refused(Exception):
    """One row that was not taken: the field, the text, and the code of the message."""

    def __init__(self, message: str, field: str = "", code: int = 11) -> None:
        super().__init__(message)
        self.message, self.field, self.code = message, field, code


@dataclass
class Bill:
    """One bill. Field names have small letters; base data are their numbers."""

    id: int
    number: str
    status: str
    head: Row
    entries: list[Row] = field(default_factory=list)
    created: str = ""
    modified: str = ""
    approved: str = ""


class KingdeeBooks:
    """Several threads may use it. `clock` gives the time of changes."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self.bills: dict[str, dict[int, Bill]] = {name: {} for name in FORMS}
        self.stock: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        self._numbers: dict[str, dict[str, int]] = {name: {} for name in FORMS}
        self._next = 100_000
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        for form in FORMS.values():
            columns = ", ".join(f'"{name.lower()}"' for name in form.columns)
            self._database.execute(f'CREATE TABLE "{form.id.lower()}" (bill INTEGER, {columns})')
            self._database.execute(f'CREATE INDEX "by_{form.id.lower()}" ON "{form.id.lower()}" (bill)')

    def close(self) -> None:
        self._database.close()

    def add_base(self, form: str, names: dict[str, str], **fields: Any) -> None:
        """Base data by number and name, enabled and audited: organisations, customers, materials, units, stocks."""
        for number, name in names.items():
            row = {"fnumber": number, "fname": name, "fforbidstatus": "A"}
            row |= {key.lower(): value for key, value in fields.items()}
            self.insert(FORMS[form.lower()], number, AUDITED, row, [])

    # Writes

    def insert(self, form: Form, number: str, status: str, head: Row, entries: list[Row]) -> Bill:
        with self.lock:
            if number in self._numbers[form.id.lower()]:
                raise Refused(f"违反编号唯一性要求:{number}", form.number)
            self._next += 1
            bill = Bill(self._next, number, status, head, entries, created=self._now(), modified=self._now())
            self.bills[form.id.lower()][bill.id] = bill
            self._numbers[form.id.lower()][number] = bill.id
            self._write(form, bill)
            return bill

    def find(self, form: Form, *, number: str = "", id: int = 0) -> Bill:  # noqa: A002 - the field's own name
        """Raises Refused."""
        bill = self.bills[form.id.lower()].get(id or self._numbers[form.id.lower()].get(number, 0))
        if bill is None:
            raise Refused(f"未找到对应数据:{number or id}", code=10)
        return bill

    def has(self, kind: str, number: str) -> bool:
        return number in self._numbers[kind.lower()]

    def changed(self, form: Form, bill: Bill) -> None:
        """Write a bill that was changed in place."""
        bill.modified = self._now()
        self._write(form, bill)

    def set_status(self, form: Form, bill: Bill, status: str) -> None:
        """A bill that becomes audited moves the stock; one that is no longer audited moves it back."""
        with self.lock:
            before, bill.status = bill.status, status
            bill.approved = self._now() if status == AUDITED else ""
            if (before == AUDITED) != (status == AUDITED):
                self._move_stock(form, bill, 1 if status == AUDITED else -1)
            self.changed(form, bill)

    def delete(self, form: Form, bill: Bill) -> None:
        with self.lock:
            del self.bills[form.id.lower()][bill.id]
            del self._numbers[form.id.lower()][bill.number]
            self._database.execute(f'DELETE FROM "{form.id.lower()}" WHERE bill = ?', (bill.id,))

    def set_stock(self, organisation: str, stock: str, material: str, quantity: Decimal) -> None:
        with self.lock:
            self.stock[stock, material] = quantity
            unit = next(iter(self._numbers[UNITS.lower()]), "")
            values: Row = {
                "fstockorgid": organisation, "fstockid": stock, "fmaterialid": material, "fbaseunitid": unit,
                "fbaseqty": float(quantity), "fupdatetime": self._now(),
            }  # fmt: skip
            number = f"{stock}|{material}"
            if number not in self._numbers[INVENTORY.id.lower()]:
                self.insert(INVENTORY, number, AUDITED, values, [])
            bill = self.find(INVENTORY, number=number)
            bill.head = values
            self._write(INVENTORY, bill)

    def _move_stock(self, form: Form, bill: Bill, sign: int) -> None:
        organisation = bill.head.get("fstockorgid", "")
        for entry in bill.entries:
            for name, direction in ((form.takes, -1), (form.adds, 1)):
                if name and entry.get(name.lower()):
                    place, material = entry[name.lower()], entry["fmaterialid"]
                    quantity = sign * direction * Decimal(str(entry[form.quantity.lower()]))
                    self.set_stock(organisation, place, material, self.stock[place, material] + quantity)

    def _write(self, form: Form, bill: Bill) -> None:
        table = form.id.lower()
        with self.lock, self._database:
            self._database.execute(f'DELETE FROM "{table}" WHERE bill = ?', (bill.id,))
            places = ", ".join("?" * (1 + len(form.columns)))
            for entry in bill.entries or [{}]:
                values = self._values(form, bill) | bill.head | entry
                row = [bill.id, *(values.get(name.lower()) for name in form.columns)]
                self._database.execute(f'INSERT INTO "{table}" VALUES ({places})', row)

    def _values(self, form: Form, bill: Bill) -> Row:
        total = sum((Decimal(str(entry.get("fallamount", 0))) for entry in bill.entries), ZERO)
        return {
            form.key.lower(): bill.id, form.number.lower(): bill.number, "fdocumentstatus": bill.status,
            "fcreatedate": bill.created, "fmodifydate": bill.modified, "fapprovedate": bill.approved,
            "fbillallamount": float(total),
        }  # fmt: skip

    # Reads

    def query(self, form: Form, keys: list[str], where: str, order: str, start: int, limit: int) -> list[list[Any]]:
        """Rows as a bill query gives them. Raises Refused for a field that the form does not have."""
        columns = [self._column(form, key) for key in keys]
        condition, sorting = self._sql(form, where) or "1", self._sql(form, order) or "bill"
        words = " ".join((*keys, where, order)).lower()
        joined = any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words) for name in form.entry_columns)
        groups = "" if joined else "GROUP BY bill"
        sql = f'SELECT {", ".join(columns)} FROM "{form.id.lower()}" WHERE {condition} {groups} ORDER BY {sorting}'
        with self.lock:
            try:
                rows = self._database.execute(f"{sql} LIMIT ? OFFSET ?", (limit, start)).fetchall()
            except sqlite3.Error as error:
                raise Refused(f"查询条件错误:{error}", code=4) from error
        return [list(row) for row in rows]

    def _sql(self, form: Form, text: str) -> str:
        return "".join(self._piece(form, piece) for piece in TOKEN.findall(text))

    def _piece(self, form: Form, piece: str) -> str:
        if piece.startswith("'"):
            day = DAY.fullmatch(piece)
            return f"'{day[1]}T{day[2] or '00:00:00'}'" if day else piece
        if not piece[0].isalpha() and piece[0] != "_":
            return piece
        return piece if piece.lower() in WORDS else self._column(form, piece)

    def _column(self, form: Form, key: str) -> str:
        """The column of FMaterialID, FMaterialID.FNumber or FMaterialID.FName."""
        name, _, part = key.strip().lower().partition(".")
        if name not in {column.lower() for column in form.columns}:
            raise Refused(f"字段标识不存在:{key}", key, code=4)
        kind = {field.lower(): kind for field, kind in form.base.items()}.get(name)
        if kind is None or part in ("fnumber", ""):
            return f'"{name}"'
        return f'(SELECT "{part}" FROM "{kind.lower()}" WHERE "fnumber" = "{form.id.lower()}"."{name}")'

    # Totals, as its accountant has them

    def totals(self, form: str) -> dict[tuple[str, str, str], Total]:
        """Audited bills by stock (or organisation), day and customer. Other states do not count."""
        spec = FORMS[form.lower()]
        sums: dict[tuple[str, str, str], list[Decimal]] = defaultdict(lambda: [ZERO] * 5)
        for bill in self._audited(form):
            place = (spec.takes or spec.adds).lower()
            store = bill.entries[0].get(place) if place else bill.head.get("fsettleorgid", "")
            key = (str(store), bill.head["fdate"][:10], str(bill.head.get("fcustomerid") or ""))
            values = [Decimal(1)] + [
                _sum(bill, name) for name in (spec.quantity.lower(), "famount", "fentrytaxamount", "fallamount")
            ]
            sums[key] = [a + b for a, b in zip(sums[key], values, strict=True)]
        return {key: Total(int(count), *amounts) for key, (count, *amounts) in sums.items()}

    def ledger(self) -> dict[tuple[str, str], Decimal]:
        """Debit less credit of audited vouchers by day and account."""
        sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for bill in self._audited("GL_VOUCHER"):
            for entry in bill.entries:
                amount = Decimal(str(entry.get("fdebit") or 0)) - Decimal(str(entry.get("fcredit") or 0))
                sums[bill.head["fdate"][:10], entry["faccountid"]] += amount
        return dict(sums)

    def statuses(self, form: str) -> dict[str, str]:
        """Number → status of all bills of a form."""
        return {bill.number: bill.status for bill in self.bills[form.lower()].values()}

    def _audited(self, form: str) -> Iterator[Bill]:
        return (bill for bill in self.bills[form.lower()].values() if bill.status == AUDITED)

    def _now(self) -> str:
        return self.clock().strftime("%Y-%m-%dT%H:%M:%S")


def price(form: Form, entry: Row) -> None:
    """The amounts of an entry as K3Cloud computes them: price with tax times quantity, tax inside, to the cent."""
    if not form.priced:
        return
    quantity = Decimal(str(entry.get(form.quantity.lower()) or 0))
    unit_price = Decimal(str(entry.get("ftaxprice") or 0)).quantize(SMALLEST_PRICE, ROUND_HALF_UP)
    gross = (quantity * unit_price).quantize(CENT, ROUND_HALF_UP)
    rate = Decimal(str(entry.get("fentrytaxrate") or 0)) / 100
    tax = (gross / (1 + rate) * rate).quantize(CENT, ROUND_HALF_UP)
    entry |= {"fallamount": float(gross), "fentrytaxamount": float(tax), "famount": float(gross - tax)}


def _sum(bill: Bill, name: str) -> Decimal:
    return sum((Decimal(str(entry.get(name) or 0)) for entry in bill.entries), ZERO)


def base_forms() -> set[str]:
    """Names with small letters of the forms of base data."""
    return {form.id.lower() for form in BASE_DATA}
