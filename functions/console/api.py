"""HTTP → takings by store and business day."""

from functions.console.resources.takings import Takings, get_takings
from shared.spine import entry
from shared.spine.http import RIGHT_PROBLEMS, Operation, app_maker

OPERATIONS = [Operation("GET", "/v1/takings", get_takings, {200: Takings}, RIGHT_PROBLEMS)]

make_app = app_maker("console", OPERATIONS)
handler = entry.http(make_app)
