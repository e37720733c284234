"""Changes of stores at stated times, through the API."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.environments import Another
from tests.support.orders import MENU

# A Wednesday, noon in New York.
NOON = datetime(2025, 1, 15, 17, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
COLA = {"item": "cola", "quantity": 1, "unit_price": 300}
CLOSED: dict[str, Any] = {"week": [[]] * 7}


def menu_with_cola_at(price: int) -> dict[str, Any]:
    pizza, cola = MENU["items"]
    return MENU | {"items": [pizza, cola | {"price": price}]}


def change(another: Another, at: datetime, store: str, part: str, body: Any) -> None:
    path = f"/v1/stores/{store}/{part}".rstrip("/")
    assert another(at)("PUT", path, body).status == 200
