"""The fake Uber Direct follows Uber's public description: tokens, quotes, keys, statuses, webhooks."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.simulators.fleets import signatures
from tests.simulators.fleets.conftest import Product
from tests.simulators.fleets.uber_direct import QUOTE_SECONDS, UberDirect
from tests.simulators.http_system import json_answer

ENDS = {
    "pickup_address": "1 Market St, San Francisco, CA", "dropoff_address": "1515 3rd St, San Francisco, CA",
    "pickup_latitude": 37.7936, "pickup_longitude": -122.3957,
    "dropoff_latitude": 37.7656, "dropoff_longitude": -122.39,
}  # fmt: skip
DELIVERY = {
    **ENDS, "pickup_name": "Rose & Thorn", "pickup_phone_number": "+14155550101", "dropoff_name": "Ada L.",
    "dropoff_phone_number": "+14155550102", "manifest_items": [{"name": "Bouquet", "quantity": 1, "size": "small"}],
    "external_id": "order-7", "idempotency_key": "key-7",
}  # fmt: skip


@pytest.fixture
def fleet(product: Product) -> Iterator[UberDirect]:
    with UberDirect(callback_url=product.callback) as service:
        yield service


@pytest.fixture
def uber(fleet: UberDirect, http: httpx.Client) -> "Caller":
    return Caller(fleet, http)


class Caller:
    """Calls with a good token."""

    def __init__(self, fleet: UberDirect, http: httpx.Client) -> None:
        self.fleet, self.http = fleet, http
        self.base = f"{fleet.url}/v1/customers/{fleet.settings['customer_id']}"
        self.token = self.ask_token()["access_token"]

    def ask_token(self, **changes: str) -> dict[str, Any]:
        secrets = self.fleet.secrets
        form = {
            "client_id": secrets["client_id"], "client_secret": secrets["client_secret"],
            "grant_type": "client_credentials", "scope": "eats.deliveries", **changes,
        }  # fmt: skip
        answer: dict[str, Any] = self.http.post(f"{self.fleet.url}/oauth/v2/token", data=form).json()
        return answer

    def post(self, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        return self.http.post(self.base + path, json=body or {}, headers={"Authorization": f"Bearer {self.token}"})

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer: dict[str, Any] = self.http.get(self.base + path, params=query, headers=headers).json()
        return answer

    def create(self, **changes: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.post("/deliveries", {**DELIVERY, **changes}).json()
        return answer


def test_token_needs_the_secret_and_the_scope(uber: Caller) -> None:
    assert uber.ask_token(client_secret="wrong") == {"error": "invalid_client"}
    assert uber.ask_token(scope="profile") == {"error": "invalid_scope"}
    assert uber.ask_token()["token_type"] == "Bearer"


def test_unknown_and_expired_tokens_are_refused(uber: Caller) -> None:
    reply = uber.http.get(uber.base + "/deliveries", headers={"Authorization": "Bearer unknown"})
    assert (reply.status_code, reply.json()["code"]) == (401, "unauthorized")
    uber.fleet.fail(["session_lost"])
    assert uber.get("/deliveries")["code"] == "unauthorized"
    assert uber.get("/deliveries")["code"] == "unauthorized"


def test_another_customer_is_not_found(uber: Caller) -> None:
    uber.base = uber.base.replace("cus_fake", "cus_other")
    assert uber.post("/deliveries", DELIVERY).status_code == 404


def test_price_of_the_quote_is_the_price_of_the_delivery(uber: Caller) -> None:
    quote = uber.post("/delivery_quotes", ENDS).json()
    # 3.16 km: 4.50 and 1.20 a kilometre.
    assert (quote["kind"], quote["fee"], quote["currency"]) == ("delivery_quote", 829, "usd")
    delivery = uber.create(quote_id=quote["id"])
    assert (delivery["fee"], delivery["quote_id"], delivery["status"]) == (829, quote["id"], "pending")


def test_quote_holds_fifteen_minutes_once_and_for_its_ends(uber: Caller) -> None:
    first, second = (uber.post("/delivery_quotes", ENDS).json()["id"] for _ in range(2))
    assert uber.create(quote_id=first, dropoff_latitude=37.77)["code"] == "mismatched_price_quote"
    uber.create(quote_id=first)
    assert uber.create(quote_id=first, idempotency_key="key-8")["code"] == "used_quote"
    now = uber.fleet.wall()
    uber.fleet.wall = lambda: now + QUOTE_SECONDS
    assert uber.create(quote_id=second, idempotency_key="key-9")["code"] == "expired_quote"


def test_repeated_key_points_to_the_first_delivery(uber: Caller) -> None:
    first = uber.create()
    reply = uber.post("/deliveries", DELIVERY)
    assert (reply.status_code, reply.json()["code"]) == (409, "duplicate_delivery")
    assert reply.json()["metadata"] == {"delivery_id": first["id"]}
    uber.fleet.repeats = "same"
    assert uber.create()["id"] == first["id"]
    assert len(uber.fleet.trips) == 1


def test_key_is_forgotten_after_six_hours(uber: Caller) -> None:
    first, now = uber.create(), uber.fleet.wall()
    uber.fleet.wall = lambda: now + 6 * 3600
    assert uber.create()["id"] != first["id"]


def test_lost_answer_leaves_a_delivery_that_the_list_shows(uber: Caller) -> None:
    uber.fleet.fail(["lost"])
    with pytest.raises(httpx.TransportError):
        uber.create()
    (delivery,) = uber.get("/deliveries", filter="ongoing")["data"]
    assert (delivery["external_id"], delivery["status"]) == ("order-7", "pending")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"dropoff_name": ""}, "invalid_params"),
        ({"dropoff_phone_number": "0151 1"}, "invalid_params"),
        ({"dropoff_notes": "x" * 281}, "invalid_params"),
        ({"manifest_items": []}, "invalid_params"),
        ({"dropoff_latitude": 38.5}, "address_undeliverable"),
        ({"dropoff_latitude": "north"}, "invalid_params"),
    ],
)
def test_create_refuses(uber: Caller, changes: dict[str, Any], code: str) -> None:
    reply = uber.post("/deliveries", {**DELIVERY, **changes})
    assert (reply.status_code, reply.json()["code"]) == (400, code)
    assert len(uber.fleet.trips) == 0


def test_no_courier_and_an_account_without_payment(uber: Caller) -> None:
    uber.fleet.busy = True
    assert uber.create()["code"] == "couriers_busy"
    uber.fleet.suspended = True
    assert uber.post("/deliveries", DELIVERY).status_code == 402


@pytest.mark.parametrize(
    ("fault", "status", "begins"), [("too_many", 429, "{"), ("unavailable", 500, "{"), ("html", 200, "<!DOCTYPE html>")]
)
def test_faults(uber: Caller, fault: str, status: int, begins: str) -> None:
    uber.fleet.fail([fault])
    reply = uber.post("/deliveries", DELIVERY)
    assert reply.status_code == status
    assert reply.text.startswith(begins)
    assert ("retry-after" in reply.headers) == (status == 429)
    assert len(uber.fleet.trips) == 0


def test_courier_moves_through_the_statuses(uber: Caller, product: Product) -> None:
    delivery = uber.create()
    (trip,) = uber.fleet.trips
    assert "courier" not in delivery
    for _ in uber.fleet.steps[1:]:
        uber.fleet.move(trip)
        uber.fleet.drive(trip, 0.99)
    events = [request.json() for request in product.requests]
    statuses = [event["status"] for event in events if event["kind"] == "event.delivery_status"]
    assert statuses == ["pickup", "pickup_complete", "dropoff", "delivered"]
    positions = [event for event in events if event["kind"] == "event.courier_update"]
    assert [event["data"]["courier_imminent"] for event in positions] == [True, True, True, True]
    assert abs(positions[-1]["location"]["lat"] - ENDS["dropoff_latitude"]) < 0.001
    assert uber.get(f"/deliveries/{delivery['id']}")["complete"] is True


def test_webhooks_are_signed_over_their_bytes(uber: Caller, product: Product) -> None:
    uber.create()
    (trip,) = uber.fleet.trips
    uber.fleet.move(trip)
    (request,) = product.requests
    key = uber.fleet.secrets["signing_key"]
    assert request.headers["x-uber-signature"] == signatures.uber(key, request.body)
    assert uber.fleet.signed(request.body, "wrong").headers["x-uber-signature"] != signatures.uber(key, request.body)


def test_held_webhooks_come_twice_and_in_another_order(uber: Caller, product: Product) -> None:
    uber.create()
    (trip,) = uber.fleet.trips
    uber.fleet.hold = True
    for _ in uber.fleet.steps[1:]:
        uber.fleet.move(trip)
    assert not product.requests
    uber.fleet.shake(seed=3)
    statuses = [json.loads(request.body)["status"] for request in product.requests]
    assert sorted(statuses) == sorted(2 * list(uber.fleet.steps[1:]))
    assert statuses != sorted(statuses, key=uber.fleet.steps.index)


def test_webhook_without_a_receipt_is_tried_again(uber: Caller, product: Product) -> None:
    answers = iter([json_answer({}, 500), json_answer({}, 503), json_answer({})])
    product.decide = lambda _request: next(answers)
    uber.create()
    (trip,) = uber.fleet.trips
    uber.fleet.move(trip)
    assert [reply.status_code for reply in uber.fleet.replies] == [500, 503, 200]
    assert len({request.body for request in product.requests}) == 1


def test_cancel_ends_before_pickup(uber: Caller) -> None:
    first, second = uber.create(), uber.create(idempotency_key="key-8")
    assert uber.post(f"/deliveries/{first['id']}/cancel").json()["status"] == "canceled"
    assert uber.post(f"/deliveries/{first['id']}/cancel").json()["code"] == "noncancelable_delivery"
    trip = uber.fleet.trips.get(second["id"])
    assert trip is not None
    uber.fleet.move(trip, "pickup_complete")
    assert uber.post(f"/deliveries/{second['id']}/cancel").json()["code"] == "noncancelable_delivery"


def test_uber_gives_up(uber: Caller, product: Product) -> None:
    uber.create()
    (trip,) = uber.fleet.trips
    uber.fleet.give_up(trip)
    (event,) = (request.json() for request in product.requests)
    assert (event["status"], event["data"]["undeliverable_reason"]) == ("canceled", "NO_COURIER")
