"""Paths and rights of sync: a system belongs to a chain, and rights are over the whole chain."""

from typing import Annotated

from pydantic import Field

from functions.sync.states import Flow
from functions.sync.tables.systems import System, lock_system, read_system, system_key
from shared.contracts.models import Query
from shared.contracts.text import Id
from shared.spine.db import Transaction
from shared.spine.errors import NotFound
from shared.spine.http import Call
from shared.spine.rights import Scope

MANAGE, READ = "sync:manage", "sync:read"
# Our own keys and codes of reasons are ASCII. The database compares no other text with them.
AsciiKey = Annotated[str, Field(pattern="^[!-~]{0,200}$")]


class ChainQuery(Query):
    """The chain of the system."""

    chain: Id


class SystemPath(Query):
    """The name of a system within its chain."""

    system: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,31}$")]


class FlowPath(SystemPath):
    """A flow of a system."""

    flow: Flow


def require(call: Call, right: str, chain: str) -> None:
    """Raises `Rejected` (403) without the right over the chain."""
    call.client.require(right, Scope(chain))


def system_of(call: Call, transaction: Transaction, right: str, chain: str, system: str) -> System:
    """The system. Raises `Rejected` (403) or `NotFound`."""
    require(call, right, chain)
    return existing(read_system(transaction, system_key(chain, system)), system)


def locked_system(call: Call, transaction: Transaction, chain: str, system: str) -> System:
    """The system that is to be changed, locked. Raises `Rejected` (403) or `NotFound`."""
    require(call, MANAGE, chain)
    return existing(lock_system(transaction, system_key(chain, system)), system)


def existing(system: System | None, name: str) -> System:
    """Raises `NotFound` for None."""
    if system is None:
        raise NotFound("unknown_system", f"There is no system {name} in this chain.")
    return system
