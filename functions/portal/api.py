"""HTTP → the API document, the pages /docs, /console and /work, and the reply to a path that does not exist."""

from functions.portal.resources import console, document, pages, work
from shared.spine import entry
from shared.spine.http import Operation, app_maker

OPERATIONS = [
    Operation("GET", "/openapi.json", document.get_openapi, {200: "application/json"}, public=True),
    Operation("GET", "/docs", pages.get_docs, {200: "text/html"}, public=True),
    Operation("GET", "/docs/{file}", pages.get_docs_file, {200: "text/*"}, (404,), public=True),
    Operation("GET", "/console", console.get_console, {200: "text/html"}, public=True),
    Operation("GET", "/console/assets/{file}", console.get_console_asset, {200: "text/*"}, (404,), public=True),
    Operation("GET", "/console/{view}", console.get_console_view, {200: "text/html"}, (404,), public=True),
    Operation("GET", "/console/{view}/{part}", console.get_console_part, {200: "text/html"}, public=True),
    Operation("GET", "/console/{view}/{part}/{detail}", console.get_console_detail, {200: "text/html"}, public=True),
    Operation("GET", "/work", work.get_work, {200: "text/html"}, public=True),
    Operation("GET", "/work/assets/{file}", work.get_work_asset, {200: "text/*"}, (404,), public=True),
    Operation("GET", "/work/{file}", work.get_work_file, {200: "text/*"}, (404,), public=True),
    Operation("GET", "/forecast", pages.get_forecast_page, {200: "text/html"}, public=True),
]

make_app = app_maker("portal", OPERATIONS, document.methods_by_path)
handler = entry.http(make_app)
