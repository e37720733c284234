"""An item of a system as JSON, and back. Equal items have equal texts."""

import hashlib
import json
from dataclasses import asdict, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from functions.sync.adapters.contract import ItemRecord
from functions.sync.tables.masters import ItemRow
from shared.spine.clock import EPOCH


def item_row(record: ItemRecord) -> ItemRow:
    """The row of an item. The time of its change is no part of it: an item that was only touched is the same."""
    content = asdict(replace(record, changed_at=EPOCH))
    text = json.dumps(content, default=str, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return ItemRow(record.code, hashlib.sha256(text.encode()).digest(), text)


def record_of(row: ItemRow) -> ItemRecord:
    """The item of a row."""
    fields: dict[str, Any] = json.loads(row.document)
    price = fields["price"]
    return ItemRecord(
        **fields
        | {
            "changed_at": datetime.fromisoformat(fields["changed_at"]),
            "price": None if price is None else Decimal(price),
            "names": tuple((tag, name) for tag, name in fields["names"]),
            "prices": tuple((date.fromisoformat(day), Decimal(amount)) for day, amount in fields["prices"]),
        }
    )
