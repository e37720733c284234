"""/outlets/confirm/{token}: the page that confirms an order. To look at it never changes anything."""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import parse_qs

from functions.outlets.notices.answering import PAGE, Answer, answer
from functions.outlets.notices.links import BadToken, Claim, is_fresh, new_nonce, read_token
from functions.outlets.rules.settings import Rules, rules_of
from functions.outlets.states import NoticeState
from functions.outlets.tables.notices import Notice, lock_notice, read_notice
from functions.outlets.tables.settings import read_chain, read_enabled
from functions.outlets.text.document import loaded, local_time
from functions.outlets.text.page import HEADERS, REASONS, order_page, status_page
from functions.outlets.text.words import say
from shared.contracts.models import Query
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.http import Reply

HTML = "text/html; charset=utf-8"
MOST_FORM, MOST_FIELDS = 2_000, 10
FORM = "application/x-www-form-urlencoded"


class TokenPath(Query):
    """The token of a link."""

    token: str


def get_order_page(env: Environment, path: TokenPath) -> Reply:
    """Show the order. Previews, scanners and HEAD get the same page, and nothing is stored."""
    try:
        claim = read_token(env.keyring(), path.token, env.clock())
    except BadToken:
        return _unknown()
    with env.db.transaction() as transaction:
        notice = read_notice(transaction, claim.notice)
        rules = _rules(transaction, notice)
    return _shown(env, path.token, claim, notice, rules)


def answer_order_page(env: Environment, path: TokenPath, headers: Mapping[str, str], raw: bytes) -> Reply:
    """Confirm the order with a ready time, or decline it with a reason. The first answer stays."""
    try:
        claim = read_token(env.keyring(), path.token, env.clock())
    except BadToken:
        return _unknown()
    form = form_fields(headers, raw)
    with env.outbox.work("outlets") as work:
        notice = lock_notice(work, claim.notice)
        rules = _rules(work, notice)
        given = _given(form, rules)
        fresh = is_fresh(env.keyring(), path.token, form.get("nonce", ""), env.clock())
        if notice and given and fresh and not claim.expired and notice.version == claim.version:
            notice = answer(work, notice, given, env.clock())
    trouble = None if given and fresh else "choose" if fresh else "stale"
    return _shown(env, path.token, claim, notice, rules, trouble)


def _shown(
    env: Environment, token: str, claim: Claim, notice: Notice | None, rules: Rules, trouble: str | None = None
) -> Reply:
    if notice is None:
        return _unknown()
    language, document = notice.language, loaded(notice.document)
    if notice.state is NoticeState.CANCELLED:
        return _page(status_page(document, language, say(language, "cancelled")), HTTPStatus.GONE)
    if notice.state in (NoticeState.CONFIRMED, NoticeState.DECLINED):
        return _page(_answered_page(notice))
    if notice.state is NoticeState.EXPIRED or notice.version != claim.version:
        return _page(status_page(None, language, say(language, "changed.page")), HTTPStatus.CONFLICT)
    if claim.expired or document is None:
        return _page(status_page(None, language, say(language, "expired")), HTTPStatus.GONE)
    nonce = new_nonce(env.keyring(), token, env.clock())
    text = say(language, trouble) if trouble else None
    status = HTTPStatus.UNPROCESSABLE_ENTITY if trouble else HTTPStatus.OK
    return _page(order_page(document, language, rules.ready_minutes, nonce, text), status)


def _answered_page(notice: Notice) -> str:
    language, document = notice.language, loaded(notice.document)
    zone = document["zone"] if document else "UTC"
    time = local_time(notice.ended_at, zone) if notice.ended_at else ""
    ready = say(language, "confirmed.ready", minutes=notice.ready_minutes) if notice.ready_minutes else ""
    return status_page(document, language, say(language, notice.state.value, time=time), ready)


def _rules(transaction: Transaction, notice: Notice | None) -> Rules:
    if notice is None:
        return Rules()
    chain = read_chain(transaction, notice.chain)
    outlet = read_enabled(transaction, [notice.store]).get(notice.store)
    return rules_of(chain.settings if chain else None, outlet.settings if outlet else None)


def form_fields(headers: Mapping[str, str], raw: bytes) -> dict[str, str]:
    """The fields of the form. Anything else is a form without fields."""
    kind = (headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    if kind != FORM or len(raw) > MOST_FORM:
        return {}
    try:
        fields = parse_qs(raw.decode("utf-8", "replace"), max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items() if len(values) == 1}


def _given(form: Mapping[str, str], rules: Rules) -> Answer | None:
    """The answer of a form; None for a form that was sent without a press, as some scanners send it."""
    ready, reason = form.get("ready", ""), form.get("reason", "")
    if form.get("answer") == "decline" and reason in REASONS and not ready:
        return Answer(NoticeState.DECLINED, PAGE, reason=reason)
    if ready.isascii() and ready.isdigit() and int(ready[:4]) in rules.ready_minutes and "answer" not in form:
        return Answer(NoticeState.CONFIRMED, PAGE, ready_minutes=int(ready[:4]))
    return None


def _unknown() -> Reply:
    text = f"{say('en', 'unknown')} {say('zh', 'unknown')}"
    return _page(status_page(None, "en", text), HTTPStatus.NOT_FOUND)


def _page(text: str, status: int = HTTPStatus.OK) -> Reply:
    return Reply(text, status, dict(HEADERS), HTML)
