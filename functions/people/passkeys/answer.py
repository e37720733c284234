"""The bounded answer of a browser, in the form of PublicKeyCredential.toJSON()."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from functions.people.passkeys.base64url import decoded
from shared.contracts.models import Input

# Names of fields are WebAuthn's. Sizes: a credential's id has at most 1,023 bytes.
CredentialId = Annotated[str, StringConstraints(min_length=1, max_length=1_364, pattern="^[A-Za-z0-9_-]+$")]
Base64urlIn = Annotated[
    str,
    StringConstraints(min_length=1, max_length=16_384, pattern="^[A-Za-z0-9_-]+$"),
    Field(description="Bytes as base64url without padding."),
]
Challenge = Annotated[str, StringConstraints(pattern="^[A-Za-z0-9_-]{43}$")]


class NewCredentialResponse(Input):
    """AuthenticatorAttestationResponse."""

    clientDataJSON: Base64urlIn  # noqa: N815 - a name of WebAuthn
    attestationObject: Base64urlIn  # noqa: N815 - a name of WebAuthn


class NewCredential(Input):
    """The answer of `navigator.credentials.create`."""

    id: CredentialId
    type: Literal["public-key"]
    response: NewCredentialResponse


class AssertionResponse(Input):
    """AuthenticatorAssertionResponse."""

    clientDataJSON: Base64urlIn  # noqa: N815 - a name of WebAuthn
    authenticatorData: Base64urlIn  # noqa: N815 - a name of WebAuthn
    signature: Base64urlIn
    userHandle: Base64urlIn | None = None  # noqa: N815 - a name of WebAuthn


class Assertion(Input):
    """The answer of `navigator.credentials.get`."""

    id: CredentialId
    type: Literal["public-key"]
    response: AssertionResponse


def as_webauthn(credential: NewCredential | Assertion) -> dict[str, Any]:
    """The answer as the library reads it."""
    return credential.model_dump(exclude_none=True) | {"rawId": credential.id}


def bytes_of_id(credential: NewCredential | Assertion) -> bytes | None:
    """The id of the credential. None for a text that is no base64url."""
    try:
        return decoded(credential.id)
    except ValueError:
        return None
