"""SQL of the tables `outlet_chains` and `outlets`: rules of a chain and of its outlets."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.contracts.store_settings import StoreSettings
from shared.spine.db import Row, Transaction

SELECT_CHAIN = "SELECT settings, revision FROM outlet_chains WHERE chain_id = %(chain)s"
LOCK_CHAIN = f"{SELECT_CHAIN} FOR UPDATE"
INSERT_CHAIN = "INSERT INTO outlet_chains (chain_id, settings, revision) VALUES (%(chain)s, %(settings)s, 1)"
UPDATE_CHAIN = """
    UPDATE outlet_chains SET settings = %(settings)s, revision = revision + 1 WHERE chain_id = %(chain)s"""
SELECT_CHAIN_IDS = "SELECT chain_id FROM outlet_chains ORDER BY chain_id"
OUTLET_COLUMNS = "store_id, chain_id, settings, enabled, revision, paused_until, pause_sequence"
SELECT_OUTLET = f"SELECT {OUTLET_COLUMNS} FROM outlets WHERE store_id = %(store)s"  # noqa: S608 - of a constant
LOCK_OUTLET = f"{SELECT_OUTLET} FOR UPDATE"
SELECT_OUTLETS = f"""
    SELECT {OUTLET_COLUMNS} FROM outlets WHERE chain_id = %(chain)s AND store_id > %(after)s
    ORDER BY store_id LIMIT %(limit)s"""  # noqa: S608 - of a constant
SELECT_ENABLED = f"""
    SELECT {OUTLET_COLUMNS} FROM outlets WHERE store_id IN %(stores)s AND enabled = 1"""  # noqa: S608 - of a constant
SELECT_ENABLED_OUTLET = """
    SELECT o.store_id, o.chain_id, o.settings, o.enabled, o.revision, o.paused_until, o.pause_sequence,
        c.settings AS chain_settings, s.settings AS store_settings
    FROM outlets o LEFT JOIN outlet_chains c ON c.chain_id = o.chain_id
        LEFT JOIN store_records s ON s.store_id = o.store_id
    WHERE o.store_id = %(store)s AND o.enabled = 1"""
SELECT_OUTLETS_OF = f"""
    SELECT {OUTLET_COLUMNS} FROM outlets WHERE store_id IN %(stores)s
    ORDER BY store_id LIMIT %(limit)s"""  # noqa: S608 - of a constant
SELECT_ANY_ENABLED = "SELECT 1 FROM outlets WHERE enabled = 1 LIMIT 1"
INSERT_OUTLET = """
    INSERT INTO outlets (store_id, chain_id, settings, enabled, revision)
    VALUES (%(store)s, %(chain)s, %(settings)s, %(enabled)s, 1)"""
UPDATE_OUTLET = """
    UPDATE outlets SET settings = %(settings)s, enabled = %(enabled)s, revision = revision + 1
    WHERE store_id = %(store)s"""
UPDATE_PAUSE = """
    UPDATE outlets SET paused_until = %(until)s, pause_sequence = %(sequence)s WHERE store_id = %(store)s"""
DELETE_OUTLET = "DELETE FROM outlets WHERE store_id = %(store)s"


@dataclass(frozen=True)
class Stored:
    """Settings as they are stored, and their revision."""

    settings: dict[str, Any]
    revision: int


@dataclass(frozen=True)
class Outlet:
    """A store that gets its orders in a chat. `settings` replace the chain's. `pause_sequence` counts its pauses."""

    store: str
    chain: str
    settings: dict[str, Any]
    enabled: bool
    revision: int
    paused_until: datetime | None = None
    pause_sequence: int = 0


def read_chain(transaction: Transaction, chain: str) -> Stored | None:
    """The settings of a chain."""
    return _stored(transaction.row(SELECT_CHAIN, {"chain": chain}))


def lock_chain(transaction: Transaction, chain: str) -> Stored | None:
    """The settings of a chain, locked."""
    return _stored(transaction.row(LOCK_CHAIN, {"chain": chain}))


def insert_chain(transaction: Transaction, chain: str, settings: str) -> None:
    """Store the first settings of a chain, as JSON."""
    transaction.execute(INSERT_CHAIN, {"chain": chain, "settings": settings})


