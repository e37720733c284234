"""Bundles: loads of one store are joined while that lowers the cost of the whole plan."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from functions.delivery.dispatch.assignment import assign
from functions.delivery.dispatch.loads import Load, can_join, load_of
from functions.delivery.dispatch.matrix import Matrix

MOST_REPEATS = 4  # two joins make a bundle of three; the rest is for bundles that the first joins made worth while
LEAST_GAIN = 1e-6


@dataclass(slots=True)
class Plan:
    """Loads, their rows of the matrix, and the trip of each load (-1: none)."""

    loads: list[Load]
    rows: list[list[float]]
    chosen: list[int]


@dataclass(slots=True)
class Join:
    """Two loads of a plan that become one."""

    gain: float
    pair: tuple[int, int]
    load: Load
    row: list[float]


def with_bundles(loads: list[Load], matrix: Matrix) -> Plan:
    """The cheapest plan that repeated joins of two loads lead to."""
    rows = [matrix.row(load) for load in loads]
    plan = Plan(loads, rows, assign(rows))
    for _ in range(MOST_REPEATS):
        joins = sorted(_joins(plan, matrix), key=lambda join: -join.gain)
        if not joins:
            break
        plan = _joined(plan, joins)
    return plan


def _joins(plan: Plan, matrix: Matrix) -> Iterator[Join]:
    """The joins that lower the cost, if the other loads keep their trips."""
    by_store: dict[str, list[int]] = {}
    for number, load in enumerate(plan.loads):
        by_store.setdefault(load.orders[0].store, []).append(number)
    unused = set(range(len(matrix.trips))).difference(plan.chosen)
    for numbers in by_store.values():
        for pair in combinations(numbers, 2):
            first, second = (plan.loads[number] for number in pair)
            if can_join(first, second, matrix.settings):
                load = load_of(first.orders + second.orders, matrix.now, matrix.settings)
                row = matrix.row(load)
                gain = _gain(plan, pair, row, unused)
                if gain > LEAST_GAIN:
                    yield Join(gain, pair, load, row)


def _gain(plan: Plan, pair: tuple[int, int], row: list[float], unused: set[int]) -> float:
    """The saving: the trips of the pair, less the trip of the bundle, and the use of the trip that becomes free."""
    pair_trips = {plan.chosen[number] for number in pair} - {-1}
    before = sum(plan.rows[number][plan.chosen[number]] for number in pair if plan.chosen[number] >= 0)
    after, trip = min(((row[trip], trip) for trip in unused | pair_trips), default=(0.0, -1))
    freed = pair_trips - {trip}
    waiting = [number for number, chosen in enumerate(plan.chosen) if chosen < 0 and number not in pair]
    return before - after - min((plan.rows[number][trip] for number in waiting for trip in freed), default=0.0)


def _joined(plan: Plan, joins: list[Join]) -> Plan:
    """The plan after the best joins; a load joins once."""
    used: set[int] = set()
    chosen = []
    for join in joins:
        if used.isdisjoint(join.pair):
            used.update(join.pair)
            chosen.append(join)
    unjoined = [number for number in range(len(plan.loads)) if number not in used]
    loads = [plan.loads[number] for number in unjoined] + [join.load for join in chosen]
    rows = [plan.rows[number] for number in unjoined] + [join.row for join in chosen]
    return Plan(loads, rows, assign(rows))
