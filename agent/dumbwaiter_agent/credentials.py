"""The agent's identity: its key, the token that proves it, enrolment with a one-time code (docs: print-link)."""

import contextlib
import hmac
import json
import os
import secrets
import ssl
import urllib.request
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from dumbwaiter_agent import VERSION
from print_link.frames import PROTOCOL

SCHEME = "DUMBWAITER-AGENT-HMAC-SHA256"
PURPOSE = "dumbwaiter-agent-connect-v1"
KEY_BYTES = 32
# The relay takes a token whose time is at most so far from its own.
TOLERANCE_SECONDS = 120
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_FILE = "agent.json"
_PENDING = "enrolment.json"
_REPLY_BYTES = 64 * 1024


class NotEnrolled(Exception):
    """There is no key here, or none could be had: a sentence for the person who sets it up."""


@dataclass(frozen=True)
class Identity:
    """An enrolled agent."""

    agent: str
    key: bytes
    store: str
    relays: tuple[str, ...]

    def authorization(self, now: float, nonce: str | None = None) -> str:
        """The header's value. `now` is the relay's time, in seconds since 1970."""
        nonce = nonce or secrets.token_urlsafe(16)
        time = str(int(now))
        signature = hmac.new(self.key, string_to_sign(self.agent, time, nonce).encode(), "sha256").hexdigest()
        return f"{SCHEME} Agent={self.agent}, Time={time}, Nonce={nonce}, Signature={signature}"


def string_to_sign(agent: str, time: str, nonce: str) -> str:
    """Four lines."""
    return f"{PURPOSE}\n{agent}\n{time}\n{nonce}"


def told_time(headers: Mapping[str, str], body: bytes) -> float | None:
    """The server's time, from a refusal: `time` in its body, else the Date header that every HTTP server sends."""
    with contextlib.suppress(ValueError, TypeError, KeyError):
        return float(json.loads(body)["time"])
    with contextlib.suppress(ValueError, TypeError):
        return parsedate_to_datetime(headers.get("Date") or "").timestamp()
    return None


def refusal_code(body: bytes) -> str | None:
    """Why the relay refuses, where its gateway lets the body through."""
    with contextlib.suppress(ValueError, TypeError, KeyError):
        return str(json.loads(body)["code"])
    return None


def is_private(url: str) -> bool:
    """Whether the way is private: TLS, or within this machine."""
    parts = urlsplit(url)
    return parts.scheme in {"https", "wss"} or parts.hostname in LOOPBACK


def load(data: Path) -> Identity:
    """The identity kept in the data folder. Raises `NotEnrolled`."""
    try:
        document = json.loads((data / _FILE).read_text(encoding="utf-8"))
        return Identity(
            document["agent"], urlsafe_b64decode(document["key"]), document["store"], tuple(document["relays"])
        )
    except FileNotFoundError:
        raise NotEnrolled(f"not enrolled: {data / _FILE} is missing; run: dumbwaiter-agent enrol") from None
    except (ValueError, KeyError, TypeError) as error:
        raise NotEnrolled(f"{data / _FILE} is damaged ({error!r}): enrol again with a new code") from error


def enrol(data: Path, address: str, code: str, *, name: str, context: ssl.SSLContext | None = None) -> Identity:
    """Trade a one-time code for an identity, and keep it. Raises `NotEnrolled`.

    The key is made here and kept before it is sent, so that the same call after a lost reply gets the same identity.
    """
    if not is_private(address):
        raise NotEnrolled(f"{address}: must be https")
    key = _pending_key(data, code)
    request = {"code": code, "key": urlsafe_b64encode(key).decode(), "name": name, "agent": VERSION}
    reply = _post(address.rstrip("/") + "/v1/printing/enrolments", {**request, "protocol": PROTOCOL}, context)
    try:
        identity = Identity(reply["agent"], key, reply["store"], tuple(reply["relays"]))
    except (KeyError, TypeError) as error:
        raise NotEnrolled(f"{address}: the answer lacks {error}") from error
    document = {"agent": identity.agent, "store": identity.store, "relays": identity.relays, "code": code}
    write_private(data / _FILE, {**document, "key": urlsafe_b64encode(key).decode()})
    (data / _PENDING).unlink(missing_ok=True)
    return identity


def write_private(path: Path, document: Mapping[str, Any]) -> None:
    """Replace a file as a whole, readable by its owner alone."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(document, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _pending_key(data: Path, code: str) -> bytes:
    data.mkdir(parents=True, exist_ok=True)
    for name in (_PENDING, _FILE):
        with contextlib.suppress(FileNotFoundError, ValueError, KeyError, TypeError):
            sent = json.loads((data / name).read_text(encoding="utf-8"))
            if sent["code"] == code:
                return urlsafe_b64decode(sent["key"])
    key = secrets.token_bytes(KEY_BYTES)
    write_private(data / _PENDING, {"code": code, "key": urlsafe_b64encode(key).decode()})
    return key


def _post(url: str, document: Mapping[str, Any], context: ssl.SSLContext | None) -> dict[str, Any]:
    headers = {"Content-Type": "application/json", "User-Agent": f"dumbwaiter-agent/{VERSION}"}
    request = urllib.request.Request(url, json.dumps(document).encode(), headers)  # noqa: S310 - is_private
    try:
        with urllib.request.urlopen(request, timeout=20, context=context) as response:  # noqa: S310 - is_private
            reply = json.loads(response.read(_REPLY_BYTES))
    except HTTPError as error:
        raise NotEnrolled(_problem(error)) from error
    except (URLError, OSError, ValueError) as error:
        raise NotEnrolled(f"{url}: {error}; the same command may be tried again") from error
    if not isinstance(reply, dict):
        raise NotEnrolled(f"{url}: answered no JSON object")
    return reply


def _problem(error: HTTPError) -> str:
    with contextlib.suppress(ValueError, KeyError, TypeError):
        problem = json.loads(error.read(_REPLY_BYTES))
        return f"{error.code} {problem['code']}: {problem['detail']}"
    return f"{error.code} {HTTPStatus(error.code).phrase}"
