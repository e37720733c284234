"""`python -m bench.dispatch.rounds`: the time of one round with many orders and couriers, in this process."""

import random
import statistics
import sys
import time
from collections.abc import Iterator

from bench.dispatch.summary import percentile
from functions.delivery.dispatch.facts import Courier, OpenOrder, Place
from functions.delivery.dispatch.plan import plan_round
from functions.delivery.dispatch.settings import Settings

SIDE = 10_000  # metres of the square city
SHAPES = ((60, 60, 20), (60, 60, 1), (60, 30, 5), (100, 100, 30), (150, 150, 40))  # orders, couriers, stores
ROUNDS = 200


def main() -> int:
    """0. Prints a line for each shape."""
    for orders, couriers, stores in SHAPES:
        times = list(_times(orders, couriers, stores))
        print(
            f"{orders} orders, {couriers} couriers, {stores} stores: median {statistics.median(times):.1f} ms,"
            f" p99 {percentile(times, 0.99):.1f} ms of {len(times)} rounds"
        )
    return 0


def _times(orders: int, couriers: int, stores: int) -> Iterator[float]:
    """Milliseconds of processor time."""
    chance = random.Random(orders + couriers)  # noqa: S311 -- a benchmark
    for _ in range(ROUNDS):
        every_order, every_courier = _city(chance, orders, couriers, stores)
        start = time.process_time()
        plan_round(0, every_order, every_courier, Settings())
        yield (time.process_time() - start) * 1000


def _city(chance: random.Random, orders: int, couriers: int, stores: int) -> tuple[list[OpenOrder], list[Courier]]:
    def somewhere() -> Place:
        return Place(chance.uniform(0, SIDE), chance.uniform(0, SIDE))

    places = [somewhere() for _ in range(stores)]
    every_order = []
    for number in range(orders):
        store = chance.randrange(stores)
        placed_at = -chance.uniform(0, 40)
        ready_at = placed_at + chance.uniform(10, 40)
        every_order.append(OpenOrder(f"o{number}", f"s{store}", places[store], somewhere(), placed_at, ready_at))
    every_courier = [Courier(f"c{number}", somewhere(), chance.uniform(-20, 30), 480) for number in range(couriers)]
    return every_order, every_courier


if __name__ == "__main__":
    sys.exit(main())
