"""HTTP → pages that confirm orders and requests, and the callbacks of services, under /outlets."""

from functions.outlets.resources import callbacks, confirm, requests
from shared.spine import entry
from shared.spine.http import Operation, app_maker

PAGE, CALLBACKS = "/outlets/confirm/{token}", "/outlets/callbacks/{channel}/{robot}"
TRANSACTIONS = f"{CALLBACKS}/_matrix/app/v1/transactions/{{transaction}}"
REQUEST, HTML = "/outlets/requests/{token}", "text/html"

OPERATIONS = [
    Operation("GET", PAGE, confirm.get_order_page, {200: HTML}, public=True),
    Operation("POST", PAGE, confirm.answer_order_page, {200: HTML}, public=True),
    Operation("GET", REQUEST, requests.get_request_page, {200: HTML}, public=True),
    Operation("POST", REQUEST, requests.confirm_request_page, {200: HTML}, public=True),
    Operation("GET", CALLBACKS, callbacks.get_callback, {200: "text/plain"}, public=True),
    Operation("POST", CALLBACKS, callbacks.post_callback, {200: "text/plain"}, public=True),
    Operation("PUT", TRANSACTIONS, callbacks.put_transaction, {200: "text/plain"}, public=True),
]

make_app = app_maker("outlets", OPERATIONS)
handler = entry.http(make_app)
