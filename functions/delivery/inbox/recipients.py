"""The parties of the conversation about a delivery, and the names of their inboxes.

The desk and the packers of a store share an inbox each. A courier has one, and the customer of a delivery has one.
"""

from collections.abc import Mapping
from enum import StrEnum

from functions.delivery.life.delivery import Delivery


class Party(StrEnum):
    """A party of a conversation."""

    DESK = "desk"
    PACKER = "packer"
    COURIER = "courier"
    CUSTOMER = "customer"


# The parties to whom each party may write. The customer speaks with the courier through the chain.
MAY_WRITE_TO: Mapping[Party, frozenset[Party]] = {
    Party.DESK: frozenset(Party),
    Party.PACKER: frozenset({Party.DESK, Party.PACKER, Party.COURIER}),
    Party.COURIER: frozenset(Party),
    Party.CUSTOMER: frozenset({Party.DESK, Party.COURIER, Party.CUSTOMER}),
}


def conversation_of(delivery: Delivery) -> str:
    """The name of the conversation about a delivery."""
    return f"delivery/{delivery.id}"


def desk_inbox(store: str) -> str:
    """The inbox of the service desk of a store; `store` is the store's key."""
    return f"desk/{store}"


def packer_inbox(store: str) -> str:
    """The inbox of the packers of a store; `store` is the store's key."""
    return f"packer/{store}"


def courier_inbox(chain: str, courier: str) -> str:
    """The inbox of a courier."""
    return f"courier/{chain}:{courier}"


def customer_inbox(delivery: str) -> str:
    """The inbox of the customer of a delivery."""
    return f"customer/{delivery}"


def inboxes_of(delivery: Delivery) -> dict[Party, str]:
    """The inbox of each party as the delivery stands. Without a courier there is none for it."""
    inboxes = {
        Party.DESK: desk_inbox(delivery.store),
        Party.PACKER: packer_inbox(delivery.store),
        Party.CUSTOMER: customer_inbox(delivery.id),
    }
    if delivery.courier:
        inboxes[Party.COURIER] = courier_inbox(delivery.chain, delivery.courier)
    return inboxes
