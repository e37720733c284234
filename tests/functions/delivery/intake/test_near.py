"""A courier who comes within 300 m of the door is announced, once on each way to it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.deliveries import World

DOOR = {"lat": 52.0, "lon": 13.0}
# A degree of latitude is 111,195 m on a sphere of 6,371 km: these are 334 m and 222 m north of the door.
FAR, NEAR = 52.003, 52.002


@pytest.fixture
def delivery(world: World) -> str:
    """Picked up by `ana`, and its door is known."""
    delivery = world.accepted()
    _change(world, delivery)
    assert world.act(world.couriers["ana"], delivery, "pick_up", "accepted").status == 200
    world.carry()
    return delivery


def _change(world: World, delivery: str, **more: Any) -> None:
    seen = world.see(delivery)
    recipient = {**seen["details"]["recipient"], **DOOR}
    body = {"revision": seen["revision"], "details": {**seen["details"], "recipient": recipient, **more}}
    assert world.desk("PUT", f"/v1/deliveries/{delivery}/details", body).status == 200


def send(world: World, lat: float, second: int, *, late: int = 0, accuracy: float = 5.0) -> None:
    """A place of `ana`, so many seconds from now by every clock, and sent `late` seconds after it."""
    at = datetime.now(UTC) + timedelta(seconds=second)
    ana, received = world.couriers["ana"], at + timedelta(seconds=late)
    world.env.clock, ana.at = lambda: received, int(received.timestamp())
    fix = {"at": at.isoformat(), "lat": lat, "lon": 13.0, "accuracy": accuracy}
    assert ana("POST", "/v1/courier-positions", {"fixes": [fix]}).status == 200


def told(world: World) -> list[dict[str, Any]]:
    """The announcements so far, in their order."""
    world.carry()
    return [message for message in world.said if message["type"] == "delivery.courier_near"]


def test_a_courier_near_the_door_is_announced_once(world: World, delivery: str) -> None:
    send(world, FAR, 10)
    assert told(world) == []
    before = max(message["sequence"] for message in world.said if message["subject"] == f"delivery/{delivery}")
    send(world, NEAR, 20)
    send(world, 52.0, 30)
    [message] = told(world)
    assert (message["subject"], message["data"]["metres"]) == (f"delivery/{delivery}", 222)
    assert (message["sequence"], message["data"]["carriage"]) == (before + 1, "picked_up")
    assert world.act(world.couriers["ana"], delivery, "arrive", "picked_up").status == 200
    world.carry()
    last = [message for message in world.said if message["subject"] == f"delivery/{delivery}"][-1]
    assert (last["type"], last["sequence"]) == ("delivery.changed", before + 2)
    trace = world.desk("GET", f"/v1/deliveries/{delivery}/trace").json["actions"]
    assert [(one["action"], one["detail"]) for one in trace][-2:] == [("near", "222 m"), ("arrive", None)]


def test_near_another_door_is_announced_anew(world: World, delivery: str) -> None:
    send(world, NEAR, 10)
    seen = world.see(delivery)
    door = seen["details"]["recipient"] | {"lat": 52.01}
    body = {"revision": seen["revision"], "details": seen["details"] | {"recipient": door}}
    assert world.desk("PUT", f"/v1/deliveries/{delivery}/details", body).status == 200
    assert "near" not in world.see(delivery)["times"]
    send(world, 52.009, 60)
    assert [message["data"]["metres"] for message in told(world)] == [222, 111]


@pytest.mark.usefixtures("delivery")
def test_an_old_or_inexact_place_announces_nothing(world: World) -> None:
    send(world, NEAR, 10, late=125)
    send(world, NEAR, 20, accuracy=101.0)
    assert told(world) == []


def test_a_courier_before_the_pickup_or_at_the_door_is_not_announced(world: World) -> None:
    delivery, ana = world.accepted(), world.couriers["ana"]
    _change(world, delivery)
    send(world, NEAR, 0)
    world.act(ana, delivery, "pick_up", "accepted")
    assert world.act(ana, delivery, "arrive", "picked_up").status == 200
    send(world, 52.0, 10)
    assert told(world) == []


def test_a_second_way_after_a_failure_is_announced_again(world: World, delivery: str) -> None:
    send(world, NEAR, 10)
    assert world.act(world.couriers["ana"], delivery, "fail", "picked_up", reason="nobody opens").status == 200
    send(world, 52.001, 20)
    assert len(told(world)) == 1
    assert world.act(world.desk, delivery, "retry", "failed").status == 200
    send(world, NEAR, 30)
    assert [message["data"]["carriage"] for message in told(world)] == ["picked_up", "on_the_way"]


def test_a_surprise_is_not_announced(world: World, delivery: str) -> None:
    _change(world, delivery, surprise=True)
    send(world, NEAR, 10)
    assert told(world) == []
