"""The watch of a page over a chain, with the scopes in which its client has the right of each topic."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from functions.console.live.heads import Change
from functions.console.live.topics import BY_TYPE, rights_of
from shared.contracts.ids import store_key
from shared.spine.rights import Reach


@dataclass(frozen=True)
class Wish:
    """Topics of a chain that a page asks for: of some stores, or of all stores that its client may see."""

    chain: str
    stores: tuple[str, ...] | None
    topics: tuple[str, ...]


@dataclass(frozen=True)
class Limits:
    """The places of a chain in which a client has one right. `whole`: the whole chain. `stores` are keys."""

    whole: bool = False
    regions: tuple[str, ...] = ()
    stores: tuple[str, ...] = ()

    @classmethod
    def of(cls, reach: Reach, chain: str) -> "Limits":
        """The part of a client's reach in the chain."""
        within = reach.within(chain)
        return cls(bool(within.chains), tuple(region for _, region in within.regions), within.stores)

    def __bool__(self) -> bool:
        """Whether there is any place."""
        return self.whole or bool(self.regions or self.stores)

    def cover(self, store: str, region: str | None) -> bool:
        """Whether a store is within. A change of the whole chain has no store, and needs the whole chain."""
        return self.whole or (bool(store) and (store in self.stores or region in self.regions))


@dataclass(frozen=True)
class Watch:
    """The stores that a page asked for (None for all), and the limits by topic and right."""

    stores: tuple[str, ...] | None
    limits: Mapping[str, Mapping[str, Limits]] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> "Watch":
        """From the text of `stored`."""
        document = json.loads(text)
        limits = {
            topic: {
                right: Limits(places["whole"], tuple(places["regions"]), tuple(places["stores"]))
                for right, places in rights.items()
            }
            for topic, rights in document["limits"].items()
        }
        return cls(None if document["stores"] is None else tuple(document["stores"]), limits)

    def stored(self) -> str:
        """As JSON."""
        limits = {topic: {right: asdict(places) for right, places in by.items()} for topic, by in self.limits.items()}
        return json.dumps({"stores": self.stores, "limits": limits}, separators=(",", ":"))

    @property
    def has_regions(self) -> bool:
        """Whether the region of a store matters."""
        return any(limits.regions for by_right in self.limits.values() for limits in by_right.values())

    def heads(self, change: Change, region: str | None) -> Iterator[dict[str, Any]]:
        """The heads of a change that the page may see, at most one for each topic."""
        store = change.store_key
        if self.stores is not None and store and store not in self.stores:
            return
        topics_sent = set()
        for topic, right in BY_TYPE[change.type]:
            limits = self.limits.get(topic, {}).get(right)
            covers = limits and (change.concerns_each_store or limits.cover(store, region))
            if topic not in topics_sent and covers:
                topics_sent.add(topic)
                yield change.head(topic)


def watch_of(wish: Wish, reaches: Mapping[str, Reach]) -> Watch:
    """The watch that a client gets, without the topics that it may not see. `reaches` has its reach for each right."""
    limits = {topic: _limits_of(topic, wish.chain, reaches) for topic in wish.topics}
    stores = None if wish.stores is None else tuple(store_key(wish.chain, store) for store in wish.stores)
    return Watch(stores, {topic: by_right for topic, by_right in limits.items() if by_right})


def _limits_of(topic: str, chain: str, reaches: Mapping[str, Reach]) -> dict[str, Limits]:
    by_right = {right: Limits.of(reaches[right], chain) for right in rights_of(topic)}
    return {right: limits for right, limits in by_right.items() if limits}
