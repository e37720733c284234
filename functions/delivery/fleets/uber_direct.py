"""Uber Direct: developer.uber.com/docs/deliveries (quotes, deliveries, webhooks; OAuth 2.0 client credentials).

Written from public documents. It was never called for real.
"""

import hashlib
import hmac
import json
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote as quoted
from urllib.parse import urlencode

from functions.delivery.fleets.contract import (
    Absent,
    Account,
    Callback,
    Done,
    FleetStatus,
    Forged,
    News,
    Place,
    Quote,
    Refused,
    Setting,
    Stop,
    Token,
    Trip,
    Unreadable,
    Why,
)
from functions.delivery.fleets.genuine import check_equal, check_fresh, check_size, moment_of_text
from functions.delivery.fleets.replies import (
    LONGEST_DETAIL,
    LONGEST_NAME,
    LONGEST_PHONE,
    currency_at,
    json_object,
    money_at,
    number_at,
    place_of,
    text_at,
    value_at,
    wait_of,
)
from shared.kit.outside.exchange import Call, Reply

SCOPE = "eats.deliveries"
LONGEST_NOTE = 280
# A list that is full may hide the trip on its next page.
PAGE = 100
STATUS_EVENT, PLACE_EVENT = "event.delivery_status", "event.courier_update"
STATUSES = {
    "pending": FleetStatus.SEARCHING,
    "pickup": FleetStatus.ASSIGNED,
    "pickup_complete": FleetStatus.PICKED_UP,
    "dropoff": FleetStatus.ON_THE_WAY,
    "delivered": FleetStatus.DELIVERED,
    "canceled": FleetStatus.CANCELLED,
    "returned": FleetStatus.RETURNED,
}
# `courier_imminent`: the courier is within about 80 m of the place of this status.
IMMINENT = {FleetStatus.ASSIGNED: FleetStatus.AT_STORE, FleetStatus.ON_THE_WAY: FleetStatus.AT_DOOR}
VEHICLES = {"walker": "foot", "bicycle": "bicycle", "cargo_bike": "bicycle", "scooter": "scooter"}
VEHICLES |= {"motorcycle": "scooter", "car": "car", "van": "car", "truck": "car"}
CODES = {
    "expired_quote": Why.EXPIRED,
    "used_quote": Why.EXPIRED,
    "mismatched_price_quote": Why.EXPIRED,
    "customer_limited": Why.LATER,
    "service_unavailable": Why.LATER,
    "request_timeout": Why.LATER,
    "customer_suspended": Why.RIGHTS,
    "customer_blocked": Why.RIGHTS,
    "customer_not_found": Why.RIGHTS,
    "missing_payment": Why.RIGHTS,
    "unauthorized": Why.RIGHTS,
    "delivery_not_found": Why.GONE,
    "noncancelable_delivery": Why.TOO_LATE,
}


