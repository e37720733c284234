"""A person at a provider, and what an identity token can lack."""

from dataclasses import dataclass
from http import HTTPStatus

from shared.spine.errors import Rejected


@dataclass(frozen=True)
class Identity:
    """A person at a provider. `email` is one that the provider has verified, else None."""

    subject: str
    email: str | None


class UnknownKey(Exception):
    """No key of the set has signed the token: the provider may have a new one."""


def refused_token() -> Rejected:
    """The error for a token that proves nothing here."""
    detail = "the provider's answer is not for this sign-in: sign in again"
    return Rejected("provider_refused", detail, status=HTTPStatus.UNAUTHORIZED)
