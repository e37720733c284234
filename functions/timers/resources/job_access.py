"""The rights to see and to change a job: over its stores, and the right of its action."""

from collections.abc import Sequence

from functions.timers.resources.access import require_manager
from functions.timers.tables.jobs import Job
from functions.timers.tables.places import read_scopes
from shared.contracts.ids import Ulid
from shared.contracts.models import Query
from shared.spine.db import Transaction
from shared.spine.errors import NotFound
from shared.spine.http import Call
from shared.spine.rights import Scope

READ, MANAGE = "jobs:read", "jobs:manage"
# A job must not do what its maker may not do by hand.
RIGHT_OF_ACTION = {"items_on": "menu:write", "items_off": "menu:write", "plan": "forecast:write"}


class JobPath(Query):
    """A job."""

    job: Ulid


def visible_job(call: Call, transaction: Transaction, job: Job) -> bool:
    """Whether the caller may read the job: over the chain, or over one of its stores.

    A job for all stores is visible with the right over any store of the chain.
    """
    if call.client.may(READ, Scope(job.chain)):
        return True
    if not job.stores:
        return bool(call.client.reach(READ).within(job.chain).all_chains)
    return any(call.client.may(READ, scope) for scope in read_scopes(transaction, job.chain, job.stores).values())


def require_stores(call: Call, transaction: Transaction, right: str, chain: str, stores: Sequence[str]) -> None:
    """Raises `Rejected` (403) without the right over each of the stores, or over the chain; `NotFound` for no store."""
    if not stores:
        call.client.require(right, Scope(chain))
        return
    scopes = read_scopes(transaction, chain, stores)
    for store in stores:
        # An unknown store is refused as a store of another: a stranger learns nothing.
        call.client.require(right, scopes.get(store, Scope(chain)))
        if store not in scopes:
            raise NotFound("unknown_store", f"there is no store {store}")


def require_action(call: Call, transaction: Transaction, action: str, chain: str, stores: Sequence[str]) -> None:
    """Raises `Rejected` (403) for an action that the caller may not do by hand."""
    if action == "run_timer":
        require_manager(call, transaction, chain)
    elif action in RIGHT_OF_ACTION:
        require_stores(call, transaction, RIGHT_OF_ACTION[action], chain, stores)
