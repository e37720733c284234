"""The roles of a caller to a delivery: the desk, a packer, its courier, or a stranger."""

from collections.abc import Sequence
from dataclasses import dataclass

from functions.delivery.life.delivery import Delivery
from functions.delivery.states import BEFORE_PICKUP, Carriage, Role
from functions.delivery.tables.couriers import Courier, read_courier_of
from functions.delivery.tables.stores import read_scopes
from shared.contracts.ids import Ulid, split_key
from shared.contracts.models import Query
from shared.spine.db import Transaction
from shared.spine.errors import NotFound
from shared.spine.http import Call
from shared.spine.rights import Scope

READ, MANAGE, PACK, CARRY = "delivery:read", "delivery:manage", "delivery:pack", "delivery:carry"


class DeliveryPath(Query):
    """A delivery by its id."""

    delivery: Ulid


@dataclass(frozen=True)
class Caller:
    """The roles of a caller to one delivery. `courier` is the courier for whom the caller acts."""

    roles: frozenset[Role]
    courier: Courier | None
    may_read: bool

    def is_courier_of(self, delivery: Delivery) -> bool:
        """Whether the delivery is offered or given to the caller."""
        return self.courier is not None and delivery.courier == self.courier.id


def caller_of(call: Call, transaction: Transaction, delivery: Delivery) -> Caller:
    """The roles of the caller. Raises `NotFound` for a delivery that the caller may not know of."""
    scope = read_scopes(transaction, [delivery.store]).get(delivery.store, Scope(delivery.chain))
    roles = {role for role, right in ((Role.DESK, MANAGE), (Role.PACKER, PACK)) if call.client.may(right, scope)}
    courier = courier_in(call, transaction, scope)
    if courier and (delivery.courier == courier.id or _is_free(delivery)):
        roles.add(Role.COURIER)
    may_read = call.client.may(READ, scope)
    if not roles and not may_read:
        raise unknown_delivery(delivery.id)
    return Caller(frozenset(roles), courier, may_read)


def courier_in(call: Call, transaction: Transaction, scope: Scope) -> Courier | None:
    """The courier for whom the caller acts, if it works for the store."""
    if not call.client.may(CARRY, scope):
        return None
    courier = read_courier_of(transaction, call.client.id)
    if courier is None or not courier.active or courier.chain != scope.chain or scope.store not in courier.stores:
        return None
    return courier


def unknown_delivery(delivery_id: str) -> NotFound:
    """The error for a delivery that does not exist, or that the caller may not see."""
    return NotFound("unknown_order_delivery", f"there is no delivery {delivery_id}")


def _is_free(delivery: Delivery) -> bool:
    """Whether any courier of the store may take it."""
    return delivery.courier is None and delivery.carriage == Carriage.UNASSIGNED and delivery.carriage in BEFORE_PICKUP


def store_scope(call: Call, transaction: Transaction, right: str, chain: str, store: str) -> Scope:
    """The scope of a store. Raises `Rejected` (403) without the right there, and `NotFound`."""
    return store_scope_by_any(call, transaction, (right,), chain, store)


def store_scope_by_any(call: Call, transaction: Transaction, rights: Sequence[str], chain: str, store: str) -> Scope:
    """The scope of a store. Raises `Rejected` (403) without any of the rights there, and `NotFound`."""
    scope = read_scopes(transaction, [Scope(chain, "", store).key]).get(Scope(chain, "", store).key)
    # An unknown store is refused as a store of another: a stranger learns nothing.
    place = scope or Scope(chain)
    call.client.require(next((right for right in rights if call.client.may(right, place)), rights[0]), place)
    if scope is None:
        raise NotFound("unknown_store", f"there is no store {store}")
    return scope


def bare_store(delivery: Delivery) -> str:
    """The store's id within its chain."""
    return split_key(delivery.store)[1]
