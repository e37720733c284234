"""Uber Direct's signature, replies and callbacks that are forged, stale, or of another form."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.delivery.fleets.contract import (
    Account,
    Callback,
    FleetStatus,
    Forged,
    News,
    Quote,
    Refused,
    Token,
    Unreadable,
    Why,
)
from functions.delivery.fleets.uber_direct import UberDirect
from shared.kit.outside.exchange import Reply

NOW = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
KEY = "c5c26d5a-70d6-46c7-a652-d7c09825ad29"
ACCOUNT = Account("demo:uber", {}, {"signing_key": KEY})
EVENT: dict[str, Any] = {
    "kind": "event.delivery_status", "created": "2026-12-01T09:59:30.000Z", "id": "evt_1", "delivery_id": "del_1",
    "status": "dropoff",
    "data": {
        "id": "del_1", "status": "dropoff", "external_id": "01M8MW0N002P5JPKBDE62AN5TB", "courier_imminent": False,
        "courier": {"name": "Ana", "phone_number": "+14155550103", "vehicle_type": "bicycle",
                    "location": {"lat": 37.79, "lng": -122.4}},
    },
}  # fmt: skip


def callback(event: object, key: str = KEY, header: str = "x-uber-signature") -> Callback:
    """A webhook of this event."""
    body = json.dumps(event).encode()
    return Callback({header: hmac.new(key.encode(), body, hashlib.sha256).hexdigest()}, body)


def test_the_signature_is_the_one_of_ubers_page() -> None:
    # The example of developer.uber.com/docs/deliveries/webhooks, with its key.
    body = b'{"kind": "event.courier_update", "location": {"lat": 37.7974109, "lng": -122.424145}}'
    stated = {"x-uber-signature": "cdff8133fb065f8d37a2c1c94c3331b6a82766d14e7ea4faacc4886558cedd65"}
    with pytest.raises(Forged, match="time is missing"):  # genuine, but the example has no time
        UberDirect().news(ACCOUNT, Callback(stated, body), NOW)
    with pytest.raises(Forged, match="wrong"):
        UberDirect().news(ACCOUNT, Callback(stated, body + b" "), NOW)


@pytest.mark.parametrize("header", ["x-uber-signature", "x-postmates-signature"])
def test_a_genuine_event_is_news(header: str) -> None:
    [news] = UberDirect().news(ACCOUNT, callback(EVENT, header=header), NOW)
    assert (news.trip, news.fleet_id, news.status) == ("01M8MW0N002P5JPKBDE62AN5TB", "del_1", FleetStatus.ON_THE_WAY)
    assert news.place is not None
    assert (news.courier_name, news.vehicle, news.place.lat) == ("Ana", "bicycle", 37.79)


def test_a_courier_near_the_place_has_arrived() -> None:
    near = EVENT | {"data": EVENT["data"] | {"courier_imminent": True}}
    assert UberDirect().news(ACCOUNT, callback(near), NOW)[0].status == FleetStatus.AT_DOOR
    at_store = near | {"status": "pickup"}
    assert UberDirect().news(ACCOUNT, callback(at_store), NOW)[0].status == FleetStatus.AT_STORE


def test_a_place_event_does_not_move_the_status_to_one_that_it_does_not_name() -> None:
    event = {
        "kind": "event.courier_update", "created": EVENT["created"], "delivery_id": "del_1",
        "location": {"lat": 1, "lng": 2},
    }  # fmt: skip
    [news] = UberDirect().news(ACCOUNT, callback(event), NOW)
    assert news.status is None
    assert news.place is not None
    assert (news.place.lat, news.place.lon) == (1.0, 2.0)


@pytest.mark.parametrize(
    "forged",
    [
        callback(EVENT, key="other"),
        Callback({}, json.dumps(EVENT).encode()),
        Callback(callback(EVENT).headers, callback(EVENT).body + b" "),
        callback([1]),
        callback(EVENT | {"created": None}),
        callback(EVENT | {"created": "yesterday"}),
        callback(EVENT | {"created": "2026-12-01T09:00:00.000Z"}),
        callback(EVENT | {"created": "2026-12-01T11:00:00.000Z"}),
    ],
)
def test_a_forged_or_stale_event_is_refused(forged: Callback) -> None:
    with pytest.raises(Forged):
        UberDirect().news(ACCOUNT, forged, NOW)


def test_an_account_without_a_signing_key_takes_no_callback() -> None:
    with pytest.raises(Forged):
        UberDirect().news(Account("demo:uber", {}, {"signing_key": ""}), callback(EVENT, key=""), NOW)


@pytest.mark.parametrize(
    ("status", "document", "why"),
    [
        (429, {"code": "customer_limited"}, Why.LATER),
        (401, {"code": "unauthorized"}, Why.RIGHTS),
        (400, {"code": "expired_quote"}, Why.EXPIRED),
        (400, {"code": "address_undeliverable"}, Why.ORDER),
        (404, {"code": "customer_not_found"}, Why.RIGHTS),
        (500, {"code": "unknown_error"}, None),
        (409, {"code": "duplicate_delivery", "metadata": {"delivery_id": "del_9"}}, None),
        (200, {"kind": "delivery"}, None),
        (302, {}, None),
    ],
)
def test_a_reply_to_an_order_is_read_by_status_and_code(status: int, document: object, why: Why | None) -> None:
    read = UberDirect().create_outcome(Reply(status, {}, json.dumps(document).encode()), NOW)
    assert isinstance(read, Refused if why else Unreadable)
    assert why is None or (isinstance(read, Refused) and read.why == why)


def test_a_fee_beyond_any_delivery_is_not_read() -> None:
    reply = Reply(200, {}, b'{"id":"dqt_1","fee":1e300,"currency":"usd"}')
    assert isinstance(UberDirect().quote_outcome(reply, NOW), Unreadable)


def test_a_token_is_good_for_its_seconds_and_a_refused_sign_in_needs_a_person() -> None:
    good = UberDirect().token_outcome(Reply(200, {}, b'{"access_token":"t","expires_in":2592000}'))
    assert good == Token("t", timedelta(days=30).total_seconds())
    bad = UberDirect().token_outcome(Reply(401, {}, b'{"error":"invalid_client"}'))
    assert isinstance(bad, Refused)
    assert bad.why == Why.RIGHTS


def test_news_of_a_reply_is_never_of_the_future() -> None:
    body = b'{"id":"del_1","status":"pending","updated":"2027-01-01T00:00:00Z","fee":650,"currency":"usd"}'
    news = UberDirect().create_outcome(Reply(200, {}, body), NOW)
    assert isinstance(news, News)
    assert (news.at, news.price, news.currency) == (NOW, 650, "USD")


@pytest.mark.parametrize(("stated", "read"), [("eur", "EUR"), ("\u00e9ur", ""), ("\u00df", ""), ("EURO", ""), (7, "")])
def test_a_currency_is_three_letters(stated: object, read: str) -> None:
    body = json.dumps({"id": "quote", "fee": 500, "currency": stated}).encode()
    quote = UberDirect().quote_outcome(Reply(200, {}, body), NOW)
    assert isinstance(quote, Quote)
    assert quote.currency == read
