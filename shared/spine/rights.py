"""Rights of a client over scopes, and the sources of orders to which a client is bound.

A grant names one right and one scope with its chain: `orders:read@chain:demo`, `menu:write@region:demo:north` or
`orders:place@store:demo:s1`. A client changes only orders of its sources: `till:till-1`, `mini_program:*`.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

from shared.contracts.ids import split_key, store_key
from shared.contracts.text import IDENTIFIER

# Every right that a view requires.
RIGHTS = {
    "audit:read",
    "clients:manage",
    "console:read",
    "days:close",
    "days:read",
    "delivery:carry",
    "delivery:manage",
    "delivery:pack",
    "delivery:read",
    "forecast:read",
    "forecast:write",
    "guests:token",
    "jobs:manage",
    "jobs:read",
    "members:export",
    "members:forget",
    "members:read",
    "members:write",
    "menu:read",
    "menu:write",
    "orders:cancel",
    "orders:change",
    "orders:discount",
    "orders:fulfil",
    "orders:import",
    "orders:pay",
    "orders:place",
    "orders:read",
    "orders:refund",
    "orders:void",
    "orders:write",
    "outlets:manage",
    "outlets:read",
    "people:manage",
    "personal:read",
    "printing:enrol",
    "printing:operate",
    "printing:read",
    "printing:write",
    "stock:read",
    "stock:write",
    "stores:write",
    "sync:manage",
    "sync:read",
    "tags:write",
    "takings:read",
    "timers:manage",
    "timers:read",
    "timers:stage",
    "webhooks:manage",
}

# Rights over the whole stage, with all of its chains. A chain gives none of them to its people or keys.
STAGE_RIGHTS = {"timers:stage"}

# A former right, and the rights into which it was split.
WIDER_RIGHTS = {
    "orders:write": {"orders:place", "orders:pay", "orders:cancel", "orders:fulfil", "orders:change", "orders:void"}
}
# Rights that reach only orders of the client's sources.
BOUND_RIGHTS = {"guests:token", "orders:refund", "orders:discount", "orders:write"} | WIDER_RIGHTS["orders:write"]


class Scope(NamedTuple):
    """A store, or with '' for region and store a whole chain. Regions and stores are unique within the chain."""

    chain: str
    region: str = ""
    store: str = ""

    @property
    def key(self) -> str:
        """The store's id that is unique over all chains."""
        return store_key(self.chain, self.store)


_GRANT = re.compile(rf"([a-z]+:[a-z]+)@(?:(chain):({IDENTIFIER})|(region|store):({IDENTIFIER}):({IDENTIFIER}))")


@dataclass(frozen=True)
class Grant:
    """One right over one scope and all scopes in it. `id` is that of a chain, or of a region or store of the chain."""

    right: str
    level: str
    chain: str
    id: str

    @classmethod
    def parse(cls, text: str) -> "Grant":
        """From `right@chain:CHAIN`, `right@region:CHAIN:REGION` or `right@store:CHAIN:STORE`. Raises ValueError."""
        match = _GRANT.fullmatch(text)
        if not match:
            raise ValueError(
                f"{text!r} is no grant: write right@chain:CHAIN, right@region:CHAIN:REGION or right@store:CHAIN:STORE"
            )
        right, chain_level, chain, level, chain_of_level, name = match.groups()
        return cls(right, chain_level, chain, chain) if chain_level else cls(right, level, chain_of_level, name)

    def __str__(self) -> str:
        """The text of which `parse` makes it."""
        scope = self.chain if self.level == "chain" else f"{self.chain}:{self.id}"
        return f"{self.right}@{self.level}:{scope}"

    def gives(self, right: str) -> bool:
        """Whether it is the right, or a former right that contains it."""
        return self.right == right or right in WIDER_RIGHTS.get(self.right, ())

    def covers(self, right: str, scope: Scope) -> bool:
        """Whether it allows `right` in `scope`."""
        return self.gives(right) and self.chain == scope.chain and getattr(scope, self.level) == self.id


_SOURCE = re.compile(rf"(till|mini_program|platform|\*):({IDENTIFIER}|\*)")


class Binding(NamedTuple):
    """Sources of orders, by kind and id; `*` is any."""

    kind: str
    id: str

    @classmethod
    def parse(cls, text: str) -> "Binding":
        """From `KIND:ID`. Raises ValueError."""
        match = _SOURCE.fullmatch(text)
        if not match:
            raise ValueError(
                f"{text!r} is no source: write till:ID, mini_program:ID or platform:ID, with * for any, as in till:*"
            )
        return cls(*match.groups())

    def covers(self, kind: str, source_id: str) -> bool:
        """Whether the source is one of these."""
        return self.kind in ("*", kind) and self.id in ("*", source_id)


class Reach(NamedTuple):
    """The scopes in which a client has one right: chains, (chain, region) pairs, and keys of stores."""

    chains: tuple[str, ...]
    regions: tuple[tuple[str, str], ...]
    stores: tuple[str, ...]

    @property
    def all_chains(self) -> tuple[str, ...]:
        """The chains of all its scopes."""
        chains = [*self.chains, *(chain for chain, _ in self.regions), *(split_key(key)[0] for key in self.stores)]
        return tuple(sorted(set(chains)))

    def within(self, chain: str | None) -> "Reach":
        """The scopes of this chain; all scopes for None."""
        if chain is None:
            return self
        return Reach(
            tuple(name for name in self.chains if name == chain),
            tuple(pair for pair in self.regions if pair[0] == chain),
            tuple(key for key in self.stores if split_key(key)[0] == chain),
        )

    def condition(self, chain: str, region: str, store: str) -> tuple[str, list[object]]:
        """(an SQL condition, its parameters) for the columns of a store's chain, region and key."""
        levels = {
            f"{chain} IN %s": self.chains,
            f"({chain}, {region}) IN %s": self.regions,
            f"{store} IN %s": self.stores,
        }
        limited = {text: ids for text, ids in levels.items() if ids}
        return f"({' OR '.join(limited)})" if limited else "FALSE", list(limited.values())
