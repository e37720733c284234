"""A fleet's trip from the rule of a store to the door, by both fleets' fakes."""

from tests.support.fleets import FleetWorld


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
