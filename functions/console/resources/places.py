"""GET /v1/console/places: the names of stores, to choose one of many and to name those of a list."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from functions.console.resources.scope import visible_stores
from functions.console.tables.places import Place
from shared.contracts.models import Output, Query
from shared.contracts.text import IDENTIFIER, Id
from shared.spine.http import Call, Reply

RIGHT = "console:read"
MOST = 200
StoreIds = Annotated[str, StringConstraints(pattern=f"^{IDENTIFIER}(,{IDENTIFIER}){{0,{MOST - 1}}}$")]


class PlacesQuery(Query):
    """A chain. `q`: a part of the name, the city or the id. `stores`: these ids alone, separated by commas."""

    chain: Id
    q: Annotated[str | None, Field(min_length=1, max_length=100)] = None
    stores: StoreIds | None = None
    limit: Annotated[int, Field(ge=1, le=MOST)] = MOST


class PlaceDocument(Output):
    """A store: its id, its name, where it stands, its clock, and the currency of its takings."""

    store: str
    name: str
    city: str | None
    region: str
    timezone: str
    currency: str


class Places(Output):
    """Stores by id, at most `limit`. The other fields are of all stores that the caller may see in the chain.

    `stores_in_all` is their number, and `regions` are the ids of their regions.
    """

    stores_in_all: int
    regions: list[str]
    places: list[PlaceDocument]


def list_places(call: Call, query: PlacesQuery) -> Reply:
    """The names of the stores that the caller may see. With `q`, names that begin with it come first."""
    visible = visible_stores(call, RIGHT, query.chain).places
    chosen: Sequence[Place] = visible
    if query.stores is not None:
        ids = set(query.stores.split(","))
        chosen = [location for location in chosen if location.store in ids]
    if query.q is not None:
        chosen = _matching(chosen, query.q.strip().casefold())
    documents = [_document(location) for location in chosen[: query.limit]]
    regions = sorted({location.region_id for location in visible})
    return Reply(Places(stores_in_all=len(visible), regions=regions, places=documents))


def _matching(places: Sequence[Place], wanted: str) -> list[Place]:
    """The stores with the text in their name, city or id; first those whose name or id begins with it."""
    found = [
        (not (name.startswith(wanted) or location.store.casefold().startswith(wanted)), location)
        for location in places
        for name in [location.name.casefold()]
        if wanted in name or wanted in location.store.casefold() or wanted in (location.city or "").casefold()
    ]
    return [location for _, location in sorted(found, key=lambda pair: pair[0])]


def _document(location: Place) -> PlaceDocument:
    return PlaceDocument(
        store=location.store,
        name=location.name,
        city=location.city,
        region=location.region_id,
        timezone=location.timezone,
        currency=location.currency,
    )