class UberDirect:
    """The fleet of Uber."""

    name = "uber_direct"
    title = "Uber Direct"
    # A key is known for 60 minutes.
    key_seconds: float | None = 3600.0
    settings = (
        Setting("base_url", secret=False, help="The address of the service.", default="https://api.uber.com"),
        Setting("auth_url", secret=False, help="The address of the sign-in.", default="https://auth.uber.com"),
        Setting("customer_id", secret=False, help="The Customer ID, on the page Developer of the dashboard."),
        Setting("client_id", secret=True, help="The Client ID of the same page."),
        Setting("client_secret", secret=True, help="The Client Secret of the same page."),
        Setting("signing_key", secret=True, help="The signing key of the webhook, on the page Webhooks."),
    )

    def token(self, account: Account) -> Call | None:
        """oauth/v2/token, which is good for 30 days."""
        names = {"client_id": account.secret["client_id"], "client_secret": account.secret["client_secret"]}
        body = urlencode(names | {"grant_type": "client_credentials", "scope": SCOPE}).encode()
        url = f"{account.settings['auth_url'].rstrip('/')}/oauth/v2/token"
        return Call("POST", url, {"content-type": "application/x-www-form-urlencoded"}, body)

    def token_outcome(self, reply: Reply) -> Token | Refused | Unreadable:
        """`access_token` and `expires_in`."""
        document = json_object(reply.body)
        value, seconds = text_at(document, "access_token", longest=4000), number_at(document, "expires_in")
        if reply.status == HTTPStatus.OK and value and seconds:
            return Token(value, seconds)
        if reply.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            return Refused(Why.RIGHTS, text_at(document, "error") or str(reply.status), "the sign-in was refused")
        return Unreadable(f"status {reply.status} without a token")

    def quote(self, account: Account, trip: Trip, now: datetime) -> Call:
        """delivery_quotes."""
        del now
        return _post(account, "delivery_quotes", _places(trip) | _times(trip) | _shop(trip))

    def quote_outcome(self, reply: Reply, now: datetime) -> Quote | Refused | Unreadable:
        """`id`, `fee`, `currency` and `expires`."""
        del now
        document = _document(reply)
        if not isinstance(document, dict):
            return document
        fee, quote_id = money_at(document, "fee"), text_at(document, "id")
        if fee is None or not quote_id:
            return Unreadable("a quote without an id or a fee")
        currency = currency_at(document, "currency")
        return Quote(fee, currency, quote_id, moment_of_text(text_at(document, "expires")))

    def create(self, account: Account, trip: Trip, quote: Quote, now: datetime) -> Call:
        """deliveries, with the trip as `idempotency_key` and `external_id`."""
        del now
        goods = [{"name": item.name[:100], "quantity": item.quantity, "size": "small"} for item in trip.items]
        keys = {"quote_id": quote.id, "idempotency_key": trip.id, "external_id": trip.id}
        people = {
            "pickup_name": trip.pickup.name,
            "dropoff_name": trip.door.name,
            "pickup_notes": trip.pickup.note[:LONGEST_NOTE],
            "dropoff_notes": trip.door.note[:LONGEST_NOTE],
            "manifest_items": goods,
            "manifest_reference": trip.label,
            "manifest_total_value": trip.value,
            # Flowers and food go back to the store, and are not thrown away.
            "undeliverable_action": "return",
        }
        return _post(account, "deliveries", _places(trip) | _times(trip) | _shop(trip) | people | keys)

    def create_outcome(self, reply: Reply, now: datetime) -> News | Refused | Unreadable:
        """The delivery. `duplicate_delivery` names a delivery that may be ours: it is looked for."""
        document = _document(reply)
        if isinstance(document, Refused) and document.code == "duplicate_delivery":
            return Unreadable("there is such a delivery already")
        if not isinstance(document, dict):
            return document
        return _news(document, now) if text_at(document, "id") else Unreadable("a delivery without an id")

    def find(self, account: Account, trip: Trip, fleet_id: str | None, since: datetime, now: datetime) -> Call | None:
        """The delivery, or those that were made since then."""
        del trip, now
        if fleet_id:
            return _get(account, f"deliveries/{quoted(fleet_id, safe='')}")
        begin = (since - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        return _get(account, "deliveries?" + urlencode({"start_dt": begin, "limit": PAGE}))

    def find_outcome(self, reply: Reply, trip: Trip, now: datetime) -> News | Absent | Refused | Unreadable:
        """One delivery, or the one of a list with our `external_id`."""
        document = _document(reply)
        if not isinstance(document, dict):
            return Absent() if isinstance(document, Refused) and document.why == Why.GONE else document
        if "data" not in document:
            return _news(document, now) if text_at(document, "id") else Unreadable("a delivery without an id")
        listed = document["data"]
        if not isinstance(listed, list):
            return Unreadable("a list that is none")
        own = next((one for one in listed if text_at(one, "external_id") == trip.id), None)
        if own is not None:
            return _news(own, now)
        has_more = bool(text_at(document, "next_href", longest=2000)) and len(listed) >= PAGE
        return Unreadable("the list goes on") if has_more else Absent()

    def locate(self, account: Account, trip: Trip, fleet_id: str, now: datetime) -> Call | None:
        """None: the delivery has the place."""
        del account, trip, fleet_id, now
        return None

    def locate_outcome(self, reply: Reply, now: datetime) -> Place | None:
        """Never asked."""
        del reply, now
        return None

    def cancel(self, account: Account, trip: Trip, fleet_id: str, now: datetime) -> Call:
        """deliveries/{id}/cancel."""
        del trip, now
        return _post(account, f"deliveries/{quoted(fleet_id, safe='')}/cancel", {})

    def cancel_outcome(self, reply: Reply) -> Done | Refused | Unreadable:
        """A delivery that is cancelled."""
        document = _document(reply)
        return Done() if isinstance(document, dict) else document

    def news(self, account: Account, callback: Callback, now: datetime) -> list[News]:
        """HMAC-SHA256 of the raw body in hex, in `x-uber-signature` or its older name."""
        check_size(callback)
        key = account.secret.get("signing_key", "")
        expected = hmac.new(key.encode(), callback.body, hashlib.sha256).hexdigest() if key else ""
        headers = callback.headers
        stated = headers.get("x-uber-signature") or headers.get("x-postmates-signature")
        check_equal(expected, stated.strip().lower() if stated else None)
        document = json_object(callback.body)
        if document is None:
            raise Forged("the body is no JSON object")
        at = moment_of_text(value_at(document, "created"))
        check_fresh(at, now)
        return _event_news(document, at or now)

    def answer(self) -> Reply:
        """An empty 200."""
        return Reply(HTTPStatus.OK)


def _event_news(document: dict[str, Any], at: datetime) -> list[News]:
    kind, data = text_at(document, "kind"), value_at(document, "data")
    if kind not in (STATUS_EVENT, PLACE_EVENT):
        return []
    delivery = dict(data) if isinstance(data, dict) else {}
    delivery["id"] = text_at(document, "delivery_id") or text_at(delivery, "id")
    if kind == STATUS_EVENT:
        delivery["status"] = text_at(document, "status") or text_at(delivery, "status")
    courier = value_at(delivery, "courier")
    location = value_at(document, "location")
    if isinstance(location, dict):
        delivery["courier"] = (courier if isinstance(courier, dict) else {}) | {"location": location}
    delivery["updated"] = None
    return [_news(delivery, at)] if delivery["id"] else []


def _news(document: dict[str, Any], now: datetime) -> News:
    status = STATUSES.get(text_at(document, "status"))
    if status and value_at(document, "courier_imminent") is True:
        status = IMMINENT.get(status, status)
    courier = value_at(document, "courier")
    at = moment_of_text(value_at(document, "updated")) or now
    point = place_of(number_at(courier, "location", "lat"), number_at(courier, "location", "lng"))
    vehicle = text_at(courier, "vehicle_type").lower()
    return News(
        at=min(at, now),
        status=status,
        trip=text_at(document, "external_id") or None,
        fleet_id=text_at(document, "id") or None,
        courier_name=text_at(courier, "name", longest=LONGEST_NAME) or None,
        courier_phone=text_at(courier, "phone_number", longest=LONGEST_PHONE) or None,
        vehicle=VEHICLES.get(vehicle, "car") if vehicle else None,
        place=Place(*point, now) if point else None,
        price=money_at(document, "fee"),
        currency=currency_at(document, "currency") or None,
        reason=text_at(document, "undeliverable_reason", longest=LONGEST_DETAIL) or None,
    )


def _places(trip: Trip) -> dict[str, Any]:
    return _stop("pickup", trip.pickup) | _stop("dropoff", trip.door)


def _stop(side: str, stop: Stop) -> dict[str, Any]:
    return {
        f"{side}_address": stop.address,
        f"{side}_latitude": stop.lat,
        f"{side}_longitude": stop.lon,
        f"{side}_phone_number": stop.phone,
    }


def _times(trip: Trip) -> dict[str, Any]:
    times: dict[str, Any] = {"pickup_ready_dt": _stamp(trip.ready_at)}
    if trip.deliver_from:
        times |= {"dropoff_ready_dt": _stamp(trip.deliver_from), "dropoff_deadline_dt": _stamp(trip.deliver_by)}
    return times


def _shop(trip: Trip) -> dict[str, Any]:
    return {"external_store_id": trip.fleet_store_id} if trip.fleet_store_id else {}


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _url(account: Account, path: str) -> str:
    customer = quoted(account.settings["customer_id"], safe="")
    return f"{account.settings['base_url'].rstrip('/')}/v1/customers/{customer}/{path}"


def _headers(account: Account) -> dict[str, str]:
    return {"authorization": f"Bearer {account.token or ''}", "content-type": "application/json"}


def _post(account: Account, path: str, document: dict[str, Any]) -> Call:
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return Call("POST", _url(account, path), _headers(account), body)


def _get(account: Account, path: str) -> Call:
    return Call("GET", _url(account, path), _headers(account))


def _document(reply: Reply) -> dict[str, Any] | Refused | Unreadable:
    """The document of a success; a refusal by its `code`; a fault of the server says nothing."""
    document = json_object(reply.body)
    if document is not None and HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
        return document
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR or reply.status == HTTPStatus.REQUEST_TIMEOUT:
        return Unreadable(f"status {reply.status}")
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        return Refused(Why.LATER, "customer_limited", "too many requests", wait_of(reply))
    if reply.status < HTTPStatus.BAD_REQUEST or document is None:
        return Unreadable(f"status {reply.status} without a JSON object")
    code = text_at(document, "code", longest=64) or str(reply.status)
    detail = text_at(document, "message", longest=LONGEST_DETAIL)
    is_stale = reply.status == HTTPStatus.UNAUTHORIZED
    why = Why.RIGHTS if is_stale else CODES.get(code, Why.GONE if reply.status == HTTPStatus.NOT_FOUND else Why.ORDER)
    return Refused(why, code, detail, renew_token=is_stale)
