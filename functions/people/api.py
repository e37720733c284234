"""HTTP → sessions of people under /v1/session and /v1/sessions."""

from functions.people.resources import session
from functions.people.resources.session import SessionDocument, SessionEnded
from shared.spine import entry
from shared.spine.http import RIGHT_PROBLEMS, Operation, app_maker

SIGN_IN_PROBLEMS = (400, 401, 403, 413, 415, 422, 429, 500, 503)

OPERATIONS = [
    Operation("POST", "/v1/sessions", session.sign_in, {201: SessionDocument}, SIGN_IN_PROBLEMS, public=True),
    Operation("GET", "/v1/session", session.get_session, {200: SessionDocument}, RIGHT_PROBLEMS),
    Operation("DELETE", "/v1/session", session.end_session, {200: SessionEnded}, RIGHT_PROBLEMS),
]

make_app = app_maker("people", OPERATIONS)
handler = entry.http(make_app)
