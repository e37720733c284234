"""The database's deliveries and couriers as the input of a round. Minutes are those since the epoch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from functions.delivery.dispatch.facts import Courier, OpenOrder, Place, Run, on_plane
from functions.delivery.dispatch.settings import Settings, StraightLine, share_of_declines
from functions.delivery.life.delivery import Delivery
from functions.delivery.states import BEFORE_PICKUP, UNDERWAY, Carriage, Goods
from functions.delivery.tables.couriers import Courier as StoredCourier
from functions.delivery.tables.positions import Position
from functions.delivery.tables.stores import StoreHome, StoreSettings

# Metres a minute in a city.
SPEEDS = {"": 250.0, "foot": 80.0, "bicycle": 230.0, "scooter": 350.0, "car": 350.0}
SETTINGS = Settings(travel=StraightLine(SPEEDS))
# An older place says little.
FRESH_MINUTES = 15.0


@dataclass
class ChainFacts:
    """The deliveries, couriers and stores of a chain at one moment."""

    now: datetime
    stores: Mapping[str, StoreSettings]
    deliveries: Sequence[Delivery]
    couriers: Sequence[StoredCourier]
    positions: Mapping[str, Position]
    homes: Mapping[str, StoreHome] = field(default_factory=dict)
    origin: tuple[float, float] = field(init=False)

    def __post_init__(self) -> None:
        places = [(store.lat or 0.0, store.lon or 0.0) for store in self.stores.values()]
        self.origin = min(places)

    def open_orders(self) -> list[OpenOrder]:
        """Deliveries without a courier whose door is known."""
        return [
            self._order(delivery)
            for delivery in self.deliveries
            if delivery.carriage == Carriage.UNASSIGNED and has_door(delivery)
        ]

    def on_duty(self) -> list[Courier]:
        """The couriers on shift, each with the bundle before its pickup and the end of its deliveries underway."""
        return [self._courier(courier) for courier in self.couriers if courier.is_on_shift(self.now)]

    def decline_share(self) -> float:
        """The share of declines among the offers of open deliveries."""
        declined = sum(len(delivery.refused_by) for delivery in self.deliveries)
        taken = sum(delivery.courier is not None for delivery in self.deliveries)
        return share_of_declines(declined, declined + taken)

    def _order(self, delivery: Delivery) -> OpenOrder:
        store, recipient = self.stores[delivery.store], delivery.details.recipient
        is_scheduled = delivery.wanted_from > delivery.times.get(Goods.TO_PICK.value, delivery.created_at)
        return OpenOrder(
            order=delivery.id,
            store=delivery.store,
            store_place=on_plane(store.lat or 0.0, store.lon or 0.0, self.origin),
            door=on_plane(recipient.lat or 0.0, recipient.lon or 0.0, self.origin),
            placed_at=minutes(delivery.times.get(Goods.TO_PICK.value, delivery.created_at)),
            ready_at=minutes(delivery.ready_at),
            is_ready_estimated=delivery.goods != Goods.PACKED,
            vehicles=frozenset(delivery.details.vehicles),
            fixed_courier=store.fixed_courier,
            refused_by=frozenset(delivery.refused_by),
            deliver_from=minutes(delivery.wanted_from) if is_scheduled else None,
            deliver_by=minutes(delivery.wanted_until) if is_scheduled else None,
        )

    def _courier(self, courier: StoredCourier) -> Courier:
        own = [delivery for delivery in self.deliveries if delivery.courier == courier.id and has_door(delivery)]
        place, free_at = self._after_underway(
            courier, [delivery for delivery in own if delivery.carriage not in BEFORE_PICKUP]
        )
        before = [delivery for delivery in own if delivery.carriage in BEFORE_PICKUP]
        pause = (minutes(self.now), minutes(courier.break_until)) if courier.break_until else None
        return Courier(
            courier=courier.id,
            place=place,
            free_at=free_at,
            off_at=minutes(courier.shift_until) if courier.shift_until else free_at,
            vehicle=courier.vehicle,
            capacity=float(courier.capacity),
            stores=frozenset(f"{courier.chain}:{store}" for store in courier.stores),
            breaks=(pause,) if pause and pause[1] > pause[0] else (),
            run=self._run(before, courier, place, free_at) if before else None,
        )

    def _after_underway(self, courier: StoredCourier, underway: Sequence[Delivery]) -> tuple[Place, float]:
        """(place, minute) at which the courier is free: after the doors to visit, and after goods were brought back."""
        place, at = self._place(courier), minutes(self.now)
        orders = [(self._order(delivery), delivery.carriage in UNDERWAY) for delivery in underway]
        doors = [order.door for order, is_for_door in orders if is_for_door]
        back = dict.fromkeys(order.store_place for order, is_for_door in orders if not is_for_door)
        for stop in [*doors, *back]:
            at += SETTINGS.travel(place, stop, courier.vehicle) + SETTINGS.dropoff_service
            place = stop
        return place, at

    def _place(self, courier: StoredCourier) -> Place:
        """The last place, while it is fresh; else the first store of the courier."""
        position = self.positions.get(courier.id)
        if position and minutes(self.now) - minutes(position.fixed_at) <= FRESH_MINUTES:
            return on_plane(position.lat, position.lon, self.origin)
        stores = [self.stores.get(f"{courier.chain}:{store}") for store in courier.stores]
        store = next((store for store in stores if store), next(iter(self.stores.values())))
        return on_plane(store.lat or 0.0, store.lon or 0.0, self.origin)

    def _run(self, before: Sequence[Delivery], courier: StoredCourier, place: Place, free_at: float) -> Run:
        """The bundle of the first store. Another store's orders count as taken all the same."""
        orders = tuple(self._order(delivery) for delivery in before if delivery.store == before[0].store)
        is_there = any(delivery.carriage == Carriage.AT_STORE for delivery in before)
        travel = 0.0 if is_there else SETTINGS.travel(place, orders[0].store_place, courier.vehicle)
        has_answered = all(delivery.carriage != Carriage.OFFERED for delivery in before)
        return Run(orders, free_at + travel, can_grow=has_answered)


def has_door(delivery: Delivery) -> bool:
    """Whether the door's place is known."""
    recipient = delivery.details.recipient
    return recipient.lat is not None and recipient.lon is not None


def minutes(moment: datetime) -> float:
    """Minutes since the epoch."""
    return moment.timestamp() / 60
