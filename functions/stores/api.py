"""HTTP → settings, opening hours, menus and sold-out lists of stores and menus of chains."""

from functions.stores.resources import chain_menus, menus, overrides, settings, store_list
from functions.stores.resources.chain_menus import ChainMenuDocument, MenuList
from functions.stores.resources.menu_change import ChangedMenu
from functions.stores.resources.menus import MenuDocument
from functions.stores.resources.overrides import OverrideDocument
from functions.stores.resources.settings import StoreDocument
from functions.stores.resources.store_list import StorePage
from shared.spine import entry
from shared.spine.http import (
    BODY_PROBLEMS,
    CHANGE_PROBLEMS,
    RESOURCE_PROBLEMS,
    RIGHT_PROBLEMS,
    SIGNED_PROBLEMS,
    Operation,
    app_maker,
)

STORE = "/v1/stores/{store}"
MENU = "/v1/menus/{menu}"
OVERRIDE = f"{MENU}/overrides/{{scope}}"
STALE = 412

OPERATIONS = [
    Operation("GET", "/v1/stores", store_list.list_stores, {200: StorePage}, SIGNED_PROBLEMS),
    Operation("GET", STORE, settings.get_store, {200: StoreDocument, 304: None}, RESOURCE_PROBLEMS),
    Operation(
        "PUT",
        STORE,
        settings.put_store,
        {200: StoreDocument, 201: StoreDocument},
        (*RIGHT_PROBLEMS, *BODY_PROBLEMS, STALE),
    ),
    Operation(
        "PUT", f"{STORE}/opening-hours", settings.put_opening_hours, {200: StoreDocument}, (*CHANGE_PROBLEMS, STALE)
    ),
    Operation("GET", f"{STORE}/menu", menus.get_menu, {200: MenuDocument, 304: None}, RESOURCE_PROBLEMS, guests=True),
    Operation("PUT", f"{STORE}/menu", menus.put_menu, {200: MenuDocument}, (*CHANGE_PROBLEMS, STALE)),
    Operation("PUT", f"{STORE}/sold-out", menus.put_sold_out, {200: MenuDocument}, (*CHANGE_PROBLEMS, STALE)),
    Operation("GET", "/v1/menus", chain_menus.list_chain_menus, {200: MenuList}, SIGNED_PROBLEMS),
    Operation("GET", MENU, chain_menus.get_chain_menu, {200: ChainMenuDocument}, RESOURCE_PROBLEMS),
    Operation("PUT", MENU, chain_menus.put_chain_menu, {200: ChangedMenu}, (*CHANGE_PROBLEMS, STALE)),
    Operation("GET", OVERRIDE, overrides.get_override, {200: OverrideDocument}, RESOURCE_PROBLEMS),
    Operation("PUT", OVERRIDE, overrides.put_override, {200: ChangedMenu}, (*CHANGE_PROBLEMS, STALE)),
    Operation(
        "DELETE",
        f"{MENU}/versions/{{version}}",
        chain_menus.delete_menu_version,
        {200: ChangedMenu},
        (*CHANGE_PROBLEMS, STALE),
    ),
]

make_app = app_maker("stores", OPERATIONS)
handler = entry.http(make_app)
