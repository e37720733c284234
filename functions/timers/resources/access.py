"""The rights to see and to change timers. A timer works for all chains of the stage."""

from collections import Counter
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import StringConstraints

from functions.timers.stage.rules import Timer, read_timers
from functions.timers.tables.settings import read_chains, read_zones
from shared.contracts.models import Query
from shared.contracts.store_settings import TimeZone
from shared.contracts.text import Id
from shared.spine.db import Transaction
from shared.spine.errors import NotFound, Rejected
from shared.spine.http import Call
from shared.spine.rights import Scope

READ, MANAGE, STAGE = "timers:read", "timers:manage", "timers:stage"
TimerKey = Annotated[str, StringConstraints(pattern="^[a-z]+_[a-z0-9_]{1,60}$")]


class TimerPath(Query):
    """A timer, such as `outbox_drop_old_keys`."""

    timer: TimerKey


class ChainQuery(Query):
    """The chain of the caller's right. `zone`: of the words; by default that of most stores of the chain."""

    chain: Id
    zone: TimeZone | None = None


Refusal = Literal["role", "other_chains"]


def require_reader(call: Call, chain: str) -> None:
    """Raises `Rejected` (403) without the right to read timers anywhere in the chain."""
    if not call.client.reach(READ).within(chain).all_chains:
        call.client.require(READ, Scope(chain))


def is_manager(call: Call, transaction: Transaction, chain: str) -> bool:
    """Whether the caller may change timers: it needs the right over each chain of the stage, or over the stage."""
    return refusal_of(call, transaction, chain) is None


def refusal_of(call: Call, transaction: Transaction, chain: str) -> Refusal | None:
    """Why the caller may not change timers: the right is missing in the chain, or over another chain of the stage."""
    if not call.client.may(MANAGE, Scope(chain)):
        return "role"
    if call.client.may(STAGE, Scope(chain)):
        return None
    others = read_chains(transaction)
    return None if all(call.client.may(MANAGE, Scope(name)) for name in others) else "other_chains"


def require_manager(call: Call, transaction: Transaction, chain: str) -> None:
    """Raises `Rejected` (403) for a caller who may not change timers."""
    if not is_manager(call, transaction, chain):
        detail = f"a timer works for all chains: a change needs {STAGE}, or {MANAGE} over each chain of the stage"
        raise Rejected("not_allowed", detail, status=HTTPStatus.FORBIDDEN)


def find_timer(call: Call, key: str) -> Timer:
    """The timer. Raises `NotFound`."""
    prefix = call.env.settings.watched_prefix
    timer = read_timers(call.env.aws, prefix, key).get(f"{prefix}{key}")
    if timer is None:
        raise NotFound("unknown_timer", f"there is no timer {key}")
    return timer


def zone_of(transaction: Transaction, query: ChainQuery) -> str:
    """The zone of the query, else that of most stores of the chain, else UTC."""
    if query.zone:
        return query.zone
    zones = Counter(read_zones(transaction, query.chain)).most_common(1)
    return zones[0][0] if zones else "UTC"
