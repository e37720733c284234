"""Meituan delivery (peisong) as a fake, from its public description: signed forms, statuses, signed callbacks.

The public pages give the names of the fields, the statuses and the way of signing. The numbers of the refusals are of
this fake: a caller may only rely on 0 for success.
"""

import hmac
import json
from typing import Any, ClassVar
from urllib.parse import urlencode

import httpx

from tests.simulators.fleets import signatures
from tests.simulators.fleets.fleet import FakeFleet, Refused, price
from tests.simulators.fleets.trips import Spot, Trip
from tests.simulators.http_system import Answer, Request, json_answer

APP_KEY, SECRET, SHOP = "fake-app-key", "fake-app-secret", "test_0001"
STORE = Spot(31.230416, 121.473701)
TEST_SERVICES = ("4002", "4011", "4012", "4013", "4031")
MILLIONTH = 1_000_000
CLOCK_SECONDS = 600
WAITING, ACCEPTED, PICKED_UP, DELIVERED, CANCELLED = "0", "20", "30", "50", "99"
FORM = "application/x-www-form-urlencoded;charset=utf-8"
CREATES = (
    "delivery_id", "order_id", "shop_id", "delivery_service_code", "receiver_name", "receiver_address",
    "receiver_phone", "receiver_lng", "receiver_lat", "goods_value", "goods_weight",
)  # fmt: skip
LONGEST = {"order_id": 32, "receiver_name": 256, "receiver_address": 512, "receiver_phone": 64, "goods_detail": 10_240}
MOST = {"goods_value": 5000.0, "goods_weight": 50.0}
REFUSALS = {
    "unknown_error": (1, "系统异常"), "missing": (3, "缺少参数"), "content": (4, "参数格式错误"),
    "app_key": (5, "appkey不存在"), "sign": (6, "签名验证错误"), "clock": (7, "请求时间误差超过10分钟"),
    "version": (8, "接口版本错误"), "method": (9, "接口不存在"), "limited": (10, "请求过于频繁"),
    "shop": (101, "门店不存在"), "area": (102, "收货地址超出配送范围"), "busy": (103, "运力不足"),
    "order": (104, "订单不存在"), "over": (105, "订单已结束"), "service": (106, "配送服务代码错误"),
    "other_order": (107, "delivery_id已用于其他订单"),
}  # fmt: skip