def update_chain(transaction: Transaction, chain: str, settings: str) -> None:
    """Replace the settings of a locked chain."""
    transaction.execute(UPDATE_CHAIN, {"chain": chain, "settings": settings})


def read_chain_ids(transaction: Transaction) -> list[str]:
    """The chains that have settings."""
    return [row["chain_id"] for row in transaction.rows(SELECT_CHAIN_IDS)]


def read_outlet(transaction: Transaction, store: str) -> Outlet | None:
    """One outlet."""
    row = transaction.row(SELECT_OUTLET, {"store": store})
    return _outlet(row) if row else None


def lock_outlet(transaction: Transaction, store: str) -> Outlet | None:
    """One outlet, locked."""
    row = transaction.row(LOCK_OUTLET, {"store": store})
    return _outlet(row) if row else None


def read_outlets(transaction: Transaction, chain: str, after: str, limit: int) -> list[Outlet]:
    """Outlets of a chain by key, those after `after`."""
    rows = transaction.rows(SELECT_OUTLETS, {"chain": chain, "after": after, "limit": limit})
    return [_outlet(row) for row in rows]


def read_outlets_of(transaction: Transaction, stores: Collection[str], limit: int) -> list[Outlet]:
    """Those of the stores that are outlets, by key."""
    values = {"stores": tuple(stores), "limit": limit}
    return [_outlet(row) for row in transaction.rows(SELECT_OUTLETS_OF, values)] if stores else []


def read_enabled(transaction: Transaction, stores: Collection[str]) -> dict[str, Outlet]:
    """Those of the stores that get their orders in a chat."""
    if not stores:
        return {}
    rows = transaction.rows(SELECT_ENABLED, {"stores": tuple(stores)})
    return {row["store_id"]: _outlet(row) for row in rows}


@dataclass(frozen=True)
class EnabledOutlet:
    """An outlet that gets its orders in a chat, with the settings of its chain and of its store."""

    outlet: Outlet
    chain: dict[str, Any] | None
    store: StoreSettings | None


def read_enabled_outlet(transaction: Transaction, store: str) -> EnabledOutlet | None:
    """The outlet; None where the store gets no orders in a chat."""
    row = transaction.row(SELECT_ENABLED_OUTLET, {"store": store})
    if row is None:
        return None
    chain, settings = row["chain_settings"], row["store_settings"]
    return EnabledOutlet(
        _outlet(row),
        json.loads(chain) if chain is not None else None,
        StoreSettings.model_validate_json(settings) if settings is not None else None,
    )


def read_any_enabled(transaction: Transaction) -> bool:
    """Whether any store gets its orders in a chat."""
    return transaction.row(SELECT_ANY_ENABLED) is not None


def insert_outlet(transaction: Transaction, outlet: Outlet) -> None:
    """Store a new outlet."""
    transaction.execute(INSERT_OUTLET, _values(outlet))


def update_outlet(transaction: Transaction, outlet: Outlet) -> None:
    """Replace the settings of a locked outlet."""
    transaction.execute(UPDATE_OUTLET, _values(outlet))


def update_pause(transaction: Transaction, store: str, until: datetime | None, sequence: int) -> None:
    """The pause of a locked outlet, with its number."""
    transaction.execute(UPDATE_PAUSE, {"store": store, "until": until, "sequence": sequence})


def delete_outlet(transaction: Transaction, store: str) -> None:
    """Delete an outlet. Its chats go with `delete_chats`."""
    transaction.execute(DELETE_OUTLET, {"store": store})


def _values(outlet: Outlet) -> dict[str, object]:
    return {
        "store": outlet.store,
        "chain": outlet.chain,
        "settings": json.dumps(outlet.settings),
        "enabled": outlet.enabled,
    }


def _stored(row: Row | None) -> Stored | None:
    return Stored(json.loads(row["settings"]), row["revision"]) if row else None


def _outlet(row: Row) -> Outlet:
    settings = json.loads(row["settings"])
    paused_until = row["paused_until"] and row["paused_until"].replace(tzinfo=UTC)
    return Outlet(
        row["store_id"],
        row["chain_id"],
        settings,
        bool(row["enabled"]),
        row["revision"],
        paused_until,
        row["pause_sequence"],
    )
