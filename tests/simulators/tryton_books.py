"""The books of a Tryton, read by SQL from its SQLite file while it runs: the judge of tests, without any RPC."""

import sqlite3
from collections import Counter, defaultdict
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.simulators.erp_books import Total

# States of sales that count: a draft or a quotation is no sale yet.
COUNTED = "('confirmed', 'processing', 'done')"
ZERO = Decimal(0)
SALES = f"""
SELECT sale.id, warehouse.code AS store, sale.sale_date AS day, party.code AS party, sale.reference, sale.number,
       sale.untaxed_amount_cache AS net, sale.tax_amount_cache AS tax, sale.total_amount_cache AS gross,
       (SELECT SUM(quantity) FROM sale_line WHERE sale = sale.id AND type = 'line') AS quantity
FROM sale_sale AS sale
JOIN stock_location AS warehouse ON warehouse.id = sale.warehouse
JOIN party_party AS party ON party.id = sale.party
WHERE sale.state IN {COUNTED}
ORDER BY sale.id
"""
LEDGER = """
SELECT move.date AS day, account.code AS account, line.debit, line.credit
FROM account_move_line AS line
JOIN account_move AS move ON move.id = line.move
JOIN account_account AS account ON account.id = line.account
WHERE move.state = 'posted'
"""
INVOICES = """
SELECT invoice.number, invoice.state, invoice.invoice_date AS day, invoice.untaxed_amount_cache AS net,
       invoice.tax_amount_cache AS tax, invoice.total_amount_cache AS gross
FROM account_invoice AS invoice WHERE invoice.type = 'out' AND invoice.state IN ('posted', 'paid') ORDER BY invoice.id
"""
MOVES = """
SELECT source.code AS source, target.code AS target, source.type AS source_type, target.type AS target_type,
       move.internal_quantity AS quantity, move.effective_date AS day, move.origin
FROM stock_move AS move
JOIN stock_location AS source ON source.id = move.from_location
JOIN stock_location AS target ON target.id = move.to_location
JOIN product_product AS product ON product.id = move.product
WHERE move.state = 'done' AND product.code = ?
ORDER BY move.id
"""
PRICE = """
SELECT price.list_price FROM product_list_price AS price
JOIN product_product AS product ON product.template = price.template
WHERE product.code = ?
"""
Row = dict[str, Any]


class TrytonBooks:
    """`file`: the SQLite file of the server's database."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def sales(self) -> list[Row]:
        """Confirmed sales with their store (code of the warehouse), day, party, reference and amounts."""
        return [_with_decimals(row) for row in self._rows(SALES)]

    def totals(self) -> dict[tuple[str, str, str], Total]:
        """Confirmed sales by store, day and code of the party. Credit notes count as sales with negative amounts."""
        sums: dict[tuple[str, str, str], list[Decimal]] = defaultdict(lambda: [ZERO] * 5)
        for sale in self.sales():
            key = sale["store"], sale["day"], sale["party"]
            values = (Decimal(1), *(sale[name] for name in ("quantity", "net", "tax", "gross")))
            sums[key] = [a + b for a, b in zip(sums[key], values, strict=True)]
        return {key: Total(int(count), *amounts) for key, (count, *amounts) in sums.items()}

    def references(self) -> Counter[str]:
        """How many confirmed sales each reference has: Tryton does not keep them unique."""
        return Counter(sale["reference"] for sale in self.sales())

    def invoices(self) -> list[Row]:
        """Posted customer invoices."""
        return [_with_decimals(row) for row in self._rows(INVOICES)]

    def ledger(self) -> dict[tuple[str, str], Decimal]:
        """Debit less credit of posted moves by day and code of the account."""
        sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for row in self._rows(LEDGER):
            sums[row["day"], row["account"]] += _decimal(row["debit"]) - _decimal(row["credit"])
        return dict(sums)

    def stock(self, store: str, product: str) -> Decimal:
        """The sum of done moves in the storage of a store, in the product's own unit."""
        storage, total = f"{store}-STO", ZERO
        for move in self._rows(MOVES, product):
            total += _decimal(move["quantity"]) * ((move["target"] == storage) - (move["source"] == storage))
        return total

    def moves(self, product: str) -> list[Row]:
        """Done moves of a product, the first one first."""
        return [_with_decimals(row) for row in self._rows(MOVES, product)]

    def price(self, product: str) -> Decimal:
        """The list price of a product."""
        return _decimal(self._rows(PRICE, product)[0]["list_price"])

    def change_line(self, reference: str, line: int, price: str) -> None:
        """Change the price of a line (0 is the first) without the server. The head follows it."""
        with closing(sqlite3.connect(self.file, timeout=60)) as database, database:
            [sale] = database.execute("SELECT id FROM sale_sale WHERE reference = ?", (reference,)).fetchone()
            rows = database.execute(
                "SELECT id, quantity, unit_price FROM sale_line WHERE sale = ? ORDER BY sequence, id", (sale,)
            ).fetchall()
            number, quantity, before = rows[line]
            difference = _decimal(quantity) * (Decimal(price) - _decimal(before))
            database.execute("UPDATE sale_line SET unit_price = ? WHERE id = ?", (price.encode(), number))
            for name in ("untaxed_amount_cache", "total_amount_cache"):
                [amount] = database.execute(f"SELECT {name} FROM sale_sale WHERE id = ?", (sale,)).fetchone()
                changed = str(_decimal(amount) + difference).encode()
                database.execute(f"UPDATE sale_sale SET {name} = ? WHERE id = ?", (changed, sale))

    def _rows(self, sql: str, *values: Any) -> list[Row]:
        with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, timeout=60)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(sql, values)]


def _decimal(value: Any) -> Decimal:
    """Tryton keeps decimals as text in bytes, and quantities as floats."""
    if isinstance(value, bytes):
        return Decimal(value.decode())
    return Decimal(str(value if value is not None else 0)).normalize() + ZERO


def _with_decimals(row: Row) -> Row:
    amounts = ("net", "tax", "gross", "quantity")
    return row | {name: _decimal(row[name]) for name in amounts if name in row}
