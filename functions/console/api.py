"""HTTP → takings by store and business day; tickets for live updates."""

from functions.console.resources.live_tickets import LiveTicket, make_ticket
from functions.console.resources.takings import Takings, get_takings
from shared.spine import entry
from shared.spine.http import CHANGE_PROBLEMS, RIGHT_PROBLEMS, Operation, app_maker

OPERATIONS = [
    Operation("GET", "/v1/takings", get_takings, {200: Takings}, RIGHT_PROBLEMS),
    Operation("POST", "/v1/live/tickets", make_ticket, {201: LiveTicket}, CHANGE_PROBLEMS),
]

make_app = app_maker("console", OPERATIONS)
handler = entry.http(make_app)
