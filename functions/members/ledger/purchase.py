"""An order as a purchase of its member."""

from collections import Counter
from zoneinfo import ZoneInfo

from functions.members.facts.totals import Purchase
from functions.members.tables.chain_settings import StoreLocation
from shared.contracts.messages.orders import Order


def purchase_of(order: Order, location: StoreLocation) -> Purchase:
    """The purchase, with its hour by the store's clock."""
    return Purchase(
        order=order.id,
        store=order.store,
        day=order.business_day,
        currency=order.currency,
        total=order.total + order.rounding,
        paid=order.settled,
        refunded=order.refunded,
        basket=_basket(order, location),
        paid_amount=order.paid,
    )


def _basket(order: Order, location: StoreLocation) -> dict[str, object]:
    categories: Counter[str] = Counter()
    items: Counter[str] = Counter()
    for line in order.lines:
        categories[line.category] += line.quantity
        items[line.item] += line.quantity
    return {
        "pieces": items.total(),
        "discounted": bool(order.discounts),
        "habits": _habits(order, location),
        "categories": dict(categories),
        "items": dict(items),
        # The first version goes without saying: most orders never change.
        **({"version": order.version} if order.version > 1 else {}),
    }


def _habits(order: Order, location: StoreLocation) -> dict[str, str]:
    habits = {
        "store": order.store,
        "channel": order.source.kind.value,
        "hour": str(order.placed_at.astimezone(ZoneInfo(location.timezone)).hour),
        "weekday": str(order.business_day.weekday()),
    }
    return habits | ({"city": location.city} if location.city else {})
