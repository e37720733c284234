"""The items of a system that have a code of ours."""

from collections.abc import Mapping

from functions.sync.engine.target import same_codes
from functions.sync.masters.menu_differences import MappedItem
from functions.sync.masters.records import record_of
from functions.sync.tables.codes import read_codes
from functions.sync.tables.masters import ItemRow, read_items_page
from functions.sync.tables.systems import System
from shared.spine.db import Transaction

PAGE = 1_000


def read_all_items(transaction: Transaction, system: str) -> dict[str, ItemRow]:
    """The items of a system by its codes."""
    rows: dict[str, ItemRow] = {}
    after = ""
    while page := read_items_page(transaction, system, after, PAGE):
        rows |= {row.code: row for row in page}
        after = page[-1].code
    return rows


def mapped_items(transaction: Transaction, system: System, rows: Mapping[str, ItemRow]) -> list[MappedItem]:
    """The items that have a code of ours, by our code."""
    codes, same = read_codes(transaction, system.key), same_codes(system.settings)
    by_ours = dict(codes.get("items", {}))
    if "items" in same:
        by_ours = {code: code for code in rows} | by_ours
    ours = {kind: _inverse(codes.get(kind, {})) for kind in ("tax_classes", "categories")}
    mapped = []
    for code, theirs in sorted(by_ours.items()):
        if theirs in rows:
            record = record_of(rows[theirs])
            tax_class = ours["tax_classes"].get(record.tax_code or "")
            category = ours["categories"].get(record.category or "")
            mapped.append(MappedItem(code, record, tax_class, category, rows[theirs].withdrawn))
    return mapped


def _inverse(codes: Mapping[str, str]) -> dict[str, str]:
    return {theirs: ours for ours, theirs in sorted(codes.items(), reverse=True)}
