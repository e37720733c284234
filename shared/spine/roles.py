"""Roles of people: each is a set of rights that a person has over a chain, a region or a store."""

from collections.abc import Sequence
from functools import lru_cache

from shared.spine.rights import RIGHTS, STAGE_RIGHTS, Grant

# What the manager of a store needs all day.
_STORE = frozenset(
    {
        "console:read",
        "days:close",
        "days:read",
        "delivery:manage",
        "delivery:pack",
        "delivery:read",
        "forecast:read",
        "jobs:manage",
        "jobs:read",
        "menu:read",
        "menu:write",
        "orders:cancel",
        "orders:change",
        "orders:discount",
        "orders:fulfil",
        "orders:pay",
        "orders:place",
        "orders:read",
        "orders:refund",
        "orders:void",
        "outlets:read",
        "personal:read",
        "printing:operate",
        "printing:read",
        "printing:write",
        "stock:read",
        "stock:write",
        "stores:write",
        "takings:read",
    }
)
_OPERATOR = frozenset(
    {
        "console:read",
        "jobs:manage",
        "jobs:read",
        "menu:read",
        "orders:read",
        "outlets:manage",
        "outlets:read",
        "printing:enrol",
        "printing:operate",
        "printing:read",
        "printing:write",
        "timers:manage",
        "timers:read",
        "webhooks:manage",
    }
)

ROLES: dict[str, frozenset[str]] = {
    "head_office": frozenset(RIGHTS - STAGE_RIGHTS),
    "region": _STORE
    | {"audit:read", "forecast:write", "outlets:manage", "people:manage", "printing:enrol", "timers:read"},
    "store_manager": _STORE,
    "marketing": frozenset(
        {
            "console:read",
            "forecast:read",
            "members:export",
            "members:read",
            "jobs:manage",
            "jobs:read",
            "menu:read",
            "tags:write",
            "takings:read",
        }
    ),
    "operator": _OPERATOR,
    # Of the team that runs the stage. Only the command of the operator's machine gives this role.
    "stage_operator": _OPERATOR | STAGE_RIGHTS,
    "service_desk": frozenset(
        {
            "console:read",
            "delivery:manage",
            "delivery:pack",
            "delivery:read",
            "menu:read",
            "orders:read",
            "personal:read",
        }
    ),
    "packer": frozenset({"console:read", "delivery:pack"}),
    "courier": frozenset({"delivery:carry"}),
}
# The levels of scope at which a role can be given.
LEVELS: dict[str, tuple[str, ...]] = {
    "head_office": ("chain",),
    "region": ("region",),
    "store_manager": ("store",),
    "marketing": ("chain",),
    "operator": ("chain", "region", "store"),
    "stage_operator": ("chain",),
    "service_desk": ("chain", "region", "store"),
    "packer": ("store",),
    "courier": ("region", "store"),
}


@lru_cache(maxsize=1_000)
def grants_of(role: str, level: str, chain: str, scope_id: str) -> Sequence[Grant]:
    """The grants of a role over a scope of the chain. A role that this version does not know gives none."""
    return tuple(Grant(right, level, chain, scope_id) for right in sorted(ROLES.get(role, ())))
