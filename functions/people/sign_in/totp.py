"""Time-based one-time codes by RFC 6238: HMAC-SHA1, 30 seconds, six digits, as every authenticator app has them.

The authenticator's clock may be one step off. A code counts once: the step of the last code is stored, and only later
steps are good (RFC 6238, section 5.2).
"""

import base64
import hmac
import re
import secrets
import struct
from datetime import datetime
from urllib.parse import quote, urlencode

STEP, DIGITS, DRIFT = 30, 6, 1
SECRET_BYTES = 20  # as long as SHA-1's output: RFC 4226, section 4
ISSUER = "Dumbwaiter"
CODES, CODE_BYTES = 10, 10
_CODE = re.compile(r"[0-9]{6}")


def new_secret() -> bytes:
    """A secret for one authenticator."""
    return secrets.token_bytes(SECRET_BYTES)


def code_of(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """The code of a step: RFC 4226, section 5.3."""
    digest = hmac.digest(secret, struct.pack(">Q", step), "sha1")
    offset = digest[-1] & 0xF
    (number,) = struct.unpack(">I", digest[offset : offset + 4])
    return str((number & 0x7FFFFFFF) % 10**digits).zfill(digits)


def step_of(moment: datetime) -> int:
    """The number of the 30-second step."""
    return int(moment.timestamp()) // STEP


def matching_step(secret: bytes, code: str, moment: datetime, last_step: int) -> int | None:
    """The step of a code that is good now and later than `last_step`; None for any other text."""
    if not _CODE.fullmatch(code):
        return None
    now = step_of(moment)
    steps = [step for step in range(now - DRIFT, now + DRIFT + 1) if step > last_step]
    matches = [step for step in steps if hmac.compare_digest(code_of(secret, step), code)]
    return matches[-1] if matches else None


def uri_of(secret: bytes, email: str) -> str:
    """The address that an authenticator app reads from a QR code."""
    label = quote(f"{ISSUER}:{email}")
    return f"otpauth://totp/{label}?{urlencode({'secret': text_of(secret), 'issuer': ISSUER})}"


def text_of(secret: bytes) -> str:
    """The secret as a person types it."""
    return base64.b32encode(secret).decode()


def new_recovery_codes() -> list[str]:
    """Codes for a lost authenticator, once each: 80 random bits in groups of four characters."""
    texts = [base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode().lower() for _ in range(CODES)]
    return ["-".join(text[start : start + 4] for start in range(0, len(text), 4)) for text in texts]


def plain_recovery_code(text: str) -> str:
    """A recovery code as it is hashed, however a person typed it."""
    return re.sub(r"[\s-]", "", text).lower()
