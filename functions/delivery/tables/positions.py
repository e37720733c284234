"""SQL of the tables `courier_positions`, `courier_devices` and `delivery_tracks`."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from functions.delivery.tables.times import in_utc
from shared.spine.db import Transaction

# An older fix, or one that came before, changes nothing.
UPSERT_POSITION = """
    INSERT INTO courier_positions (chain_id, courier_id, lat, lon, accuracy, fixed_at, received_at, doubted)
    VALUES (%(chain)s, %(courier)s, %(lat)s, %(lon)s, %(accuracy)s, %(fixed_at)s, %(received_at)s, %(doubted)s)
    ON DUPLICATE KEY UPDATE
        lat = IF(fixed_at < %(fixed_at)s, %(lat)s, lat), lon = IF(fixed_at < %(fixed_at)s, %(lon)s, lon),
        accuracy = IF(fixed_at < %(fixed_at)s, %(accuracy)s, accuracy),
        received_at = IF(fixed_at < %(fixed_at)s, %(received_at)s, received_at),
        doubted = IF(fixed_at < %(fixed_at)s, %(doubted)s, doubted),
        fixed_at = GREATEST(fixed_at, %(fixed_at)s)"""
COLUMNS = "chain_id AS chain, courier_id AS courier, lat, lon, accuracy, fixed_at, received_at, doubted"
SELECT_POSITIONS = f"SELECT {COLUMNS} FROM courier_positions WHERE chain_id = %(chain)s"  # noqa: S608 - of a constant
SELECT_POSITION = f"{SELECT_POSITIONS} AND courier_id = %(courier)s"
REPLACE_DEVICE = """
    INSERT INTO courier_devices (token_hash, chain_id, courier_id, created_at)
    VALUES (%(token)s, %(chain)s, %(courier)s, %(now)s)
    ON DUPLICATE KEY UPDATE token_hash = %(token)s, created_at = %(now)s"""
UPDATE_DOUBTED = """
    UPDATE courier_positions SET doubted = %(doubted)s
    WHERE chain_id = %(chain)s AND courier_id = %(courier)s AND fixed_at = %(fixed_at)s"""
LOCK_POSITION = f"{SELECT_POSITION} FOR UPDATE"
SELECT_DEVICE = """
    SELECT d.chain_id AS chain, d.courier_id AS courier, p.lat, p.lon, p.accuracy, p.fixed_at, p.received_at, p.doubted,
        c.shift_from, c.shift_until
    FROM courier_devices d
    JOIN couriers c ON c.chain_id = d.chain_id AND c.id = d.courier_id AND c.active = 1
    LEFT JOIN courier_positions p ON p.chain_id = d.chain_id AND p.courier_id = d.courier_id
    WHERE d.token_hash = %(token)s"""
SELECT_TRACK = "SELECT fixes FROM delivery_tracks WHERE delivery_id = %(delivery)s"
UPSERT_TRACK = """
    INSERT INTO delivery_tracks (delivery_id, fixes, changed_at) VALUES (%(delivery)s, %(fixes)s, %(now)s)
    ON DUPLICATE KEY UPDATE fixes = %(fixes)s, changed_at = %(now)s"""
DELETE_OLD_POSITIONS = "DELETE FROM courier_positions WHERE received_at < %(before)s LIMIT 1000"
DELETE_OLD_TRACKS = "DELETE FROM delivery_tracks WHERE changed_at < %(before)s LIMIT 1000"


@dataclass(frozen=True)
class Position:
    """The last place of a courier, in WGS-84. `accuracy` is in metres.

    `doubted` are the newest fixes that no vehicle could reach from it, as a track.
    """

    chain: str
    courier: str
    lat: float
    lon: float
    accuracy: float
    fixed_at: datetime
    received_at: datetime
    doubted: str = ""


class Device(NamedTuple):
    """A courier's device, with the last place and the shift of the courier."""

    chain: str
    courier: str
    last: Position | None
    shift_from: datetime | None
    shift_until: datetime | None


def upsert_position(transaction: Transaction, position: Position) -> None:
    """Store the place, if it is newer than the stored one."""
    transaction.execute(UPSERT_POSITION, vars(position))


def read_positions(transaction: Transaction, chain: str) -> dict[str, Position]:
    """The last places by courier."""
    rows = transaction.rows(SELECT_POSITIONS, {"chain": chain})
    return {row["courier"]: Position(**in_utc(row)) for row in rows}


def read_position(transaction: Transaction, chain: str, courier: str) -> Position | None:
    """The last place of a courier."""
    row = transaction.row(SELECT_POSITION, {"chain": chain, "courier": courier})
    return Position(**in_utc(row)) if row else None


def replace_device(transaction: Transaction, token_hash: bytes, chain: str, courier: str, now: datetime) -> None:
    """The secret of the courier's device; the one before is no longer good."""
    transaction.execute(REPLACE_DEVICE, {"token": token_hash, "chain": chain, "courier": courier, "now": now})


def lock_position(transaction: Transaction, chain: str, courier: str) -> None:
    """Lock the last place of a courier until the end of the transaction."""
    transaction.row(LOCK_POSITION, {"chain": chain, "courier": courier})


def update_doubted(transaction: Transaction, position: Position) -> None:
    """Store the fixes in doubt, unless there is a newer place. The row is locked until the end of the transaction."""
    transaction.execute(UPDATE_DOUBTED, vars(position))


def read_device(transaction: Transaction, token_hash: bytes) -> Device | None:
    """The device of a secret. None for an unknown secret, or a courier who has left."""
    row = transaction.row(SELECT_DEVICE, {"token": token_hash})
    if row is None:
        return None
    values = in_utc(row)
    shift = values.pop("shift_from"), values.pop("shift_until")
    return Device(row["chain"], row["courier"], Position(**values) if row["fixed_at"] else None, *shift)


def read_track(transaction: Transaction, delivery_id: str) -> str:
    """The fixes of a delivery."""
    row = transaction.row(SELECT_TRACK, {"delivery": delivery_id})
    return str(row["fixes"]) if row else ""


def upsert_track(transaction: Transaction, delivery_id: str, fixes: str, now: datetime) -> None:
    """Store the fixes of a delivery."""
    transaction.execute(UPSERT_TRACK, {"delivery": delivery_id, "fixes": fixes, "now": now})


def delete_old(transaction: Transaction, positions_before: datetime, tracks_before: datetime) -> int:
    """Delete old places and tracks, at most a thousand of each. Returns their number."""
    positions = transaction.execute(DELETE_OLD_POSITIONS, {"before": positions_before})
    return positions + transaction.execute(DELETE_OLD_TRACKS, {"before": tracks_before})
