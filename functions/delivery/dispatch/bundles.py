"""Bundles: loads of one store are joined while that lowers the cost of the whole plan."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import nsmallest

from functions.delivery.dispatch.assignment import assign
from functions.delivery.dispatch.loads import Load, can_join, load_of
from functions.delivery.dispatch.matrix import Matrix

MOST_REPEATS = 4  # two joins make a bundle of three; the rest is for bundles that pay only after the first joins
MOST_PARTNERS = 5  # of a load; the nearest by ready time and door
LEAST_GAIN = 1e-6

Pair = tuple[int, int]


@dataclass(slots=True)
class Plan:
    """Loads, their rows of the matrix, and the trip of each load (-1: none)."""

    loads: list[Load]
    rows: list[list[float]]
    chosen: list[int]

    def saving(self, number: int) -> float:
        """The saving of a load with its trip."""
        return self.rows[number][self.chosen[number]] if self.chosen[number] >= 0 else 0.0


@dataclass(slots=True)
class Join:
    """Two loads of a plan that become one."""

    gain: float
    pair: Pair
    load: Load
    row: list[float]


@dataclass(slots=True)
class Bundling:
    """Looks for joins. It keeps the load and the row of each pair that it has tried."""

    matrix: Matrix
    tried: dict[tuple[str, ...], tuple[Load, list[float] | None]] = field(default_factory=dict)

    def joins(self, plan: Plan) -> Iterator[Join]:
        """The joins that lower the cost, if the remaining loads keep their trips."""
        unused = set(range(len(self.matrix.trips))).difference(plan.chosen)
        waiting = [number for number, trip in enumerate(plan.chosen) if trip < 0]
        most_freed = -min((min(plan.rows[number], default=0.0) for number in waiting), default=0.0)
        for pair in self._pairs(plan):
            before = sum(plan.saving(number) for number in pair)
            load, row = self._try(plan, pair, before + most_freed)
            if row is not None:
                gain = before - _after(plan, pair, row, unused, waiting)
                if gain > LEAST_GAIN:
                    yield Join(gain, pair, load, row)

    def _pairs(self, plan: Plan) -> Iterator[Pair]:
        """The pairs of loads of one store that are near each other."""
        by_store: dict[str, list[int]] = {}
        for number, load in enumerate(plan.loads):
            by_store.setdefault(load.orders[0].store, []).append(number)
        for numbers in by_store.values():
            pairs = {pair for number in numbers for pair in self._nearest(plan, number, numbers)}
            yield from sorted(pairs)

    def _nearest(self, plan: Plan, number: int, numbers: list[int]) -> list[Pair]:
        load, settings = plan.loads[number], self.matrix.settings
        partners = [
            partner for partner in numbers if partner != number and can_join(load, plan.loads[partner], settings)
        ]
        if len(partners) > MOST_PARTNERS:
            partners = nsmallest(MOST_PARTNERS, partners, key=lambda partner: self._apart(load, plan.loads[partner]))
        return [(min(number, partner), max(number, partner)) for partner in partners]

    def _apart(self, load: Load, partner: Load) -> float:
        doors = self.matrix.settings.travel(load.orders[-1].door, partner.orders[0].door, "")
        return doors + abs(load.ready_at - partner.ready_at)

    def _try(self, plan: Plan, pair: Pair, before: float) -> tuple[Load, list[float] | None]:
        """The joined load and its row, or no row if even a courier at the door of the store gains nothing."""
        matrix, (first, second) = self.matrix, (plan.loads[number] for number in pair)
        names = tuple(order.order for order in first.orders + second.orders)
        load, row = self.tried.get(names) or (load_of(first.orders + second.orders, matrix.now, matrix.settings), None)
        if row is None and before - LEAST_GAIN > matrix.least_cost(load) - load.unserved:
            row = matrix.row(load)
        self.tried[names] = load, row
        return load, row


def with_bundles(loads: list[Load], matrix: Matrix) -> Plan:
    """The cheapest plan that repeated joins of two loads lead to."""
    rows = [matrix.row(load) for load in loads]
    plan = Plan(loads, rows, assign(rows))
    bundling = Bundling(matrix)
    for _ in range(MOST_REPEATS):
        joins = sorted(bundling.joins(plan), key=lambda join: -join.gain)
        if not joins:
            break
        plan = _joined(plan, joins)
    return plan


def _after(plan: Plan, pair: Pair, row: list[float], unused: set[int], waiting: list[int]) -> float:
    """The saving after the join: that of the bundle, and that of a waiting load on the trip that becomes free."""
    pair_trips = {plan.chosen[number] for number in pair} - {-1}
    saving, trip = min(((row[trip], trip) for trip in unused | pair_trips), default=(0.0, -1))
    reused = (plan.rows[number][freed] for number in waiting if number not in pair for freed in pair_trips - {trip})
    return saving + min(reused, default=0.0)


def _joined(plan: Plan, joins: list[Join]) -> Plan:
    """The plan after the best joins; a load joins once."""
    used: set[int] = set()
    best = []
    for join in joins:
        if used.isdisjoint(join.pair):
            used.update(join.pair)
            best.append(join)
    unjoined = [number for number in range(len(plan.loads)) if number not in used]
    loads = [plan.loads[number] for number in unjoined] + [join.load for join in best]
    rows = [plan.rows[number] for number in unjoined] + [join.row for join in best]
    return Plan(loads, rows, assign(rows))
