"""SQL of the tables `chain_menus` and `menu_versions`: menus of a chain, and the versions of their layers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from functions.stores.tables.store_versions import STORED_FOR
from shared.contracts.chain_menus import digest_of, read_versions, versions_at
from shared.spine.db import Row, Transaction

SELECT_MENU = "SELECT currency, revision FROM chain_menus WHERE chain_id = %(chain)s AND menu_id = %(menu)s"
LOCK_MENU = f"{SELECT_MENU} FOR UPDATE"
INSERT_MENU = """
    INSERT INTO chain_menus (chain_id, menu_id, currency, revision)
    VALUES (%(chain)s, %(menu)s, %(currency)s, %(revision)s)"""
UPDATE_MENU = """
    UPDATE chain_menus SET revision = %(revision)s, currency = %(currency)s
    WHERE chain_id = %(chain)s AND menu_id = %(menu)s"""
SELECT_MENUS = """
    SELECT m.chain_id, m.menu_id, m.currency, m.revision,
        (SELECT COUNT(*) FROM stores s WHERE s.chain_id = m.chain_id AND s.menu_id = m.menu_id) AS stores
    FROM chain_menus m WHERE m.chain_id IN %(chains)s ORDER BY m.chain_id, m.menu_id LIMIT 1000"""
SELECT_ALL_VERSIONS = """
    SELECT layer, version, begins_at FROM menu_versions
    WHERE chain_id = %(chain)s AND menu_id = %(menu)s ORDER BY version"""
INSERT_VERSION = """
    INSERT INTO menu_versions (chain_id, menu_id, layer, version, begins_at, digest, body)
    VALUES (%(chain)s, %(menu)s, %(layer)s, %(version)s, %(begins_at)s, %(digest)s, %(body)s)"""
DELETE_VERSION = """
    DELETE FROM menu_versions
    WHERE chain_id = %(chain)s AND menu_id = %(menu)s AND version = %(version)s AND begins_at > %(now)s"""
DELETE_REPLACED = """
    DELETE FROM menu_versions
    WHERE chain_id = %(chain)s AND menu_id = %(menu)s AND layer = %(layer)s AND begins_at < %(before)s"""
# One statement makes every copy of these stores old. `changed_at` stays: the stores' own parts have not changed.
UPDATE_REVISIONS = """
    UPDATE stores SET revision = revision + 1
    WHERE chain_id = %(chain)s AND menu_id = %(menu)s
        AND (%(region)s = '' OR region_id = %(region)s) AND (%(store)s = '' OR id = %(store)s)"""


@dataclass(frozen=True)
class ChainMenu:
    """A menu of a chain at one revision. Its prices are in `currency`."""

    chain: str
    id: str
    currency: str
    revision: int


def read_menu(transaction: Transaction, chain: str, menu: str) -> ChainMenu | None:
    """The menu at its present revision."""
    return _menu(chain, menu, transaction.row(SELECT_MENU, {"chain": chain, "menu": menu}))


def lock_menu(transaction: Transaction, chain: str, menu: str) -> ChainMenu | None:
    """The same, locked until the end of the transaction."""
    return _menu(chain, menu, transaction.row(LOCK_MENU, {"chain": chain, "menu": menu}))


def _menu(chain: str, menu: str, row: Row | None) -> ChainMenu | None:
    return ChainMenu(chain, menu, row["currency"], row["revision"]) if row else None


def insert_menu(transaction: Transaction, menu: ChainMenu) -> None:
    """Store a new menu. Raises `Duplicate`."""
    transaction.execute(INSERT_MENU, _values(menu))


def update_menu(transaction: Transaction, menu: ChainMenu) -> None:
    """Store the menu's new revision."""
    transaction.execute(UPDATE_MENU, _values(menu))


def _values(menu: ChainMenu) -> dict[str, object]:
    return {"chain": menu.chain, "menu": menu.id, "currency": menu.currency, "revision": menu.revision}


def read_menus(transaction: Transaction, chains: Sequence[str]) -> list[Row]:
    """The menus of these chains, each with the number of stores that sell from it."""
    return transaction.rows(SELECT_MENUS, {"chains": chains}) if chains else []


def read_all_versions(transaction: Transaction, menu: ChainMenu) -> list[Row]:
    """All stored versions of all layers, without their bodies."""
    return transaction.rows(SELECT_ALL_VERSIONS, {"chain": menu.chain, "menu": menu.id})


def insert_menu_version(
    transaction: Transaction, menu: ChainMenu, layer: str, begins_at: datetime, body: str, now: datetime
) -> None:
    """Store a version of a layer under the menu's revision. Delete versions that are too old for any sale."""
    names = {"chain": menu.chain, "menu": menu.id, "layer": layer}
    values = {"version": menu.revision, "begins_at": begins_at, "digest": digest_of(layer, body), "body": body}
    transaction.execute(INSERT_VERSION, names | values)
    oldest = versions_at(read_versions(transaction, menu.chain, menu.id, [layer]), now - STORED_FOR)
    if oldest:
        transaction.execute(DELETE_REPLACED, names | {"before": oldest[0].begins_at})


def delete_planned_version(transaction: Transaction, menu: ChainMenu, version: int, now: datetime) -> bool:
    """Delete a version that has not begun. Whether there was one."""
    values = {"chain": menu.chain, "menu": menu.id, "version": version, "now": now}
    return transaction.execute(DELETE_VERSION, values) > 0


def update_store_revisions(transaction: Transaction, menu: ChainMenu, region: str = "", store: str = "") -> int:
    """Count up the revision of the stores that sell from the menu. Their number.

    `region` and `store` (a store's key) limit them.
    """
    values = {"chain": menu.chain, "menu": menu.id, "region": region, "store": store}
    return transaction.execute(UPDATE_REVISIONS, values)
