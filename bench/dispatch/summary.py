"""The measures of a day, computed from its deliveries alone."""

import csv
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.dispatch.day import Delivery
from bench.dispatch.instances import Instance

DECIMALS = 4
UNDELIVERED_MINUTES = 120  # of an undelivered order, in a score
TOO_LATE = 90


@dataclass(frozen=True)
class Summary:
    """Minutes and shares of the delivered orders. Pay is for the whole shift of each courier."""

    instance: str
    orders: int
    undelivered: int
    click_to_door_mean: float
    click_to_door_p90: float
    ready_to_pickup_mean: float
    late_share: float
    orders_per_courier_hour: float
    pay_per_order: float


@dataclass(frozen=True)
class Totals:
    """Of many instances. `score` counts an undelivered order as two hours, and each instance alike."""

    score: float
    undelivered_share: float
    too_late_share: float


def summary_of(instance: Instance, deliveries: dict[str, Delivery]) -> Summary:
    """The line of an instance. Means of no orders are NaN."""
    waits = click_to_door(instance, deliveries)
    parameters = instance.parameters
    ready_to_pickup = [(line.pickup or 0) - instance.orders[name].ready for name, line in deliveries.items()]
    delivered = max(len(deliveries), 1)
    return Summary(
        instance.name,
        len(instance.orders),
        len(instance.orders) - len(deliveries),
        _mean(waits),
        percentile(waits, 0.9),
        _mean(ready_to_pickup),
        _mean([float(wait > parameters.target) for wait in waits]),
        len(deliveries) / max(_hours(instance), 1e-9),
        _pay(instance, deliveries) / delivered,
    )


def click_to_door(instance: Instance, deliveries: dict[str, Delivery]) -> list[int]:
    """Minutes from the placement to the drop-off, in rising order."""
    return sorted((line.dropoff or 0) - instance.orders[name].placed for name, line in deliveries.items())


def percentile(values: Sequence[float], share: float) -> float:
    """Interpolated linearly between the two nearest values."""
    if not values:
        return math.nan
    ranked = sorted(values)
    place = share * (len(ranked) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ranked) - 1)
    return ranked[below] + (place - below) * (ranked[above] - ranked[below])


def totals_of(days: Iterable[tuple[Summary, Sequence[int]]]) -> Totals:
    """The totals of summaries with their click-to-door minutes."""
    pairs = list(days)
    scores = [(sum(waits) + UNDELIVERED_MINUTES * line.undelivered) / line.orders for line, waits in pairs]
    orders = sum(line.orders for line, _ in pairs)
    too_late = sum(wait > TOO_LATE for _, waits in pairs for wait in waits)
    return Totals(_mean(scores), sum(line.undelivered for line, _ in pairs) / orders, too_late / orders)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else math.nan


def _hours(instance: Instance) -> float:
    return sum(courier.off - courier.on for courier in instance.couriers.values()) / 60


def _pay(instance: Instance, deliveries: dict[str, Delivery]) -> float:
    parameters = instance.parameters
    counts = Counter(line.courier for line in deliveries.values())
    return sum(
        max(parameters.pay_per_order * counts[courier.name], parameters.pay_per_hour * (courier.off - courier.on) / 60)
        for courier in instance.couriers.values()
    )


def write_summary(summaries: Iterable[Summary], file: Path) -> None:
    """One line an instance."""
    with file.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(Summary.__dataclass_fields__)
        for line in summaries:
            fields = asdict(line).values()
            table.writerow([round(value, DECIMALS) if isinstance(value, float) else value for value in fields])


def write_deliveries(instance: Instance, deliveries: dict[str, Delivery], file: Path) -> None:
    """One line a delivered order: order, courier, announced, pickup, dropoff. An undelivered order has none."""
    with file.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(["order", "courier", "announced", "pickup", "dropoff"])
        for name in instance.orders:
            if line := deliveries.get(name):
                table.writerow([name, line.courier, line.announced, line.pickup, line.dropoff])
