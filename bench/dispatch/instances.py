"""Instances of the Meal Delivery Routing Problem as files: orders, couriers, restaurants and parameters of one day."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

Point = tuple[float, float]  # metres
MINUTES_OF_A_DAY = 1440
MOST_DAYS = 7


class BadInstanceError(ValueError):
    """A file that is missing or wrong. The text names the file, the line and the fault."""


@dataclass(frozen=True)
class Order:
    """Times are minutes from the start of the day."""

    name: str
    door: Point
    placed: int
    restaurant: str
    ready: int


@dataclass(frozen=True)
class Courier:
    """On duty from minute `on` to minute `off`."""

    name: str
    start: Point
    on: int
    off: int


@dataclass(frozen=True)
class Parameters:
    """Services are minutes, half of them before the pickup or drop-off and half after it."""

    metres_per_minute: float
    pickup_service: int
    dropoff_service: int
    target: int
    pay_per_order: float
    pay_per_hour: float


@dataclass(frozen=True)
class Instance:
    """One day, by name."""

    name: str
    orders: dict[str, Order]
    couriers: dict[str, Courier]
    restaurants: dict[str, Point]
    parameters: Parameters


def folders(place: Path) -> list[Path]:
    """The instances below `place`, or `place` itself. Raises `BadInstanceError` if there is none."""
    if not place.is_dir():
        raise BadInstanceError(f"{place}: no such folder. INSTANCES names a folder of instances.")
    instances = sorted({file.parent for pattern in ("orders.txt", "*/orders.txt") for file in place.glob(pattern)})
    if not instances:
        raise BadInstanceError(f"{place}: no instance. Each instance is a folder with an orders.txt.")
    return instances


def read_instance(folder: Path) -> Instance:
    """Raises `BadInstanceError`."""
    restaurants = {row.text("restaurant"): row.point() for row in _rows(folder / "restaurants.txt")}
    orders = [_order(row, restaurants) for row in _rows(folder / "orders.txt")]
    couriers = [_courier(row) for row in _rows(folder / "couriers.txt")]
    [parameters, *_] = [_parameters(row) for row in _rows(folder / "instance_parameters.txt")]
    return Instance(
        folder.name,
        {order.name: order for order in orders},
        {courier.name: courier for courier in couriers},
        restaurants,
        parameters,
    )


@dataclass(frozen=True)
class _Row:
    """A line of a file, by its header."""

    place: str
    fields: dict[str, str]

    def text(self, column: str) -> str:
        if not self.fields.get(column):
            raise BadInstanceError(f"{self.place}: column {column} is missing or empty.")
        return self.fields[column]

    def number(self, column: str, least: float) -> float:
        text = self.text(column)
        try:
            value = float(text)
        except ValueError:
            raise BadInstanceError(f"{self.place}: column {column}: {text!r} is not a number.") from None
        if not least <= value < float("inf"):
            raise BadInstanceError(f"{self.place}: column {column}: {text} is below {least:g} or not finite.")
        return value

    def minute(self, column: str) -> int:
        value = self.number(column, 0)
        if value != int(value) or value > MOST_DAYS * MINUTES_OF_A_DAY:
            raise BadInstanceError(f"{self.place}: column {column}: {value:g} is not a whole minute of the day.")
        return int(value)

    def point(self) -> Point:
        far = -1e9
        return (self.number("x", far), self.number("y", far))


def _rows(file: Path) -> Iterator[_Row]:
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise BadInstanceError(f"{file}: cannot be read: {fault}") from None
    if not any(line.strip() for line in lines[1:]):
        raise BadInstanceError(f"{file}: has no lines below its header.")
    header = [name.strip() for name in lines[0].split("\t")]
    names: set[str] = set()
    for number, line in enumerate(lines[1:], start=2):
        if line.strip():
            yield _row(f"{file}, line {number}", header, line, names)


def _row(place: str, header: list[str], line: str, names: set[str]) -> _Row:
    fields = [field.strip() for field in line.split("\t")]
    if len(fields) != len(header):
        raise BadInstanceError(f"{place}: {len(fields)} columns, but the header has {len(header)}.")
    if fields[0] in names:
        raise BadInstanceError(f"{place}: {fields[0]} occurs twice.")
    names.add(fields[0])
    return _Row(place, dict(zip(header, fields, strict=True)))


def _order(row: _Row, restaurants: dict[str, Point]) -> Order:
    order = Order(
        row.text("order"), row.point(), row.minute("placement_time"), row.text("restaurant"), row.minute("ready_time")
    )
    if order.restaurant not in restaurants:
        raise BadInstanceError(f"{row.place}: restaurant {order.restaurant} is not in restaurants.txt.")
    if order.ready < order.placed:
        raise BadInstanceError(f"{row.place}: ready_time {order.ready} is before placement_time {order.placed}.")
    return order


def _courier(row: _Row) -> Courier:
    courier = Courier(row.text("courier"), row.point(), row.minute("on_time"), row.minute("off_time"))
    if courier.off < courier.on:
        raise BadInstanceError(f"{row.place}: off_time {courier.off} is before on_time {courier.on}.")
    return courier


def _parameters(row: _Row) -> Parameters:
    return Parameters(
        row.number("meters_per_minute", 1),
        int(row.number("pickup service minutes", 0)),
        int(row.number("dropoff service minutes", 0)),
        int(row.number("target click-to-door", 0)),
        row.number("pay per order", 0),
        row.number("guaranteed pay per hour", 0),
    )
