"""POST /v1/sessions/passkey and its end: a person signs in with a passkey, without an email address.

The challenge lies in a cookie of the browser that began. So no page can end a sign-in that another browser began.
"""

import secrets
from http import HTTPStatus
from weakref import WeakKeyDictionary

from werkzeug.datastructures import Headers

from functions.people.passkeys.answer import Assertion, bytes_of_id
from functions.people.passkeys.base64url import encoded
from functions.people.passkeys.options import request_options
from functions.people.passkeys.page_address import PageAddress
from functions.people.passkeys.passkey import refused_passkey
from functions.people.resources.passkeys import page_of
from functions.people.resources.session_document import begin_session
from functions.people.sign_in.attempts import network_subject
from functions.people.tables.passkeys import (
    LASTS,
    Passkey,
    insert_challenge,
    lock_by_credential,
    take_challenge,
    update_used,
)
from functions.people.tables.people import Account, read_account
from shared.contracts.models import Input
from shared.kit.rate_limit import RateLimit
from shared.spine import sessions
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.errors import Unavailable
from shared.spine.http import Reply

# Sign-ins a second that one network begins in an execution environment, and at once.
RATE, BURST = 1.0, 30.0
_begun: WeakKeyDictionary[Environment, RateLimit] = WeakKeyDictionary()


class PasskeySignIn(Input):
    """The browser's answer to the options."""

    credential: Assertion


def begin_passkey_sign_in(env: Environment, address: str, headers: Headers) -> Reply:
    """Begin a sign-in with a passkey. Give the reply to `navigator.credentials.get` within five minutes."""
    sessions.require_same_origin("POST", headers)
    page = page_of(env, headers.get("Origin"))
    limit = _begun.setdefault(env, RateLimit(RATE, BURST))
    if not limit.spend(network_subject(address).hex(), env.clock().timestamp()):
        detail = "too many sign-ins begin at this address"
        raise Unavailable("rate_exceeded", detail, status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=1)
    challenge = secrets.token_urlsafe(32)
    with env.db.transaction() as transaction:
        insert_challenge(transaction, challenge, None, env.clock())
    cookie = sessions.set_cookie(env.settings.stage, challenge, LASTS).replace("session=", "challenge=", 1)
    return Reply(request_options(page.domain, challenge), HTTPStatus.CREATED, {"Set-Cookie": cookie})


def end_passkey_sign_in(env: Environment, address: str, headers: Headers, body: PasskeySignIn) -> Reply:
    """Exchange the browser's answer for a session. The reply sets the session's cookie."""
    sessions.require_same_origin("POST", headers)
    page = page_of(env, headers.get("Origin"))
    challenge = _taken_challenge(env, headers)
    from functions.people.passkeys import check  # noqa: F401, PLC0415 - loaded before a row is locked

    with env.db.transaction() as transaction:
        passkey = _passkey(transaction, body.credential, page)
        account = _account(transaction, passkey, body.credential)
        _use(env, transaction, passkey, body.credential, challenge, page)
        origin = sessions.Origin(address, headers.get("User-Agent", ""), "passkey")
        return begin_session(env, transaction, account, origin, "/v1/sessions/passkey/end")


def _taken_challenge(env: Environment, headers: Headers) -> str:
    """The challenge of this browser, which is used up. Raises `Rejected` (401)."""
    name = sessions.cookie_name(env.settings.stage).replace("session", "challenge")
    challenge = sessions.cookie_in(headers, name)
    if challenge is None:
        raise refused_passkey()
    with env.db.transaction() as transaction:
        good = take_challenge(transaction, challenge, None, env.clock())
    if not good:
        raise refused_passkey()
    return challenge


def _passkey(transaction: Transaction, answer: Assertion, page: PageAddress) -> Passkey:
    credential = bytes_of_id(answer)
    passkey = lock_by_credential(transaction, credential) if credential else None
    if passkey is None or passkey.domain != page.domain:
        raise refused_passkey()
    return passkey


def _account(transaction: Transaction, passkey: Passkey, answer: Assertion) -> Account:
    account = read_account(transaction, passkey.person)
    handle = answer.response.userHandle
    if account is None or account.disabled_at is not None or handle not in (None, encoded(account.id.encode())):
        raise refused_passkey()
    return account


def _use(
    env: Environment, transaction: Transaction, passkey: Passkey, answer: Assertion, challenge: str, page: PageAddress
) -> None:
    from functions.people.passkeys.check import new_sign_count  # noqa: PLC0415 - py_webauthn takes 300 ms to load

    count = new_sign_count(answer, challenge, page, passkey.credential)
    update_used(transaction, passkey.id, count, env.clock())
