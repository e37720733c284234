"""Meituan's signature by the example of its page, and callbacks that are forged, stale or doubled in a field."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from functions.delivery.fleets.contract import Account, Callback, FleetStatus, Forged, Refused, Unreadable, Why
from functions.delivery.fleets.meituan import Meituan, signature
from shared.kit.outside.exchange import Reply

NOW = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
ACCOUNT = Account("demo:mt", {"base_url": "https://x.example.org/api"}, {"app_key": "app", "secret": "hush"})
FIELDS = {
    "delivery_id": "12345", "mt_peisong_id": "mt-1", "order_id": "o-1", "status": "20", "courier_name": "王师傅",
    "courier_phone": "13800138000", "appkey": "app", "timestamp": str(int(NOW.timestamp())),
}  # fmt: skip


def callback(**changes: str) -> Callback:
    """A callback that is signed with the account's secret."""
    fields = FIELDS | changes
    return Callback({}, urlencode(fields | {"sign": signature("hush", fields)}).encode())


def test_the_signature_is_the_one_of_the_open_platforms_page() -> None:
    # peisong.meituan.com/open/doc, the section on signatures: secret `test` and these parameters.
    fields = {
        "appkey": "test", "timestamp": 1477395862, "version": "1.0", "number": 123, "string": "测试",
        "double": 123.123, "boolean": "true", "empty": "",
    }  # fmt: skip
    assert signature("test", fields) == "8943ba698f4b009f80dc2fd69ff9b313381263bd"


def test_a_genuine_callback_is_news() -> None:
    [news] = Meituan().news(ACCOUNT, callback(), NOW)
    assert (news.number, news.fleet_id, news.status) == (12345, "mt-1", FleetStatus.ASSIGNED)
    assert (news.courier_name, news.courier_phone) == ("王师傅", "13800138000")


@pytest.mark.parametrize(
    "forged",
    [
        Callback({}, callback().body.replace(b"status=20", b"status=50")),
        Callback({}, callback().body + b"&status=50"),
        Callback({}, urlencode(FIELDS).encode()),
        Callback({}, urlencode(FIELDS | {"sign": signature("other", FIELDS)}).encode()),
        callback(appkey="another"),
        Callback({}, b"\xff\xfe"),
        Callback({}, b""),
    ],
)
def test_a_forged_callback_is_refused(forged: Callback) -> None:
    with pytest.raises(Forged):
        Meituan().news(ACCOUNT, forged, NOW)


@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_callback_of_another_time_is_refused(minutes: int) -> None:
    with pytest.raises(Forged):
        Meituan().news(ACCOUNT, callback(), NOW + timedelta(minutes=minutes))


def test_an_account_without_a_secret_takes_no_callback() -> None:
    without = Account("demo:mt", {}, {"app_key": "app", "secret": ""})
    with pytest.raises(Forged):
        Meituan().news(without, callback(), NOW)


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, b'{"code":0,"data":{"delivery_fee":12.3}}', 1230),
        (200, b'{"code":"0","data":{"delivery_fee":"7.05"}}', 705),
        (200, b'{"code":6,"message":"sign"}', Why.RIGHTS),
        (200, b'{"code":7777,"message":"?"}', Why.UNKNOWN),
        (200, b'{"code":1,"message":"fault"}', None),
        (429, b"", Why.LATER),
        (500, b"<html>", None),
        (200, b'{"code":0,"data":{"delivery_fee":-1}}', None),
        (200, b'{"code":0,"data":{"delivery_fee":"NaN"}}', None),
        (200, b"[]", None),
    ],
)
def test_a_quote_is_read_by_its_code(status: int, body: bytes, outcome: int | Why | None) -> None:
    read = Meituan().quote_outcome(Reply(status, {}, body), NOW)
    if outcome is None:
        assert isinstance(read, Unreadable)
    elif isinstance(outcome, Why):
        assert isinstance(read, Refused)
        assert read.why == outcome
    else:
        assert (getattr(read, "price", None), getattr(read, "currency", None)) == (outcome, "CNY")


def test_a_place_comes_back_in_wgs84() -> None:
    # The pair of eviltransform's own tests: 31.1774276, 121.5272106 in WGS-84.
    place = Meituan().locate_outcome(Reply(200, {}, b'{"code":0,"data":{"lat":31175304,"lng":121531542}}'), NOW)
    assert place is not None
    assert (round(place.lat, 5), round(place.lon, 5)) == (31.17743, 121.52721)
