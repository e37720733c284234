"""The check of an identity token by joserfc: OpenID Connect Core 1.0, section 3.1.3.7.

Only asymmetric algorithms are taken, so neither `none` nor a token that is signed with a public key as a secret passes.
"""

from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from functions.people.provider.identity import Identity, UnknownKey, refused_token

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"]
LEEWAY = 60
LONGEST_TOKEN = 16_384


def identity_in(token: str, keys: Any, *, issuer: str, client: str, nonce: str, now: datetime) -> Identity:
    """The identity in a token. Raises `UnknownKey`, and `Rejected` (401) for a token that is not for this sign-in."""
    if len(token) > LONGEST_TOKEN:
        raise refused_token()
    try:
        decoded = jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)
    except (JoseError, ValueError, TypeError, KeyError) as failure:
        raise UnknownKey from failure
    claims = decoded.claims
    registry = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        registry.validate(claims)
    except (JoseError, ValueError, TypeError):
        raise refused_token() from None
    return _identity(claims, client)


def _identity(claims: dict[str, Any], client: str) -> Identity:
    """A token for several clients must name this one as the party that asked."""
    audience, subject = claims["aud"], claims["sub"]
    if (isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != client) or not subject:
        raise refused_token()
    if claims.get("azp", client) != client or not isinstance(subject, str):
        raise refused_token()
    email = claims.get("email")
    is_verified = claims.get("email_verified") is True and isinstance(email, str)
    return Identity(subject, email.casefold() if is_verified and email else None)
