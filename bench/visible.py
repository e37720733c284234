"""How long after a payment a member's tag is there to be read, through the local stack."""

import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

from bench.figures import Figure, percentile, told
from demo import pizzaplace
from stack.signed_requests import Caller
from stack.stack import Stack

ORDERS = 30
PATIENCE = 60


def bench(stack: Stack) -> Iterator[Figure]:
    """Order paid → tag visible, one order after another."""
    head_office = Caller(stack.place.http, stack.place.keys["head_office"])
    head_office("PUT", "/v1/stores/harbour", pizzaplace.settings_of("harbour")).raise_for_status()
    head_office("PUT", "/v1/stores/harbour/menu", pizzaplace.menu()).raise_for_status()
    _seconds(head_office)
    took = [_seconds(head_office) * 1000 for _ in range(ORDERS)]
    for share in (50, 95):
        yield told(f"members.visible_p{share}", percentile(took, share), "ms", "a window of 1 s at each of two queues")


def _seconds(head_office: Caller) -> float:
    member = uuid.uuid4().hex
    sale = pizzaplace.sales()[0]
    body = pizzaplace.order_of(sale, "harbour", source=f"visible-{member}") | {"guest": {"member": member}}
    body["placed_at"] = datetime.now(UTC).isoformat()
    started_at = time.perf_counter()
    head_office("POST", "/v1/orders", body).raise_for_status()
    while time.perf_counter() - started_at < PATIENCE:
        reply = head_office("GET", f"/v1/members/{member}?chain={pizzaplace.CHAIN}")
        if reply.is_success and any(tag["tag"] == "recency" for tag in reply.json()["tags"]):
            return time.perf_counter() - started_at
        time.sleep(0.02)
    raise AssertionError("the tag did not come")
