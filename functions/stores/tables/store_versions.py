"""SQL of the table `store_versions`: earlier revisions of a store, by which a late sale is priced."""

from datetime import timedelta

from shared.contracts.store_record import OFFLINE_AT_MOST, Store
from shared.spine.db import Transaction

# A till's clock may differ from ours.
STORED_FOR = OFFLINE_AT_MOST + timedelta(days=1)
# A revision holds only the columns that its change replaced. JSON `null`: the store had no hours or menu.
ABSENT = "null"

INSERT_VERSION = """
    INSERT INTO store_versions (store_id, revision, held_from, held_until, settings, opening_hours, menu, sold_out)
    VALUES (%(store)s, %(revision)s, %(held_from)s, %(held_until)s, %(settings)s, %(opening_hours)s, %(menu)s,
        %(sold_out)s)"""
DELETE_OLD_VERSIONS = "DELETE FROM store_versions WHERE store_id = %(store)s AND held_until < %(until)s"


def insert_version(transaction: Transaction, before: Store, after: Store) -> None:
    """Store what `after` replaces of `before`, and delete versions that are too old for any sale."""
    assert after.changed_at is not None  # as of every change
    columns = ("settings", "opening_hours", "menu", "sold_out")
    replaced = {
        column: (text or ABSENT) if text != new_text else None
        for column, text, new_text in zip(columns, before.texts(), after.texts(), strict=True)
    }
    values = {
        "store": before.key,
        "revision": before.revision,
        "held_from": before.changed_at,
        "held_until": after.changed_at,
    }
    transaction.execute(INSERT_VERSION, values | replaced)
    transaction.execute(DELETE_OLD_VERSIONS, {"store": before.key, "until": after.changed_at - STORED_FOR})
