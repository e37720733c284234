"""The record of what people do: one entry for each change, and for each look at personal data.

An entry of a change is stored in the transaction of the change, so that neither is there without the other. It has the
names of the fields that were sent, and never their values.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.contracts.ids import first_id, new_id, store_key
from shared.spine.db import Transaction

MOST_FIELDS = 50
# The same look of one session is recorded at most once in this time by an execution environment.
SECONDS_A_LOOK = 300
_LONGEST_PATH, _LONGEST_FIELD = 500, 64

INSERT_ENTRY = """
    INSERT INTO audit_entries (id, chain_id, at, actor, session_id, operation, path, store_id, status, request, fields)
    VALUES (%(id)s, %(chain)s, %(at)s, %(actor)s, %(session)s, %(operation)s, %(path)s, %(store)s, %(status)s,
        %(request)s, %(fields)s)"""

DELETE_OLD_ENTRIES = "DELETE FROM audit_entries WHERE id < %(before)s ORDER BY id LIMIT 1000"


@dataclass(frozen=True)
class Entry:
    """One act of a person. `operation` is `concern.view`, `store` a store's key, `request` the id in our log."""

    chain: str
    actor: str
    session: str | None
    operation: str
    path: str
    store: str | None = None
    request: str = ""
    fields: tuple[str, ...] = ()


def insert_entry(transaction: Transaction, entry: Entry, status: int, now: datetime) -> None:
    """Store the entry with the status of the reply."""
    values = {
        **vars(entry),
        "id": new_id(now),
        "at": now,
        "path": entry.path[:_LONGEST_PATH],
        "status": status,
        "fields": json.dumps(entry.fields),
    }
    transaction.execute(INSERT_ENTRY, values)


def delete_old_entries(transaction: Transaction, before: datetime) -> int:
    """Delete entries of before a moment, at most a thousand. How many there were."""
    return transaction.execute(DELETE_OLD_ENTRIES, {"before": first_id(before)})


def fields_of(document: Any) -> tuple[str, ...]:
    """The names of a request's fields, without their values."""
    if not isinstance(document, dict):
        return ()
    return tuple(sorted(name[:_LONGEST_FIELD] for name in document)[:MOST_FIELDS])


def store_of(chain: str, *parts: Any) -> str | None:
    """The key of the store that one of these parts of a request names, where one does."""
    for part in parts:
        store = part.get("store") if isinstance(part, dict) else None
        if isinstance(store, str) and store.isascii() and 0 < len(store) <= len(chain) + 65:
            return store if ":" in store else store_key(chain, store)
    return None
