"""Meituan delivery: peisong.meituan.com/open/doc (createByShop, status callbacks, signature by SHA-1).

Written from public documents. It was never called for real.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode

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
    Token,
    Trip,
    Unreadable,
    Why,
)
from functions.delivery.fleets.genuine import check_equal, check_fresh, check_size, moment_of_seconds
from functions.delivery.fleets.replies import (
    LONGEST_DETAIL,
    LONGEST_NAME,
    LONGEST_PHONE,
    json_object,
    money_at,
    number_at,
    place_of,
    text_at,
    value_at,
    wait_of,
)
from functions.delivery.tracking.geometry import from_gcj02, to_gcj02
from shared.kit.outside.exchange import Call, Reply

VERSION = "1.0"
FORM = "application/x-www-form-urlencoded; charset=utf-8"
# Degrees are sent as whole numbers, and money comes in yuan.
MICRO, CENTS, CURRENCY = 1_000_000, 100, "CNY"
SCHEDULED = 1
OTHER_SOURCE = "201"
OTHER_REASON = 399
STATUSES = {
    "0": FleetStatus.SEARCHING,
    "20": FleetStatus.ASSIGNED,
    "15": FleetStatus.AT_STORE,
    "30": FleetStatus.PICKED_UP,
    "50": FleetStatus.DELIVERED,
    "99": FleetStatus.CANCELLED,
}
SUCCESS = "0"
# A fault of the service, after which the same delivery_id is sent again.
FAULT = "1"
# The public pages explain few codes.
CODES = {"2": Why.RIGHTS, "5": Why.RIGHTS, "6": Why.RIGHTS, "7": Why.RIGHTS}


class Meituan:
    """The fleet of Meituan."""

    name = "meituan"
    title = "Meituan"
    # The same delivery_id is the same delivery for ever.
    key_seconds: float | None = None
    settings = (
        Setting(
            "base_url", secret=False, help="The address of the service.", default="https://peisongopen.meituan.com/api"
        ),
        Setting("shop_id", secret=False, help="The shop_id of a store whose own settings name none.", default=""),
        Setting("service_code", secret=False, help="The delivery_service_code of the contract, such as 4011."),
        Setting("app_key", secret=True, help="The appkey, on the page of the developer."),
        Setting("secret", secret=True, help="The secret of the same page; it signs callbacks too."),
    )

    def token(self, account: Account) -> Call | None:
        """None: each request is signed."""
        del account
        return None

    def token_outcome(self, reply: Reply) -> Token | Refused | Unreadable:
        """Never asked."""
        return Unreadable(f"no tokens, status {reply.status}")

    def quote(self, account: Account, trip: Trip, now: datetime) -> Call:
        """order/preCreateByShop."""
        return _post(account, "order/preCreateByShop", _order(account, trip), now)

    def quote_outcome(self, reply: Reply, now: datetime) -> Quote | Refused | Unreadable:
        """`delivery_fee` in yuan. The quote has no id and no end."""
        del now
        data = _data(reply)
        if not isinstance(data, dict):
            return data
        fee = money_at(data, "delivery_fee", scale=CENTS)
        return Quote(fee, CURRENCY) if fee is not None else Unreadable("a quote without a fee")

    def create(self, account: Account, trip: Trip, quote: Quote, now: datetime) -> Call:
        """order/createByShop. The same delivery_id is the same delivery, as often as it is sent."""
        del quote
        return _post(account, "order/createByShop", _order(account, trip), now)

    def create_outcome(self, reply: Reply, now: datetime) -> News | Refused | Unreadable:
        """`mt_peisong_id`."""
        data = _data(reply)
        if not isinstance(data, dict):
            return data
        fleet_id = text_at(data, "mt_peisong_id")
        fee = money_at(data, "delivery_fee", scale=CENTS)
        currency = CURRENCY if fee is not None else None
        if not fleet_id:
            return Unreadable("a delivery without an id")
        return News(now, FleetStatus.SEARCHING, fleet_id=fleet_id, price=fee, currency=currency)

    def find(self, account: Account, trip: Trip, fleet_id: str | None, since: datetime, now: datetime) -> Call | None:
        """order/status/query, which needs the id of both sides. Without it the order is sent again."""
        del since
        return _post(account, "order/status/query", _ids(trip, fleet_id), now) if fleet_id else None

    def find_outcome(self, reply: Reply, trip: Trip, now: datetime) -> News | Absent | Refused | Unreadable:
        """The status."""
        del trip
        data = _data(reply)
        return _news(data, now) if isinstance(data, dict) else data

    def locate(self, account: Account, trip: Trip, fleet_id: str, now: datetime) -> Call | None:
        """order/rider/location."""
        return _post(account, "order/rider/location", _ids(trip, fleet_id), now)

    def locate_outcome(self, reply: Reply, now: datetime) -> Place | None:
        """`lat` and `lng` of GCJ-02, in whole millionths of a degree."""
        data = _data(reply)
        if not isinstance(data, dict):
            return None
        lat, lon = number_at(data, "lat"), number_at(data, "lng")
        if lat is None or lon is None:
            return None
        point = place_of(lat / MICRO, lon / MICRO)
        return Place(*from_gcj02(*point), now) if point else None

    def cancel(self, account: Account, trip: Trip, fleet_id: str, now: datetime) -> Call:
        """order/delete."""
        reason = {"cancel_reason_id": OTHER_REASON, "cancel_reason": "其他原因"}
        return _post(account, "order/delete", _ids(trip, fleet_id) | reason, now)

    def cancel_outcome(self, reply: Reply) -> Done | Refused | Unreadable:
        """Cancelled, or too late."""
        data = _data(reply)
        return Done() if isinstance(data, dict) else data

    def news(self, account: Account, callback: Callback, now: datetime) -> list[News]:
        """A signed form. Each field is under the signature."""
        check_size(callback)
        fields = _form(callback.body)
        stated = fields.pop("sign", None)
        check_equal(signature(account.secret.get("secret", ""), fields), stated.lower() if stated else None)
        check_equal(account.secret.get("app_key", ""), fields.get("appkey"))
        at = moment_of_seconds(fields.get("timestamp"))
        check_fresh(at, now)
        return [_news(fields, at or now)]

    def answer(self) -> Reply:
        """`code` 0: without it the callback comes again."""
        return Reply(HTTPStatus.OK, {"content-type": "application/json"}, b'{"code":0}')


def signature(secret: str, fields: Mapping[str, Any]) -> str:
    """SHA-1 in hex of the secret and each name with its value, sorted by name; empty values are left out.

    Source: the page on signatures of the open platform, with its example.
    """
    if not secret:
        return ""
    joined = "".join(f"{name}{fields[name]}" for name in sorted(fields) if fields[name] not in ("", None))
    return hashlib.sha1(f"{secret}{joined}".encode(), usedforsecurity=False).hexdigest()


def _post(account: Account, path: str, fields: Mapping[str, Any], now: datetime) -> Call:
    signed = {"appkey": account.secret["app_key"], "timestamp": int(now.timestamp()), "version": VERSION, **fields}
    signed = {name: value for name, value in signed.items() if value not in ("", None)}
    signed["sign"] = signature(account.secret["secret"], signed)
    url = f"{account.settings['base_url'].rstrip('/')}/{path}"
    return Call("POST", url, {"content-type": FORM}, urlencode(signed).encode())


def _ids(trip: Trip, fleet_id: str | None) -> dict[str, Any]:
    return {"delivery_id": trip.number, "mt_peisong_id": fleet_id}


def _order(account: Account, trip: Trip) -> dict[str, Any]:
    lat, lon = to_gcj02(trip.door.lat, trip.door.lon)
    goods = [{"goodCount": item.quantity, "goodName": item.name} for item in trip.items]
    fields: dict[str, Any] = {
        "delivery_id": trip.number,
        "order_id": trip.order,
        "outer_order_source_desc": OTHER_SOURCE,
        "shop_id": trip.fleet_store_id or account.settings.get("shop_id", ""),
        "delivery_service_code": account.settings["service_code"],
        "receiver_name": trip.door.name[:256],
        "receiver_address": trip.door.address[:512],
        "receiver_phone": trip.door.phone[:64],
        "receiver_lng": round(lon * MICRO),
        "receiver_lat": round(lat * MICRO),
        "coordinate_type": 0,
        "goods_value": f"{trip.value / CENTS:.2f}",
        "goods_weight": 1,
        "goods_detail": json.dumps({"goods": goods}, ensure_ascii=False),
        "goods_pickup_info": trip.label[:100],
        "note": trip.door.note[:200],
        "order_type": 0,
    }
    if trip.deliver_from:
        fields |= {"order_type": SCHEDULED, "expected_delivery_time": int(trip.deliver_by.timestamp())}
    return fields


def _form(body: bytes) -> dict[str, str]:
    """The fields of a form. Raises `Forged` for one that names a field twice."""
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=100, strict_parsing=True)
    except ValueError:
        raise Forged("the body is no form") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Forged("a field comes twice")
    return fields


def _data(reply: Reply) -> dict[str, Any] | Refused | Unreadable:
    """`data` of a success, by `code`: the status is 200 for refusals too."""
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        return Refused(Why.LATER, "429", "too many requests", wait_of(reply))
    document = json_object(reply.body)
    code = text_at(document, "code")
    if document is None or not code or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR or code == FAULT:
        return Unreadable(f"status {reply.status}, code {code or 'none'}")
    if code != SUCCESS:
        detail = text_at(document, "message", longest=LONGEST_DETAIL)
        return Refused(CODES.get(code, Why.UNKNOWN), code, detail)
    data = value_at(document, "data")
    return data if isinstance(data, dict) else {}


def _news(fields: Mapping[str, Any], now: datetime) -> News:
    document = dict(fields)
    number = number_at(document, "delivery_id")
    changed = moment_of_seconds(document.get("operate_time")) if document.get("operate_time") else None
    return News(
        at=min(changed or now, now).astimezone(UTC),
        status=STATUSES.get(text_at(document, "status")),
        number=int(number) if number is not None else None,
        fleet_id=text_at(document, "mt_peisong_id") or None,
        courier_name=text_at(document, "courier_name", longest=LONGEST_NAME) or None,
        courier_phone=text_at(document, "courier_phone", longest=LONGEST_PHONE) or None,
        vehicle="scooter",
        reason=text_at(document, "cancel_reason", longest=LONGEST_DETAIL) or None,
    )
