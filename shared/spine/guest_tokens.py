"""Guest tokens: a short-lived right to place a few orders of one mini-program in one store.

The chain's own server asks for a token with its key, and hands it to the guest's device. A token is Fernet text: its
content is encrypted and authenticated with AES-128-CBC and HMAC-SHA256, without a choice of algorithm. The keys are
derived from the keyring for tokens alone, so a stored secret is never a token. An older key of the ring stays valid.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from shared.contracts.ids import store_key
from shared.spine.errors import Rejected

RIGHT = "guests:token"
PREFIX = "dwg1."
SOURCE_KIND = "mini_program"
LONGEST = 4_096
# Requests a second of one token, and at once.
RATE, BURST = 2, 10
# Fernet reads past characters that are not base64. A token has one form.
_FORM = re.compile(r"dwg1\.[A-Za-z0-9_-]+={0,2}")
_HASH = re.compile(r"[A-Z2-7]{16}")
_PURPOSE = b"dumbwaiter guest token 1"


@dataclass(frozen=True)
class GuestToken:
    """The content of a token. Times are in Unix seconds, amounts in minor units.

    `guest` names the guest within the mini-program: the guest's tokens read each other's orders. Orders have only its
    hash, because their numbers outlive the guest's data. `epoch` is that of the region that made the token. `bill` is
    the id of an open bill to which the guest can add rounds.
    """

    id: str
    client: str
    chain: str
    region: str
    store: str
    source_id: str
    guest: str
    member: str | None
    issued_at: int
    expires_at: int
    epoch: int
    orders: int
    origins: Sequence[str]
    discounts: Sequence[str]
    service_charge: int
    delivery_charge: int
    bill: str | None = None

    @property
    def numbers(self) -> list[str]:
        """The numbers that its orders and rounds may have, one each. The first part names the guest."""
        return [f"{self.guest_hash}.{self.id}.{count}" for count in range(1, self.orders + 1)]

    @property
    def key_owner(self) -> str:
        """Its idempotency keys are stored under this name, apart from those of its client."""
        return f"g{self.id}"

    def placed(self, key: str, kind: str, source_id: str, number: str) -> bool:
        """Whether a token of this guest placed the order of that store and source."""
        mine = (store_key(self.chain, self.store), SOURCE_KIND, self.source_id)
        return (key, kind, source_id) == mine and number.startswith(f"{self.guest_hash}.")

    def may_grow(self, key: str, order_id: str) -> bool:
        """Whether it can add rounds to the bill of this store."""
        return self.bill == order_id and key == store_key(self.chain, self.store)

    @property
    def guest_hash(self) -> str:
        """The guest's part of an order's number."""
        return guest_hash(self.chain, self.source_id, self.guest)

    def require_origin(self, origin: str | None) -> None:
        """Raises `Rejected` (403) for a page of an origin that the token does not name."""
        if origin is not None and origin not in self.origins:
            detail = "the token does not name the origin of this page"
            raise Rejected("origin_not_allowed", detail, status=HTTPStatus.FORBIDDEN)


def guest_hash(chain: str, source_id: str, guest: str) -> str:
    """80 bits in base32, 16 characters, that stand for a guest of a mini-program."""
    text = json.dumps([chain, source_id, guest])
    return base64.b32encode(hashlib.sha256(text.encode()).digest()[:10]).decode()


def hash_in_number(number: str) -> str | None:
    """The guest's hash in the number of a token's order. None for a number of another form."""
    parts = number.split(".")
    return parts[0] if len(parts) == 3 and _HASH.fullmatch(parts[0]) else None  # noqa: PLR2004 - as `numbers` has them


def write_token(token: GuestToken, keyring: Sequence[str]) -> str:
    """The token as text, under the newest key."""
    # An environment of the release before knows no bill.
    content = {name: value for name, value in asdict(token).items() if name != "bill" or value}
    return PREFIX + _cipher(tuple(keyring)).encrypt(json.dumps(content).encode()).decode()


def read_token(text: str, keyring: Sequence[str], now: datetime) -> GuestToken:
    """The token. Raises `Rejected` (401) for a text that no key of the ring made, and for an expired token."""
    if len(text) > LONGEST or not _FORM.fullmatch(text):
        raise invalid_token()
    try:
        content = _cipher(tuple(keyring)).decrypt(text.removeprefix(PREFIX))
    except InvalidToken:
        raise invalid_token() from None
    token = GuestToken(**json.loads(content))
    if now >= datetime.fromtimestamp(token.expires_at, UTC):
        raise _unauthorized("token_expired", "the guest token has expired: ask your server for another one")
    return token


def invalid_token() -> Rejected:
    """The error for a text that is no token, and for a token whose client lost the right to it."""
    return _unauthorized("token_invalid", "this is no guest token, or its key was revoked")


def require_present_epoch(token: GuestToken, epoch: int) -> None:
    """Raises `Rejected` (401) for a token of an earlier epoch: this region may not know the orders of the token."""
    if token.epoch < epoch:
        raise _unauthorized("token_superseded", "the region changed since the token was made: ask for another one")


@lru_cache(maxsize=2)
def _cipher(keyring: tuple[str, ...]) -> MultiFernet:
    derived = (hmac.digest(base64.urlsafe_b64decode(key), _PURPOSE, "sha256") for key in keyring)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])


def _unauthorized(code: str, detail: str) -> Rejected:
    return Rejected(code, detail, status=HTTPStatus.UNAUTHORIZED)
