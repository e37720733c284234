"""SQL of the view `store_history` that `stores` publishes: earlier revisions of a store."""

from datetime import UTC, datetime

from shared.contracts.store_record import Store, store_of_texts, with_chain_menu
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
    """The store as it was at `moment`, which is before `store`. None if that is unknown, or if it had no menu."""
    if store.changed_at is None or store.changed_at <= moment:
        earlier: Store | None = store
    else:
        earlier = _read_own_parts(transaction, store, moment)
    if earlier:
        earlier = with_chain_menu(transaction, earlier, moment)
    return earlier if earlier and earlier.menu else None


def _read_own_parts(transaction: Transaction, store: Store, moment: datetime) -> Store | None:
    """The store's own parts at `moment`; a menu of the chain is not read."""
    row = transaction.row(SELECT_STORE_AT, {"store": store.key, "moment": moment})
    if row is None or (row["held_from"] and row["held_from"].replace(tzinfo=UTC) > moment):
        return None
    # A column that no change has replaced since is as in `store`.
    present = zip(COLUMNS, store.texts(), strict=True)
    texts = [text if row[column] is None else row[column] for column, text in present]
    settings, hours, menu, sold_out = (None if text == ABSENT else text for text in texts)
    assert settings is not None  # as of every store
    assert sold_out is not None
    return store_of_texts(store.id, row["revision"], None, (settings, hours, menu, sold_out))
