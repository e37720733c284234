"""The stores of a chain that a caller may see, from a copy that is a minute old at most."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from http import HTTPStatus
from zoneinfo import ZoneInfo

from functions.console.tables.places import Place, read_places
from shared.contracts.ids import store_key
from shared.kit.cache import Cache
from shared.spine.env import Environment
from shared.spine.errors import NotFound, Rejected
from shared.spine.http import Call
from shared.spine.rights import Scope

# Names and cities of stores change rarely. A new store appears within this time, one that prints at once.
_places: Cache[Sequence[Place]] = Cache(60, most=200)


@dataclass(frozen=True)
class VisibleStores:
    """The stores that a caller may see. `entire`: they are all stores of the chain."""

    chain: str
    entire: bool
    places: Sequence[Place]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the stores, or none for the entire chain: no list is needed then."""
        return () if self.entire else tuple(location.store_id for location in self.places)

    @cached_property
    def names(self) -> dict[str, str]:
        """The names of the stores by key."""
        return {location.store_id: location.name for location in self.places}

    def today(self, now: datetime) -> date:
        """The present business day by the clock that most of the stores have."""
        if not self.places:
            return now.date()
        zone, ends = self._clock
        hour, minute = map(int, ends.split(":")[:2])
        return (now.astimezone(ZoneInfo(zone)) - timedelta(hours=hour, minutes=minute)).date()

    def local(self, now: datetime) -> datetime:
        """The time by that clock."""
        return now.astimezone(ZoneInfo(self._clock[0])) if self.places else now

    @cached_property
    def _clock(self) -> tuple[str, str]:
        """(zone, end of the business day) of most of the stores."""
        clocks = Counter((location.timezone, location.day_ends_at or "00:00") for location in self.places)
        [(clock, _)] = clocks.most_common(1)
        return clock


def visible_stores(call: Call, right: str, chain: str, store: str | None = None) -> VisibleStores:
    """The stores of the chain for which the caller has the right, or the one store.

    Raises `Rejected` (403) without any, and `NotFound` for a store that the caller may not see.
    """
    reach = call.client.reach(right).within(chain)
    if chain not in reach.all_chains:
        call.client.require(right, Scope(chain))
    places = places_of(call.env, chain)
    regions = {region for _, region in reach.regions}
    if not reach.chains:
        places = [location for location in places if location.region_id in regions or location.store_id in reach.stores]
    if store is None:
        return VisibleStores(chain, bool(reach.chains), places)
    chosen = [location for location in places if location.store_id == store_key(chain, store)]
    if not chosen:
        raise NotFound("unknown_store", f"there is no store {store}")
    return VisibleStores(chain, entire=False, places=chosen)


def visible_store(call: Call, right: str, reference: str) -> Place:
    """The store of a path: `chain:store`, or `store`. Raises `NotFound`, or `Rejected` where several may be meant."""
    chain, _, store = reference.rpartition(":")
    chains = (chain,) if chain else call.client.reach(right).all_chains
    chosen = [location for name in chains for location in _places_named(call, right, name, store)]
    if len(chosen) > 1:
        detail = f"several chains have a store {store}: write chain:store"
        raise Rejected(
            "ambiguous_store", detail, extensions={"stores": sorted(location.store_id for location in chosen)}
        )
    if not chosen:
        raise NotFound("unknown_store", f"there is no store {reference}")
    return chosen[0]


def _places_named(call: Call, right: str, chain: str, store: str) -> Sequence[Place]:
    try:
        return visible_stores(call, right, chain, store).places
    except Rejected as refusal:
        if refusal.status == HTTPStatus.FORBIDDEN:
            return ()
        raise
    except NotFound:
        return ()


def places_of(env: Environment, chain: str) -> Sequence[Place]:
    """The stores of the chain by key."""

    def read() -> Sequence[Place]:
        with env.db.statements() as statements:
            return read_places(statements, chain)

    return _places.get_or_read(env, chain, read)


def forget_places(env: Environment) -> None:
    """The next caller reads the stores again."""
    _places.clear(env)


def utc(moment: datetime | None) -> datetime | None:
    """A time of the database, which is in UTC."""
    return moment.replace(tzinfo=UTC) if moment else None
