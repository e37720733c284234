"""The books of the simulated ERP in SQLite: documents, stock, items, people, sales of tills. Its totals are Decimal."""

import json
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
    store TEXT NOT NULL, to_store TEXT, day TEXT NOT NULL, tender TEXT, currency TEXT,
    net TEXT, tax TEXT, gross TEXT, quantity TEXT NOT NULL, payments TEXT NOT NULL, lines TEXT NOT NULL,
    refers_to TEXT, reference TEXT, changed_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS by_key ON documents (kind, key);
CREATE INDEX IF NOT EXISTS by_kind ON documents (kind, id);
CREATE TABLE IF NOT EXISTS effects (
    document INTEGER NOT NULL, store TEXT NOT NULL, item TEXT NOT NULL, quantity TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS by_document ON effects (document);
CREATE TABLE IF NOT EXISTS codes (kind TEXT, code TEXT, name TEXT NOT NULL, PRIMARY KEY (kind, code));
CREATE TABLE IF NOT EXISTS conversions (item TEXT, unit TEXT, factor TEXT NOT NULL, PRIMARY KEY (item, unit));
CREATE TABLE IF NOT EXISTS feeds (
    feed TEXT, code TEXT, changed_at TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (feed, code)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_change ON feeds (feed, changed_at, code);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
# Feeds of rows that are read by the time of their change, each with the field that is its key.
FEEDS = {"items": "code", "levels": "store|item", "employees": "id", "sales": "number"}
COLUMNS = (
    "key", "kind", "state", "store", "to_store", "day", "tender", "currency", "net", "tax", "gross", "quantity",
    "payments", "lines", "refers_to", "reference", "changed_at",
)  # fmt: skip
INSERT = f"INSERT INTO documents ({', '.join(COLUMNS)}) VALUES ({', '.join(':' + name for name in COLUMNS)})"
PUT = "INSERT OR REPLACE INTO feeds (feed, code, changed_at, body) VALUES (?, ?, ?, ?)"
ZERO = Decimal(0)

Row = dict[str, Any]


class Total(NamedTuple):
    """The sums of a group of documents."""

    documents: int
    quantity: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal


def instant(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Books:
    """One SQLite file, or memory. Several threads may use it; another process may read the file meanwhile."""

    def __init__(self, path: Path | None = None, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.clock = clock
        self._lock = threading.RLock()
        self._database = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None, timeout=30)
        self._database.row_factory = sqlite3.Row
        self._database.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; {SCHEMA}")

    def close(self) -> None:
        self._database.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """All or nothing."""
        with self._lock:
            if self._database.in_transaction:  # inside another
                yield
                return
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    def rows(self, sql: str, *values: Any) -> list[Row]:
        with self._lock:
            return [dict(row) for row in self._database.execute(sql, values)]

    def value(self, sql: str, *values: Any) -> Any:
        """The first column of the first row; None without a row."""
        with self._lock:
            row = self._database.execute(sql, values).fetchone()
        return row[0] if row else None

    def execute(self, sql: str, *values: Any) -> None:
        with self._lock:
            self._database.execute(sql, values)

    # Base data

    def add_codes(self, kind: str, names: Mapping[str, str]) -> None:
        """Codes of stores, tenders, taxes or units, with their names."""
        with self.writing():
            for code, name in names.items():
                self.execute("INSERT OR REPLACE INTO codes VALUES (?, ?, ?)", kind, code, name)

    def has_code(self, kind: str, code: str) -> bool:
        return bool(self.value("SELECT 1 FROM codes WHERE kind = ? AND code = ?", kind, code))

    def codes(self, kind: str) -> list[Row]:
        return self.rows("SELECT code, name FROM codes WHERE kind = ? ORDER BY code", kind)

    def add_conversion(self, item: str, unit: str, factor: str) -> None:
        """One `unit` of the item is `factor` of its own unit: a case is 12 pieces."""
        self.execute("INSERT OR REPLACE INTO conversions VALUES (?, ?, ?)", item, unit, factor)

    def close_period(self, day: str) -> None:
        """No document of this day or an earlier one is taken any more."""
        self.execute("INSERT OR REPLACE INTO settings VALUES ('closed', ?)", day)

    def is_closed(self, day: str) -> bool:
        return day <= (self.value("SELECT value FROM settings WHERE name = 'closed'") or "")

    # Feeds

    def put(self, feed: str, rows: Iterable[Row]) -> None:
        """Write rows of a feed. A row without `changed_at` changes now; with one it may tie, or come late."""
        fields = FEEDS[feed].split("|")
        with self.writing():
            self._database.executemany(PUT, (self._feed_row(feed, fields, row) for row in rows))

    def _feed_row(self, feed: str, fields: Sequence[str], row: Row) -> tuple[str, str, str, str]:
        changed_at = row.get("changed_at") or instant(self.clock())
        code = "|".join(str(row[field]) for field in fields)
        return feed, code, changed_at, json.dumps({**row, "changed_at": changed_at}, ensure_ascii=False)

    def get(self, feed: str, code: str) -> Row | None:
        body = self.value("SELECT body FROM feeds WHERE feed = ? AND code = ?", feed, code)
        row: Row | None = json.loads(body) if body else None
        return row

    def change(self, feed: str, code: str, **fields: Any) -> None:
        """A row of a feed changes now. A null `changed_at` is the clock's time."""
        row = self.get(feed, code)
        if row is None:
            raise KeyError(code)
        self.put(feed, [{**row, "changed_at": None, **fields}])

    def page(self, feed: str, since: str, until: str, after: tuple[str, str], limit: int) -> list[tuple[str, str, Row]]:
        """Rows changed in [since, until), in the order of (changed_at, code), after this place."""
        # Two queries, since SQLite scans all tied rows for (changed_at, code) > (?, ?).
        tied = self.rows(
            "SELECT changed_at, code, body FROM feeds"
            " WHERE feed = ? AND changed_at = ? AND changed_at >= ? AND changed_at < ? AND code > ?"
            " ORDER BY code LIMIT ?",
            feed, after[0], since, until, after[1], limit,
        )  # fmt: skip
        rows = tied + self.rows(
            "SELECT changed_at, code, body FROM feeds"
            " WHERE feed = ? AND changed_at > ? AND changed_at >= ? AND changed_at < ?"
            " ORDER BY changed_at, code LIMIT ?",
            feed, after[0], since, until, limit - len(tied),
        )  # fmt: skip
        return [(row["changed_at"], row["code"], json.loads(row["body"])) for row in rows]

    # Documents

    def post(self, document: Row) -> int:
        """Write a good document and what it does to the stock. The id of the new document; keys may repeat."""
        with self.writing():
            cursor = self._database.execute(INSERT, self._columns(document))
            number = int(cursor.lastrowid or 0)
            self._move_stock(number, document)
        return number

    def load(self, documents: Iterable[Row]) -> None:
        """Write many documents at once, without effects on the stock: the books of years."""
        with self.writing():
            self._database.executemany(INSERT, (self._columns(document) for document in documents))

    def _columns(self, document: Row) -> Row:
        lines = document["lines"]
        quantity = sum((Decimal(line["quantity"]) for line in lines if line.get("type", "item") == "item"), ZERO)
        written = {
            "payments": json.dumps(document.get("payments") or []),
            "lines": json.dumps(lines, ensure_ascii=False),
        }
        state = {"state": "posted", "quantity": f"{quantity.normalize():f}", "changed_at": instant(self.clock())}
        return {name: document.get(name) for name in COLUMNS} | state | written

    def document(self, number: int) -> Row | None:
        return next(iter(self.rows("SELECT * FROM documents WHERE id = ?", number)), None)

    def cancel(self, number: int) -> None:
        """The document is cancelled, and its effects on the stock are undone. Twice is as once."""
        with self.writing():
            row = self.document(number)
            if row is None or row["state"] == "cancelled":
                return
            self.execute("UPDATE documents SET state = 'cancelled', changed_at = ? WHERE id = ?", self._now(), number)
            for effect in self.rows("SELECT store, item, quantity FROM effects WHERE document = ?", number):
                self.add_stock(effect["store"], effect["item"], -Decimal(effect["quantity"]))

    def change_line(self, number: int, line: int, **fields: str) -> None:
        """A line is changed by hand: the head becomes the sum of the lines, as an ERP computes it."""
        with self.writing():
            row = self.document(number)
            if row is None:
                raise KeyError(number)
            lines = json.loads(row["lines"])
            lines[line] |= fields
            for name in ("net", "tax", "gross"):
                self.execute(f"UPDATE documents SET {name} = ? WHERE id = ?", str(_sum(lines, name)), number)
            items = [entry for entry in lines if entry.get("type", "item") == "item"]
            quantity = f"{_sum(items, 'quantity').normalize():f}"
            self.execute(
                "UPDATE documents SET lines = ?, quantity = ?, changed_at = ? WHERE id = ?",
                json.dumps(lines, ensure_ascii=False), quantity, self._now(), number,
            )  # fmt: skip

    def change_day(self, number: int, day: str) -> None:
        """A document is moved to another day by hand."""
        self.execute("UPDATE documents SET day = ?, changed_at = ? WHERE id = ?", day, self._now(), number)

    def delete(self, number: int) -> None:
        """A document is deleted by hand: no trace of it stays."""
        with self.writing():
            self.cancel(number)
            self.execute("DELETE FROM documents WHERE id = ?", number)

    # Stock

    def stock(self, store: str, item: str) -> Decimal:
        row = self.get("levels", f"{store}|{item}")
        return Decimal(row["quantity"]) if row else ZERO

    def set_stock(self, store: str, item: str, quantity: Decimal) -> None:
        unit = (self.get("items", item) or {}).get("unit", "")
        self.put("levels", [{"store": store, "item": item, "unit": unit, "quantity": f"{quantity.normalize():f}"}])

    def add_stock(self, store: str, item: str, quantity: Decimal) -> None:
        self.set_stock(store, item, self.stock(store, item) + quantity)

    def factor(self, item: str, unit: str) -> Decimal | None:
        """How many of the item's own unit one `unit` is; None where the ERP does not know it."""
        own = (self.get("items", item) or {}).get("unit")
        if own == unit:
            return Decimal(1)
        factor = self.value("SELECT factor FROM conversions WHERE item = ? AND unit = ?", item, unit)
        return Decimal(factor) if factor else None

    def _move_stock(self, number: int, document: Row) -> None:
        for store, item, quantity in self._effects(document):
            self.add_stock(store, item, quantity)
            self.execute("INSERT INTO effects VALUES (?, ?, ?, ?)", number, store, item, str(quantity))

    def _effects(self, document: Row) -> Iterator[tuple[str, str, Decimal]]:
        kind, store = document["kind"], document["store"]
        if kind in ("sale", "credit_note"):
            return
        for line in document["lines"]:
            quantity = Decimal(line["quantity"]) * (self.factor(line["item"], line["unit"]) or 1)
            if kind == "count":
                yield store, line["item"], quantity - self.stock(store, line["item"])
            elif kind == "receipt":
                yield store, line["item"], quantity
            else:
                yield store, line["item"], -quantity
            if kind == "transfer":
                yield document["to_store"], line["item"], quantity

    # Totals, as the ERP's own accountant has them

    def totals(self, kind: str) -> dict[tuple[str, str, str | None], Total]:
        """Posted documents by store, day and tender of the document (None: each document has payments of its own)."""
        sums: dict[tuple[str, str, str | None], list[Decimal]] = defaultdict(lambda: [ZERO] * 5)
        for row in self.rows("SELECT * FROM documents WHERE kind = ? AND state = 'posted'", kind):
            values = (Decimal(1), *(Decimal(row[name] or 0) for name in ("quantity", "net", "tax", "gross")))
            total = sums[row["store"], row["day"], row["tender"]]
            sums[row["store"], row["day"], row["tender"]] = [a + b for a, b in zip(total, values, strict=True)]
        return {key: Total(int(count), *amounts) for key, (count, *amounts) in sums.items()}

    def tender_totals(self, kind: str) -> dict[tuple[str, str, str], Decimal]:
        """Money by store, day and tender: the payments, or gross where the head names the tender."""
        sums: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
        for row in self.rows("SELECT * FROM documents WHERE kind = ? AND state = 'posted'", kind):
            payments = json.loads(row["payments"])
            if row["tender"] and not payments:
                payments = [{"tender": row["tender"], "amount": row["gross"]}]
            for payment in payments:
                sums[row["store"], row["day"], payment["tender"]] += Decimal(payment["amount"])
        return dict(sums)

    def item_totals(self, kind: str) -> dict[tuple[str, str, str], Total]:
        """Item lines of posted documents by store, day and item; `documents` counts the lines."""
        sums: dict[tuple[str, str, str], list[Decimal]] = defaultdict(lambda: [ZERO] * 5)
        for row in self.rows("SELECT store, day, lines FROM documents WHERE kind = ? AND state = 'posted'", kind):
            for line in json.loads(row["lines"]):
                if line.get("type", "item") == "item":
                    amounts = (Decimal(line.get(name) or 0) for name in ("quantity", "net", "tax", "gross"))
                    key = row["store"], row["day"], line["item"]
                    sums[key] = [a + b for a, b in zip(sums[key], (Decimal(1), *amounts), strict=True)]
        return {key: Total(int(count), *amounts) for key, (count, *amounts) in sums.items()}

    def copies(self, kind: str) -> dict[str, int]:
        """How many posted documents each key has: 1 is right, 2 is a duplicate."""
        rows = self.rows(
            "SELECT key, COUNT(*) AS copies FROM documents WHERE kind = ? AND state = 'posted' GROUP BY key", kind
        )
        return {row["key"]: row["copies"] for row in rows}

    def _now(self) -> str:
        return instant(self.clock())


def _sum(lines: Iterable[Row], name: str) -> Decimal:
    return sum((Decimal(line.get(name) or 0) for line in lines), ZERO)