class Meituan(FakeFleet):
    """`shops` gives the places of the known stores: Meituan knows them from its own form.

    The same `order_id` gives the same courier as long as the order isn't cancelled. A caller repeats a create with the
    same `delivery_id` after a lost answer.
    """

    name: ClassVar[str] = "meituan"
    steps: ClassVar[tuple[str, ...]] = (WAITING, ACCEPTED, PICKED_UP, DELIVERED)
    picked_up: ClassVar[str] = PICKED_UP

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.shops = {SHOP: STORE}

    @property
    def settings(self) -> dict[str, str]:
        return {"base_url": f"{self.url}/api", "shop_id": SHOP, "service_code": "4011"}

    @property
    def secrets(self) -> dict[str, str]:
        return {"app_key": APP_KEY, "secret": SECRET}

    def answer(self, request: Request) -> Answer:
        form = request.form()
        self._check(form)
        actions = {
            "/api/order/preCreateByShop": self._preview, "/api/order/createByShop": self._create,
            "/api/order/status/query": self._query, "/api/order/delete": self._cancel,
            "/api/order/rider/location": self._location,
        }  # fmt: skip
        if request.method != "POST" or request.path not in actions:
            raise Refused("method")
        return _good(actions[request.path](form))

    def _check(self, form: dict[str, str]) -> None:
        if missing := [name for name in ("appkey", "timestamp", "version", "sign") if not form.get(name)]:
            raise Refused("missing", fields=missing)
        if form["appkey"] != APP_KEY:
            raise Refused("app_key")
        if not hmac.compare_digest(form["sign"], signatures.meituan(SECRET, form)):
            raise Refused("sign")
        if abs(self.wall() - int(form["timestamp"])) >= CLOCK_SECONDS:
            raise Refused("clock")
        if form["version"] != "1.0":
            raise Refused("version")

    # Orders

    def _preview(self, form: dict[str, str]) -> dict[str, Any]:
        store, door = self._ends(form)
        metres = store.metres_to(door)
        return {"delivery_distance": round(metres), "delivery_fee": price(metres) / 100}

    def _create(self, form: dict[str, str]) -> dict[str, Any]:
        store, door = self._ends(form)
        trip = self._earlier(form)
        if trip is None:
            now, fee = self.wall(), price(store.metres_to(door))
            number = f"{15_000_000_000_000 + self.trips.number()}"
            key, order = form["delivery_id"], form["order_id"]
            trip = self.trips.add(Trip(number, key, order, store, door, fee, now, WAITING, now, fields=form))
        else:
            trip.tries += 1
        metres = trip.store.metres_to(trip.door)
        return {**_names(trip), "delivery_distance": round(metres), "delivery_fee": trip.fee / 100}

    def _earlier(self, form: dict[str, str]) -> Trip | None:
        trips = [trip for trip in self.trips if trip.status != CANCELLED]
        if any(trip.key == form["delivery_id"] and trip.order != form["order_id"] for trip in self.trips):
            raise Refused("other_order")
        return next((trip for trip in trips if trip.order == form["order_id"]), None)

    def _ends(self, form: dict[str, str]) -> tuple[Spot, Spot]:
        _check_fields(form)
        if form["shop_id"] not in self.shops:
            raise Refused("shop")
        store = self.shops[form["shop_id"]]
        door = Spot(int(form["receiver_lat"]) / MILLIONTH, int(form["receiver_lng"]) / MILLIONTH)
        if store.metres_to(door) > self.most_metres:
            raise Refused("area")
        if self.busy:
            raise Refused("busy")
        return store, door

    def _trip(self, form: dict[str, str]) -> Trip:
        """Both names must fit: Meituan's own number and the caller's."""
        trip = self.trips.get(form["mt_peisong_id"])
        if trip is None or trip.key != form["delivery_id"]:
            raise Refused("order")
        return trip

    def _query(self, form: dict[str, str]) -> dict[str, Any]:
        trip = self._trip(form)
        return {
            **self._state(trip),
            "operate_time": int(trip.updated),
            "predict_delivery_time": int(trip.created) + 2400,
        }

    def _cancel(self, form: dict[str, str]) -> dict[str, Any]:
        """An order can be cancelled at any time before it is delivered."""
        trip = self._trip(form)
        if not form.get("cancel_reason_id") or not form.get("cancel_reason"):
            raise Refused("missing", fields=["cancel_reason_id", "cancel_reason"])
        if trip.status in (DELIVERED, CANCELLED):
            raise Refused("over")
        trip.reason = form["cancel_reason"]
        trip.fields = {**trip.fields, "cancel_reason_id": form["cancel_reason_id"]}
        self.move_later(trip, CANCELLED)
        return _names(trip)

    def _location(self, form: dict[str, str]) -> dict[str, Any]:
        trip = self._trip(form)
        if trip.spot is None or trip.status not in (ACCEPTED, PICKED_UP):
            raise Refused("order")
        return {"lat": round(trip.spot.lat * MILLIONTH), "lng": round(trip.spot.lon * MILLIONTH)}

    def give_up(self, trip: Trip, reason: str = "运力不足") -> httpx.Request | None:
        """Meituan itself cancels the order."""
        trip.reason = reason
        trip.fields = {**trip.fields, "cancel_reason_id": "202"}
        return self.move(trip, CANCELLED)

    def _state(self, trip: Trip) -> dict[str, Any]:
        state: dict[str, Any] = {**_names(trip), "status": int(trip.status)}
        if trip.courier:
            state |= {"courier_name": trip.courier["name"], "courier_phone": trip.courier["phone"]}
        if trip.status == CANCELLED:
            state |= {"cancel_reason_id": int(trip.fields["cancel_reason_id"]), "cancel_reason": trip.reason}
        return state

    # Callbacks

    def status_event(self, trip: Trip) -> httpx.Request:
        return self.signed({**self._state(trip), "timestamp": int(trip.updated)})

    def signed(self, fields: dict[str, Any], secret: str = SECRET) -> httpx.Request:
        """A callback with these fields; another secret makes a signature that must be refused."""
        fields = {**fields, "appkey": APP_KEY}
        body = urlencode({**fields, "sign": signatures.meituan(secret, fields)}).encode()
        address = self.callback_url or "http://127.0.0.1/"
        return httpx.Request("POST", address, content=body, headers={"Content-Type": FORM})

    def acknowledged(self, reply: httpx.Response) -> bool:
        """Meituan wants {"code": 0}; another answer is repeated."""
        try:
            return reply.is_success and json.loads(reply.content)["code"] == 0
        except (ValueError, KeyError, TypeError):
            return False

    # Refusals

    def refusal(self, refused: Refused) -> Answer:
        code, message = REFUSALS[refused.code]
        return json_answer({"code": code, "message": " ".join([message, *refused.detail.get("fields", [])])})

    def invalid(self, error: Exception) -> Refused:
        return Refused("content", fields=[type(error).__name__])

    def too_many(self, seconds: float) -> Answer:
        del seconds
        return self.refusal(Refused("limited"))

    def unavailable(self) -> Answer:
        return json_answer({"message": "Service unavailable"}, 500)

    def session_lost(self, request: Request) -> Answer:
        del request
        return self.refusal(Refused("sign"))


def _check_fields(form: dict[str, str]) -> None:
    if missing := [name for name in CREATES if not form.get(name)]:
        raise Refused("missing", fields=missing)
    int(form["delivery_id"])
    if form["delivery_service_code"] not in TEST_SERVICES:
        raise Refused("service")
    if wrong := [name for name, length in LONGEST.items() if len(form.get(name, "")) > length]:
        raise Refused("content", fields=wrong)
    if wrong := [name for name, most in MOST.items() if not 0 <= float(form[name]) <= most]:
        raise Refused("content", fields=wrong)
    if detail := form.get("goods_detail"):
        goods = json.loads(detail)["goods"]
        if any(not good["goodName"] or int(good["goodCount"]) < 1 for good in goods):
            raise Refused("content", fields=["goods_detail"])


def _names(trip: Trip) -> dict[str, Any]:
    return {"mt_peisong_id": trip.id, "delivery_id": int(trip.key), "order_id": trip.order}


def _good(data: dict[str, Any]) -> Answer:
    return json_answer({"code": 0, "message": "成功", "data": data})
