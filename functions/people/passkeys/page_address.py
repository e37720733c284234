"""The address of the pages, to which a passkey is bound: its domain is the relying party's id.

WebAuthn Level 3, sections 5.1.3 and 13.4.9: https://www.w3.org/TR/webauthn-3/
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from shared.spine.errors import Rejected

# A name, such as console.example.com or localhost. Its last label has a letter, so that it is no IP address.
_DOMAIN = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True)
class PageAddress:
    """`origin` such as https://console.example.com, and its domain."""

    origin: str
    domain: str


def page_address(console_domain: str, origin: str | None, *, local: bool) -> PageAddress:
    """The address of the stage's pages. Raises `Rejected` (422) for an address to which no passkey can be bound.

    A stage with a domain of its own has passkeys for it alone. Otherwise the browser names the page's `origin`.
    A forged one is of no use: the browser signs the real one. On one machine (`local`), http will do.
    """
    if console_domain:
        return PageAddress(f"https://{console_domain}", console_domain)
    try:
        parts = urlsplit(origin or "")
        domain = parts.hostname or ""
    except ValueError:
        raise _unfit() from None
    if parts.scheme not in ({"http", "https"} if local else {"https"}) or not _DOMAIN.fullmatch(domain):
        raise _unfit()
    return PageAddress(f"{parts.scheme}://{parts.netloc}", domain)


def _unfit() -> Rejected:
    detail = "a passkey needs a page with a domain and https, or http://localhost on one machine"
    return Rejected("passkey_address_unfit", detail)
