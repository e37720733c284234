"""Uber Direct as a fake, from its public description: token, quotes, deliveries, cancel, signed webhooks."""

import json
import secrets
from datetime import UTC, datetime
from typing import Any, ClassVar

import httpx

from tests.simulators.fleets import signatures
from tests.simulators.fleets.fleet import FakeFleet, Refused, price
from tests.simulators.fleets.trips import Spot, Trip
from tests.simulators.http_system import Answer, Request, json_answer

CUSTOMER = "cus_fake"
CLIENT_ID, CLIENT_SECRET, SIGNING_KEY = "fake-client", "fake-client-secret", "fake-signing-key"
SCOPE = "eats.deliveries"
TOKEN_SECONDS = 2_592_000
QUOTE_SECONDS = 15 * 60
KEY_SECONDS = 6 * 3600
NEAR_METRES = 80.0
LONGEST_NOTES = 280
NEEDED = (
    "pickup_name", "pickup_address", "pickup_phone_number",
    "dropoff_name", "dropoff_address", "dropoff_phone_number", "manifest_items",
)  # fmt: skip
STATUS = {
    "invalid_params": 400, "unknown_location": 400, "address_undeliverable": 400, "expired_quote": 400,
    "used_quote": 400, "mismatched_price_quote": 400, "couriers_busy": 400, "noncancelable_delivery": 400,
    "unauthorized": 401, "customer_suspended": 402, "customer_not_found": 404, "delivery_not_found": 404,
    "duplicate_delivery": 409, "customer_limited": 429, "unknown_error": 500, "service_unavailable": 503,
}  # fmt: skip


