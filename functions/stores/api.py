"""HTTP → settings, opening hours, menus and sold-out lists of stores under /v1/stores."""

from functions.stores.resources import menus, settings
from functions.stores.resources.menus import MenuDocument
from functions.stores.resources.settings import StoreDocument
from shared.spine import entry
from shared.spine.http import (
    BODY_PROBLEMS,
    CHANGE_PROBLEMS,
    RESOURCE_PROBLEMS,
    RIGHT_PROBLEMS,
    Operation,
    app_maker,
)

STORE = "/v1/stores/{store}"
STALE = 412

OPERATIONS = [
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
]

make_app = app_maker("stores", OPERATIONS)
handler = entry.http(make_app)
