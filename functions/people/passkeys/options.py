"""The options by which a page asks the browser for a passkey, as JSON of WebAuthn Level 3, sections 5.4 and 5.5.

Written here, because the library that checks the answers takes 300 ms to load.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from functions.people.passkeys.base64url import encoded
from shared.contracts.models import Output

# COSE names of ES256, EdDSA and RS256: what phones, laptops and security keys have.
ES256, ED25519, RS256 = -7, -8, -257
ALGORITHMS = (ES256, ED25519, RS256)
MILLISECONDS = 300_000
Base64url = Annotated[str, Field(description="Bytes as base64url without padding.")]


class RelyingParty(Output):
    """The domain to which the passkey is bound, and the name that the browser shows."""

    id: str
    name: str


class PasskeyUser(Output):
    """The account. `id` is stored in the passkey; it says nothing about the person."""

    id: Base64url
    name: str
    displayName: str  # noqa: N815 - a name of WebAuthn


class Algorithm(Output):
    """A kind of key, by its number in the registry of COSE."""

    type: Literal["public-key"] = "public-key"
    alg: int


class CredentialName(Output):
    """A passkey that the account has already."""

    type: Literal["public-key"] = "public-key"
    id: Base64url


class Selection(Output):
    """A passkey that needs no email address, and that the device checks by finger, face or PIN."""

    residentKey: Literal["required"] = "required"  # noqa: N815 - a name of WebAuthn
    requireResidentKey: bool = True  # noqa: N815 - a name of WebAuthn
    userVerification: Literal["required"] = "required"  # noqa: N815 - a name of WebAuthn


class CreationOptions(Output):
    """For `navigator.credentials.create`."""

    rp: RelyingParty
    user: PasskeyUser
    challenge: Base64url
    pubKeyCredParams: list[Algorithm]  # noqa: N815 - a name of WebAuthn
    timeout: int
    excludeCredentials: list[CredentialName]  # noqa: N815 - a name of WebAuthn
    authenticatorSelection: Selection  # noqa: N815 - a name of WebAuthn
    attestation: Literal["none"] = "none"


class RequestOptions(Output):
    """For `navigator.credentials.get`. No passkey is named: the person chooses one on the device."""

    challenge: Base64url
    timeout: int
    rpId: str  # noqa: N815 - a name of WebAuthn
    userVerification: Literal["required"] = "required"  # noqa: N815 - a name of WebAuthn


def creation_options(
    domain: str, challenge: str, person: str, email: str, name: str, present: Sequence[bytes]
) -> CreationOptions:
    """The options of a new passkey of the person. `present` are the credentials that the account has."""
    return CreationOptions(
        rp=RelyingParty(id=domain, name="Dumbwaiter"),
        user=PasskeyUser(id=encoded(person.encode()), name=email, displayName=name),
        challenge=challenge,
        pubKeyCredParams=[Algorithm(alg=number) for number in ALGORITHMS],
        timeout=MILLISECONDS,
        excludeCredentials=[CredentialName(id=encoded(credential)) for credential in present],
        authenticatorSelection=Selection(),
    )


def request_options(domain: str, challenge: str) -> RequestOptions:
    """The options of a sign-in."""
    return RequestOptions(challenge=challenge, timeout=MILLISECONDS, rpId=domain)
