"""GET and PUT /v1/stores/{store}/menu, PUT /v1/stores/{store}/sold-out."""

import re
from dataclasses import replace
from typing import Annotated
from zlib import crc32

from pydantic import AfterValidator, Field

from functions.stores.resources.revision import StorePath, change_store, read_permitted
from shared.contracts.menu import MAX_ITEMS, Language, Menu
from shared.contracts.menu_texts import in_language
from shared.contracts.messages.orders import Service, SourceKind
from shared.contracts.models import Input, Output, Query
from shared.contracts.moments import Moment
from shared.contracts.price_lists import menu_for
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


class MenuQuery(Query):
    """The language, and the channel, service and time whose items and prices are asked for."""

    language: Annotated[Language | None, Field(description="Names and descriptions in this language, if any.")] = None
    channel: Annotated[SourceKind | None, Field(description="The channel whose price lists apply.")] = None
    service: Annotated[Service | None, Field(description="The service whose price lists apply.")] = None
    at: Annotated[Moment | None, Field(description="The time whose menu and price lists apply.")] = None

    @property
    def resolves(self) -> bool:
        """Whether the caller asks for the prices of one channel, service or time."""
        return self.channel is not None or self.service is not None or self.at is not None


class MenuDocument(Output):
    """A store's menu and the items that are sold out now. `left` has the counted items with the pieces left."""

    store: str
    revision: int
    currency: str
    menu: Menu
    sold_out: list[str]
    left: dict[str, int] = {}


def get_menu(call: Call, path: StorePath, query: MenuQuery) -> Reply:
    """The menu with its sold-out items. The reply is 304 while the caller's ETag is the present revision.

    With a channel, a service or a time it is the menu with the items and prices of the lists that apply.
    """
    store = read_permitted(call, path, query.at)
    if store.menu is None:
        raise NotFound("no_menu", f"store {store.id} has no menu yet")
    if query.resolves:
        local = store.local(query.at or call.env.clock())
        menu = menu_for(store.menu, query.channel, query.service, local)
        menu = menu.model_copy(update={"price_lists": []})
        return Reply(_document(replace(store, menu=menu), query.language))
    return reply_unless_current(call, store.revision, lambda: _document(store, query.language), _detail(store))


def _detail(store: Store) -> str:
    """A text that identifies the chain's versions and the counts, which change without a revision of the store."""
    counts = f"{crc32(repr(sorted(store.left.items())).encode()):x}" if store.left else ""
    return ".".join(part for part in (store.menu_versions, counts) if part)


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


def _document(store: Store, language: str | None = None) -> MenuDocument:
    menu = store.menu or Menu(items=[])
    # The menu was checked when it was stored: checking it again costs as much as writing it.
    return MenuDocument.model_construct(
        store=store.id,
        revision=store.revision,
        currency=store.settings.currency,
        menu=in_language(menu, language) if language else menu,
        sold_out=sorted(store.sold_out | {item for item, left in store.left.items() if left <= 0}),
        left=dict(sorted(store.left.items())),
    )
