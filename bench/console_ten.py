"""The console on a chain of 10,000 stores that takes 5 million orders on a day: wall and processor time of each view.

`ORDERS=200000` makes a smaller day, to try it out. Data is inserted by SQL: about a minute for 400,000 orders.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bench import chain_year
from bench.console import MOST_MS, views
from bench.figures import Figure, limited, seconds
from bench.processor_time import TICKS_A_SECOND, ticks_of
from bench.rig import Rig
from functions.console import api
from ops.clients import Clients
from shared.spine import entry
from shared.spine.http import app_maker

STORES = 10_000
ORDERS = int(os.environ.get("ORDERS", "5000000"))
# The sums of today, of the same weekday and of two weeks of takings.
DAYS_OF_SUMS = 15
# Of each store: those that have not ended, or wait for a person, are one of 200 of them.
JOBS_A_DAY = 50
ROUNDS = 9
# Of a person. A region has a tenth of the stores, so that statements have a list of 1,000 keys.
RIGHTS = ("console:read", "orders:read", "printing:read", "takings:read", "forecast:read")


@dataclass(frozen=True)
class Cost:
    """Milliseconds of a call: wall, processor of the function, and processor of the database server."""

    wall: float
    function: float
    database: float


def bench(rig_of: Callable[[], Rig]) -> Iterator[Figure]:
    """Each view for the head office and for a region of 1,000 stores."""
    rig = rig_of()
    took = seconds(chain_year.fill, rig.url, STORES, 1, max(ORDERS // STORES, 1), DAYS_OF_SUMS, JOBS_A_DAY)
    print(f"    {STORES:,} stores and {ORDERS:,} orders filled in {took:.0f} s", flush=True)
    rig.handler = entry.http(app_maker("console", api.OPERATIONS))
    rig.key = _key(rig, "chain:demo")
    yield from _figures(rig, "console_ten", views(rig) | _further_views())
    rig.key = _key(rig, "region:demo:r7")
    yield from _figures(rig, "console_ten.region", {**_views_of_region(rig), **_further_views()})
    rig.env.close()


def _further_views() -> dict[str, str]:
    return {
        "places": "/v1/console/places?chain=demo",
        "places_found": "/v1/console/places?chain=demo&q=store%209990&limit=20",
    }


def _views_of_region(rig: Rig) -> dict[str, str]:
    names = ("today", "fleet", "orders", "orders_filtered", "search_phone", "alerts")
    return {name: target for name, target in views(rig).items() if name in names}


def _key(rig: Rig, place: str) -> dict[str, str]:
    clients = Clients(rig.url, rig.keyring)
    try:
        return clients.create("console", [f"{right}@{place}" for right in RIGHTS], 1_000_000, ["*:*"])
    finally:
        clients.close()


def _figures(rig: Rig, prefix: str, targets: Mapping[str, str]) -> Iterator[Figure]:
    server = int(Path(rig.count("SELECT @@pid_file")).read_text())
    for name, target in targets.items():
        cost = _cost(rig, target, server)
        figure = limited(f"{prefix}.{name}", cost.wall, f"ms, {STORES:,} stores", MOST_MS)
        note = f"processor: {cost.function:.1f} ms of the function, {cost.database:.1f} ms of the database"
        print(f"    {figure.name}: {note}", flush=True)
        yield replace(figure, note=note)


def _cost(rig: Rig, target: str, server: int) -> Cost:
    """Of a call: the median of the walls, and the mean of the processor times. The first call is left out."""
    call = rig.event("GET", target, None)
    rig.call(call, 200)
    database, function = ticks_of(server), time.process_time()
    walls = [seconds(rig.call, rig.event("GET", target, None), 200) for _ in range(ROUNDS)]
    function, database = time.process_time() - function, ticks_of(server) - database
    return Cost(statistics.median(walls) * 1_000, function * 1_000 / ROUNDS, database * 1_000 / TICKS_A_SECOND / ROUNDS)
