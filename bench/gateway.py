"""Orders through the local stack: API gateway, function, database, publishing, with 1, 8 and 32 clients."""

import itertools
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench.figures import Figure, limited, percentile, told
from bench.queues import wait_until_idle
from demo import pizzaplace
from stack.signed_requests import Caller
from stack.stack import Stack

ORDERS = {1: 200, 8: 800, 32: 1_600}
STATEMENTS = "SHOW GLOBAL STATUS LIKE 'Questions'"
MOST_STATEMENTS = 25


def bench(stack: Stack) -> Iterator[Figure]:
    """Latency percentiles, rate and statements an order."""
    place = stack.place
    head_office = Caller(place.http, place.keys["head_office"], timeout=60)
    for store in pizzaplace.STORES:
        head_office("PUT", f"/v1/stores/{store}", pizzaplace.settings_of(store)).raise_for_status()
        head_office("PUT", f"/v1/stores/{store}/menu", pizzaplace.menu()).raise_for_status()
    sales = itertools.cycle(pizzaplace.sales())
    for clients, count in ORDERS.items():
        _post(stack, clients, list(itertools.islice(sales, clients * 10)), f"warm{clients}")
        wait_until_idle(stack)
        before = _statements(stack)
        started_at = time.perf_counter()
        took = _post(stack, clients, list(itertools.islice(sales, count)), f"c{clients}")
        total = time.perf_counter() - started_at
        wait_until_idle(stack)
        statements = _statements(stack) - before - 1
        for share in (50, 95, 99):
            yield told(f"gateway.{clients}_clients_p{share}", percentile(took, share) * 1000, "ms")
        yield told(f"gateway.{clients}_clients_rate", count / total, "orders/s")
        unit = "statements an order of intake and all consumers, COMMITs included"
        yield limited(f"gateway.{clients}_clients_statements", statements / count, unit, MOST_STATEMENTS)
    yield told("gateway.median_of_all", statistics.median(took) * 1000, "ms")


def _post(stack: Stack, clients: int, sales: list[Any], source: str) -> list[float]:
    """Seconds of each post; every client has a connection of its own."""

    def work(mine: list[Any]) -> list[float]:
        till = Caller(stack.place.http, stack.place.keys["till"], timeout=60)
        took = []
        for sale in mine:
            body = pizzaplace.order_of(sale, pizzaplace.store_of(sale), source=source)
            started_at = time.perf_counter()
            reply = till("POST", "/v1/orders", body)
            took.append(time.perf_counter() - started_at)
            if reply.status_code != 201:  # noqa: PLR2004 - created
                raise AssertionError(f"{reply.status_code}: {reply.text[:300]}")
        return took

    with ThreadPoolExecutor(clients) as pool:
        return list(itertools.chain.from_iterable(pool.map(work, [sales[n::clients] for n in range(clients)])))


def _statements(stack: Stack) -> int:
    with stack.db.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute(STATEMENTS)
        row = cursor.fetchone()
    return int(row[1]) if row else 0
