"""The id of an order, derived from its source: the same order has the same id in every region and database."""

from datetime import UTC, datetime, time

from functions.orders.pricing.order_request import OrderIn
from shared.contracts.ids import derived_id
from shared.contracts.store_record import Store


def order_id_of(order: OrderIn, store: Store, now: datetime) -> str:
    """The ULID of the order. Its time is `placed_at` as stated, or the start of the business day (UTC) without one.

    The stated time counts even when the source's clock is wrong, because a source repeats it when it sends the order
    again. Tills restart their numbers each day, so the number alone is not enough.
    """
    moment, source = order.placed_at, order.source
    if moment:
        placed = moment.isoformat()
    else:
        day = store.day_of(now)
        moment, placed = datetime.combine(day, time(), UTC), day.isoformat()
    return derived_id(moment, store.settings.chain, store.id, source.kind, source.id, source.number, placed)
