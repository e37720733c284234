"""A delivery as it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from functions.delivery.life.details import Details
from functions.delivery.states import ENDED, UNDERWAY, Carriage, Goods


@dataclass(frozen=True)
class Delivery:
    """The delivery of one order. Times are UTC. `store` is the store's key.

    `times` has the moment at which each state began. `shorts` are the pieces that the packer did not find, by line.
    `order_sequence` is that of the newest message of the order that was heard. `sequence` counts its own messages.
    """

    id: str
    order: str
    chain: str
    store: str
    number: int
    member: str | None
    goods: Goods
    carriage: Carriage
    courier: str | None
    details: Details
    lines: Sequence[Mapping[str, Any]]
    wanted_from: datetime
    wanted_until: datetime
    ready_at: datetime
    link_hash: bytes
    link_encrypted: bytes
    created_at: datetime
    changed_at: datetime
    shorts: Sequence[Mapping[str, Any]] = ()
    parcels: int | None = None
    times: Mapping[str, datetime] = field(default_factory=dict)
    refused_by: Sequence[str] = ()
    proof: Mapping[str, Any] = field(default_factory=dict)
    why: Mapping[str, Any] = field(default_factory=dict)
    offered_until: datetime | None = None
    pin_tries: int = 0
    order_sequence: int = 0
    revision: int = 1
    sequence: int = 0
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return self.carriage not in ENDED

    @property
    def is_hidden(self) -> bool:
        """Whether it is a surprise that is not delivered: neither its page nor its courier may tell of it."""
        return self.details.surprise and self.carriage != Carriage.DELIVERED

    @property
    def is_underway(self) -> bool:
        """Whether a courier has the goods and is on the way to the door."""
        return self.carriage in UNDERWAY
