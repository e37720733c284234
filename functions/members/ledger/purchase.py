"""An order as a purchase of its member: what the ledger keeps of it."""

from collections import Counter
from zoneinfo import ZoneInfo

from functions.members.facts.totals import Purchase
from shared.contracts.messages.orders import Order


def purchase_of(order: Order, timezone: str, city: str | None) -> Purchase:
    """What the order says of its member's habits; `timezone` is that of the store's clock."""
    categories: Counter[str] = Counter()
    items: Counter[str] = Counter()
    for line in order.lines:
        categories[line.category] += line.quantity
        items[line.item] += line.quantity
    habits = {
        "store": order.store,
        "channel": order.source.kind.value,
        "hour": str(order.placed_at.astimezone(ZoneInfo(timezone)).hour),
        "weekday": str(order.business_day.weekday()),
    }
    basket = {
        "pieces": items.total(),
        "discounted": bool(order.discounts),
        "habits": habits | ({"city": city} if city else {}),
        "categories": dict(categories),
        "items": dict(items),
    }
    return Purchase(
        order.id,
        order.store,
        order.business_day,
        order.currency,
        order.total + order.rounding,
        order.settled,
        order.refunded,
        basket,
        order.paid,
    )
