"""POST /v1/sessions/provider and its end: a person signs in at the OpenID provider of the chain.

Authorization code with PKCE, state and nonce. The state lies in a cookie of the browser that began. So no page can end
a sign-in that another browser began.
"""

import base64
import hmac
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote_plus
from weakref import WeakKeyDictionary

from cryptography.fernet import InvalidToken
from pydantic import StringConstraints
from werkzeug.datastructures import Headers

from functions.people.provider.ask import ask
from functions.people.provider.identity import Identity, UnknownKey, refused_token
from functions.people.provider.reading import current
from functions.people.provider.sign_in_state import authorization_url, new_state, nonce_of, verifier_of
from functions.people.resources.provider import unknown_provider
from functions.people.resources.session_document import begin_session
from functions.people.sign_in.attempts import network_subject
from functions.people.tables.people import Account, read_account, read_for_provider
from functions.people.tables.providers import (
    LASTS,
    Provider,
    insert_identity,
    insert_sign_in,
    read_identity,
    read_provider,
    take_sign_in,
)
from shared.contracts.models import Input, Output
from shared.contracts.text import Id
from shared.kit.rate_limit import RateLimit
from shared.spine import sessions
from shared.spine.auth import cipher
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.errors import Misconfigured, Rejected, Unavailable
from shared.spine.http import Reply

# Sign-ins a second that one network begins in an execution environment, and at once.
RATE, BURST = 1.0, 30.0
_begun: WeakKeyDictionary[Environment, RateLimit] = WeakKeyDictionary()


class ProviderBegin(Input):
    """The chain whose provider is asked."""

    chain: Id


class ProviderEnd(Input):
    """`state` and `code` of the address to which the provider sent the browser."""

    state: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    code: Annotated[str, StringConstraints(min_length=1, max_length=4_096)]


class ProviderAddress(Output):
    """The address at which the person signs in."""

    url: str


def begin_at_provider(env: Environment, address: str, headers: Headers, body: ProviderBegin) -> Reply:
    """Begin a sign-in at the chain's provider. Open `url` in the same browser."""
    sessions.require_same_origin("POST", headers)
    limit = _begun.setdefault(env, RateLimit(RATE, BURST))
    if not limit.spend(network_subject(address).hex(), env.clock().timestamp()):
        detail = "too many sign-ins begin at this address"
        raise Unavailable("rate_exceeded", detail, status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=1)
    provider = current(env, _provider_of(env, body.chain))
    assert provider.metadata is not None  # it is current
    state = new_state()
    with env.db.transaction() as transaction:
        insert_sign_in(transaction, state, body.chain, env.clock())
    endpoint = provider.metadata["authorization_endpoint"]
    url = authorization_url(endpoint, provider.client, provider.redirect_uri, state)
    return Reply(ProviderAddress(url=url), HTTPStatus.CREATED, {"Set-Cookie": _state_cookie(env, state)})


def end_at_provider(env: Environment, address: str, headers: Headers, body: ProviderEnd) -> Reply:
    """Exchange the provider's code for a session. The reply sets the session's cookie."""
    sessions.require_same_origin("POST", headers)
    own = sessions.cookie_in(headers, _state_name(env))
    if own is None or not hmac.compare_digest(own.encode(), body.state.encode("utf-8", "surrogatepass")):
        raise _wrong_state()
    with env.db.transaction() as transaction:
        chain = take_sign_in(transaction, body.state, env.clock())
    if chain is None:
        raise _wrong_state()
    identity = _identity(env, current(env, _provider_of(env, chain)), body)
    with env.db.transaction() as transaction:
        account = _account(transaction, chain, identity)
        origin = sessions.Origin(address, headers.get("User-Agent", ""), "provider")
        return begin_session(env, transaction, account, origin, "/v1/sessions/provider/end")


def _identity(env: Environment, provider: Provider, body: ProviderEnd) -> Identity:
    token, nonce = _exchange(env, provider, body), nonce_of(body.state)
    try:
        return _read(env, token, provider, nonce)
    except UnknownKey:
        fresh = current(env, provider, new_keys=True)
    try:
        return _read(env, token, fresh, nonce)
    except UnknownKey:
        raise refused_token() from None


def _read(env: Environment, token: str, provider: Provider, nonce: str) -> Identity:
    from functions.people.provider.identity_token import identity_in  # noqa: PLC0415 - joserfc takes 100 ms to load

    return identity_in(
        token, provider.signing_keys, issuer=provider.issuer, client=provider.client, nonce=nonce, now=env.clock()
    )


def _exchange(env: Environment, provider: Provider, body: ProviderEnd) -> str:
    """The identity token for the code: RFC 6749, section 4.1.3, with the secret as the provider wants it."""
    assert provider.metadata is not None  # it is current
    secret = _secret(env, provider)
    form = {
        "grant_type": "authorization_code",
        "code": body.code,
        "redirect_uri": provider.redirect_uri,
        "code_verifier": verifier_of(body.state),
    }
    authorization = None
    if "client_secret_post" in provider.metadata["methods"]:
        form |= {"client_id": provider.client, "client_secret": secret}
    else:
        pair = f"{quote_plus(provider.client)}:{quote_plus(secret)}"
        authorization = f"Basic {base64.b64encode(pair.encode()).decode()}"
    token = ask(env, provider.metadata["token_endpoint"], form, authorization).get("id_token")
    if not isinstance(token, str):
        raise refused_token()
    return token


def _account(transaction: Transaction, chain: str, identity: Identity) -> Account:
    """The person of an identity; at the first time the one with the email address that the provider has verified."""
    person = read_identity(transaction, chain, identity.subject)
    account = read_account(transaction, person) if person else None
    if person is None and identity.email:
        account = read_for_provider(transaction, identity.email, chain)
        if account:
            insert_identity(transaction, chain, identity.subject, account.id)
    if account is None or account.disabled_at is not None:
        detail = "the chain has no person with this email address: ask a person of the head office"
        raise Rejected("no_person", detail, status=HTTPStatus.FORBIDDEN)
    return account


def _provider_of(env: Environment, chain: str) -> Provider:
    with env.db.transaction() as transaction:
        provider = read_provider(transaction, chain)
    if provider is None:
        raise unknown_provider()
    return provider


def _secret(env: Environment, provider: Provider) -> str:
    try:
        return cipher(env.keyring()).decrypt(provider.encrypted).decode()
    except InvalidToken:
        raise Misconfigured("keyring_incomplete", "the key of a provider's secret is not in the key ring") from None


def _state_name(env: Environment) -> str:
    return sessions.cookie_name(env.settings.stage).replace("session", "state")


def _state_cookie(env: Environment, state: str) -> str:
    return sessions.set_cookie(env.settings.stage, state, LASTS).replace("session=", "state=", 1)


def _wrong_state() -> Rejected:
    detail = "this browser began no such sign-in, or it took more than ten minutes: sign in again"
    return Rejected("state_wrong", detail, status=HTTPStatus.UNAUTHORIZED)
