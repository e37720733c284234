"""Whether a caller may give a role or a key: it must have every right itself, over the same scope.

So no manager of a store makes a head office, neither directly nor by the password of one.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from shared.spine.auth import Client
from shared.spine.rights import BOUND_RIGHTS, Binding, Grant, Scope
from shared.spine.roles import ROLES

PEOPLE, CLIENTS = "people:manage", "clients:manage"
Stores = Mapping[str, Scope]


class Role(NamedTuple):
    """A role over a chain, a region or a store, by the id of that."""

    name: str
    level: str
    scope_id: str


def scope_of(chain: str, level: str, scope_id: str, stores: Stores) -> Scope:
    """The scope of a role or a grant. `stores` has the scopes of the chain's stores that exist.

    A store that does not exist is in no region, so that only a right over the chain covers it.
    """
    if level == "chain":
        return Scope(chain)
    if level == "region":
        return Scope(chain, scope_id)
    found = stores.get(scope_id)
    return found if found and found.chain == chain else Scope(chain, "", scope_id)


def may_give_role(client: Client, chain: str, role: Role, stores: Stores) -> bool:
    """Whether the caller may give the role, or take it away."""
    scope = scope_of(chain, role.level, role.scope_id, stores)
    rights = ROLES.get(role.name, frozenset())
    # A person is bound to no source: the caller must not be, either.
    is_free = not rights & BOUND_RIGHTS or client.is_bound_to("*", "*")
    return is_free and client.may(PEOPLE, scope) and all(client.may(right, scope) for right in rights)


def may_give_key(client: Client, grants: Sequence[Grant], sources: Sequence[Binding], stores: Stores) -> bool:
    """Whether the caller may make, change or end a key with these grants and sources.

    `stores` has the scopes of the stores of the grants, by the stores' ids.
    """
    covered = all(client.is_bound_to(source.kind, source.id) for source in sources)
    return covered and all(_may_give_grant(client, grant, stores) for grant in grants)


def _may_give_grant(client: Client, grant: Grant, stores: Stores) -> bool:
    scope = scope_of(grant.chain, grant.level, grant.id, stores)
    return client.may(CLIENTS, scope) and client.may(grant.right, scope)
