"""HTTP → orders, payments, refunds, fulfilment, closes of business days, guest tokens, counted items and slots."""

from functions.orders.resources import (
    changes,
    close,
    day_close,
    days,
    fulfilment,
    guest_tokens,
    merge,
    metadata,
    orders,
    payments,
    place_order,
    refunds,
    slots,
    split,
    stock,
    trace,
)
from functions.orders.resources.changes import BillChanges
from functions.orders.resources.guest_tokens import GuestTokenDocument
from functions.orders.resources.orders import OrderPage
from functions.orders.resources.slots import SlotList
from functions.orders.resources.split import SplitBill
from functions.orders.resources.stock import StockDocument
from functions.orders.resources.trace import Trace
from shared.contracts.messages.days import DayReport
from shared.contracts.messages.orders import Order
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

ORDER = "/v1/orders/{order}"
DAYS = "/v1/days/{store}"
DAY = f"{DAYS}/{{day}}"
STOCK_ITEM = "/v1/stock/{store}/{item}"
# An order that the key may not see is unknown to it, so these need no 403.
READ_PROBLEMS = (*SIGNED_PROBLEMS, 404)
# The secret in the stored reply is no longer valid.
SECRET_GONE = 410

OPERATIONS = [
    Operation(
        "POST", "/v1/orders", place_order.place_order, {201: Order}, (*RIGHT_PROBLEMS, *BODY_PROBLEMS), guests=True
    ),
    Operation("GET", "/v1/orders", orders.list_orders, {200: OrderPage}, SIGNED_PROBLEMS, looks=True),
    Operation("GET", ORDER, orders.get_order, {200: Order}, (*READ_PROBLEMS, 403), guests=True, looks=True),
    Operation("GET", f"{ORDER}/trace", trace.trace_order, {200: Trace}, READ_PROBLEMS, looks=True),
    Operation("POST", f"{ORDER}/changes", changes.change_order_bill, {200: Order}, CHANGE_PROBLEMS, guests=True),
    Operation("GET", f"{ORDER}/changes", changes.list_changes, {200: BillChanges}, READ_PROBLEMS, looks=True),
    Operation("POST", f"{ORDER}/close", close.close_bill, {200: Order}, CHANGE_PROBLEMS),
    Operation("POST", f"{ORDER}/reopen", close.reopen_bill, {200: Order}, CHANGE_PROBLEMS),
    Operation("POST", f"{ORDER}/split", split.split_bill, {200: SplitBill}, CHANGE_PROBLEMS),
    Operation("POST", f"{ORDER}/merge", merge.merge_bills, {200: Order}, CHANGE_PROBLEMS),
    Operation("POST", f"{ORDER}/metadata", metadata.change_metadata, {200: Order}, CHANGE_PROBLEMS),
    Operation("POST", f"{ORDER}/payments", payments.add_payment, {200: Order, 201: Order}, CHANGE_PROBLEMS),
    Operation("POST", f"{ORDER}/refunds", refunds.add_refund, {200: Order, 201: Order}, CHANGE_PROBLEMS),
    Operation("POST", f"{ORDER}/cancel", fulfilment.cancel_order, {200: Order}, CHANGE_PROBLEMS, guests=True),
    Operation("POST", f"{ORDER}/fulfilment", fulfilment.move_order, {200: Order}, CHANGE_PROBLEMS),
    Operation(
        "POST",
        "/v1/guest-tokens",
        guest_tokens.create_guest_token,
        {201: GuestTokenDocument},
        (*CHANGE_PROBLEMS, SECRET_GONE),
    ),
    Operation("GET", DAYS, days.list_closes, {200: days.Closes}, RESOURCE_PROBLEMS),
    Operation("GET", DAY, days.get_day, {200: DayReport}, RESOURCE_PROBLEMS),
    Operation("GET", f"{DAY}/csv", days.get_day_csv, {200: "text/csv"}, RESOURCE_PROBLEMS),
    Operation("POST", f"{DAY}/close", day_close.close_day, {201: DayReport}, CHANGE_PROBLEMS),
    Operation("GET", "/v1/stock/{store}", stock.get_stock, {200: StockDocument}, RESOURCE_PROBLEMS),
    Operation("PUT", STOCK_ITEM, stock.put_count, {200: StockDocument}, CHANGE_PROBLEMS),
    Operation("POST", STOCK_ITEM, stock.add_to_count, {200: StockDocument}, CHANGE_PROBLEMS),
    Operation("GET", "/v1/slots/{store}", slots.list_slots, {200: SlotList}, RESOURCE_PROBLEMS),
]

make_app = app_maker("orders", OPERATIONS)
handler = entry.http(make_app)
