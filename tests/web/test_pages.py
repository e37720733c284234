"""GET /docs, and the forecast of the console, in a real browser, against the running stack."""

import json
import re
import uuid
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo import examples
from ops.clients import Clients
from ops.people import People
from shared.contracts.ids import store_key
from stack.addresses import CHECKOUT
from stack.keys import keys
from stack.signed_requests import Caller
from stack.stack import Stack
from tests.support.browser import journeys_of, walk

SCRIPT = Path(__file__).parent / "journeys.mjs"
JOURNEYS = journeys_of(SCRIPT, r"docs_\w+")
TEA: dict[str, Any] = {"items": [{"id": "tea", "name": "<b>Tea</b> & cake", "category": "tea", "price": 400}]}


@pytest.fixture
def journey(stack: Stack, browser: str) -> dict[str, Any]:
    """A chain of its own with two stores and an order in each, USD 53.10 and JPY 1,200, both paid."""
    chain = f"c-{uuid.uuid4().hex[:8]}"
    clients = Clients(stack.db.owner.url, keys(stack.root).keyring)
    rights = ["stores:write", "menu:write", "menu:read", "orders:write", "orders:refund", "orders:read"]
    writer = clients.create("writer", [f"{right}@chain:{chain}" for right in rights], 1_000, ["*:*"])
    reader = clients.create(
        "reader", [f"{right}@chain:{chain}" for right in ("takings:read", "orders:read", "menu:read")], 1_000
    )
    clients.close()
    tokyo, york = f"{chain}-tokyo", f"{chain}-york"
    pizza = _order(examples.ORDER, york)
    tea = {
        "service": "takeaway",
        "lines": [{"item": "tea", "quantity": 3, "unit_price": 400}],
        "total": 1200,
        "currency": "JPY",
        "payments": [{"reference": "t", "method": "cash", "amount": 1200}],
    }
    call = Caller(stack.place.http, writer)
    with call.http:
        for store, menu, settings in (
            (york, examples.MENU, {}),
            (tokyo, TEA, {"currency": "JPY", "tax": {}, "timezone": examples.STORE["timezone"]}),
        ):
            call("PUT", f"/v1/stores/{store}", examples.STORE | settings | {"chain": chain}).raise_for_status()
            call("PUT", f"/v1/stores/{store}/menu", menu).raise_for_status()
        call("POST", "/v1/orders", pizza).raise_for_status()
        call("POST", "/v1/orders", _order(tea, tokyo)).raise_for_status()
    return {
        "base": stack.place.http,
        "browser": browser,
        "chain": chain,
        "store": york,
        "key": reader,
    }


def _order(order: dict[str, Any], store: str) -> dict[str, Any]:
    return order | {"store": store, "source": {"kind": "till", "id": store, "number": uuid.uuid4().hex}}


@pytest.mark.parametrize("name", JOURNEYS)
def test_page(name: str, journey: dict[str, Any]) -> None:
    walk(SCRIPT, name, journey)


def test_the_forecast_shows_thirty_days_with_reasons_on_a_phone(stack: Stack, journey: dict[str, Any]) -> None:
    """Thirty days of USD 100.00, 80.00 to 130.00, after a week that took as much; another store's are a day older."""
    people = People(stack.db.owner.url)
    password = "correct horse battery"
    email = f"{uuid.uuid4().hex[:10]}@example.com"
    person = people.add(journey["chain"], email, "Pia Planner", ["head_office"], password)
    people.close()
    days = [date(2026, 3, 1) + timedelta(days=n) for n in range(30)]
    stores = {journey["store"]: date(2026, 2, 28), f"{journey['chain']}-tokyo": date(2026, 2, 27)}
    chain = journey["chain"]
    about = (
        chain,
        "0" * 26,
        10_000,
        8_000,
        10_000,
        13_000,
        "smoothed",
        "Friday +9 %",
        "{}",
    )
    past = [days[0] - timedelta(days=n) for n in range(1, 8)]
    with stack.db.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO forecasts (store_id, day, origin, chain_id, model_id, mean, p10, p50, p90, lead_model,"
            " reasons, drivers) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [(store_key(chain, store), day, origin, *about) for store, origin in stores.items() for day in days],
        )
        cursor.executemany(
            "INSERT INTO forecast_history (store_id, day, source, chain_id, currency, revenue)"
            " VALUES (%s, %s, 'import', %s, 'USD', 10000)",
            [(store_key(chain, journey["store"]), day, chain) for day in past],
        )
    person |= {"password": password}
    walk(SCRIPT.with_name("forecast.mjs"), "thirty_days_with_reasons_on_a_phone", journey | {"person": person})


def test_docs_page_asks_for_the_swagger_ui_that_is_pinned() -> None:
    pinned = json.loads((CHECKOUT / "package.json").read_text(encoding="utf-8"))["devDependencies"]["swagger-ui-dist"]
    asked = re.findall(r"swagger-ui[a-z-]*\.\w+\?v=([\d.]+)", (CHECKOUT / "web/docs.html").read_text(encoding="utf-8"))
    assert asked == [pinned, pinned]
