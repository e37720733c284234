"""The state of a sign-in at a provider. The browser alone has it; nonce and verifier are derived from it.

OpenID Connect Core 1.0, section 3.1.2.1 (state, nonce); RFC 7636 (verifier and challenge).
"""

import base64
import hashlib
import hmac
import secrets
from urllib.parse import urlencode

SCOPE = "openid email"


def new_state() -> str:
    """43 random characters of base64url."""
    return secrets.token_urlsafe(32)


def nonce_of(state: str) -> str:
    """The nonce that the identity token must have."""
    return _derived(state, b"nonce")


def verifier_of(state: str) -> str:
    """The code verifier: who has the code alone cannot exchange it."""
    return _derived(state, b"verifier")


def authorization_url(endpoint: str, client: str, redirect_uri: str, state: str) -> str:
    """The address at which the person signs in."""
    challenge = hashlib.sha256(verifier_of(state).encode()).digest()
    query = {
        "response_type": "code",
        "client_id": client,
        "redirect_uri": redirect_uri,
        "scope": SCOPE,
        "state": state,
        "nonce": nonce_of(state),
        "code_challenge": _text(challenge),
        "code_challenge_method": "S256",
    }
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"


def _derived(state: str, purpose: bytes) -> str:
    return _text(hmac.digest(state.encode("utf-8", "surrogatepass"), b"dumbwaiter oidc " + purpose, "sha256"))


def _text(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
