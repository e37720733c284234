"""GET and PUT /v1/stores/{store}/menu, PUT /v1/stores/{store}/sold-out."""

import re
from dataclasses import replace
from typing import Annotated

from pydantic import AfterValidator, Field

from functions.stores.resources.revision import StorePath, change_store, read_permitted
from shared.contracts.menu import MAX_ITEMS, Menu
from shared.contracts.models import Input, Output
from shared.contracts.store_record import Store
from shared.contracts.text import IDENTIFIER
from shared.kit.revision import reply_unless_current
from shared.spine.errors import Conflict, NotFound
from shared.spine.http import Call, Reply

_ENTRY = re.compile(f"{IDENTIFIER}(/(size|option)/{IDENTIFIER})?")


def _sold_out_entry(text: str) -> str:
    if not _ENTRY.fullmatch(text):
        raise ValueError("write ITEM, ITEM/size/SIZE or ITEM/option/OPTION")
    return text


SoldOutEntry = Annotated[
    str,
    AfterValidator(_sold_out_entry),
    Field(description="`beef` for an item, `beef/size/L` for a size of it, `beef/option/spicy` for an option."),
]


class SoldOut(Input):
    """All items, sizes and options that can't be ordered for now."""

    items: Annotated[list[SoldOutEntry], Field(max_length=4 * MAX_ITEMS)]


class MenuDocument(Output):
    """A store's menu and the items that are sold out now."""

    store: str
    revision: int
    currency: str
    menu: Menu
    sold_out: list[str]


def get_menu(call: Call, path: StorePath) -> Reply:
    """The menu with its sold-out items. The reply is 304 while the caller's ETag is the present revision."""
    store = read_permitted(call, path)
    if store.menu is None:
        raise NotFound("no_menu", f"store {store.id} has no menu yet")
    return reply_unless_current(call, store.revision, lambda: _document(store), store.menu_versions)


def put_menu(call: Call, path: StorePath, body: Menu) -> Reply:
    """Replace the menu. The sold-out list stays."""

    def change(store: Store) -> Store:
        if store.settings.menu:
            detail = f"the store sells from the chain's menu {store.settings.menu}: override that, or take it off"
            raise Conflict("menu_of_chain", detail, extensions={"menu": store.settings.menu})
        return replace(store, menu=body)

    return change_store(call, path, "menu:write", change, _document)


def put_sold_out(call: Call, path: StorePath, body: SoldOut) -> Reply:
    """Replace the sold-out list."""
    sold_out = frozenset(body.items)
    return change_store(call, path, "menu:write", lambda store: replace(store, sold_out=sold_out), _document)


def _document(store: Store) -> MenuDocument:
    return MenuDocument(
        store=store.id,
        revision=store.revision,
        currency=store.settings.currency,
        menu=store.menu or Menu(items=[]),
        sold_out=sorted(store.sold_out),
    )
