"""Base64url without padding (RFC 4648, section 5), as WebAuthn writes bytes."""

import base64
import binascii


def encoded(content: bytes) -> str:
    """The text of these bytes."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """The bytes of a text. Raises ValueError for one of another form."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None
