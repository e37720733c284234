"""GET /v1/menus, GET and PUT /v1/menus/{menu}, DELETE /v1/menus/{menu}/versions/{version}."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from functions.stores.resources.menu_change import (
    BeginsAt,
    MenuPath,
    chain_of,
    change_menu,
    in_utc,
    unknown_menu,
)
from functions.stores.tables.chain_menus import delete_planned_version, read_all_versions, read_menu, read_menus
from shared.contracts.chain_menus import read_bodies, read_versions, versions_at
from shared.contracts.menu import Menu
from shared.contracts.menu_layers import CHAIN_LAYER
from shared.contracts.models import Input, Output, Query
from shared.contracts.moments import Moment
from shared.contracts.money import Currency
from shared.contracts.text import Id
from shared.spine.db import Transaction
from shared.spine.errors import NotFound
from shared.spine.http import Call, Reply
from shared.spine.rights import Scope


class VersionPath(MenuPath):
    """A version of a menu, or of an override of it."""

    version: Annotated[int, Field(ge=1, le=2**31)]


class MenusQuery(Query):
    """The chain whose menus are asked for."""

    chain: Annotated[Id | None, Field(description="Without it, all chains that the key may read.")] = None


class AtQuery(Query):
    """The moment of which the version is asked for."""

    at: Annotated[Moment | None, Field(description="By default now.")] = None


class ChainMenuIn(Input):
    """A menu for many stores of a chain. Stores name it by `menu` in their settings."""

    currency: Currency
    begins_at: BeginsAt = None
    menu: Menu


class MenuSummary(Output):
    """A menu of a chain. `stores` is the number of stores that sell from it."""

    id: str
    chain: str
    currency: str
    revision: int
    stores: int


class MenuList(Output):
    """The menus of the chains that the key may read."""

    menus: list[MenuSummary]


class MenuVersion(Output):
    """A version of a layer: `chain`, `region:REGION` or `store:STORE`."""

    layer: str
    version: int
    begins_at: datetime


class ChainMenuDocument(Output):
    """A menu at a moment; null before its first version. `versions` lists the stored versions of all layers."""

    id: str
    chain: str
    currency: str
    revision: int
    menu: Menu | None
    versions: list[MenuVersion]


def list_chain_menus(call: Call, query: MenusQuery) -> Reply:
    """The menus of a chain, without their items."""
    reach = call.client.reach("menu:read").within(query.chain)
    with call.env.db.transaction() as transaction:
        rows = read_menus(transaction, reach.chains)
    menus = [MenuSummary(id=row["menu_id"], chain=row["chain_id"], **_counts(row)) for row in rows]
    return Reply(MenuList(menus=menus))


def _counts(row: dict[str, str | int]) -> dict[str, str | int]:
    return {name: row[name] for name in ("currency", "revision", "stores")}


def get_chain_menu(call: Call, path: MenuPath, query: AtQuery) -> Reply:
    """A menu of the chain without overrides, now or at a stated time, with all planned versions."""
    chain = chain_of(call.client, path.menu)
    call.client.require("menu:read", Scope(chain))
    with call.env.db.snapshot() as transaction:
        document = _read_document(transaction, chain, path, query.at or call.env.clock())
    return Reply(document)


def _read_document(transaction: Transaction, chain: str, path: MenuPath, moment: datetime) -> ChainMenuDocument:
    menu = read_menu(transaction, chain, path.menu.rpartition(":")[2])
    if menu is None:
        raise unknown_menu(path.menu)
    present = versions_at(read_versions(transaction, chain, menu.id, [CHAIN_LAYER]), moment)
    content = next(iter(read_bodies(transaction, chain, menu.id, present)), None)
    versions = [
        MenuVersion(layer=row["layer"], version=row["version"], begins_at=in_utc(row["begins_at"]))
        for row in read_all_versions(transaction, menu)
    ]
    return ChainMenuDocument(
        id=menu.id,
        chain=chain,
        currency=menu.currency,
        revision=menu.revision,
        menu=content if isinstance(content, Menu) else None,
        versions=versions,
    )


def put_chain_menu(call: Call, path: MenuPath, body: ChainMenuIn) -> Reply:
    """Store a version of the menu that holds from `begins_at` on, in every store that sells from it."""
    scope = Scope(chain_of(call.client, path.menu))
    with change_menu(call, path, scope, body.currency) as change:
        change.begin(CHAIN_LAYER, body.menu.model_dump_json(exclude_defaults=True), body.begins_at)
    return change.reply


def delete_menu_version(call: Call, path: VersionPath) -> Reply:
    """Delete a planned version, of the menu or of an override, before it begins."""
    scope = Scope(chain_of(call.client, path.menu))
    with change_menu(call, path, scope) as change:
        if not delete_planned_version(change.work, change.menu, path.version, change.now):
            raise NotFound("unknown_version", f"no version {path.version} of the menu is planned")
        change.version = path.version
    return change.reply
