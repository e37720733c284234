"""/outlets/requests/{token}: the page that confirms what an outlet asked for. To look at it never changes anything."""

from collections.abc import Mapping
from http import HTTPStatus

from functions.outlets.asking.requests import FIRST_VERSION, confirm, question
from functions.outlets.notices.links import REQUEST, BadToken, Claim, is_fresh, new_nonce, read_token
from functions.outlets.resources.confirm import HTML, TokenPath, form_fields
from functions.outlets.tables.requests import Request, lock_request, read_request
from functions.outlets.text.page import HEADERS, request_page, status_page
from functions.outlets.text.words import say
from shared.spine.env import Environment
from shared.spine.http import Reply


def get_request_page(env: Environment, path: TokenPath) -> Reply:
    """Show what was asked. Previews, scanners and HEAD get the same page, and nothing is stored."""
    claim = _claim(env, path.token)
    if claim is None:
        return _unknown()
    with env.db.transaction() as transaction:
        request = read_request(transaction, claim.notice)
    return _shown(env, path.token, claim, request)


def confirm_request_page(env: Environment, path: TokenPath, headers: Mapping[str, str], raw: bytes) -> Reply:
    """Confirm it by a press, with the nonce of the page. A second press changes nothing."""
    claim = _claim(env, path.token)
    if claim is None:
        return _unknown()
    form = form_fields(headers, raw)
    fresh = is_fresh(env.keyring(), path.token, form.get("nonce", ""), env.clock())
    pressed = form.get("answer") == "confirm"
    with env.outbox.work("outlets") as work:
        request = lock_request(work, claim.notice)
        if request and fresh and pressed and not claim.expired:
            confirm(work, request, env.clock())
            request = read_request(work, claim.notice)
    return _shown(env, path.token, claim, request, stale=not (fresh and pressed))


def _claim(env: Environment, token: str) -> Claim | None:
    try:
        claim = read_token(env.keyring(), token, env.clock(), purpose=REQUEST)
    except BadToken:
        return None
    return claim if claim.version == FIRST_VERSION else None


def _shown(env: Environment, token: str, claim: Claim, request: Request | None, *, stale: bool = False) -> Reply:
    if request is None:
        return _unknown()
    language = request.language
    if request.confirmed_at is not None:
        return _page(status_page(None, language, say(language, "ask.done"), question(request)))
    if claim.expired:
        return _page(status_page(None, language, say(language, "expired")), HTTPStatus.GONE)
    trouble = say(language, "stale") if stale else None
    nonce = new_nonce(env.keyring(), token, env.clock())
    status = HTTPStatus.UNPROCESSABLE_ENTITY if stale else HTTPStatus.OK
    return _page(request_page(question(request), language, nonce, trouble), status)


def _unknown() -> Reply:
    return _page(status_page(None, "en", f"{say('en', 'unknown')} {say('zh', 'unknown')}"), HTTPStatus.NOT_FOUND)


def _page(text: str, status: int = HTTPStatus.OK) -> Reply:
    return Reply(text, status, dict(HEADERS), HTML)
