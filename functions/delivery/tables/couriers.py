"""SQL of the table `couriers`. The chain of a person comes by the view `person_roles`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from functions.delivery.tables.times import in_utc
from shared.spine.api_clients import read_client
from shared.spine.db import Row, Transaction
from shared.spine.rights import Grant

COLUMNS = """chain_id AS chain, id, client_id AS client, name, phone, vehicle, capacity, stores, shift_from,
    shift_until, break_until, active, revision, changed_at, fleet, told_until"""
UPSERT_COURIER = """
    INSERT INTO couriers (chain_id, id, client_id, name, phone, vehicle, capacity, stores, shift_from, shift_until,
        break_until, active, changed_at, fleet, told_until)
    VALUES (%(chain)s, %(id)s, %(client)s, %(name)s, %(phone)s, %(vehicle)s, %(capacity)s, %(stores)s, %(shift_from)s,
        %(shift_until)s, %(break_until)s, %(active)s, %(changed_at)s, %(fleet)s,
        %(told_until)s)
    ON DUPLICATE KEY UPDATE client_id = %(client)s, name = %(name)s, phone = %(phone)s, vehicle = %(vehicle)s,
        capacity = %(capacity)s, stores = %(stores)s, shift_from = %(shift_from)s, shift_until = %(shift_until)s,
        break_until = %(break_until)s, active = %(active)s, revision = revision + 1, changed_at = %(changed_at)s,
        told_until = %(told_until)s"""
SELECT_COURIER = f"""
    SELECT {COLUMNS} FROM couriers WHERE chain_id = %(chain)s AND id = %(id)s"""  # noqa: S608 - of a constant
LOCK_COURIER = f"{SELECT_COURIER} FOR UPDATE"
SELECT_OF_CLIENT = f"SELECT {COLUMNS} FROM couriers WHERE client_id = %(client)s"  # noqa: S608 - of a constant
SELECT_COURIERS = f"""
    SELECT {COLUMNS} FROM couriers WHERE chain_id = %(chain)s AND active = 1 AND fleet IS NULL
    ORDER BY id LIMIT 1000"""  # noqa: S608 - of a constant
SELECT_LEFT = """
    SELECT chain_id AS chain, id FROM couriers
    WHERE shift_until > %(since)s AND shift_until <= %(now)s AND active = 1 AND fleet IS NULL
        AND (told_until IS NULL OR told_until <> shift_until)
    ORDER BY shift_until LIMIT 500"""
UPDATE_TOLD = "UPDATE couriers SET told_until = %(told_until)s WHERE chain_id = %(chain)s AND id = %(id)s"
# By the view that `people` publishes.
SELECT_CHAIN_OF_PERSON = "SELECT chain_id AS chain FROM person_roles WHERE person_id = %(person)s LIMIT 1"
SELECT_OF_FLEETS = f"""
    SELECT {COLUMNS} FROM couriers WHERE chain_id = %(chain)s AND active = 1 AND fleet IS NOT NULL
    ORDER BY id LIMIT 1000"""  # noqa: S608 - of a constant


@dataclass(frozen=True)
class Courier:
    """A courier of some stores of a chain. `client` is the person, or key, that acts for the courier.

    `fleet` is the outside fleet that sent the courier for one delivery alone. `told_until` is the end of the shift of
    which the desk was told.
    """

    chain: str
    id: str
    client: str | None
    name: str
    phone: str | None
    vehicle: str
    capacity: int
    stores: Sequence[str]
    changed_at: datetime
    shift_from: datetime | None = None
    shift_until: datetime | None = None
    break_until: datetime | None = None
    active: bool = True
    revision: int = 1
    fleet: str | None = None
    told_until: datetime | None = None

    @property
    def first_name(self) -> str:
        """The first word of the name; empty for a name of spaces alone."""
        return next(iter(self.name.split()), "")

    def is_on_shift(self, now: datetime) -> bool:
        """Whether the shift has begun and not ended."""
        return bool(self.shift_from and self.shift_until and self.shift_from <= now < self.shift_until)


def upsert_courier(transaction: Transaction, courier: Courier) -> None:
    """Store a courier, new or changed. Raises `Duplicate` for a client that is another courier."""
    transaction.execute(UPSERT_COURIER, vars(courier) | {"stores": json.dumps(list(courier.stores))})


def read_courier(transaction: Transaction, chain: str, courier_id: str) -> Courier | None:
    """The courier."""
    row = transaction.row(SELECT_COURIER, {"chain": chain, "id": courier_id})
    return _courier(row) if row else None


def lock_courier(transaction: Transaction, chain: str, courier_id: str) -> Courier | None:
    """The courier, locked until the end of the transaction."""
    row = transaction.row(LOCK_COURIER, {"chain": chain, "id": courier_id})
    return _courier(row) if row else None


def read_courier_of(transaction: Transaction, client: str) -> Courier | None:
    """The courier for whom the client acts."""
    row = transaction.row(SELECT_OF_CLIENT, {"client": client})
    return _courier(row) if row else None


def read_chains_of_client(transaction: Transaction, client: str) -> set[str]:
    """The chain of a person (`p-…`), or the chains in which a key has rights. Empty for an unknown one."""
    if client.startswith("p-"):
        row = transaction.row(SELECT_CHAIN_OF_PERSON, {"person": client.removeprefix("p-")})
        return {str(row["chain"])} if row else set()
    key = read_client(transaction, client)
    return {Grant.parse(grant).chain for grant in key.grants} if key else set()


def read_couriers(transaction: Transaction, chain: str) -> list[Courier]:
    """The active couriers of a chain, without those of outside fleets."""
    return [_courier(row) for row in transaction.rows(SELECT_COURIERS, {"chain": chain})]


def read_left(transaction: Transaction, since: datetime, now: datetime) -> list[tuple[str, str]]:
    """(chain, courier) of shifts that ended and of which the desk was not told, at most 500."""
    rows = transaction.rows(SELECT_LEFT, {"since": since, "now": now})
    return [(row["chain"], row["id"]) for row in rows]


def update_told(transaction: Transaction, courier: Courier) -> None:
    """Store that the desk knows of the end of a shift. It is no change of the courier."""
    transaction.execute(UPDATE_TOLD, {"chain": courier.chain, "id": courier.id, "told_until": courier.told_until})


def read_fleet_couriers(transaction: Transaction, chain: str) -> list[Courier]:
    """The couriers whom outside fleets sent to a chain, as long as they are on their trip."""
    return [_courier(row) for row in transaction.rows(SELECT_OF_FLEETS, {"chain": chain})]


def _courier(row: Row) -> Courier:
    return Courier(**in_utc(row) | {"stores": tuple(json.loads(row["stores"])), "active": bool(row["active"])})
