"""HTTP → takings, views of a console, tickets for live updates."""

from functions.console.resources.alerts import Alert, Alerts, list_alerts, resolve_alert
from functions.console.resources.fleet import ConsoleFleet, FleetStoreDetail, get_console_fleet, get_console_store
from functions.console.resources.jobs import PrinterDay, get_printer_day
from functions.console.resources.live_tickets import LiveTicket, make_ticket
from functions.console.resources.orders import (
    ConsoleOrder,
    ConsoleOrders,
    FoundOrders,
    get_console_order,
    list_console_orders,
    search_orders,
)
from functions.console.resources.places import Places, list_places
from functions.console.resources.takings import Takings, get_takings
from functions.console.resources.today import Today, get_today
from shared.spine import entry
from shared.spine.http import CHANGE_PROBLEMS, RESOURCE_PROBLEMS, RIGHT_PROBLEMS, Operation, app_maker

STORE = "/v1/console/fleet/{store}"
ORDERS = "/v1/console/orders"

OPERATIONS = [
    Operation("GET", "/v1/takings", get_takings, {200: Takings}, RIGHT_PROBLEMS),
    Operation("GET", "/v1/console/today", get_today, {200: Today}, RESOURCE_PROBLEMS),
    Operation("GET", "/v1/console/fleet", get_console_fleet, {200: ConsoleFleet}, RIGHT_PROBLEMS),
    Operation("GET", STORE, get_console_store, {200: FleetStoreDetail}, RESOURCE_PROBLEMS),
    Operation("GET", f"{STORE}/printers/{{printer}}/day", get_printer_day, {200: PrinterDay}, RESOURCE_PROBLEMS),
    Operation("GET", "/v1/console/places", list_places, {200: Places}, RIGHT_PROBLEMS),
    Operation("GET", ORDERS, list_console_orders, {200: ConsoleOrders}, RESOURCE_PROBLEMS),
    Operation("GET", f"{ORDERS}/search", search_orders, {200: FoundOrders}, RESOURCE_PROBLEMS),
    Operation("GET", f"{ORDERS}/{{order}}", get_console_order, {200: ConsoleOrder}, RESOURCE_PROBLEMS, looks=True),
    Operation("GET", "/v1/console/alerts", list_alerts, {200: Alerts}, RESOURCE_PROBLEMS),
    Operation("POST", "/v1/console/alerts/{alert}/resolve", resolve_alert, {200: Alert}, CHANGE_PROBLEMS),
    Operation("POST", "/v1/live/tickets", make_ticket, {201: LiveTicket}, CHANGE_PROBLEMS, routine=True),
]

make_app = app_maker("console", OPERATIONS)
handler = entry.http(make_app)
