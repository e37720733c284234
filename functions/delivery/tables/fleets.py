"""SQL of the table `delivery_fleets`: accounts at outside fleets, with their credentials and token."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from functions.delivery.tables.times import in_utc
from shared.contracts.ids import split_key
from shared.spine.db import Row, Transaction

COLUMNS = "fleet_key AS `key`, kind, settings, credentials, enabled, revision, token, token_until"
SELECT_FLEET = f"SELECT {COLUMNS} FROM delivery_fleets WHERE fleet_key = %(fleet)s"  # noqa: S608 - of a constant
LOCK_FLEET = f"{SELECT_FLEET} FOR UPDATE"
SELECT_FLEETS = f"SELECT {COLUMNS} FROM delivery_fleets WHERE fleet_key IN %(fleets)s"  # noqa: S608 - of a constant
SELECT_FLEETS_OF_CHAIN = f"""
    SELECT {COLUMNS} FROM delivery_fleets WHERE chain_id = %(chain)s ORDER BY fleet_key"""  # noqa: S608 - of a constant
UPSERT_FLEET = """
    INSERT INTO delivery_fleets (fleet_key, chain_id, kind, settings, credentials, enabled, revision)
    VALUES (%(fleet)s, %(chain)s, %(kind)s, %(settings)s, %(credentials)s, %(enabled)s, %(revision)s)
    ON DUPLICATE KEY UPDATE kind = %(kind)s, settings = %(settings)s, credentials = %(credentials)s,
        enabled = %(enabled)s, revision = %(revision)s, token = NULL, token_until = NULL, leased_until = NULL"""
TAKE_FLEET_LEASE = """
    UPDATE delivery_fleets SET leased_until = %(until)s
    WHERE fleet_key = %(fleet)s AND (leased_until IS NULL OR leased_until <= %(now)s)
        AND (token_until IS NULL OR token_until <= %(fresh)s)"""
SET_FLEET_ACCESS = """
    UPDATE delivery_fleets SET token = %(token)s, token_until = %(until)s, leased_until = NULL
    WHERE fleet_key = %(fleet)s AND revision = %(revision)s"""
FORGET_FLEET_ACCESS = "UPDATE delivery_fleets SET token = NULL, token_until = NULL WHERE fleet_key = %(fleet)s"


@dataclass(frozen=True)
class StoredFleet:
    """An account as it is stored. `credentials` and `token` are encrypted."""

    key: str
    kind: str
    settings: dict[str, str]
    credentials: bytes = field(repr=False)
    enabled: bool = True
    revision: int = 1
    token: bytes | None = field(default=None, repr=False)
    token_until: datetime | None = None

    @property
    def chain(self) -> str:
        """The chain that it belongs to."""
        return split_key(self.key)[0]

    @property
    def id(self) -> str:
        """Its name within the chain."""
        return split_key(self.key)[1]


def read_fleet(transaction: Transaction, key: str) -> StoredFleet | None:
    """One account."""
    row = transaction.row(SELECT_FLEET, {"fleet": key})
    return _fleet(row) if row else None


def lock_fleet(transaction: Transaction, key: str) -> StoredFleet | None:
    """One account, locked until the end of the transaction."""
    row = transaction.row(LOCK_FLEET, {"fleet": key})
    return _fleet(row) if row else None


def read_fleets(transaction: Transaction, keys: Collection[str]) -> dict[str, StoredFleet]:
    """These accounts by key."""
    rows = transaction.rows(SELECT_FLEETS, {"fleets": tuple(keys)}) if keys else []
    return {row["key"]: _fleet(row) for row in rows}


def read_fleets_of_chain(transaction: Transaction, chain: str) -> list[StoredFleet]:
    """The accounts of a chain."""
    return [_fleet(row) for row in transaction.rows(SELECT_FLEETS_OF_CHAIN, {"chain": chain})]


def upsert_fleet(transaction: Transaction, fleet: StoredFleet) -> None:
    """Store an account, new or changed. Its token is forgotten."""
    values = vars(fleet) | {"fleet": fleet.key, "chain": fleet.chain, "settings": json.dumps(fleet.settings)}
    transaction.execute(UPSERT_FLEET, values)


def update_fleet_leased(transaction: Transaction, key: str, fresh: datetime, now: datetime, until: datetime) -> bool:
    """Whether this worker alone may fetch a token until `until`. False while a token lasts beyond `fresh`."""
    values = {"fleet": key, "fresh": fresh, "now": now, "until": until}
    return transaction.execute(TAKE_FLEET_LEASE, values) > 0


def update_fleet_token(transaction: Transaction, fleet: StoredFleet, token: bytes, until: datetime) -> None:
    """Store the token of an account, encrypted. It is dropped if the account was changed meanwhile."""
    values = {"fleet": fleet.key, "revision": fleet.revision, "token": token, "until": until}
    transaction.execute(SET_FLEET_ACCESS, values)


def delete_fleet_token(transaction: Transaction, key: str) -> None:
    """The service refused the token."""
    transaction.execute(FORGET_FLEET_ACCESS, {"fleet": key})


def _fleet(row: Row) -> StoredFleet:
    values = in_utc(row)
    return StoredFleet(
        **values
        | {
            "settings": json.loads(row["settings"]),
            "credentials": bytes(row["credentials"]),
            "enabled": bool(row["enabled"]),
            "token": bytes(row["token"]) if row["token"] is not None else None,
        }
    )
