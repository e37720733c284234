"""A change of a chain's menu: lock it, store a version of one layer, and make the copies of its stores old."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field

from functions.stores.tables.chain_menus import (
    ChainMenu,
    insert_menu,
    insert_menu_version,
    lock_menu,
    update_menu,
    update_store_revisions,
)
from shared.contracts.chain_menus import read_versions
from shared.contracts.menu_layers import CHAIN_LAYER
from shared.contracts.messages.stores import MenuChanged, menu_subject
from shared.contracts.models import Output, Query
from shared.contracts.moments import Moment
from shared.contracts.stores import StoreReference
from shared.kit.revision import require_match, require_no_match, tag_headers
from shared.spine.auth import Client
from shared.spine.db import Duplicate
from shared.spine.errors import Conflict, NotFound, Rejected, Unavailable
from shared.spine.http import Call, Reply
from shared.spine.outbox import Work
from shared.spine.rights import Scope

# Each new copy of a menu reads the list of its versions.
MAX_PLANNED = 50

BeginsAt = Annotated[
    Moment | None, Field(description="The time from which it holds. A time that has passed, or null, means now.")
]


class MenuPath(Query):
    """A menu by its id in its chain."""

    menu: Annotated[StoreReference, Field(description="A menu's id, or `chain:menu` for a key of several chains.")]


class ChangedMenu(Output):
    """A version that was stored, or deleted. `stores` is the number of stores that it reaches."""

    id: str
    chain: str
    revision: int
    layer: str
    version: int
    begins_at: datetime | None
    stores: int


@dataclass
class MenuChange:
    """A menu at its next revision, locked. `scope` is the part of the chain that the change reaches."""

    work: Work
    menu: ChainMenu
    now: datetime
    scope: Scope
    layer: str = CHAIN_LAYER
    version: int = 0
    begins_at: datetime | None = None
    reply: Reply = field(default_factory=Reply)

    def begin(self, layer: str, body: str, begins_at: datetime | None) -> None:
        """Store a version of the layer, from `begins_at` on but not from before now."""
        self.layer, self.version, self.begins_at = layer, self.menu.revision, max(begins_at or self.now, self.now)
        if self.begins_at > self.now:
            self._require_room()
        insert_menu_version(self.work, self.menu, layer, self.begins_at, body, self.now)

    def document(self, stores: int) -> ChangedMenu:
        """The reply: the version that was stored, and the number of stores that it reaches."""
        return ChangedMenu(
            id=self.menu.id,
            chain=self.menu.chain,
            revision=self.menu.revision,
            layer=self.layer,
            version=self.version,
            begins_at=self.begins_at,
            stores=stores,
        )

    def _require_room(self) -> None:
        versions = read_versions(self.work, self.menu.chain, self.menu.id, [self.layer])
        if sum(version.begins_at > self.now for version in versions) >= MAX_PLANNED:
            raise Conflict("too_many_versions", f"{MAX_PLANNED} versions are planned already; delete one of them")


@contextmanager
def change_menu(call: Call, path: MenuPath, scope: Scope, currency: str | None = None) -> Iterator[MenuChange]:
    """Lock the menu, yield it, then store its revision. `reply` says what was stored.

    A menu that does not exist is made when `currency` is given. Raises `NotFound`, or `Rejected` without the right.
    """
    call.client.require("menu:write", scope)
    with call.once() as (work, stored_reply):
        menu = _next_revision(call, work, path, scope.chain, currency)
        change = MenuChange(work, menu, call.env.clock(), scope)
        yield change
        update_menu(work, menu)
        stores = update_store_revisions(work, menu, scope.region, scope.key if scope.store else "")
        document = change.document(stores)
        _announce(change, document)
        stored_reply.reply = document.model_dump_json()
        change.reply = Reply(stored_reply.reply, headers=tag_headers(menu.revision))


def _announce(change: MenuChange, document: ChangedMenu) -> None:
    fields = document.model_dump(exclude={"id"})
    subject = menu_subject(document.chain, document.id)
    change.work.announce(MenuChanged(menu=document.id, **fields), subject=subject, sequence=document.revision)


def _next_revision(call: Call, work: Work, path: MenuPath, chain: str, currency: str | None) -> ChainMenu:
    """The menu at its next revision, locked."""
    menu_id = path.menu.rpartition(":")[2]
    menu = lock_menu(work, chain, menu_id)
    if menu is None:
        if currency is None:
            raise unknown_menu(path.menu)
        require_no_match(call)
        return _insert(work, ChainMenu(chain, menu_id, currency, 1))
    require_match(call, menu.revision)
    if currency not in (None, menu.currency):
        detail = f"the menu has prices in {menu.currency}; make another menu for another currency"
        raise Conflict("menu_in_use", detail, extensions={"currency": menu.currency})
    return replace(menu, revision=menu.revision + 1)


def _insert(work: Work, menu: ChainMenu) -> ChainMenu:
    try:
        insert_menu(work, menu)
    except Duplicate:
        raise Unavailable("busy", "another request is creating this menu", retry_after=1) from None
    return menu


def chain_of(client: Client, reference: str) -> str:
    """The chain of a menu that the client names. Raises `NotFound`, or `Rejected` where several may be meant."""
    chain = reference.rpartition(":")[0]
    if chain:
        if chain not in client.chains:
            raise unknown_menu(reference)
        return chain
    if len(client.chains) != 1:
        detail = f"this key is of several chains: write chain:{reference}"
        raise Rejected("ambiguous_menu", detail, extensions={"chains": list(client.chains)})
    return client.chains[0]


def unknown_menu(reference: str) -> NotFound:
    """The error for a menu that does not exist, or that the client may not see."""
    return NotFound("unknown_menu", f"there is no menu {reference}")


def in_utc(moment: datetime) -> datetime:
    """A time of the database, with its zone."""
    return moment.replace(tzinfo=UTC)
