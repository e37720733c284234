"""The fake Meituan delivery follows the public description: signed forms, one courier an order, signed callbacks."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.simulators.fleets import signatures
from tests.simulators.fleets.conftest import Product
from tests.simulators.fleets.meituan import REFUSALS, Meituan
from tests.simulators.http_system import json_answer

ORDER = {
    "delivery_id": 7001, "order_id": "order-7", "shop_id": "test_0001", "delivery_service_code": 4011,
    "receiver_name": "王芳", "receiver_address": "南京东路 1 号", "receiver_phone": "18922222222",
    "receiver_lng": 121_483_701, "receiver_lat": 31_230_416, "goods_value": "99.50", "goods_weight": 1,
    "goods_detail": '{"goods":[{"goodCount":1,"goodName":"花束"}]}',
}  # fmt: skip


@pytest.fixture
def fleet(product: Product) -> Iterator[Meituan]:
    with Meituan(callback_url=product.callback) as service:
        yield service


@pytest.fixture
def meituan(fleet: Meituan, http: httpx.Client) -> "Caller":
    return Caller(fleet, http)


class Caller:
    """Calls with good signatures; `secret`, `changes` of the system fields spoil them."""

    def __init__(self, fleet: Meituan, http: httpx.Client) -> None:
        self.fleet, self.http = fleet, http

    def call(self, path: str, fields: dict[str, Any], secret: str = "", **changes: Any) -> dict[str, Any]:
        form = {"appkey": self.fleet.secrets["app_key"], "timestamp": int(self.fleet.wall()), "version": "1.0"}
        form |= fields | changes
        form["sign"] = signatures.meituan(secret or self.fleet.secrets["secret"], form)
        answer: dict[str, Any] = self.http.post(self.fleet.settings["base_url"] + path, data=form).json()
        return answer

    def create(self, **changes: Any) -> dict[str, Any]:
        return self.call("/order/createByShop", {**ORDER, **changes})

    def names(self) -> dict[str, Any]:
        (trip,) = self.fleet.trips
        return {"delivery_id": trip.key, "mt_peisong_id": trip.id}


def refused(answer: dict[str, Any]) -> str:
    """The fake's own word for the number of a refusal."""
    return next(word for word, (code, _) in REFUSALS.items() if code == answer["code"])


def test_wrong_signature_clock_key_and_version_are_refused(meituan: Caller) -> None:
    path, now = "/order/createByShop", int(meituan.fleet.wall())
    assert refused(meituan.call(path, ORDER, secret="wrong")) == "sign"
    assert refused(meituan.call(path, ORDER, timestamp=now - 700)) == "clock"
    assert refused(meituan.call(path, ORDER, appkey="other")) == "app_key"
    assert refused(meituan.call(path, ORDER, version="2.0")) == "version"
    assert refused(meituan.call(path, ORDER, timestamp="")) == "missing"
    assert len(meituan.fleet.trips) == 0


def test_preview_and_order_have_one_price(meituan: Caller) -> None:
    preview = meituan.call("/order/preCreateByShop", ORDER)["data"]
    # 0.01 degrees of longitude at 31.23° N are 952 m: 4.50 and 1.20 a kilometre.
    assert preview == {"delivery_distance": 952, "delivery_fee": 5.64}
    order = meituan.create()
    assert (order["code"], order["data"]["delivery_fee"], order["data"]["order_id"]) == (0, 5.64, "order-7")


def test_same_order_has_one_courier_until_it_is_cancelled(meituan: Caller) -> None:
    first = meituan.create()["data"]["mt_peisong_id"]
    assert meituan.create()["data"]["mt_peisong_id"] == first
    assert meituan.create(delivery_id=7002)["data"]["mt_peisong_id"] == first
    assert refused(meituan.create(order_id="order-8")) == "other_order"
    meituan.call("/order/delete", {**meituan.names(), "cancel_reason_id": 399, "cancel_reason": "其他原因"})
    assert meituan.create(delivery_id=7003)["data"]["mt_peisong_id"] != first


