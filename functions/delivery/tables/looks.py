"""SQL of a look at the courier's place: `deliveries` with the place, the vehicle and the store's map."""

from collections.abc import Iterator
from typing import NamedTuple

from functions.delivery.life.delivery import Delivery
from functions.delivery.states import Carriage
from functions.delivery.tables.deliveries import COLUMNS, delivery_of
from functions.delivery.tables.positions import Position
from functions.delivery.tables.times import in_utc
from functions.delivery.tracking.stops import Stop
from shared.spine.db import Transaction

OF_DELIVERY = ", ".join(f"d.{column.strip()}" for column in COLUMNS.split(","))
# A page asks every few seconds: one statement reads all of its answer.
SELECT_LOOK = f"""
    SELECT {OF_DELIVERY}, c.vehicle, s.map_system, p.lat, p.lon, p.accuracy, p.fixed_at, p.received_at, (
            SELECT GROUP_CONCAT(CONCAT_WS(' ', o.carriage, JSON_EXTRACT(o.details, '$.recipient.lat'),
                JSON_EXTRACT(o.details, '$.recipient.lon')) ORDER BY o.id SEPARATOR ',')
            FROM deliveries o
            WHERE o.courier_id = d.courier_id AND o.is_open = 1 AND o.chain_id = d.chain_id AND o.id <> d.id
                AND o.carriage IN ('picked_up', 'on_the_way', 'arrived')
        ) AS other_doors
    FROM deliveries d
    LEFT JOIN couriers c ON c.chain_id = d.chain_id AND c.id = d.courier_id
    LEFT JOIN courier_positions p ON p.chain_id = d.chain_id AND p.courier_id = d.courier_id
    LEFT JOIN delivery_stores s ON s.store_id = d.store_id
    WHERE d.link_hash = %(link)s"""  # noqa: S608 - of a constant
PLACE = ("lat", "lon", "accuracy", "fixed_at", "received_at")


class Look(NamedTuple):
    """A delivery with its courier's last place and vehicle. `vehicle` is None without a courier.

    `other_doors` are the doors to which the courier has goods, too.
    """

    delivery: Delivery
    vehicle: str | None
    position: Position | None
    map_system: str
    other_doors: tuple[Stop, ...] = ()


def read_look(transaction: Transaction, link_hash: bytes) -> Look | None:
    """The courier as the customer's page with this link shows it. None for an unknown link."""
    row = transaction.row(SELECT_LOOK, {"link": link_hash})
    if row is None:
        return None
    vehicle, map_system, other_doors = row.pop("vehicle"), row.pop("map_system"), row.pop("other_doors") or ""
    place = in_utc({name: row.pop(name) for name in PLACE})
    delivery = delivery_of(row)
    is_placed = delivery.courier is not None and place["fixed_at"] is not None
    position = Position(delivery.chain, delivery.courier or "", **place) if is_placed else None
    return Look(delivery, vehicle, position, map_system or "wgs84", tuple(_stops(other_doors)))


def _stops(text: str) -> Iterator[Stop]:
    """The doors whose place is known."""
    for part in text.split(","):
        match part.split(" "):
            case [carriage, lat, lon] if "null" not in (lat, lon):
                yield Stop(Carriage(carriage), (float(lat), float(lon)))
