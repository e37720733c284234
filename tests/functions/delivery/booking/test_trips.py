"""A fleet's trip from the rule of a store to the door, by both fleets' fakes."""

import random
from datetime import timedelta

from functions.delivery.states import Carriage
from tests.support.fleets import FLEET, PLACES, FleetWorld


def test_a_trip_goes_from_the_rule_to_the_door(fleet: FleetWorld) -> None:
    delivery = fleet.place()
    fleet.minute()
    booking, trip = fleet.booking(delivery), fleet.trip(delivery)
    assert (booking["state"], booking["status"], fleet.world.see(delivery)["carriage"]) == (
        "open",
        "searching",
        "offered",
    )
    assert booking["price"] == trip.fee
    carriages = []
    for status in fleet.fake.steps[fleet.fake.steps.index(trip.status) + 1 :]:
        assert fleet.move(trip, status).status == 200
        carriages.append(fleet.world.see(delivery)["carriage"])
    assert carriages[0] == "accepted"
    assert "picked_up" in carriages
    assert carriages[-1] == "delivered"
    seen = fleet.booking(delivery)
    assert (seen["state"], seen["status"], seen["ended_at"] is not None) == ("done", "delivered", True)
    assert fleet.world.see(delivery)["goods"] == "handed"


def test_the_customer_sees_the_fleets_courier_from_pickup_to_the_end(fleet: FleetWorld) -> None:
    delivery = fleet.place()
    fleet.minute()
    trip = fleet.trip(delivery)
    assert fleet.customer(delivery).json["courier"] is None
    steps = list(fleet.fake.steps)
    picked_up = steps.index(fleet.fake.picked_up)
    for status in steps[steps.index(trip.status) + 1 : picked_up]:
        fleet.move(trip, status)
    assert fleet.customer(delivery).json["courier"] == trip.courier["name"].split()[0]
    assert fleet.customer(delivery, "/position").status == 404
    fleet.move(trip, fleet.fake.picked_up)
    event = fleet.fake.drive(trip, 0.5)
    if event:
        assert fleet.call_back(event).status == 200
    fleet.minute(later=3)  # a fleet that posts no places is asked
    place = fleet.customer(delivery, "/position")
    assert place.status == 200, place.text
    middle = [sum(end[name] for end in PLACES[fleet.fake.name]) / 2 for name in ("lat", "lon")]
    assert abs(place.json["lat"] - middle[0]) < 0.0005
    assert abs(place.json["lon"] - middle[1]) < 0.0005
    [courier] = [one for one in fleet.owner("GET", "/v1/couriers?chain=demo").json["couriers"] if one["fleet"]]
    assert (courier["fleet"], courier["name"]) == (FLEET, trip.courier["name"])
    fleet.move(trip, steps[-1])
    assert fleet.customer(delivery, "/position").status == 404
    listed = fleet.owner("GET", "/v1/couriers?chain=demo").json["couriers"]
    assert all(one["fleet"] is None for one in listed)


def test_callbacks_twice_and_shuffled_never_lead_backwards(fleet: FleetWorld) -> None:
    delivery = fleet.place()
    fleet.minute()
    trip = fleet.trip(delivery)
    for status in fleet.fake.steps[fleet.fake.steps.index(trip.status) + 1 :]:
        fleet.fake.move(trip, status)
    events = [*fleet.fake.events, *fleet.fake.events]
    random.Random(7).shuffle(events)
    carriages = []
    for event in events:
        assert fleet.call_back(event).status == 200
        carriages.append(list(Carriage).index(Carriage(fleet.world.see(delivery)["carriage"])))
    assert carriages == sorted(carriages)
    assert fleet.world.see(delivery)["carriage"] == "delivered"
    trace = fleet.owner("GET", f"/v1/deliveries/{delivery}/trace").json["actions"]
    done = [one["action"] for one in trace if one["refusal"] is None and one["actor"] == FLEET]
    assert len(done) == len(set(done))


def test_a_silent_fleet_is_asked(fleet: FleetWorld) -> None:
    delivery = fleet.place()
    fleet.minute()
    trip = fleet.trip(delivery)
    fleet.fake.move(trip)  # the callback never comes
    fleet.minute(later=1)
    assert fleet.world.see(delivery)["carriage"] == "offered"
    fleet.minute(later=2)
    assert fleet.world.see(delivery)["carriage"] in ("accepted", "picked_up")


def test_a_forged_stale_or_foreign_callback_changes_nothing(fleet: FleetWorld) -> None:
    delivery = fleet.place()
    fleet.minute()
    trip = fleet.trip(delivery)
    event = fleet.fake.move(trip)
    assert event is not None
    headers = dict(event.headers)
    assert fleet.bring(event.content + b" ", headers).status == 401
    assert fleet.bring(event.content, headers, "demo:other").status == 404
    fleet.ahead += timedelta(minutes=20)
    assert fleet.call_back(event).status == 401
    assert fleet.world.see(delivery)["carriage"] == "offered"


def test_credentials_are_never_shown_and_go_to_no_other_address(fleet: FleetWorld) -> None:
    path = f"/v1/delivery-fleets/{FLEET}?chain=demo"
    shown = fleet.owner("GET", path).text + fleet.owner("GET", "/v1/delivery-fleets?chain=demo").text
    assert not [value for value in fleet.fake.secrets.values() if value in shown]
    body = {"kind": fleet.fake.name, "settings": fleet.fake.settings | {"base_url": "http://127.0.0.1:9"}}
    assert fleet.owner("PUT", path, body).json["code"] == "credentials_missing"
    assert fleet.world.packer("GET", path).status == 403