def test_lost_answer_leaves_an_order_that_a_repeat_finds(meituan: Caller) -> None:
    meituan.fleet.fail(["lost"])
    with pytest.raises(httpx.TransportError):
        meituan.create()
    (trip,) = meituan.fleet.trips
    assert meituan.create()["data"]["mt_peisong_id"] == trip.id
    assert (len(meituan.fleet.trips), trip.tries) == (1, 2)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"receiver_phone": ""}, "missing"),
        ({"delivery_id": "seven"}, "content"),
        ({"order_id": "x" * 33}, "content"),
        ({"goods_value": 5001}, "content"),
        ({"goods_detail": '{"goods":[{"goodCount":0,"goodName":"花束"}]}'}, "content"),
        ({"receiver_lat": 31_430_416}, "area"),
        ({"receiver_lat": 31.23}, "content"),
        ({"shop_id": "other"}, "shop"),
        ({"delivery_service_code": 1}, "service"),
    ],
)
def test_create_refuses(meituan: Caller, changes: dict[str, Any], word: str) -> None:
    assert refused(meituan.create(**changes)) == word
    assert len(meituan.fleet.trips) == 0


def test_no_courier_is_free(meituan: Caller) -> None:
    meituan.fleet.busy = True
    assert refused(meituan.create()) == "busy"


def test_courier_moves_and_is_asked_for_the_position(meituan: Caller, product: Product) -> None:
    meituan.create()
    (trip,) = meituan.fleet.trips
    assert refused(meituan.call("/order/rider/location", meituan.names())) == "order"
    for _ in meituan.fleet.steps[1:3]:
        meituan.fleet.move(trip)
    meituan.fleet.drive(trip, 1.0)
    place = meituan.call("/order/rider/location", meituan.names())["data"]
    assert place == {"lat": 31_230_416, "lng": 121_483_701}
    state = meituan.call("/order/status/query", meituan.names())["data"]
    assert (state["status"], bool(state["courier_name"]), bool(state["courier_phone"])) == (30, True, True)
    meituan.fleet.move(trip)
    assert [request.form()["status"] for request in product.requests] == ["20", "30", "50"]


def test_callbacks_are_signed_forms(meituan: Caller, product: Product) -> None:
    meituan.create()
    (trip,) = meituan.fleet.trips
    meituan.fleet.move(trip)
    (request,) = product.requests
    form, secret = request.form(), meituan.fleet.secrets["secret"]
    assert request.headers["content-type"].startswith("application/x-www-form-urlencoded")
    assert form["sign"] == signatures.meituan(secret, form)
    assert (form["order_id"], form["delivery_id"], form["appkey"]) == ("order-7", "7001", "fake-app-key")


def test_only_code_0_is_a_receipt(meituan: Caller, product: Product) -> None:
    answers = iter([json_answer({"code": 1}), json_answer({}), json_answer({"code": 0})])
    product.decide = lambda _request: next(answers)
    meituan.create()
    (trip,) = meituan.fleet.trips
    meituan.fleet.move(trip)
    assert len(meituan.fleet.replies) == 3


def test_cancel_needs_a_reason_and_ends_with_the_delivery(meituan: Caller) -> None:
    meituan.create()
    (trip,) = meituan.fleet.trips
    meituan.fleet.move(trip, "30")
    reason = {"cancel_reason_id": 399, "cancel_reason": "其他原因"}
    assert refused(meituan.call("/order/delete", meituan.names())) == "missing"
    assert meituan.call("/order/delete", {**meituan.names(), **reason})["code"] == 0
    assert refused(meituan.call("/order/delete", {**meituan.names(), **reason})) == "over"
    state = meituan.call("/order/status/query", meituan.names())["data"]
    assert (state["status"], state["cancel_reason"]) == (99, "其他原因")


def test_number_of_another_delivery_is_not_found(meituan: Caller) -> None:
    meituan.create()
    assert refused(meituan.call("/order/status/query", {**meituan.names(), "delivery_id": 1})) == "order"


@pytest.mark.parametrize(("fault", "status"), [("unavailable", 500), ("html", 200), ("too_many", 200)])
def test_faults(meituan: Caller, http: httpx.Client, fault: str, status: int) -> None:
    meituan.fleet.fail([fault])
    reply = http.post(meituan.fleet.settings["base_url"] + "/order/createByShop", data={})
    assert reply.status_code == status
    assert ("<html>" in reply.text) == (fault == "html")
