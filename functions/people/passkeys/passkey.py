"""A passkey as it was checked, and what a wrong one is answered."""

from dataclasses import dataclass
from http import HTTPStatus

from shared.spine.errors import Rejected


@dataclass(frozen=True)
class Credential:
    """The public key of a passkey in COSE form, and how often the device says that it was used.

    `synced`: the person's devices share it.
    """

    id: bytes
    public_key: bytes
    sign_count: int
    synced: bool


def refused_passkey() -> Rejected:
    """The error for an answer that proves nothing here."""
    detail = "the passkey does not fit: use another one, or sign in with your password"
    return Rejected("passkey_refused", detail, status=HTTPStatus.UNAUTHORIZED)
