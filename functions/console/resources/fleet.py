"""GET /v1/console/fleet: the stores that print, the worst first; one store; the day of one printer."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field

from functions.console.fleet.states import (
    AgentState,
    Colour,
    PrinterState,
    agent_state,
    colour_of,
    printer_state,
    reason_of_agent,
    reason_of_printer,
    sorted_reasons,
    weight_of,
)
from functions.console.resources.jobs import ConsoleJob, job_of
from functions.console.resources.scope import VisibleStores, forget_places, utc, visible_store, visible_stores
from functions.console.tables import fleet as tables
from functions.console.tables.fleet import Waiting
from functions.console.tables.places import Place
from shared.contracts.models import Output, Query
from shared.contracts.stores import StoreReference
from shared.contracts.text import Id
from shared.kit.cache import Cache
from shared.spine.db import Row, Transaction
from shared.spine.env import Environment
from shared.spine.http import Call, Reply

RIGHT = "printing:read"
JOBS = 50
# Read again when their number has changed, too: a store that begins to print appears at once.
_printing: Cache[frozenset[str]] = Cache(60, most=200)
Reasons = Mapping[str, Sequence[str]]


class FleetQuery(Query):
    """A chain, or a city of it. `after` is `next` of the page before.

    `no_city`: only stores without a city. `healthy`: only stores without a reason (`true`) or with one (`false`).
    """

    chain: Id
    city: Annotated[str | None, Field(min_length=1, max_length=100)] = None
    no_city: bool = False
    healthy: bool | None = None
    after: Annotated[str | None, Field(pattern=r"^[0-9]{1,4}:[A-Za-z0-9._-]{1,64}$")] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class StorePath(Query):
    """A store."""

    store: StoreReference


class FleetAgent(Output):
    """A print agent. `prints`: it is the one that prints, of several. `since`: it is in this state."""

    id: str
    name: str
    state: AgentState
    since: datetime | None
    seen_at: datetime | None
    version: str
    platform: str
    prints: bool


class FleetPrinter(Output):
    """A printer in one word. `offline`: it does not answer, or the agent is off line. `mute`: it never answers."""

    id: str
    state: PrinterState
    since: datetime | None
    reported_at: datetime | None
    backup: str | None
    jobs_waiting: int
    oldest_at: datetime | None


class FleetStore(Output):
    """A store that prints. `reasons` say why it is not green, the worst first. `since`: the oldest of them."""

    chain: str
    store: str
    name: str
    city: str | None
    region: str
    colour: Colour
    reasons: list[str]
    since: datetime | None
    agents: list[FleetAgent]
    printers: list[FleetPrinter]
    jobs_waiting: int
    oldest_at: datetime | None
    jobs_for_person: int


class FleetStoreDetail(FleetStore):
    """A store with its jobs: those that wait for a person, then the newest. At most 50."""

    jobs: list[ConsoleJob]


class FleetCity(Output):
    """The stores of a city by colour. `city` is null for stores without one."""

    city: str | None
    stores: int
    red: int
    yellow: int
    green: int


class ConsoleFleet(Output):
    """Stores that print, the worst first. `cities` are on the first page alone."""

    at: datetime
    cities: list[FleetCity]
    stores: list[FleetStore]
    next: str | None


def get_console_fleet(call: Call, query: FleetQuery) -> Reply:
    """The stores that print, the worst first, a page at a time."""
    visible_stores(call, RIGHT, query.chain)  # a caller without the right learns nothing
    printing = _printing_stores(call.env, query.chain)
    visible, now = visible_stores(call, RIGHT, query.chain), call.env.clock()
    with call.env.db.snapshot() as transaction:
        reasons = _reasons_of_chain(transaction, visible, now)
        places = [location for location in visible.places if location.store_id in printing and _is_in(location, query)]
        ranked = _ranked(places, reasons, healthy=query.healthy)
        page = [entry for entry in ranked if query.after is None or entry[0] > _rank(query.after)][: query.limit]
        stores = _stores(transaction, [location for _, location in page], now)
    cities = [] if query.after else _cities(places, reasons)
    following = _cursor(page[-1][0]) if len(page) == query.limit and page[-1] != ranked[-1] else None
    return Reply(ConsoleFleet(at=now, cities=cities, stores=stores, next=following))


def _is_in(location: Place, query: FleetQuery) -> bool:
    """Whether the store is in the city that is asked for."""
    return location.city is None if query.no_city else query.city in (None, location.city)


def _printing_stores(env: Environment, chain: str) -> frozenset[str]:
    """The keys of the stores that print. A new one is perhaps new to the console, too."""
    known = _printing.get(env, chain)
    with env.db.statements() as statements:
        if known is not None and len(known) == tables.count_printing_stores(statements, chain):
            return known
        printing = _printing.put(env, chain, tables.read_printing_stores(statements, chain))
    forget_places(env)
    return printing


def get_console_store(call: Call, path: StorePath) -> Reply:
    """A store that prints: agents, printers, and the jobs that matter now."""
    location, now = visible_store(call, RIGHT, path.store), call.env.clock()
    with call.env.db.snapshot() as transaction:
        [store] = _stores(transaction, [location], now)
        jobs = [job_of(row) for row in tables.read_jobs(transaction, location.store_id, JOBS)]
    return Reply(FleetStoreDetail(**vars(store), jobs=jobs))


Rank = tuple[int, str]


def _ranked(places: Sequence[Place], reasons: Reasons, *, healthy: bool | None) -> list[tuple[Rank, Place]]:
    """Each store with its rank, the worst first. `places` are sorted by store; most of them have no reason."""
    troubled = [location for location in places if reasons.get(location.store_id)] if not healthy else []
    ranks = [((-weight_of(reasons[location.store_id]), location.store), location) for location in troubled]
    well = [location for location in places if not reasons.get(location.store_id)] if healthy is not False else []
    return sorted(ranks, key=lambda entry: entry[0]) + [((0, location.store), location) for location in well]


def _cursor(rank: Rank) -> str:
    return f"{-rank[0]}:{rank[1]}"


def _rank(cursor: str) -> Rank:
    weight, _, store = cursor.partition(":")
    return -int(weight), store


def _reasons_of_chain(transaction: Transaction, visible: VisibleStores, now: datetime) -> Reasons:
    """The reasons of each store that has any. Only agents and printers in trouble are read."""
    reasons: dict[str, list[str]] = defaultdict(list)
    offline = set()
    for row in tables.read_troubled_agents(transaction, visible.chain, now):
        reason = reason_of_agent(_agent_state(row, now), prints=bool(row["prints"]))
        reasons[row["store_id"]] += [reason] if reason else []
        offline |= {row["store_id"]} if reason == "agent_offline" else set()
    for row in tables.read_troubled_printers(transaction, visible.chain):
        reason = reason_of_printer(_printer_state(row, agent_online=True))
        # The report of an agent that is off line is old.
        reasons[row["store_id"]] += [reason] if reason and row["store_id"] not in offline else []
    for store in tables.read_stores_for_person(transaction, visible.chain):
        reasons[store].append("needs_person")
    return {store: sorted_reasons(names) for store, names in reasons.items()}


def _agent_state(row: Row, now: datetime) -> AgentState:
    return agent_state(row["copied"], utc(row["silent_at"]), now)


def _printer_state(row: Row, *, agent_online: bool) -> PrinterState:
    return printer_state(row["state"], row["paper"], row["cover"], row["error"], agent_online=agent_online)


def _cities(places: Sequence[Place], reasons: Reasons) -> list[FleetCity]:
    """The cities with the most red stores first."""
    stores = Counter(location.city for location in places)
    troubled = Counter(
        (location.city, colour_of(reasons[location.store_id])) for location in places if reasons.get(location.store_id)
    )
    cities = [
        FleetCity(city=city, stores=count, red=red, yellow=yellow, green=count - red - yellow)
        for city, count in stores.items()
        for red, yellow in [(troubled[city, Colour.RED], troubled[city, Colour.YELLOW])]
    ]
    return sorted(cities, key=lambda city: (-city.red, -city.yellow, city.city or ""))


def _stores(transaction: Transaction, places: Sequence[Place], now: datetime) -> list[FleetStore]:
    keys = [location.store_id for location in places]
    agents, printers = tables.read_agents(transaction, keys), tables.read_printers(transaction, keys)
    waiting, for_person = tables.read_waiting(transaction, keys), tables.read_for_person(transaction, keys)
    return [
        _store(
            location,
            [_agent(row, now) for row in agents.get(location.store_id, ())],
            [
                (row, waiting.get((location.store_id, row["id"]), Waiting()))
                for row in printers.get(location.store_id, ())
            ],
            for_person.get(location.store_id, Waiting()),
        )
        for location in places
    ]


def _store(
    location: Place, agents: list[FleetAgent], printers: Sequence[tuple[Row, Waiting]], for_person: Waiting
) -> FleetStore:
    online = any(agent.prints and agent.state == AgentState.ONLINE for agent in agents)
    documents = [_printer(row, waiting, online=online) for row, waiting in printers]
    causes = _causes(agents, documents, for_person)
    reasons = sorted_reasons(name for name, _ in causes)
    return FleetStore(
        chain=location.store_id.partition(":")[0],
        store=location.store,
        name=location.name,
        city=location.city,
        region=location.region_id,
        colour=colour_of(reasons),
        reasons=reasons,
        since=min((since for _, since in causes if since), default=None),
        agents=agents,
        printers=documents,
        jobs_waiting=sum(printer.jobs_waiting for printer in documents),
        oldest_at=min((printer.oldest_at for printer in documents if printer.oldest_at), default=None),
        jobs_for_person=for_person.jobs,
    )


def _causes(
    agents: Sequence[FleetAgent], printers: Sequence[FleetPrinter], for_person: Waiting
) -> list[tuple[str, datetime | None]]:
    """(reason, since when) of each agent and printer in trouble, and of the jobs for a person."""
    causes = [(reason_of_agent(agent.state, prints=agent.prints), agent.since) for agent in agents]
    if "agent_offline" not in {name for name, _ in causes}:
        causes += [(reason_of_printer(printer.state), printer.since) for printer in printers]
    causes += [("needs_person", utc(for_person.oldest_at))] if for_person.jobs else []
    return [(name, since) for name, since in causes if name]


def _agent(row: Row, now: datetime) -> FleetAgent:
    state = _agent_state(row, now)
    since = row["connected_at"] if state == AgentState.ONLINE else row["offline_at"] or row["silent_at"]
    return FleetAgent(
        id=row["id"],
        name=row["name"],
        state=state,
        since=utc(since),
        seen_at=utc(row["seen_at"]),
        version=row["version"],
        platform=row["platform"],
        prints=bool(row["prints"]),
    )


def _printer(row: Row, waiting: Waiting, *, online: bool) -> FleetPrinter:
    return FleetPrinter(
        id=row["id"],
        state=_printer_state(row, agent_online=online),
        since=utc(row["changed_at"]),
        reported_at=utc(row["reported_at"]),
        backup=row["backup"],
        jobs_waiting=waiting.jobs,
        oldest_at=utc(waiting.oldest_at),
    )
