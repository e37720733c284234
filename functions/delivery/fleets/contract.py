"""The contract of a fleet, which makes requests to a delivery service and reads its replies and callbacks.

A fleet is pure: it opens no socket, reads no clock and no database. The engine sends its calls, keeps its tokens and
stores its news. A fleet of your own: docs/develop/add-a-fleet.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from shared.kit.outside.exchange import Call, Reply


class FleetStatus(StrEnum):
    """How far a fleet's courier is, in the order of a trip. The last three are ends."""

    SEARCHING = "searching"
    ASSIGNED = "assigned"
    AT_STORE = "at_store"
    PICKED_UP = "picked_up"
    ON_THE_WAY = "on_the_way"
    AT_DOOR = "at_door"
    DELIVERED = "delivered"
    RETURNED = "returned"
    CANCELLED = "cancelled"

    @property
    def rank(self) -> int:
        """Its place in a trip. A lower one never follows a higher one."""
        return list(FleetStatus).index(self)


ENDS = frozenset({FleetStatus.DELIVERED, FleetStatus.RETURNED, FleetStatus.CANCELLED})


class Why(StrEnum):
    """Why a fleet refuses, which decides what comes next.

    `later`: the same call succeeds later. `rights`: a person must repair the account. `expired`: a new quote is needed.
    `order`: the fleet does not take this delivery. `gone`: it has no such delivery. `too_late`: it cannot be cancelled.
    `unknown`: a code that no page explains. It is tried again a few times.
    """

    LATER = "later"
    RIGHTS = "rights"
    EXPIRED = "expired"
    ORDER = "order"
    GONE = "gone"
    TOO_LATE = "too_late"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Setting:
    """One value that the set-up asks for. A secret is stored encrypted and is never shown again."""

    name: str
    secret: bool
    help: str
    default: str | None = None


@dataclass(frozen=True)
class Account:
    """An account at a fleet: public settings, decrypted secrets, and the access token where the fleet has one."""

    key: str
    settings: Mapping[str, str]
    secret: Mapping[str, str] = field(repr=False)
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Stop:
    """A place of a trip. `lat` and `lon` are degrees of WGS-84; `note` is for the courier."""

    name: str
    phone: str
    address: str = field(repr=False)
    lat: float
    lon: float
    note: str = ""


@dataclass(frozen=True)
class Item:
    """Goods of a trip."""

    name: str
    quantity: int


@dataclass(frozen=True)
class Trip:
    """A trip that a fleet is asked for. `id` is our key, and `number` the same key as a number below 2^53.

    `fleet_store_id` is the id of the store at the fleet. `deliver_from` is given for a scheduled delivery
    alone. `value` is what the
    goods are worth, in the smallest unit of `currency`.
    """

    id: str
    number: int
    order: str
    fleet_store_id: str
    label: str
    pickup: Stop
    door: Stop
    items: Sequence[Item]
    ready_at: datetime
    deliver_by: datetime
    deliver_from: datetime | None = None
    value: int = 0
    currency: str = ""


@dataclass(frozen=True)
class Callback:
    """A request of the fleet to us, with the raw bytes of its body. Names of headers are in small letters."""

    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Quote:
    """The price of a trip in the smallest unit of `currency`. `id` goes with the order until `expires_at`."""

    price: int
    currency: str
    id: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Refused:
    """The fleet refuses. `wait_seconds`: it asks to wait. `renew_token`: the same call succeeds with a new token."""

    why: Why
    code: str
    detail: str
    wait_seconds: float | None = None
    renew_token: bool = False


@dataclass(frozen=True)
class Unreadable:
    """A reply that says neither: what was asked may have been done."""

    detail: str


@dataclass(frozen=True)
class Absent:
    """The fleet surely has no such trip."""


@dataclass(frozen=True)
class Done:
    """The fleet did it."""


@dataclass(frozen=True)
class Token:
    """An access token, and the seconds for which it is good."""

    value: str = field(repr=False)
    seconds: float


@dataclass(frozen=True)
class Place:
    """Where the courier is: degrees of WGS-84, and when."""

    lat: float
    lon: float
    at: datetime


@dataclass(frozen=True)
class News:
    """News of a trip, in a reply or in a callback. None stands for a thing that the fleet does not say.

    `trip` or `number` is our key; `fleet_id` is the fleet's own. `at` is the time of the fleet.
    """

    at: datetime
    status: FleetStatus | None = None
    trip: str | None = None
    number: int | None = None
    fleet_id: str | None = None
    courier_name: str | None = None
    courier_phone: str | None = field(default=None, repr=False)
    vehicle: str | None = None
    place: Place | None = None
    price: int | None = None
    currency: str | None = None
    reason: str | None = None


class Forged(Exception):
    """A callback is not of the fleet, or is not fresh. The reason is for our log, not for the sender."""


class Fleet(Protocol):
    """One delivery service. Calls are made of checked settings: `settings` names all of them."""

    name: str
    title: str
    # For so many seconds the service knows a second request with the same key; None: for ever.
    key_seconds: float | None

    @property
    def settings(self) -> tuple[Setting, ...]:
        """The values that the set-up asks for."""

    def token(self, account: Account) -> Call | None:
        """The call that gets an access token; None for a fleet without one."""

    def token_outcome(self, reply: Reply) -> Token | Refused | Unreadable:
        """The outcome of `token`."""

    def quote(self, account: Account, trip: Trip, now: datetime) -> Call:
        """The call that asks for the price. It books nothing."""

    def quote_outcome(self, reply: Reply, now: datetime) -> Quote | Refused | Unreadable:
        """The outcome of `quote`."""

    def create(self, account: Account, trip: Trip, quote: Quote, now: datetime) -> Call:
        """The call that books the trip. The same trip has the same key in each call."""

    def create_outcome(self, reply: Reply, now: datetime) -> News | Refused | Unreadable:
        """The outcome of `create`. News has the fleet's own id."""

    def find(self, account: Account, trip: Trip, fleet_id: str | None, since: datetime, now: datetime) -> Call | None:
        """The call that looks for a trip. Without the fleet's id it was perhaps booked after `since`.

        None: it cannot be looked for, and `create` may be sent again.
        """

    def find_outcome(self, reply: Reply, trip: Trip, now: datetime) -> News | Absent | Refused | Unreadable:
        """The outcome of `find`."""

    def locate(self, account: Account, trip: Trip, fleet_id: str, now: datetime) -> Call | None:
        """The call that asks where the courier is; None where `find` tells it."""

    def locate_outcome(self, reply: Reply, now: datetime) -> Place | None:
        """The outcome of `locate`."""

    def cancel(self, account: Account, trip: Trip, fleet_id: str, now: datetime) -> Call:
        """The call that cancels a trip."""

    def cancel_outcome(self, reply: Reply) -> Done | Refused | Unreadable:
        """The outcome of `cancel`."""

    def news(self, account: Account, callback: Callback, now: datetime) -> list[News]:
        """The news of a genuine callback. Raises `Forged`."""

    def answer(self) -> Reply:
        """The reply that the service expects to a genuine callback."""
