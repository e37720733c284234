"""Every view of the console: no fault, no barrier, nothing cut off; its pictures go to .local/screenshots."""

import re
from pathlib import Path

import pytest

from demo import pizzaplace
from demo.run import open_stores
from stack.signed_requests import Caller
from stack.stack import Stack
from tests.support.browser import PICTURES, walk
from tests.support.paths import ROOT

SCRIPT = Path(__file__).parent / "views.mjs"
VIEWS = {
    file.parent.name: re.findall(r'path: "([^"]+)"', file.read_text(encoding="utf-8"))[0]
    for file in sorted((ROOT / "web/console/views").glob("*/view.ts"))
}
ORDERS = 24


@pytest.fixture(scope="module")
def demo_stack(stack: Stack) -> Stack:
    """The demo chain with its stores, and orders of today."""
    open_stores(stack.place)
    till = Caller(stack.place.http, stack.place.keys["till"])
    with till.http:
        for sale in pizzaplace.sales()[:ORDERS]:
            order = pizzaplace.order_of(sale, pizzaplace.store_of(sale))
            order.pop("placed_at", None)
            till("POST", "/v1/orders", order).raise_for_status()
    return stack


@pytest.mark.parametrize("name", VIEWS)
def test_view(name: str, demo_stack: Stack, browser: str) -> None:
    place = demo_stack.place
    walk(
        SCRIPT,
        "look_at_view",
        {
            "base": place.http,
            "browser": browser,
            "person": place.people["head_office"],
            "path": VIEWS[name],
            "name": name,
            "pictures": str(PICTURES),
        },
    )
