"""order.paid → the takings of the store's business day count the order's revenue, once an order. Pages hear of it."""

from collections.abc import Mapping, Sequence
from typing import TypeVar
from zoneinfo import ZoneInfo

from functions.console.live.push import push_messages
from functions.console.tables.places import read_zones
from functions.console.tables.takings import Taking, upsert_takings
from shared.contracts.messages import Message
from shared.contracts.messages.orders import Order, OrderMessage, OrderPaid
from shared.kit.cache import Cache
from shared.spine import entry
from shared.spine.env import Environment

Data = TypeVar("Data", bound=OrderMessage)
# The hour of an order whose store is unknown.
NO_HOUR = 24
# A store that moves to another time zone is rare.
_zones: Cache[str] = Cache(600)


def count_takings(messages: Sequence[Message[Data]], env: Environment) -> None:
    """Store one row per order, by its newest message. An order that was never paid in full has no row."""
    settled = [message for message in messages if message.data.order.settled]
    zones = _zones_of({message.data.order.store_key for message in settled}, env)
    takings = [_taking(message.data.order, message.sequence, zones) for message in settled]
    if takings:
        with env.db.transaction() as transaction:
            upsert_takings(transaction, takings)
    push_messages(messages, env)


def _zones_of(stores: set[str], env: Environment) -> Mapping[str, str]:
    zones = {store: zone for store in stores if (zone := _zones.get(env, store))}
    if missing := stores - zones.keys():
        with env.db.statements() as statements:
            read = read_zones(statements, missing)
        zones |= {store: _zones.put(env, store, zone) for store, zone in read.items()}
    return zones


def _taking(order: Order, sequence: int, zones: Mapping[str, str]) -> Taking:
    zone, moment = zones.get(order.store_key), order.wanted_for or order.placed_at
    hour = moment.astimezone(ZoneInfo(zone)).hour if zone else NO_HOUR
    return Taking(
        order.chain, order.business_day, order.store_key, order.currency, hour, order.id, order.revenue, sequence
    )


handler = entry.batch(OrderPaid, count_takings)
