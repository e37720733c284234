"""SQL of the view `store_history` that `stores` publishes: earlier revisions of a store."""

from datetime import UTC, datetime

from shared.contracts.store_record import Store, store_of_texts
from shared.spine.db import Transaction

COLUMNS = ("settings", "opening_hours", "menu", "sold_out")
# A revision holds only the columns that its change replaced. JSON `null`: the store had no hours or menu.
ABSENT = "null"
# For each column the first value that was replaced after the moment: a store may have had hundreds of menus since.
FIRST_REPLACED = ", ".join(
    f"(SELECT v.{column} FROM store_history v WHERE v.store_id = %(store)s AND v.held_until > %(moment)s"  # noqa: S608
    f" AND v.{column} IS NOT NULL ORDER BY v.revision LIMIT 1) AS {column}"
    for column in COLUMNS
)
SELECT_STORE_AT = f"""
    SELECT revision, held_from, {FIRST_REPLACED} FROM store_history
    WHERE store_id = %(store)s AND held_until > %(moment)s ORDER BY revision LIMIT 1"""  # noqa: S608 - of this file's constants


def read_store_at(transaction: Transaction, store: Store, moment: datetime) -> Store | None:
    """The revision of the store at `moment`, which is before `store`. None if it is unknown, or had no menu."""
    row = transaction.row(SELECT_STORE_AT, {"store": store.key, "moment": moment})
    if row is None or (row["held_from"] and row["held_from"].replace(tzinfo=UTC) > moment):
        return None
    # A column that no change has replaced since is as in `store`.
    present = zip(COLUMNS, store.texts(), strict=True)
    texts = [text if row[column] is None else row[column] for column, text in present]
    settings, hours, menu, sold_out = (None if text == ABSENT else text for text in texts)
    assert settings is not None  # as of every store
    assert sold_out is not None
    earlier = store_of_texts(store.id, row["revision"], None, (settings, hours, menu, sold_out))
    return earlier if earlier.menu else None
