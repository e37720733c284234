"""What a store was before its latest changes: a sale that comes late is judged by what held when it was made."""

from datetime import UTC, datetime, timedelta

from functions.orders.menu import Store, store_of_texts
from shared.spine.db import Transaction

# How long a till may have been offline; older orders are history, and take the right to import it.
OFFLINE_AT_MOST = timedelta(days=7)
# A till's clock may differ from ours.
KEPT_FOR = OFFLINE_AT_MOST + timedelta(days=1)

INSERT_VERSION = """
    INSERT INTO store_versions (store_id, revision, held_from, held_until, settings, opening_hours, menu, sold_out)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"""
DELETE_OLD_VERSIONS = "DELETE FROM store_versions WHERE store_id = %s AND held_until < %s"
COLUMNS = ("settings", "opening_hours", "menu", "sold_out")
NONE = "null"
# Of each part the first that was replaced after the moment: a store may have had hundreds of menus since.
_FIRST_REPLACED = ", ".join(
    f"(SELECT v.{column} FROM store_versions v WHERE v.store_id = %(store)s AND v.held_until > %(moment)s"  # noqa: S608
    f" AND v.{column} IS NOT NULL ORDER BY v.revision LIMIT 1) AS {column}"
    for column in COLUMNS
)
SELECT_VERSION = f"""
    SELECT revision, held_from, {_FIRST_REPLACED} FROM store_versions
    WHERE store_id = %(store)s AND held_until > %(moment)s ORDER BY revision LIMIT 1"""  # noqa: S608 - of this file's constants


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
    row = transaction.row(SELECT_VERSION, {"store": store.key, "moment": moment})
    if row is None or (row["held_from"] and row["held_from"].replace(tzinfo=UTC) > moment):
        return None
    # What no change has replaced since is as it is now.
    texts = [now if row[column] is None else row[column] for column, now in zip(COLUMNS, store.texts(), strict=True)]
    settings, hours, menu, sold_out = (None if text == NONE else text for text in texts)
    assert settings is not None  # as of every store
    assert sold_out is not None
    version = store_of_texts(store.id, row["revision"], None, (settings, hours, menu, sold_out))
    return version if version.menu else None
