"""Troubles of a day: an address that changes on the way, a store that closes, a courier who goes home."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.delivery.assignment.leaving import tell_of_ended_shifts
from shared.spine.env import Environment
from tests.support.deliveries import World
from tests.support.orders import SETTINGS

NEW_DOOR = {"name": "Bea", "phone": "+1 555 0200", "address": "9 New Street", "lat": 40.72, "lon": -74.0}


def underway(world: World) -> str:
    delivery = world.accepted()
    assert world.act(world.couriers["ana"], delivery, "pick_up", "accepted").status == 200
    return delivery


def inbox(world: World, party: str) -> list[dict[str, Any]]:
    who = world.desk if party == "desk" else world.couriers["ana"]
    messages = who("GET", f"/v1/inbox?party={party}&chain=demo&store={world.store}").json["messages"]
    return [message for message in messages if message["kind"] != "read"]


def test_an_address_that_changes_after_the_pickup_reaches_the_courier_at_once(world: World) -> None:
    ana, delivery = world.couriers["ana"], underway(world)
    before = world.see(delivery)
    body = {"revision": before["revision"], "details": before["details"] | {"recipient": NEW_DOOR}}
    assert world.desk("PUT", f"/v1/deliveries/{delivery}/details", body).status == 200
    assert world.desk("PUT", f"/v1/deliveries/{delivery}/details", body).status == 409
    seen = ana("GET", f"/v1/deliveries/{delivery}").json
    assert (seen["details"]["recipient"], seen["carriage"]) == (NEW_DOOR, "picked_up")
    assert inbox(world, "courier")[-1]["template"] == "delivery.details"
    link = before["link"].replace("/d/", "/v1/tracks/")
    assert ana("GET", link).json["door"] == {"lat": 40.72, "lon": -74.0}
    assert world.act(ana, delivery, "deliver", "picked_up").status == 200
    body["revision"] = world.see(delivery)["revision"]
    assert world.desk("PUT", f"/v1/deliveries/{delivery}/details", body).status == 409


def test_a_courier_who_goes_home_keeps_the_orders_and_the_desk_is_told(world: World) -> None:
    ana, carried, waiting = world.couriers["ana"], underway(world), world.accepted()
    now = datetime.now(UTC)
    answer = ana("POST", "/v1/couriers/shift", {"shift_until": now.isoformat()})
    assert (answer.status, answer.json["on_shift"]) == (200, False)
    told = [(message["conversation"], message["actions"]) for message in inbox(world, "desk")
            if message["template"] == "delivery.courier_left"]  # fmt: skip
    assert sorted(told) == sorted((f"delivery/{delivery}", ["assign"]) for delivery in (carried, waiting))
    assert [world.see(delivery)["courier"] for delivery in (carried, waiting)] == ["ana", "ana"]
    # What is not picked up goes to another courier; what is picked up is brought, or brought back.
    assert world.act(world.desk, waiting, "assign", "accepted", courier="ben").json["courier"] == "ben"
    refused = world.act(world.desk, carried, "assign", "picked_up", courier="ben")
    assert (refused.status, refused.json["code"]) == (409, "illegal_action")
    assert world.act(ana, carried, "fail", "picked_up", reason="my shift ended").status == 200
    assert world.act(world.packer, carried, "take_back", "failed").json["carriage"] == "returned"
    again = ana("POST", "/v1/couriers/shift", {"shift_until": (now - timedelta(hours=1)).isoformat()})
    assert again.status == 200
    assert len([message for message in inbox(world, "desk") if message["template"] == "delivery.courier_left"]) == 2


def left(world: World) -> list[str]:
    return [
        message["conversation"] for message in inbox(world, "desk") if message["template"] == "delivery.courier_left"
    ]


def test_a_shift_that_ends_by_the_clock_is_told_to_the_desk_once(world: World, env: Environment) -> None:
    now = datetime.now(UTC)
    ana = world.courier("ana", shift_until=(now + timedelta(minutes=30)).isoformat())
    delivery = world.place()
    assert world.act(ana, delivery, "accept", "unassigned").status == 200
    for minutes, told in ((29, []), (30.5, [f"delivery/{delivery}"]), (31.5, [f"delivery/{delivery}"])):
        at = now + timedelta(minutes=minutes)
        env.clock = lambda at=at: at  # type: ignore[misc]
        tell_of_ended_shifts(env, at + timedelta(seconds=30))
        env.clock = lambda: datetime.now(UTC)
        assert left(world) == told


@pytest.mark.parametrize("shift", [{"shift_from": None, "shift_until": None}, {"active": False}])
def test_a_shift_that_the_desk_ends_is_told_at_once(world: World, shift: dict[str, Any]) -> None:
    delivery = world.accepted()
    world.courier("ana", **shift)
    assert left(world) == [f"delivery/{delivery}"]
    world.courier("ana", **shift)
    assert left(world) == [f"delivery/{delivery}"]


def test_a_store_that_closes_loses_no_delivery(world: World) -> None:
    carried, waiting = underway(world), world.place()
    yesterday = f"{datetime.now(UTC).date() - timedelta(days=1)}"
    closed = world.call("PUT", f"/v1/stores/{world.store}", SETTINGS | {"closed_from": yesterday})
    assert (closed.status, closed.json["closed"]) == (200, True)
    assert world.act(world.couriers["ana"], carried, "deliver", "picked_up").status == 200
    for action, expected in (("pack", "to_pick"), ("accept", "unassigned"), ("pick_up", "accepted")):
        who = world.packer if action == "pack" else world.couriers["ben"]
        assert world.act(who, waiting, action, expected).status == 200
    assert world.act(world.couriers["ben"], waiting, "deliver", "picked_up").status == 200
