"""/v1/delivery-stores/{store}: how a store delivers."""

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from functions.delivery.fleets.rule import FleetRule
from functions.delivery.page.tiles import MapTiles
from functions.delivery.resources.access import MANAGE, READ, store_scope
from functions.delivery.tables.couriers import read_courier
from functions.delivery.tables.fleets import read_fleet
from functions.delivery.tables.stores import StoreSettings, read_reached, read_store, read_stores, upsert_store
from shared.contracts.ids import store_key
from shared.contracts.models import Input, Output, Query
from shared.contracts.moments import Day
from shared.contracts.text import Id
from shared.spine.errors import NotFound
from shared.spine.http import Call, Reply
from shared.spine.rights import Scope


class StorePath(Query):
    """A store within its chain."""

    store: Id


class StoreQuery(Query):
    """The chain."""

    chain: Id


class StoreSettingsIn(Input):
    """How a store delivers. `lat` and `lon` are degrees of WGS-84; `map_system` is that of the maps on its pages.

    `prepare_minutes` pass until an order is packed, `promise_minutes` until it is at the door. A scheduled order comes
    within `window_minutes`. `automatic`: the system offers deliveries to couriers, each for `offer_seconds`.
    `fixed_courier` gets all of them. `needs_pin`: a courier needs the customer's PIN. `pilot_from` parts the numbers.
    `fleet_rule` says when an outside fleet is asked. `map_tiles` are shown on the customer's page; without them it
    loads nothing from other hosts.
    """

    chain: Id
    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180)
    map_system: Literal["wgs84", "gcj02"] = "wgs84"
    prepare_minutes: int = Field(default=20, ge=0, le=1_440)
    promise_minutes: int = Field(default=45, ge=1, le=1_440)
    window_minutes: int = Field(default=60, ge=1, le=1_440)
    offer_seconds: int = Field(default=60, ge=20, le=900)
    automatic: bool = False
    fixed_courier: Id | None = None
    needs_pin: bool = False
    pilot_from: Day | None = None
    fleet_rule: FleetRule | None = None
    map_tiles: MapTiles | None = None

    @model_validator(mode="after")
    def _placed(self) -> "StoreSettingsIn":
        if (self.lat is None) != (self.lon is None):
            raise ValueError("a place has both lat and lon")
        if self.fleet_rule and self.lat is None:
            raise ValueError("a fleet needs the place of the store")
        if self.automatic and self.lat is None:
            raise ValueError("automatic assignment needs the place of the store")
        return self


class StoreSettingsDocument(Output):
    """How a store delivers, in the fields of the request."""

    store: str
    chain: str
    lat: float | None
    lon: float | None
    map_system: Literal["wgs84", "gcj02"]
    prepare_minutes: int
    promise_minutes: int
    window_minutes: int
    offer_seconds: int
    automatic: bool
    fixed_courier: str | None
    needs_pin: bool
    pilot_from: date | None
    fleet_rule: FleetRule | None = None
    map_tiles: MapTiles | None = None


class StoreSettingsList(Output):
    """The stores with settings that the caller may see, by id, at most 2,000."""

    stores: list[StoreSettingsDocument]


def list_store_settings(call: Call, query: StoreQuery) -> Reply:
    """List how the stores of a chain deliver."""
    reach = call.client.reach(READ).within(query.chain)
    if not reach.all_chains:
        call.client.require(READ, Scope(query.chain))
    with call.env.db.transaction() as transaction:
        stores = read_stores(transaction, read_reached(transaction, reach))
    return Reply(StoreSettingsList(stores=[_document(settings) for settings in stores]))


def put_store_settings(call: Call, path: StorePath, body: StoreSettingsIn) -> Reply:
    """Set how a store delivers."""
    with call.once() as (work, stored):
        scope = store_scope(call, work, MANAGE, body.chain, path.store)
        if body.fixed_courier and read_courier(work, body.chain, body.fixed_courier) is None:
            raise NotFound("unknown_courier", f"there is no courier {body.fixed_courier}")
        rule = body.fleet_rule
        if rule and read_fleet(work, store_key(body.chain, rule.fleet)) is None:
            raise NotFound("unknown_fleet", f"there is no fleet {rule.fleet} in this chain")
        fields = body.model_dump(exclude={"chain", "automatic", "fleet_rule", "map_tiles"})
        fields |= {"fleet_rule": rule, "map_tiles": body.map_tiles}
        settings = StoreSettings(store=scope.key, is_automatic=body.automatic, changed_at=call.env.clock(), **fields)
        upsert_store(work, settings)
        stored.reply = _document(settings).model_dump_json()
    return Reply(stored.reply)


def get_store_settings(call: Call, path: StorePath, query: StoreQuery) -> Reply:
    """Read how a store delivers; without settings it has the defaults."""
    with call.env.db.transaction() as transaction:
        scope = store_scope(call, transaction, READ, query.chain, path.store)
        settings = read_store(transaction, scope.key)
    return Reply(_document(settings))


def _document(settings: StoreSettings) -> StoreSettingsDocument:
    values = vars(settings) | {
        "store": settings.store.partition(":")[2],
        "chain": settings.chain,
        "automatic": settings.is_automatic,
    }
    return StoreSettingsDocument.model_validate({name: values[name] for name in StoreSettingsDocument.model_fields})
