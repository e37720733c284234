"""The menu that a store sells from at a moment, by the versions of its chain's menu.

They are read through the view `chain_menu_versions` that the concern `stores` publishes.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from shared.contracts.menu import Menu
from shared.contracts.menu_layers import CHAIN_LAYER, Override, layers_of, resolve
from shared.spine.db import Row, Transaction
from shared.spine.rights import Scope

SELECT_VERSIONS = """
    SELECT layer, version, begins_at, digest FROM chain_menu_versions
    WHERE chain_id = %(chain)s AND menu_id = %(menu)s AND layer IN %(layers)s ORDER BY begins_at, version"""
SELECT_BODIES = """
    SELECT layer, version, body FROM chain_menu_versions
    WHERE chain_id = %(chain)s AND menu_id = %(menu)s AND (layer, version) IN %(versions)s"""
# A body never changes under its digest. So these need no environment, and no end.
MOST_LAYERS, MOST_MENUS = 300, 500
_LAYERS: dict[str, Menu | Override] = {}
_MENUS: dict[tuple[str, ...], Menu] = {}

Value = TypeVar("Value", Menu, Menu | Override)
Key = TypeVar("Key", str, tuple[str, ...])


@dataclass(frozen=True)
class LayerVersion:
    """A version of one layer of a menu. `digest` identifies its body."""

    layer: str
    version: int
    begins_at: datetime
    digest: str


@dataclass(frozen=True)
class MenuAt:
    """A menu from `begins_at` until a planned version replaces a layer of it. `versions` identifies it."""

    menu: Menu | None
    begins_at: datetime | None
    ends_at: datetime | None
    versions: str


def digest_of(layer: str, body: str) -> str:
    """The SHA-256 of a body and of its kind: a menu and an override may have the same text."""
    kind = "menu" if layer == CHAIN_LAYER else "override"
    return hashlib.sha256(f"{kind} {body}".encode()).hexdigest()


def read_menu_at(transaction: Transaction, scope: Scope, menu: str, moment: datetime) -> MenuAt:
    """The menu of the store `scope` at the moment; None as its menu before its first version begins."""
    versions = read_versions(transaction, scope.chain, menu, layers_of(scope.region, scope.store))
    present = versions_at(versions, moment)
    ends_at = min((version.begins_at for version in versions if version.begins_at > moment), default=None)
    if not present or present[0].layer != CHAIN_LAYER:
        return MenuAt(None, None, ends_at, "0")
    begins_at = max(version.begins_at for version in present)
    name = ".".join(str(version.version) for version in present)
    return MenuAt(_resolved(transaction, scope.chain, menu, present), begins_at, ends_at, name)


def read_versions(transaction: Transaction, chain: str, menu: str, layers: Sequence[str]) -> list[LayerVersion]:
    """The versions of these layers, without their bodies, in the order in which they begin."""
    rows = transaction.rows(SELECT_VERSIONS, {"chain": chain, "menu": menu, "layers": layers})
    return [
        LayerVersion(row["layer"], row["version"], row["begins_at"].replace(tzinfo=UTC), row["digest"]) for row in rows
    ]


def versions_at(versions: Sequence[LayerVersion], moment: datetime) -> list[LayerVersion]:
    """The version of each layer at the moment, in the order in which layers are applied."""
    newest = {version.layer: version for version in versions if version.begins_at <= moment}
    return sorted(newest.values(), key=lambda version: version.layer)


def read_bodies(
    transaction: Transaction, chain: str, menu: str, versions: Sequence[LayerVersion]
) -> list[Menu | Override]:
    """The contents of these versions: a `Menu` of the chain's layer, an `Override` of any other."""
    missing = [version for version in versions if version.digest not in _LAYERS]
    if missing:
        keys = [(version.layer, version.version) for version in missing]
        rows = transaction.rows(SELECT_BODIES, {"chain": chain, "menu": menu, "versions": keys})
        bodies = {(row["layer"], row["version"]): row for row in rows}
        for version, key in zip(missing, keys, strict=True):
            _keep(_LAYERS, version.digest, _read_layer(bodies[key]), MOST_LAYERS)
    return [_LAYERS[version.digest] for version in versions]


def _resolved(transaction: Transaction, chain: str, menu: str, versions: Sequence[LayerVersion]) -> Menu:
    """The menu of these versions. Stores with the same overrides share one object."""
    digests = tuple(version.digest for version in versions)
    return _MENUS.get(digests) or _keep(
        _MENUS, digests, _merged(read_bodies(transaction, chain, menu, versions)), MOST_MENUS
    )


def _merged(layers: Sequence[Menu | Override]) -> Menu:
    base, *overrides = layers
    assert isinstance(base, Menu)  # as of the chain's layer
    return resolve(base, [override for override in overrides if isinstance(override, Override)])


def _read_layer(row: Row) -> Menu | Override:
    if row["layer"] == CHAIN_LAYER:
        return Menu.model_validate_json(row["body"])
    return Override.model_validate_json(row["body"])


def _keep(store: dict[Key, Value], key: Key, value: Value, most: int) -> Value:
    while len(store) >= most:
        store.pop(next(iter(store)))
    store[key] = value
    return value
