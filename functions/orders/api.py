"""HTTP → orders, payments, refunds, fulfilment, stores and menus under /v1."""

from pathlib import Path

from functions.orders import changes, intake, listing, stores
from functions.orders.models import MenuDocument, OrderPage, StoreDocument, Trace
from shared.contracts.messages.orders import Order
from shared.contracts.models import Query
from shared.spine import entry
from shared.spine.env import Environment
from shared.spine.errors import NotFound
from shared.spine.http import Api, Operation, Reply, page

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SWAGGER_UI = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}
FOREVER = "public, max-age=31536000, immutable"
ANY = (401, 422, 429, 500, 503)
READING = (*ANY, 404)
MAKING = (*ANY, 400, 403, 409, 413, 415)
CHANGING = (*MAKING, 404)


def get_openapi() -> Reply:
    """This document."""
    return Reply((HERE / "openapi.json").read_text(), headers={"Access-Control-Allow-Origin": "*"})


def get_docs() -> Reply:
    """A page to read about the API and try it, signed with your key."""
    return page(ROOT / "web/docs.html")


class FilePath(Query):
    """A file by its name."""

    file: str


def get_docs_file(path: FilePath) -> Reply:
    """A script or style of that page, never changed under its address."""
    if path.file not in SWAGGER_UI:
        raise NotFound("no_such_file", "the page has no such file")
    text = (ROOT / "node_modules/swagger-ui-dist" / path.file).read_text(encoding="utf-8")
    return Reply(text, headers={"Cache-Control": FOREVER}, media_type=f"{SWAGGER_UI[path.file]}; charset=utf-8")


OPERATIONS = [
    Operation("POST", "/v1/orders", intake.place_order, {201: Order}, MAKING),
    Operation("GET", "/v1/orders", listing.list_orders, {200: OrderPage}, ANY),
    Operation("GET", "/v1/orders/{order}", changes.get_order, {200: Order}, READING),
    Operation("GET", "/v1/orders/{order}/trace", changes.trace_order, {200: Trace}, READING),
    Operation("POST", "/v1/orders/{order}/payments", changes.add_payment, {200: Order, 201: Order}, CHANGING),
    Operation("POST", "/v1/orders/{order}/refunds", changes.add_refund, {200: Order, 201: Order}, CHANGING),
    Operation("POST", "/v1/orders/{order}/cancel", changes.cancel_order, {200: Order}, CHANGING),
    Operation("POST", "/v1/orders/{order}/fulfilment", changes.move_order, {200: Order}, CHANGING),
    Operation("GET", "/v1/stores/{store}", stores.get_store, {200: StoreDocument, 304: None}, (*READING, 403)),
    Operation("PUT", "/v1/stores/{store}", stores.put_store, {200: StoreDocument, 201: StoreDocument}, (*MAKING, 412)),
    Operation(
        "PUT", "/v1/stores/{store}/opening-hours", stores.put_opening_hours, {200: StoreDocument}, (*CHANGING, 412)
    ),
    Operation("GET", "/v1/stores/{store}/menu", stores.get_menu, {200: MenuDocument, 304: None}, (*READING, 403)),
    Operation("PUT", "/v1/stores/{store}/menu", stores.put_menu, {200: MenuDocument}, (*CHANGING, 412)),
    Operation("PUT", "/v1/stores/{store}/sold-out", stores.put_sold_out, {200: MenuDocument}, (*CHANGING, 412)),
    Operation("GET", "/openapi.json", get_openapi, {200: "application/json"}, public=True),
    Operation("GET", "/docs", get_docs, {200: "text/html"}, public=True),
    Operation("GET", "/docs/{file}", get_docs_file, {200: "text/*"}, (404,), public=True),
]


def make_app(env: Environment) -> object:
    """The WSGI app over this environment."""
    return Api(env, "orders", OPERATIONS).app


handler = entry.http(make_app)
