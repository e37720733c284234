"""The URL of an outside system: https to a public name, without credentials."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from shared.spine.errors import Rejected

LONGEST_URL = 1000
HTTPS_PORT = 443
# Below it are services that answer to a stray HTTP request, such as mail.
LOWEST_OTHER_PORT = 1024
DEFAULT_PORTS = {"https": HTTPS_PORT, "http": 80}
# Names that no public DNS answers (RFC 6761, RFC 6762, RFC 8375, and the private-use name of ICANN).
PRIVATE_SUFFIXES = ("localhost", "local", "internal", "home.arpa", "lan", "test", "invalid", "example", "onion")
_PRINTABLE = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True)
class Url:
    """The parts of a checked URL. `target` is the path with the query. `text` is the URL as it is stored."""

    text: str
    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """The value of the header Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def parsed_url(text: str, *, local: bool) -> Url:
    """The parts of an allowed URL. In stage `local` http and names of this machine are allowed. Raises `Rejected`."""
    parts, port = _split(text)
    host = (parts.hostname or "").rstrip(".")
    _check_parts(parts, host, local=local)
    port = DEFAULT_PORTS[parts.scheme] if port is None else port
    if not local:
        _check_public(host, port)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Url(text, parts.scheme, host, port, target)


def _split(text: str) -> tuple[SplitResult, int | None]:
    if len(text) > LONGEST_URL or not _PRINTABLE.fullmatch(text) or "\\" in text:
        raise refused_url(f"The URL has at most {LONGEST_URL} printable ASCII characters. Encode other characters.")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise refused_url("The URL is malformed.") from None
    return parts, port


def _check_parts(parts: SplitResult, host: str, *, local: bool) -> None:
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise refused_url("The URL begins with https://.")
    if "@" in parts.netloc:
        raise refused_url("The URL holds no user name and no password.")
    if parts.fragment:
        raise refused_url("The URL holds no fragment (#).")
    if not host or "%" in host:
        raise refused_url("The URL names a host.")


def _check_public(host: str, port: int) -> None:
    if port != HTTPS_PORT and port < LOWEST_OTHER_PORT:
        raise refused_url(f"The port is {HTTPS_PORT} or at least {LOWEST_OTHER_PORT}.")
    labels = host.lower().split(".")
    is_name = ":" not in host
    if is_name and (len(labels) == 1 or any(host.lower().endswith(f".{suffix}") for suffix in PRIVATE_SUFFIXES)):
        raise refused_url("The host is a public name.")


def refused_url(detail: str) -> Rejected:
    """The refusal of a URL or of an address."""
    return Rejected("url_refused", detail)
