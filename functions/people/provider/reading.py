"""Endpoints and signing keys, read from a provider. OpenID Connect Discovery 1.0, section 4."""

from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from functions.people.provider.ask import ask
from functions.people.tables.providers import Provider, update_read
from shared.spine.env import Environment
from shared.spine.errors import Fault, Rejected

ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
# The endpoints of a provider seldom change; a new key is read when a token needs it.
GOOD_FOR, AT_MOST_EVERY = timedelta(days=1), timedelta(minutes=1)


def read_from(env: Environment, provider: Provider) -> Provider:
    """The provider with its endpoints and keys of this moment. Raises `Unavailable`, and `Rejected` (422)."""
    metadata = ask(env, f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
    # A document that names another issuer would let that one sign for this one.
    if metadata.get("issuer") != provider.issuer:
        raise _wrong("issuer", "the provider names another issuer", str(metadata.get("issuer"))[:200])
    found = {name: metadata.get(name) for name in ENDPOINTS}
    for name, address in found.items():
        if not isinstance(address, str):
            raise _wrong("issuer", f"the provider has no {name}", None)
    methods = metadata.get("token_endpoint_auth_methods_supported")
    kept: dict[str, Any] = found | {"methods": methods if isinstance(methods, list) else []}
    keys = ask(env, str(found["jwks_uri"]))
    return replace(provider, metadata=kept, signing_keys={"keys": keys.get("keys", [])}, read_at=env.clock())


def current(env: Environment, provider: Provider, *, new_keys: bool = False) -> Provider:
    """The provider, read again when it was read long ago, or with `new_keys` more than a minute ago."""
    age = env.clock() - provider.read_at if provider.read_at else GOOD_FOR
    if age < (AT_MOST_EVERY if new_keys else GOOD_FOR):
        return provider
    fresh = read_from(env, provider)
    with env.db.transaction() as transaction:
        update_read(transaction, fresh)
    return fresh


def _wrong(field: str, detail: str, stated: str | None) -> Rejected:
    fault = Fault(field, "wrong_provider", detail, stated)
    return Rejected("body_invalid", "1 fault(s) in the body; each is named", faults=(fault,), status=HTTPStatus(422))
