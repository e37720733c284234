"""Couriers as the desk sees them: with load and place, and of the own stores alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from functions.delivery import api
from functions.delivery.tables.couriers import read_courier, upsert_courier
from shared.contracts.ids import new_id
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.support.deliveries import World
from tests.support.orders import Caller, new_key


def listed(world: World) -> dict[str, dict[str, Any]]:
    couriers = world.desk("GET", "/v1/couriers?chain=demo").json["couriers"]
    return {courier["id"]: courier for courier in couriers}


def send_place(world: World, name: str) -> str:
    at = datetime.now(UTC).replace(microsecond=0)
    fix = {"at": at.isoformat(), "lat": 52.01, "lon": 13.02, "accuracy": 9.0}
    assert world.couriers[name]("POST", "/v1/courier-positions", {"fixes": [fix]}).json["taken"] == 1
    return at.isoformat()


def go_home(world: World, name: str) -> None:
    body = {"shift_until": (datetime.now(UTC) - timedelta(minutes=1)).isoformat()}
    assert world.couriers[name]("POST", "/v1/couriers/shift", body).json["on_shift"] is False


def test_the_desk_sees_load_and_last_place_of_a_courier(world: World) -> None:
    at = send_place(world, "ana")
    world.accepted("ana")
    offered = world.place()
    world.act(world.desk, offered, "offer", "unassigned", courier="ana")
    couriers = listed(world)
    place = couriers["ana"]["place"]
    assert (place["lat"], place["lon"], place["accuracy"]) == (52.01, 13.02, 9.0)
    assert datetime.fromisoformat(place["at"]) == datetime.fromisoformat(at)
    assert (couriers["ana"]["load"], couriers["ben"]["load"], couriers["ben"]["place"]) == (2, 0, None)


def test_the_place_of_a_courier_off_duty_is_hidden_once_nothing_is_carried(world: World) -> None:
    send_place(world, "ana")
    delivery = world.accepted("ana")
    go_home(world, "ana")
    assert listed(world)["ana"]["place"] is not None
    world.act(world.couriers["ana"], delivery, "decline", "accepted")
    assert listed(world)["ana"]["place"] is None


def test_the_desk_of_another_store_sees_neither_couriers_nor_stores(world: World) -> None:
    world.desk("PUT", f"/v1/delivery-stores/{world.store}", {"chain": "demo", "lat": 52.0, "lon": 13.0})
    other = world.caller(["delivery:manage", "delivery:read"], f"store:demo:{world.store}-other")
    assert other("GET", "/v1/couriers?chain=demo").json == {"couriers": []}
    assert other("GET", "/v1/delivery-stores?chain=demo").json == {"stores": []}
    assert other("GET", "/v1/delivery-stores?chain=elsewhere").status == 403


def test_the_stores_of_a_reader_are_listed_with_their_settings(world: World) -> None:
    world.desk("PUT", f"/v1/delivery-stores/{world.store}", {"chain": "demo", "lat": 52.0, "lon": 13.0})
    stores = {one["store"]: one for one in world.desk("GET", "/v1/delivery-stores?chain=demo").json["stores"]}
    assert (stores[world.store]["lat"], stores[world.store]["lon"], stores[world.store]["automatic"]) == (
        52.0,
        13.0,
        False,
    )


def test_a_courier_sees_the_own_shift_and_nobody_else_has_one(world: World) -> None:
    ana = world.couriers["ana"]("GET", "/v1/couriers/shift")
    assert (ana.status, ana.json["id"], ana.json["on_shift"]) == (200, "ana", True)
    assert world.packer("GET", "/v1/couriers/shift").status == 404
    ended = world.couriers["ana"]("POST", "/v1/couriers/shift", {"shift_until": "2020-01-01T00:00:00Z"})
    assert (ended.status, ended.json["on_shift"]) == (200, False)
    assert world.couriers["ana"]("GET", "/v1/couriers/shift").json["on_shift"] is False


def test_a_courier_sees_why_and_not_by_whom(world: World) -> None:
    delivery = world.place()
    world.act(world.desk, delivery, "offer", "unassigned", courier="ana")
    assert world.couriers["ana"]("GET", f"/v1/deliveries/{delivery}").json["why"] == {"code": "chosen_by_desk"}
    assert world.see(delivery)["why"]["by"]
    assert world.packer("GET", f"/v1/deliveries/{delivery}").json["why"] == {}


def test_a_packer_hands_over_what_is_packed(world: World) -> None:
    delivery = world.place()
    world.act(world.couriers["ana"], delivery, "accept", "unassigned")
    assert world.act(world.packer, delivery, "pick_up", "accepted").json["code"] == "not_packed"
    world.act(world.packer, delivery, "pack", "to_pick")
    handed = world.act(world.packer, delivery, "pick_up", "accepted")
    assert (handed.status, handed.json["goods"], handed.json["carriage"]) == (200, "handed", "picked_up")
    assert world.act(world.packer, delivery, "deliver", "picked_up").json["code"] == "not_your_action"


def test_a_time_needs_its_zone_and_may_be_at_the_end_of_the_calendar(world: World) -> None:
    ana = world.couriers["ana"]
    for body in ({"shift_until": "2026-12-01T20:00:00"}, {"break_until": "2026-12-01T20:00:00"}):
        assert ana("POST", "/v1/couriers/shift", body).json["code"] == "body_invalid"
    ended = ana("POST", "/v1/couriers/shift", {"shift_until": "0001-01-01T00:00:00+14:00"})
    assert (ended.status, ended.json["on_shift"]) == (200, False)


def test_no_chain_takes_a_key_or_a_person_of_another_as_its_courier(
    world: World, env: Environment, database: MariaDB
) -> None:
    theirs = Caller(api.handler, new_key(env, database.owner.url, ["delivery:carry"], "chain:rival"))
    person = person_of("rival", database)
    for client in (theirs.key["id"], f"p-{person}"):
        body = {"chain": "demo", "name": "Eve", "client": client, "stores": [world.store]}
        taken = world.desk("PUT", "/v1/couriers/eve", body)
        assert (taken.status, taken.json["code"]) == (409, "client_taken"), client
    assert world.desk("GET", "/v1/couriers?chain=demo").text.count("Eve") == 0


def person_of(chain: str, database: MariaDB) -> str:
    """A person of a chain, without a role."""
    person = new_id(datetime.now(UTC))
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people (id, chain_id, email, name, created_at) VALUES (%s, %s, %s, 'Eve', NOW(6))",
            (person, chain, f"{person}@rival.example".lower()),
        )
        connection.commit()
    return person


def test_a_stranger_does_not_learn_that_a_courier_is_of_a_fleet(world: World, env: Environment) -> None:
    with env.db.transaction() as transaction:
        courier = read_courier(transaction, "demo", "ana")
        assert courier
        upsert_courier(transaction, replace(courier, id="trip-1", client=None, fleet="uber"))
    other = world.caller(["delivery:manage"], "store:demo:elsewhere")
    body = {"chain": "demo", "name": "Eve", "stores": [world.store]}
    assert other("PUT", "/v1/couriers/trip-1", body).status == 403
    assert world.desk("PUT", "/v1/couriers/trip-1", body).json["code"] == "fleet_courier"


def test_a_time_in_another_zone_is_the_same_moment(world: World) -> None:
    zone = timezone(timedelta(hours=14))
    now = datetime.now(zone)
    shift = {
        "shift_from": (now - timedelta(hours=1)).isoformat(),
        "shift_until": (now + timedelta(hours=1)).isoformat(),
    }
    kiri = world.courier("kiri", **shift)
    stored = kiri("GET", "/v1/couriers/shift").json
    assert stored["on_shift"] is True
    assert datetime.fromisoformat(stored["shift_until"]) == datetime.fromisoformat(shift["shift_until"])


@pytest.mark.parametrize("minutes", [-20, 20])
def test_shift_and_break_of_a_phone_20_minutes_off_are_by_the_right_clock(world: World, minutes: int) -> None:
    ana, off = world.couriers["ana"], timedelta(minutes=minutes)

    def say(**times: timedelta) -> dict[str, Any]:
        wrong = datetime.now(UTC) + off
        moments = {name: (wrong + later).isoformat() for name, later in times.items()}
        return dict(ana("POST", "/v1/couriers/shift", {"sent_at": wrong.isoformat(), **moments}).json)

    left = datetime.fromisoformat(say(break_until=timedelta(minutes=15))["break_until"]) - datetime.now(UTC)
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)
    left = datetime.fromisoformat(say(shift_until=timedelta(hours=8))["shift_until"]) - datetime.now(UTC)
    assert timedelta(hours=7, minutes=59) < left <= timedelta(hours=8)
    assert say(shift_until=timedelta(seconds=-1))["on_shift"] is False
