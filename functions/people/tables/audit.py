"""SQL that reads the table `audit_entries` of the spine."""

import json
from dataclasses import dataclass
from datetime import datetime

from shared.contracts.ids import first_id, store_key
from shared.spine.db import Row, Transaction
from shared.spine.rights import Reach

# `{where}` are conditions of this module and of a reach.
SELECT_ENTRIES = """
    SELECT e.id, e.at, e.actor, e.session_id, e.operation, e.path, e.store_id, e.status, e.request, e.fields
    FROM audit_entries e LEFT JOIN store_places s ON s.store_id = e.store_id
    WHERE {where} ORDER BY e.id DESC LIMIT %s"""


@dataclass(frozen=True)
class Filters:
    """None is no filter. `cursor` is the id of the last entry of the page before."""

    chain: str
    actor: str | None = None
    store: str | None = None
    operation: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    cursor: str | None = None


def read_entries(transaction: Transaction, reach: Reach, filters: Filters, limit: int) -> list[Row]:
    """The entries that the reach allows and the filters leave, the newest first."""
    allowed, scopes = reach.condition("e.chain_id", "s.region_id", "e.store_id")
    conditions: dict[str, object] = {
        "e.chain_id = %s": filters.chain,
        "e.actor = %s": filters.actor,
        "e.store_id = %s": filters.store and store_key(filters.chain, filters.store),
        "e.operation = %s": filters.operation,
        "e.id >= %s": filters.since and first_id(filters.since),
        "e.id < %s": filters.until and first_id(filters.until),
        "e.id < %s ": filters.cursor,
    }
    given = {text: value for text, value in conditions.items() if value is not None}
    where = " AND ".join([allowed, *given])
    rows = transaction.rows(SELECT_ENTRIES.format(where=where), [*scopes, *given.values(), limit])
    return [row | {"fields": json.loads(row["fields"])} for row in rows]
