"""SQL of the table `delivery_stores`, and of the places of stores that `stores` publishes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from functions.delivery.fleets.rule import FleetRule
from functions.delivery.page.tiles import MapTiles
from functions.delivery.tables.times import in_utc
from shared.contracts.ids import split_key
from shared.spine.db import Row, Transaction
from shared.spine.rights import Reach, Scope

SELECT_PLACES = "SELECT chain_id AS chain, region_id AS region, store FROM store_places WHERE store_id IN %(keys)s"
SELECT_REACHED = "SELECT store_id FROM store_places WHERE {condition} ORDER BY store_id LIMIT 20000"
UPSERT_STORE = """
    INSERT INTO delivery_stores (store_id, chain_id, lat, lon, map_system, prepare_minutes, promise_minutes,
        window_minutes, offer_seconds, is_automatic, fixed_courier, needs_pin, pilot_from, changed_at,
        fleet_rule, map_tiles)
    VALUES (%(store)s, %(chain)s, %(lat)s, %(lon)s, %(map_system)s, %(prepare_minutes)s, %(promise_minutes)s,
        %(window_minutes)s, %(offer_seconds)s, %(is_automatic)s, %(fixed_courier)s, %(needs_pin)s, %(pilot_from)s,
        %(changed_at)s, %(fleet_rule)s, %(map_tiles)s)
    ON DUPLICATE KEY UPDATE lat = %(lat)s, lon = %(lon)s, map_system = %(map_system)s,
        prepare_minutes = %(prepare_minutes)s, promise_minutes = %(promise_minutes)s,
        window_minutes = %(window_minutes)s, offer_seconds = %(offer_seconds)s, is_automatic = %(is_automatic)s,
        fixed_courier = %(fixed_courier)s, needs_pin = %(needs_pin)s, pilot_from = %(pilot_from)s,
        changed_at = %(changed_at)s, fleet_rule = %(fleet_rule)s, map_tiles = %(map_tiles)s"""
COLUMNS = """store_id AS store, lat, lon, map_system, prepare_minutes, promise_minutes, window_minutes, offer_seconds,
    is_automatic, fixed_courier, needs_pin, pilot_from, changed_at, fleet_rule, map_tiles"""
SELECT_STORE = f"SELECT {COLUMNS} FROM delivery_stores WHERE store_id = %(store)s"  # noqa: S608 - of a constant
MOST_STORES = 2_000
SELECT_STORES = f"""
    SELECT {COLUMNS} FROM delivery_stores WHERE store_id IN %(stores)s
    ORDER BY store_id LIMIT {MOST_STORES}"""  # noqa: S608 - of constants
SELECT_AUTOMATIC = f"SELECT {COLUMNS} FROM delivery_stores WHERE is_automatic = 1"  # noqa: S608 - of a constant
SELECT_WITH_FLEET = f"""
    SELECT {COLUMNS} FROM delivery_stores WHERE fleet_rule IS NOT NULL
    ORDER BY store_id"""  # noqa: S608 - of a constant
SELECT_ZONES = "SELECT store_id, name, timezone, currency FROM store_places WHERE store_id IN %(keys)s"


@dataclass(frozen=True)
class StoreHome:
    """The name, the IANA time zone and the currency of a store, as `stores` publishes them."""

    name: str
    timezone: str
    currency: str


@dataclass(frozen=True)
class StoreSettings:
    """How a store delivers. `lat` and `lon` are WGS-84. Its pages show a map in `map_system`: wgs84 or gcj02.

    Without a row nothing is assigned by itself, and a courier has 60 s to answer an offer.
    """

    store: str
    lat: float | None = None
    lon: float | None = None
    map_system: str = "wgs84"
    prepare_minutes: int = 20
    promise_minutes: int = 45
    window_minutes: int = 60
    offer_seconds: int = 60
    is_automatic: bool = False
    fixed_courier: str | None = None
    needs_pin: bool = False
    pilot_from: date | None = None
    changed_at: datetime | None = None
    fleet_rule: FleetRule | None = None
    map_tiles: MapTiles | None = None

    @property
    def chain(self) -> str:
        """The chain of the store."""
        return split_key(self.store)[0]


def read_scopes(transaction: Transaction, keys: Sequence[str]) -> dict[str, Scope]:
    """The scopes of stores by key, as far as they exist."""
    rows = transaction.rows(SELECT_PLACES, {"keys": tuple(keys)}) if keys else []
    scopes = [Scope(row["chain"], row["region"], row["store"]) for row in rows]
    return {scope.key: scope for scope in scopes}


def read_reached(transaction: Transaction, reach: Reach) -> list[str]:
    """Keys of the stores within a right's reach, at most 20,000: more than a chain has."""
    condition, values = reach.condition("chain_id", "region_id", "store_id")
    return [row["store_id"] for row in transaction.rows(SELECT_REACHED.format(condition=condition), values)]


def upsert_store(transaction: Transaction, settings: StoreSettings) -> None:
    """Store the settings."""
    rule = settings.fleet_rule.model_dump_json() if settings.fleet_rule else None
    tiles = settings.map_tiles.model_dump_json() if settings.map_tiles else None
    values = vars(settings) | {"chain": settings.chain, "fleet_rule": rule, "map_tiles": tiles}
    transaction.execute(UPSERT_STORE, values)


def read_store(transaction: Transaction, store: str) -> StoreSettings:
    """The settings of a store; the defaults where none are stored."""
    row = transaction.row(SELECT_STORE, {"store": store})
    return _settings(row) if row else StoreSettings(store)


def read_stores(transaction: Transaction, stores: Sequence[str]) -> list[StoreSettings]:
    """The settings of those stores that have some, by key, at most 2,000."""
    rows = transaction.rows(SELECT_STORES, {"stores": tuple(stores)}) if stores else []
    return [_settings(row) for row in rows]


def read_automatic(transaction: Transaction) -> list[StoreSettings]:
    """The stores in which couriers are assigned by the system."""
    return [_settings(row) for row in transaction.rows(SELECT_AUTOMATIC)]


def read_with_fleet(transaction: Transaction) -> list[StoreSettings]:
    """The stores that ask outside fleets."""
    return [_settings(row) for row in transaction.rows(SELECT_WITH_FLEET)]


def read_home(transaction: Transaction, stores: Sequence[str]) -> dict[str, StoreHome]:
    """Name, time zone and currency of stores by key."""
    rows = transaction.rows(SELECT_ZONES, {"keys": tuple(stores)}) if stores else []
    return {row["store_id"]: StoreHome(row["name"], row["timezone"], row["currency"]) for row in rows}


def _settings(row: Row) -> StoreSettings:
    flags = {name: bool(row[name]) for name in ("is_automatic", "needs_pin")}
    rule = FleetRule.model_validate_json(row["fleet_rule"]) if row["fleet_rule"] else None
    tiles = MapTiles.model_validate_json(row["map_tiles"]) if row["map_tiles"] else None
    return StoreSettings(**in_utc(row) | flags | {"fleet_rule": rule, "map_tiles": tiles})
