"""HTTP → orders, payments, refunds and fulfilment under /v1/orders."""

from pathlib import Path

from functions.orders.resources import fulfilment, orders, payments, place_order, refunds, trace
from functions.orders.resources.orders import OrderPage
from functions.orders.resources.trace import Trace
from functions.orders.stores import api as stores
from shared.contracts.messages.orders import Order
from shared.contracts.models import Query
from shared.spine import entry
from shared.spine.errors import NotFound
from shared.spine.http import (
    BODY_PROBLEMS,
    CHANGE_PROBLEMS,
    RIGHT_PROBLEMS,
    SIGNED_PROBLEMS,
    Operation,
    Reply,
    app_maker,
    page,
)

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SWAGGER_UI = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}
FOREVER = "public, max-age=31536000, immutable"


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


ORDER = "/v1/orders/{order}"
# An order that the key may not see is unknown to it, so these need no 403.
READ_PROBLEMS = (*SIGNED_PROBLEMS, 404)

OPERATIONS = [
    Operation("POST", "/v1/orders", place_order.place_order, {201: Order}, (*RIGHT_PROBLEMS, *BODY_PROBLEMS)),
    Operation("GET", "/v1/orders", orders.list_orders, {200: OrderPage}, SIGNED_PROBLEMS),
    Operation("GET", ORDER, orders.get_order, {200: Order}, READ_PROBLEMS),
    Operation("GET", f"{ORDER}/trace", trace.trace_order, {200: Trace}, READ_PROBLEMS),
    Operation("POST", f"{ORDER}/payments", payments.add_payment, {200: Order, 201: Order}, CHANGE_PROBLEMS),
    Operation("POST", f"{ORDER}/refunds", refunds.add_refund, {200: Order, 201: Order}, CHANGE_PROBLEMS),
    Operation("POST", f"{ORDER}/cancel", fulfilment.cancel_order, {200: Order}, CHANGE_PROBLEMS),
    Operation("POST", f"{ORDER}/fulfilment", fulfilment.move_order, {200: Order}, CHANGE_PROBLEMS),
    *stores.OPERATIONS,
    Operation("GET", "/openapi.json", get_openapi, {200: "application/json"}, public=True),
    Operation("GET", "/docs", get_docs, {200: "text/html"}, public=True),
    Operation("GET", "/docs/{file}", get_docs_file, {200: "text/*"}, (404,), public=True),
]

make_app = app_maker("orders", OPERATIONS)
handler = entry.http(make_app)
