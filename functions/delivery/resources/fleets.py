"""/v1/delivery-fleets: accounts at outside fleets. Credentials are written, and never shown."""

import json
from typing import Annotated

from pydantic import Field, StringConstraints

from functions.delivery.fleets import FLEETS
from functions.delivery.fleets.contract import Fleet, Setting
from functions.delivery.resources.access import MANAGE, READ
from functions.delivery.tables.fleets import StoredFleet, lock_fleet, read_fleet, read_fleets_of_chain, upsert_fleet
from shared.contracts.ids import store_key
from shared.contracts.models import Input, Output, Query
from shared.contracts.text import Id
from shared.kit.addresses.url import parsed_url
from shared.spine.auth import cipher
from shared.spine.errors import NotFound, Rejected
from shared.spine.http import Call, Reply
from shared.spine.rights import Scope

Value = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
ADDRESSES = ("base_url", "auth_url")


class FleetPath(Query):
    """The name of a fleet within its chain."""

    fleet: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,31}$")]


class FleetQuery(Query):
    """The chain."""

    chain: Id


class DeliveryFleetIn(Input):
    """An account at a fleet. Without `credentials` those that are stored stay."""

    kind: Annotated[str, Field(examples=["uber_direct"], description="A name of GET /v1/delivery-fleets/kinds.")]
    settings: Annotated[dict[str, Value], Field(max_length=20)] = {}
    credentials: Annotated[
        dict[str, Value] | None, Field(max_length=20, description="Stored encrypted. No reply shows them.")
    ] = None
    enabled: bool = True


class DeliveryFleet(Output):
    """An account as it is stored, without its credentials. `callback`: the path to enter at the service."""

    fleet: str
    chain: str
    kind: str
    settings: dict[str, str]
    has_credentials: bool
    enabled: bool
    revision: int
    callback: str


class DeliveryFleets(Output):
    """The fleets of a chain."""

    fleets: list[DeliveryFleet]


class DeliveryFleetSetting(Output):
    """A value that a fleet asks for."""

    name: str
    secret: bool
    help: str
    default: str | None


class DeliveryFleetKind(Output):
    """A delivery service that can bring deliveries."""

    kind: str
    title: str
    settings: list[DeliveryFleetSetting]


class DeliveryFleetKinds(Output):
    """The delivery services that can bring deliveries."""

    kinds: list[DeliveryFleetKind]


def list_delivery_fleet_kinds(call: Call, query: FleetQuery) -> Reply:
    """List the delivery services, with the values that each asks for."""
    call.client.require(READ, Scope(query.chain))
    return Reply(DeliveryFleetKinds(kinds=[_kind(fleet) for fleet in FLEETS.values()]))


def list_delivery_fleets(call: Call, query: FleetQuery) -> Reply:
    """List the fleets of a chain."""
    call.client.require(READ, Scope(query.chain))
    with call.env.db.transaction() as transaction:
        fleets = read_fleets_of_chain(transaction, query.chain)
    return Reply(DeliveryFleets(fleets=[_document(fleet) for fleet in fleets]))


def get_delivery_fleet(call: Call, path: FleetPath, query: FleetQuery) -> Reply:
    """Read a fleet."""
    call.client.require(READ, Scope(query.chain))
    with call.env.db.transaction() as transaction:
        fleet = read_fleet(transaction, store_key(query.chain, path.fleet))
    if fleet is None:
        raise NotFound("unknown_fleet", f"there is no fleet {path.fleet} in this chain")
    return Reply(_document(fleet))


def put_delivery_fleet(call: Call, path: FleetPath, query: FleetQuery, body: DeliveryFleetIn) -> Reply:
    """Add a fleet, or replace its settings. It needs the right over the chain."""
    call.client.require(MANAGE, Scope(query.chain))
    if body.kind not in FLEETS:
        raise Rejected("unknown_fleet_kind", f"there is no service {body.kind}; take one of {', '.join(FLEETS)}")
    settings = _checked(call, FLEETS[body.kind], body)
    with call.once() as (work, stored):
        key = store_key(query.chain, path.fleet)
        fleet = _changed(call, key, body, settings, lock_fleet(work, key))
        upsert_fleet(work, fleet)
        stored.reply = _document(fleet).model_dump_json()
    return Reply(stored.reply)


def _checked(call: Call, fleet: Fleet, body: DeliveryFleetIn) -> dict[str, str]:
    """The settings with their defaults. Raises `Rejected` for unknown names and refused addresses."""
    public = {setting.name: setting for setting in fleet.settings if not setting.secret}
    secret = {setting.name: setting for setting in fleet.settings if setting.secret}
    unknown = sorted((body.settings.keys() - public.keys()) | ((body.credentials or {}).keys() - secret.keys()))
    if unknown:
        raise Rejected("unknown_setting", f"{fleet.name} has no value {unknown[0]}")
    settings = {name: one.default for name, one in public.items() if one.default is not None} | body.settings
    for name in ADDRESSES:
        if name in settings:
            parsed_url(settings[name], local=call.env.settings.stage == "local")
    needed = public if body.credentials is None else public | secret
    given = settings | (body.credentials or {})
    missing = [one for name, one in needed.items() if one.default is None and not given.get(name)]
    if missing:
        raise Rejected("setting_missing", f"{fleet.name} needs {missing[0].name}: {missing[0].help}")
    return settings


def _changed(
    call: Call, key: str, body: DeliveryFleetIn, settings: dict[str, str], before: StoredFleet | None
) -> StoredFleet:
    moved = before is None or before.kind != body.kind or _addresses(before.settings) != _addresses(settings)
    if body.credentials is None and moved:
        # Stored credentials must not go to another address.
        raise Rejected("credentials_missing", "a new fleet, and one with another address, needs its credentials")
    credentials = before.credentials if before else b""
    if body.credentials is not None:
        credentials = cipher(call.env.keyring()).encrypt(json.dumps(body.credentials).encode())
    return StoredFleet(key, body.kind, settings, credentials, body.enabled, before.revision + 1 if before else 1)


def _addresses(settings: dict[str, str]) -> list[str | None]:
    return [settings.get(name) for name in ADDRESSES]


def _document(fleet: StoredFleet) -> DeliveryFleet:
    return DeliveryFleet(
        fleet=fleet.id,
        chain=fleet.chain,
        kind=fleet.kind,
        settings=fleet.settings,
        has_credentials=bool(fleet.credentials),
        enabled=fleet.enabled,
        revision=fleet.revision,
        callback=f"/delivery/fleets/{fleet.kind}/{fleet.key}",
    )


def _kind(fleet: Fleet) -> DeliveryFleetKind:
    settings = [_setting(setting) for setting in fleet.settings]
    return DeliveryFleetKind(kind=fleet.name, title=fleet.title, settings=settings)


def _setting(setting: Setting) -> DeliveryFleetSetting:
    return DeliveryFleetSetting(**vars(setting))
