"""One order from its store's menu to the reply: what the OpenAPI document shows, and what the tests send."""

from typing import Any

STORE: dict[str, Any] = {
    "name": "Main Street",
    "chain": "demo",
    "region": "north",
    "timezone": "America/New_York",
    "currency": "USD",
    "day_ends_at": "04:00",
    "tax": {"rate": 600, "inclusive": True},
}
OPENING_HOURS: dict[str, Any] = {"week": [[{"opens": "09:00", "closes": "23:59"}]] * 7, "closed_on": ["2026-12-25"]}
MENU: dict[str, Any] = {
    "items": [
        {
            "id": "classic_dlx",
            "name": "The Classic Deluxe",
            "category": "classic",
            "station": "oven",
            "sizes": [{"id": "M", "price": 1600}, {"id": "L", "price": 2050}],
            "options": [{"id": "no_onion", "name": "No onion"}, {"id": "cheese", "name": "More cheese", "price": 150}],
        },
        {
            "id": "thai_ckn",
            "name": "The Thai Chicken",
            "category": "chicken",
            "station": "oven",
            "sizes": [{"id": "L", "price": 2075}],
        },
    ],
    "discounts": [{"code": "lunch", "rate": 1000}],
}
SOLD_OUT: dict[str, Any] = {"items": []}
ORDER: dict[str, Any] = {
    "store": "main-street",
    "source": {"kind": "till", "id": "till-1", "number": "2015-000002"},
    "service": "dine_in",
    "table": "4",
    "lines": [
        {
            "item": "classic_dlx",
            "size": "M",
            "options": ["cheese"],
            "quantity": 1,
            "unit_price": 1750,
            "note": "well done",
        },
        {"item": "thai_ckn", "size": "L", "quantity": 2, "unit_price": 2075},
    ],
    "discounts": [{"code": "lunch", "amount": 590}],
    "tax": 301,
    "total": 5310,
    "currency": "USD",
    "payments": [{"reference": "drawer-1-2015-000002", "method": "cash", "amount": 5310}],
}
# The order at half past twelve in New York, as the API answers it.
_NOON = "2015-01-01T17:30:00.000000Z"
KEPT: dict[str, Any] = {
    "id": "019AK8QZE0PPWHRXRDVW7PA7MZ",
    "store": "main-street",
    "chain": "demo",
    "source": {"kind": "till", "id": "till-1", "number": "2015-000002"},
    "pickup_number": 1,
    "business_day": "2015-01-01",
    "service": "dine_in",
    "table": "4",
    "guest": None,
    "lines": [
        {
            "item": "classic_dlx",
            "name": "The Classic Deluxe",
            "category": "classic",
            "size": "M",
            "options": [{"id": "cheese", "name": "More cheese", "price": 150}],
            "quantity": 1,
            "unit_price": 1750,
            "amount": 1750,
            "note": "well done",
            "station": "oven",
            "id": "1",
        },
        {
            "item": "thai_ckn",
            "name": "The Thai Chicken",
            "category": "chicken",
            "size": "L",
            "options": [],
            "quantity": 2,
            "unit_price": 2075,
            "amount": 4150,
            "note": None,
            "station": "oven",
            "id": "2",
        },
    ],
    "discounts": [{"code": "lunch", "amount": 590}],
    "subtotal": 5900,
    "service_charge": 0,
    "delivery_charge": 0,
    "tax": 301,
    "total": 5310,
    "currency": "USD",
    "payment": "paid",
    "fulfilment": "placed",
    "paid": 5310,
    "refunded": 0,
    "payments": [
        {"reference": "drawer-1-2015-000002", "method": "cash", "amount": 5310, "taken_at": _NOON, "rounding": 0}
    ],
    "refunds": [],
    "differences": [],
    "placed_at": _NOON,
    "received_at": _NOON,
    "refund_due": 0,
    "over_refunded": 0,
    "rounding": 0,
    "settled_at": "2015-01-01T17:30:00Z",
    "wanted_for": None,
    "kitchen_at": _NOON,
    "version": 1,
    "bill": "closed",
    "taxes": [{"id": "tax", "name": "Tax", "percent": "6", "inclusive": True, "base": 5009, "amount": 301}],
}
PAYMENT: dict[str, Any] = {"reference": "card-77120", "method": "card", "amount": 2000}
REFUND: dict[str, Any] = {"reference": "back-1", "amount": 2075, "reason": "one pizza was cold"}
CANCEL: dict[str, Any] = {"reason": "the guest left"}
FULFILMENT: dict[str, Any] = {"status": "accepted"}

GUEST_TOKEN: dict[str, Any] = {"store": "main-street", "source_id": "app", "guest": "g-1f7c", "seconds": 900}

# By operation id.
REQUESTS = {
    "create_guest_token": GUEST_TOKEN,
    "place_order": ORDER,
    "add_payment": PAYMENT,
    "add_refund": REFUND,
    "cancel_order": CANCEL,
    "move_order": FULFILMENT,
    "put_store": STORE,
    "put_opening_hours": OPENING_HOURS,
    "put_menu": MENU,
    "put_sold_out": SOLD_OUT,
}
