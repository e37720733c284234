"""A second judge of `make dispatch-bench`: from its files alone it checks every rule, and computes the summary anew.

It shares no code with the bench. The rules are those of the Meal Delivery Routing Problem (Reyes et al. 2018).
"""

import csv
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from math import isqrt
from pathlib import Path

Row = dict[str, str]


def rows(file: Path, delimiter: str) -> list[Row]:
    with file.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream, delimiter=delimiter))


class Judge:
    """`faults` are the broken rules of a result. `measures` are the columns of its summary."""

    def __init__(self, folder: Path, result: Path) -> None:
        self.orders = {row["order"]: row for row in rows(folder / "orders.txt", "\t")}
        self.couriers = {row["courier"]: row for row in rows(folder / "couriers.txt", "\t")}
        self.restaurants = {row["restaurant"]: row for row in rows(folder / "restaurants.txt", "\t")}
        [self.parameters] = rows(folder / "instance_parameters.txt", "\t")
        self.lines = rows(result, ",")
        self.faults: list[str] = []
        self.pickup_half = Fraction(self.parameters["pickup service minutes"]) / 2
        self.dropoff_half = Fraction(self.parameters["dropoff service minutes"]) / 2
        self._check()

    def travel(self, start: Row, end: Row) -> int:
        """Minutes, rounded up, in whole numbers: the least n with n × speed at least the distance."""
        square = (int(start["x"]) - int(end["x"])) ** 2 + (int(start["y"]) - int(end["y"])) ** 2
        speed = int(self.parameters["meters_per_minute"])
        minutes = isqrt(square) // speed
        return minutes if (minutes * speed) ** 2 >= square else minutes + 1

    def _check(self) -> None:
        names = [line["order"] for line in self.lines]
        self._demand(len(names) == len(set(names)), "an order is delivered twice")
        self._demand(set(names) <= set(self.orders), "an order is unknown")
        by_courier = defaultdict(list)
        for line in self.lines:
            order = self.orders[line["order"]]
            self._demand(int(line["announced"]) >= int(order["placement_time"]), f"{line}: announced before placed")
            by_courier[line["courier"]].append(line)
        for courier, lines in by_courier.items():
            self._check_courier(self.couriers[courier], lines)

    def _check_courier(self, courier: Row, lines: list[Row]) -> None:
        place, free = courier, Fraction(courier["on_time"])
        bundles = defaultdict(list)
        for line in lines:
            bundles[int(line["pickup"])].append(line)
        for pickup in sorted(bundles):
            bundle = sorted(bundles[pickup], key=lambda line: int(line["dropoff"]))
            self._demand(pickup <= int(courier["off_time"]), f"{bundle}: picked up after the shift")
            place, free = self._check_bundle(bundle, pickup, place, free)

    def _check_bundle(self, bundle: list[Row], pickup: int, place: Row, free: Fraction) -> tuple[Row, Fraction]:
        orders = [self.orders[line["order"]] for line in bundle]
        self._demand(len({order["restaurant"] for order in orders}) == 1, f"{bundle}: two restaurants")
        leaves = Fraction(min(int(line["announced"]) for line in bundle))
        self._demand(leaves >= free, f"{bundle}: the courier was not free")
        later = [line for line in bundle if int(line["announced"]) > leaves]
        self._demand(all(int(line["announced"]) < pickup for line in later), f"{bundle}: grew after its pickup")
        restaurant = self.restaurants[orders[0]["restaurant"]]
        arrives = leaves + self.travel(place, restaurant)
        ready = max(int(order["ready_time"]) for order in orders)
        self._demand(pickup == max(Fraction(ready), arrives + self.pickup_half), f"{bundle}: wrong pickup")
        here, free = restaurant, pickup + self.pickup_half
        for line, order in zip(bundle, orders, strict=True):
            dropoff = free + self.travel(here, order) + self.dropoff_half
            self._demand(int(line["dropoff"]) == dropoff, f"{line}: dropped off at another minute than {dropoff}")
            here, free = order, dropoff + self.dropoff_half
        return here, free

    def _demand(self, holds: bool, fault: str) -> None:  # noqa: FBT001 -- as assert
        if not holds:
            self.faults.append(fault)

    def measures(self) -> dict[str, Decimal]:
        """As the summary names them, rounded to four decimals. There is at least one delivered order."""
        waits = sorted(int(line["dropoff"]) - self._minute(line, "placement_time") for line in self.lines)
        pickups = [int(line["pickup"]) - self._minute(line, "ready_time") for line in self.lines]
        late = sum(wait > int(self.parameters["target click-to-door"]) for wait in waits)
        hours = {name: Fraction(int(row["off_time"]) - int(row["on_time"]), 60) for name, row in self.couriers.items()}
        place = Fraction(9, 10) * (len(waits) - 1)
        low, part = int(place), place - int(place)
        upper = waits[min(low + 1, len(waits) - 1)]
        count = len(waits)
        exact = {
            "orders": Fraction(len(self.orders)),
            "undelivered": Fraction(len(self.orders) - count),
            "click_to_door_mean": Fraction(sum(waits), count),
            "click_to_door_p90": waits[low] + part * (upper - waits[low]),
            "ready_to_pickup_mean": Fraction(sum(pickups), count),
            "late_share": Fraction(late, count),
            "orders_per_courier_hour": count / sum(hours.values(), Fraction()),
            "pay_per_order": self._pay(hours) / count,
        }
        return {
            name: (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.0001"))
            for name, value in exact.items()
        }

    def _pay(self, hours: dict[str, Fraction]) -> Fraction:
        per_order, per_hour = (Fraction(self.parameters[name]) for name in ("pay per order", "guaranteed pay per hour"))
        earned = {name: per_order * sum(line["courier"] == name for line in self.lines) for name in hours}
        return sum((max(earned[name], per_hour * hours[name]) for name in hours), Fraction())

    def _minute(self, line: Row, column: str) -> int:
        return int(self.orders[line["order"]][column])