class UberDirect(FakeFleet):
    """`steps` are the statuses of a good delivery; `canceled` and `returned` are the others.

    `repeats` decides a second create with the same idempotency key: "conflict" answers 409 with a pointer to the
    first delivery, "same" answers 200 with the first delivery. The public description leaves this open.
    """

    name: ClassVar[str] = "uber_direct"
    steps: ClassVar[tuple[str, ...]] = ("pending", "pickup", "pickup_complete", "dropoff", "delivered")
    picked_up: ClassVar[str] = "pickup_complete"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.repeats = "conflict"
        self.suspended = False
        self._tokens: dict[str, float] = {}
        self._quotes: dict[str, dict[str, Any]] = {}

    @property
    def settings(self) -> dict[str, str]:
        return {"base_url": self.url, "auth_url": self.url, "customer_id": CUSTOMER}

    @property
    def secrets(self) -> dict[str, str]:
        return {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "signing_key": SIGNING_KEY}

    def answer(self, request: Request) -> Answer:
        if request.path == "/oauth/v2/token":
            return self._token(request.form())
        self._check_token(request.headers.get("authorization", "").removeprefix("Bearer "))
        start, _, rest = request.path.partition(f"/v1/customers/{CUSTOMER}/")
        if start or not rest:
            raise Refused("customer_not_found")
        return self._customer(request, rest.split("/"))

    def _token(self, form: dict[str, str]) -> Answer:
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return json_answer({"error": "invalid_client"}, 401)
        if form.get("grant_type") != "client_credentials" or form.get("scope") != SCOPE:
            return json_answer({"error": "invalid_scope"}, 400)
        token = secrets.token_hex(16)
        self._tokens[token] = self.wall() + TOKEN_SECONDS
        return json_answer({"access_token": token, "expires_in": TOKEN_SECONDS, "token_type": "Bearer", "scope": SCOPE})

    def _check_token(self, token: str) -> None:
        if self._tokens.get(token, 0) <= self.wall():
            raise Refused("unauthorized")
        if self.suspended:
            raise Refused("customer_suspended")

    def forget_sessions(self) -> None:
        self._tokens.clear()

    def _customer(self, request: Request, parts: list[str]) -> Answer:
        match request.method, parts:
            case "POST", ["delivery_quotes"]:
                return json_answer(self._quote(request.json()))
            case "POST", ["deliveries"]:
                return self._create(request.json())
            case "GET", ["deliveries"]:
                return json_answer(self._list(request.query))
            case "GET", ["deliveries", trip_id]:
                return json_answer(self._delivery(self._trip(trip_id)))
            case "POST", ["deliveries", trip_id, "cancel"]:
                return json_answer(self._cancel(self._trip(trip_id)))
        raise Refused("delivery_not_found")

    # Quotes

    def _quote(self, body: dict[str, Any]) -> dict[str, Any]:
        store, door = self._spots(body)
        now = self.wall()
        quote_id = f"dqt_{secrets.token_hex(8)}"
        quote = {
            "kind": "delivery_quote", "id": quote_id, "created": _time(now),
            "expires": _time(now + QUOTE_SECONDS), "fee": price(store.metres_to(door)), "currency": "usd",
            "currency_type": "USD", "dropoff_eta": _time(now + 1800), "duration": 30, "pickup_duration": 12,
            "dropoff_deadline": _time(now + 3600),
        }  # fmt: skip
        self._quotes[quote_id] = {"quote": quote, "until": now + QUOTE_SECONDS, "ends": (store, door), "used": False}
        return quote

    def _spots(self, body: dict[str, Any]) -> tuple[Spot, Spot]:
        missing = [name for name in ("pickup_address", "dropoff_address") if not body.get(name)]
        if missing:
            raise Refused("invalid_params", params=dict.fromkeys(missing, "This field is required."))
        try:
            store = Spot(float(body["pickup_latitude"]), float(body["pickup_longitude"]))
            door = Spot(float(body["dropoff_latitude"]), float(body["dropoff_longitude"]))
        except KeyError:
            # The fake has no map of addresses.
            raise Refused("unknown_location") from None
        if store.metres_to(door) > self.most_metres:
            raise Refused("address_undeliverable")
        if self.busy:
            raise Refused("couriers_busy")
        return store, door

    def _fee(self, quote_id: str, ends: tuple[Spot, Spot]) -> int:
        if not quote_id:
            return price(ends[0].metres_to(ends[1]))
        known = self._quotes.get(quote_id)
        if known is None or known["ends"] != ends:
            raise Refused("mismatched_price_quote")
        if known["used"]:
            raise Refused("used_quote")
        if known["until"] <= self.wall():
            raise Refused("expired_quote")
        known["used"] = True
        return int(known["quote"]["fee"])

    # Deliveries

    def _create(self, body: dict[str, Any]) -> Answer:
        _check_fields(body)
        key = str(body.get("idempotency_key") or "")
        earlier = self._earlier(key)
        if earlier and self.repeats == "conflict":
            raise Refused("duplicate_delivery", metadata={"delivery_id": earlier.id})
        if earlier:
            return json_answer(self._delivery(earlier))
        ends = self._spots(body)
        quote = str(body.get("quote_id") or "")
        now = self.wall()
        trip = Trip(
            f"del_{secrets.token_hex(8)}",
            key,
            str(body.get("external_id") or body.get("manifest_reference") or ""),
            *ends,
            self._fee(quote, ends),
            now,
            self.steps[0],
            now,
            fields=body,
            quote=quote,
        )
        self.trips.add(trip)
        return json_answer(self._delivery(trip))

    def _earlier(self, key: str) -> Trip | None:
        young = self.wall() - KEY_SECONDS
        return next((trip for trip in self.trips if key and trip.key == key and trip.created > young), None)

    def _trip(self, trip_id: str) -> Trip:
        trip = self.trips.get(trip_id)
        if trip is None:
            raise Refused("delivery_not_found")
        return trip

    def _list(self, query: Any) -> dict[str, Any]:
        """The youngest first; `filter` is a status or "ongoing"."""
        wanted = query.get("filter", "")
        trips = sorted(self.trips, key=lambda trip: trip.created, reverse=True)
        rows = [trip for trip in trips if not wanted or trip.status == wanted or wanted == _ongoing(trip)]
        first, limit = int(query.get("offset", 0)), min(int(query.get("limit", 20)), 100)
        data = [self._delivery(trip) for trip in rows[first : first + limit]]
        return {"object": "list", "url": "/deliveries", "total_count": len(rows), "next_href": "", "data": data}

    def _cancel(self, trip: Trip) -> dict[str, Any]:
        if trip.status not in self.steps[: self.steps.index(self.picked_up)]:
            raise Refused("noncancelable_delivery")
        trip.reason = "CUSTOMER_CANCEL"
        self.move_later(trip, "canceled")
        return self._delivery(trip)

    def give_up(self, trip: Trip, reason: str = "NO_COURIER") -> httpx.Request | None:
        """Uber itself ends the delivery."""
        trip.reason = reason
        return self.move(trip, "canceled")

    def _delivery(self, trip: Trip) -> dict[str, Any]:
        body = trip.fields
        delivery = {
            "kind": "delivery", "id": trip.id, "uuid": trip.id.removeprefix("del_"), "quote_id": trip.quote,
            "status": trip.status, "complete": _ongoing(trip) == "", "created": _time(trip.created),
            "updated": _time(trip.updated), "fee": trip.fee, "currency": "usd", "tip": 0, "live_mode": False,
            "external_id": body.get("external_id", ""), "manifest": {"reference": body.get("manifest_reference", "")},
            "manifest_items": body["manifest_items"], "pickup": _waypoint(body, "pickup", trip.store),
            "dropoff": _waypoint(body, "dropoff", trip.door), "pickup_eta": _time(trip.created + 720),
            "dropoff_eta": _time(trip.created + 1800), "tracking_url": f"{self.url}/track/{trip.id}",
            "courier_imminent": self._near(trip), "related_deliveries": [], "undeliverable_reason": trip.reason,
        }  # fmt: skip
        if trip.courier:
            delivery["courier"] = self._courier_info(trip)
        return delivery

    def _courier_info(self, trip: Trip) -> dict[str, Any]:
        spot = trip.spot or trip.store
        return {
            "name": trip.courier["name"], "phone_number": trip.courier["phone"], "vehicle_type": "bicycle",
            "rating": "4.90", "img_href": "", "location": {"lat": round(spot.lat, 6), "lng": round(spot.lon, 6)},
        }  # fmt: skip

    def _near(self, trip: Trip) -> bool:
        goal = trip.door if self.is_picked_up(trip) else trip.store
        return trip.spot is not None and trip.spot.metres_to(goal) <= NEAR_METRES

    # Webhooks

    def status_event(self, trip: Trip) -> httpx.Request:
        return self._event(trip, "event.delivery_status", {"status": trip.status, "id": f"evt_{secrets.token_hex(8)}"})

    def position_event(self, trip: Trip) -> httpx.Request | None:
        return self._event(trip, "event.courier_update", {"location": self._courier_info(trip)["location"]})

    def _event(self, trip: Trip, kind: str, fields: dict[str, Any]) -> httpx.Request:
        event = {
            "kind": kind, "created": _time(self.wall()), "live_mode": False, "delivery_id": trip.id,
            "customer_id": CUSTOMER, "developer_id": "dev_fake", "account_id": "acc_fake",
            "data": self._delivery(trip), **fields,
        }  # fmt: skip
        return self.signed(json.dumps(event, ensure_ascii=False).encode())

    def signed(self, body: bytes, key: str = SIGNING_KEY) -> httpx.Request:
        """A webhook with this body; another key makes a signature that must be refused."""
        signature = signatures.uber(key, body)
        headers = {
            "Content-Type": "application/json",
            "X-Uber-Signature": signature,
            "X-Postmates-Signature": signature,
        }
        return httpx.Request("POST", self.callback_url or "http://127.0.0.1/", content=body, headers=headers)

    # Refusals

    def refusal(self, refused: Refused) -> Answer:
        status = STATUS[refused.code]
        headers = {"Retry_After": str(refused.detail.pop("seconds", 1))} if status == 429 else {}
        message = refused.code.replace("_", " ").capitalize() + "."
        return json_answer(
            {"kind": "error", "code": refused.code, "message": message, **refused.detail}, status, **headers
        )

    def invalid(self, error: Exception) -> Refused:
        return Refused("invalid_params", params={"body": f"{type(error).__name__}: {error}"})

    def too_many(self, seconds: float) -> Answer:
        return self.refusal(Refused("customer_limited", seconds=round(seconds) or 1))

    def unavailable(self) -> Answer:
        return self.refusal(Refused("unknown_error"))

    def session_lost(self, request: Request) -> Answer:
        del request
        return self.refusal(Refused("unauthorized"))


def _check_fields(body: dict[str, Any]) -> None:
    wrong = {name: "This field is required." for name in NEEDED if not body.get(name)}
    wrong |= {
        name: "It must be in the form +13235550000."
        for name in ("pickup_phone_number", "dropoff_phone_number")
        if name not in wrong and not (str(body[name]).startswith("+") and str(body[name])[1:].isdigit())
    }
    wrong |= {
        name: f"It is longer than {LONGEST_NOTES} characters."
        for name in ("pickup_notes", "dropoff_notes", "dropoff_seller_notes")
        if len(body.get(name) or "") > LONGEST_NOTES
    }
    if wrong:
        raise Refused("invalid_params", params=wrong)


def _waypoint(body: dict[str, Any], side: str, spot: Spot) -> dict[str, Any]:
    fields = {name: body.get(f"{side}_{name}", "") for name in ("name", "address", "phone_number", "notes")}
    return {**fields, "location": {"lat": spot.lat, "lng": spot.lon}}


def _ongoing(trip: Trip) -> str:
    return "" if trip.status in ("delivered", "canceled", "returned") else "ongoing"


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
