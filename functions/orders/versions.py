"""What a store was before its latest changes: a sale that comes late is judged by what held when it was made."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from functions.orders.menu import Store, store_of_texts
from shared.db import Row, Transaction

# How long a till may have been offline; older orders are history, and take the right to import it.
OFFLINE_AT_MOST = timedelta(days=7)
# A till's clock may differ from ours.
KEPT_FOR = OFFLINE_AT_MOST + timedelta(days=1)

INSERT_VERSION = """
    INSERT INTO store_versions (store_id, revision, held_from, held_until, settings, opening_hours, menu, sold_out)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"""
DELETE_OLD_VERSIONS = "DELETE FROM store_versions WHERE store_id = %s AND held_until < %s"
SELECT_VERSIONS = """
    SELECT revision, held_from, settings, opening_hours, menu, sold_out FROM store_versions
    WHERE store_id = %s AND held_until > %s ORDER BY revision"""


COLUMNS = ("settings", "opening_hours", "menu", "sold_out")
NONE = "null"


def add_version(transaction: Transaction, before: Store, after: Store) -> None:
    """Keep what `after` replaces of `before`, and drop what no sale can be judged by any more."""
    assert after.changed_at is not None  # whatever changes a store says when
    parts = zip(before.texts(), after.texts(), strict=True)
    replaced = [(text or NONE) if text != new_text else None for text, new_text in parts]
    values = (before.key, before.revision, before.changed_at, after.changed_at, *replaced)
    transaction.execute(INSERT_VERSION, values)
    transaction.execute(DELETE_OLD_VERSIONS, (before.key, after.changed_at - KEPT_FOR))


def held_at(transaction: Transaction, store: Store, moment: datetime) -> Store | None:
    """The store as it was at `moment`, before it became `store`; None where that is not known, or it had no menu."""
    rows = transaction.rows(SELECT_VERSIONS, (store.key, moment))
    if not rows or (rows[0]["held_from"] and rows[0]["held_from"].replace(tzinfo=UTC) > moment):
        return None
    settings, hours, menu, sold_out = map(_part, itertools.repeat(rows), COLUMNS, store.texts())
    assert settings is not None  # as of every store
    assert sold_out is not None
    version = store_of_texts(store.id, rows[0]["revision"], None, (settings, hours, menu, sold_out))
    return version if version.menu else None


def _part(rows: Sequence[Row], column: str, text_now: str | None) -> str | None:
    """As the first change after the moment replaced it, or as it is now."""
    text = next((row[column] for row in rows if row[column] is not None), text_now)
    return None if text == NONE else text
