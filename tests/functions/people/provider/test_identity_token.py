"""An identity token proves something only when it is for this sign-in."""

import base64
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from functions.people.provider.identity import UnknownKey
from functions.people.provider.identity_token import identity_in
from shared.spine.errors import Rejected

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
KEY, OTHER = (rsa.generate_private_key(65537, 2048) for _ in range(2))


def text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def number(value: int) -> str:
    return text(value.to_bytes((value.bit_length() + 7) // 8, "big"))


# RFC 7518, section 6.3.1.
PUBLIC = KEY.public_key().public_numbers()
KEYS = {"keys": [{"kty": "RSA", "kid": "k1", "use": "sig", "n": number(PUBLIC.n), "e": number(PUBLIC.e)}]}
CLAIMS = {
    "iss": "https://login.example.com", "aud": "console", "sub": "u1", "nonce": "n1", "iat": SECONDS,
    "exp": SECONDS + 300, "email": "Pat@Example.com", "email_verified": True,
}  # fmt: skip


def part(document: dict[str, Any]) -> str:
    return text(json.dumps(document).encode())


def token(key: rsa.RSAPrivateKey = KEY, **different: Any) -> str:
    """A token by RFC 7515, section 5.1, made without the library that reads it."""
    claims = {name: value for name, value in (CLAIMS | different).items() if value is not None}
    signed = f"{part({'alg': 'RS256', 'kid': 'k1'})}.{part(claims)}"
    return f"{signed}.{text(key.sign(signed.encode(), padding.PKCS1v15(), SHA256()))}"


def read(made: str) -> Any:
    return identity_in(made, KEYS, issuer=str(CLAIMS["iss"]), client="console", nonce="n1", now=NOW)


def test_a_token_for_this_sign_in_names_the_person() -> None:
    identity = read(token())
    assert (identity.subject, identity.email) == ("u1", "pat@example.com")
    assert read(token(aud=["console"])).subject == "u1"
    assert read(token(aud=["console", "other"], azp="console")).subject == "u1"


@pytest.mark.parametrize(
    "different",
    [
        {"nonce": "n2"},
        {"nonce": None},
        {"aud": "other"},
        {"aud": ["other"]},
        {"aud": ["console", "other"]},
        {"aud": ["console", "other"], "azp": "other"},
        {"azp": "other"},
        {"aud": None},
        {"iss": "https://login.example.com/"},
        {"iss": "https://evil.example.com"},
        {"iss": None},
        {"exp": SECONDS - 61},
        {"exp": None},
        {"iat": None},
        {"iat": SECONDS + 3600},
        {"sub": None},
        {"sub": ""},
    ],
)
def test_a_token_for_another_sign_in_is_refused(different: dict[str, Any]) -> None:
    with pytest.raises(Rejected) as refused:
        read(token(**different))
    assert refused.value.code == "provider_refused"


def test_a_token_of_another_key_is_no_token_of_the_provider() -> None:
    with pytest.raises(UnknownKey):
        read(token(OTHER))


def test_neither_none_nor_a_public_key_as_a_secret_signs() -> None:
    none = f"{part({'alg': 'none'})}.{part(CLAIMS)}."
    public = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = f"{part({'alg': 'HS256', 'kid': 'k1'})}.{part(CLAIMS)}"
    mac = text(hmac.digest(public, signed.encode(), "sha256"))
    for forged in (none, none + "x", f"{signed}.{mac}", "", "a.b.c", "." * 10, "é.é.é", "A" * 20_000):
        with pytest.raises((UnknownKey, Rejected)):
            read(forged)


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_email_that_is_not_verified_names_nobody(verified: Any) -> None:
    assert read(token(email_verified=verified)).email is None
