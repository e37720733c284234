"""A delivery never gets two couriers of fleets: lost replies, killed workers, refusals, and a desk that changes it."""

from datetime import timedelta

import pytest

from functions.delivery.booking import work
from functions.delivery.states import BookingState
from functions.delivery.tables.bookings import read_bookings
from shared.kit.outside.exchange import Answer, Call
from shared.kit.outside.remote import post_from_outside
from shared.spine.env import Environment
from tests.simulators.faults import Fault
from tests.simulators.fleets.uber_direct import UberDirect
from tests.support.fleets import FLEET, FleetWorld

# The path of an order at each fleet.
ORDER_PATH = {"uber_direct": "/deliveries", "meituan": "createByShop"}
# The order is made, and its reply is lost, garbled or refused.
AFTER = ("lost", "failed_after", "html_after", "truncated")


@pytest.mark.parametrize("kind", AFTER)
def test_an_order_whose_reply_is_lost_makes_one_trip(fleet: FleetWorld, kind: str) -> None:
    fleet.fake.fail([Fault(kind, path=ORDER_PATH[fleet.fake.name])])
    delivery = fleet.place()
    for minutes in (0, 1, 2):
        fleet.minute(later=minutes)
    assert len(fleet.trips(delivery)) == 1
    assert (fleet.booking(delivery)["state"], fleet.booking(delivery)["failure"]) == ("open", None)


@pytest.mark.parametrize("kind", ["cut_before", "too_many", "unavailable", "html", "session_lost"])
def test_an_order_that_never_arrived_is_sent_again(fleet: FleetWorld, kind: str) -> None:
    fleet.fake.fail([Fault(kind, path=ORDER_PATH[fleet.fake.name])])
    delivery = fleet.place()
    for minutes in (0, 1, 2):
        fleet.minute(later=minutes)
    assert len(fleet.trips(delivery)) == 1
    assert fleet.booking(delivery)["state"] == "open"


def test_a_worker_killed_after_the_order_left_makes_one_trip(
    fleet: FleetWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = post_from_outside

    def killed(env: Environment, calls: list[Call]) -> list[Answer]:
        answers = real(env, calls)
        if any(ORDER_PATH[fleet.fake.name] in call.url and call.method == "POST" for call in calls):
            raise KeyboardInterrupt
        return answers

    delivery = fleet.place()
    with monkeypatch.context() as patch:
        patch.setattr("functions.delivery.booking.work.post_from_outside", killed)
        with pytest.raises(KeyboardInterrupt):
            fleet.minute()
    assert fleet.booking(delivery)["state"] == "sending"
    for _ in range(3):
        fleet.minute(later=1.1)
    assert len(fleet.trips(delivery)) == 1
    assert fleet.booking(delivery)["state"] == "open"


def test_a_repeated_key_may_be_answered_by_the_first_trip(uber: FleetWorld) -> None:
    assert isinstance(uber.fake, UberDirect)
    uber.fake.repeats = "same"
    uber.fake.fail([Fault("lost", path="/deliveries"), Fault("unavailable", path="/deliveries")])
    delivery = uber.place()
    for minutes in (0, 1, 2, 2):
        uber.minute(later=minutes)
    assert len(uber.trips(delivery)) == 1
    assert uber.booking(delivery)["state"] == "open"


def test_the_desk_is_told_once_of_a_doubt_that_lasts_until_the_fleet_answers(uber: FleetWorld) -> None:
    uber.fake.fail([Fault("lost", path="/deliveries"), *[Fault("unavailable", path="/deliveries")] * 12])
    delivery = uber.place()
    uber.minute()
    uber.minute(later=4)
    assert uber.booking(delivery)["failure"] == "in_doubt"
    assert uber.world.see(delivery)["why"]["code"] != "fleet_in_doubt"
    for _ in range(2):
        uber.minute(later=5.5)
        assert uber.world.see(delivery)["why"] == {"code": "fleet_in_doubt", "needs_person": True, "fleet": FLEET}
    inbox = uber.world.desk("GET", f"/v1/inbox?party=desk&chain=demo&store={uber.world.store}").json["messages"]
    assert [one["template"] for one in inbox].count("delivery.fleet_in_doubt") == 1
    uber.fake.fail([])
    for _ in range(3):
        uber.minute(later=5.5)
    seen = uber.booking(delivery)
    assert (seen["state"], seen["failure"], len(uber.trips(delivery))) == ("open", None, 1)
    assert uber.world.see(delivery)["why"] == {"code": "fleet", "fleet": FLEET}


def test_the_desk_is_told_of_a_doubt_whose_account_is_switched_off(fleet: FleetWorld) -> None:
    delivery = _in_doubt(fleet)
    fleet.switch(on=False)
    for _ in range(2):
        fleet.minute(later=5.5)
        assert fleet.world.see(delivery)["why"] == {"code": "fleet_in_doubt", "needs_person": True, "fleet": FLEET}
        assert fleet.booking(delivery)["failure"] == "in_doubt"
    inbox = fleet.world.desk("GET", f"/v1/inbox?party=desk&chain=demo&store={fleet.world.store}").json["messages"]
    assert [one["template"] for one in inbox].count("delivery.fleet_in_doubt") == 1
    fleet.fake.fail([])
    fleet.switch(on=True)
    for _ in range(3):
        fleet.minute(later=5.5)
    assert (fleet.booking(delivery)["state"], len(fleet.trips(delivery))) == ("open", 1)


def test_a_doubt_whose_account_stays_off_ends_after_three_hours(uber: FleetWorld) -> None:
    delivery = _in_doubt(uber)
    uber.switch(on=False)
    uber.minute(later=179)
    assert uber.booking(delivery)["state"] == "sending"
    uber.minute(later=10)
    assert (uber.booking(delivery)["state"], uber.booking(delivery)["failure"]) == ("refused", "in_doubt")
    assert uber.world.see(delivery)["carriage"] == "unassigned"


def test_a_cancel_that_came_too_late_is_still_known_when_the_account_is_off_or_a_look_fails(uber: FleetWorld) -> None:
    delivery = uber.place()
    uber.minute()
    for _ in range(3):
        uber.fake.move(uber.trip(delivery))  # the callbacks are lost
    assert uber.world.act(uber.world.desk, delivery, "assign", "offered", courier="ana").status == 200
    for _ in range(2):
        uber.minute(later=0.1)
    assert (uber.booking(delivery)["state"], uber.booking(delivery)["failure"]) == ("open", "cancel_refused")
    uber.fake.fail([Fault("unavailable")] * 2)
    uber.minute(later=3)
    assert uber.booking(delivery)["failure"] == "cancel_refused"
    uber.switch(on=False)
    uber.minute(later=6)
    assert (uber.booking(delivery)["state"], uber.booking(delivery)["failure"]) == ("open", "cancel_refused")


def _in_doubt(fleet: FleetWorld) -> str:
    """A delivery whose order at the fleet had no readable reply."""
    path = ORDER_PATH[fleet.fake.name]
    fleet.fake.fail([Fault("lost", path=path), *[Fault("unavailable", path=path)] * 40])
    delivery = fleet.place()
    fleet.minute()
    assert fleet.booking(delivery)["failure"] == "in_doubt"
    return delivery


def test_the_desk_takes_the_delivery_back_and_the_fleet_is_cancelled(fleet: FleetWorld) -> None:
    delivery = fleet.place()
    fleet.minute()
    trip = fleet.trip(delivery)
    assert fleet.world.act(fleet.world.desk, delivery, "assign", "offered", courier="ana").status == 200
    fleet.minute(later=0.1)
    fleet.minute(later=0.1)
    assert fleet.booking(delivery)["state"] == "cancelled"
    assert trip.status in ("canceled", "99", 99)
    seen = fleet.world.see(delivery)
    assert (seen["carriage"], seen["courier"]) == ("accepted", "ana")


def test_a_fleet_that_gives_up_is_asked_once_more_and_then_the_desk_decides(uber: FleetWorld) -> None:
    assert isinstance(uber.fake, UberDirect)
    delivery = uber.place()
    for number in (1, 2):
        uber.minute(later=0.1)
        trips = uber.trips(delivery)
        assert len(trips) == number
        event = uber.fake.give_up(trips[-1])
        assert event is not None
        assert uber.call_back(event).status == 200
        assert uber.world.see(delivery)["carriage"] == "unassigned"
    for _ in range(3):
        uber.minute(later=1)
    assert [booking["state"] for booking in uber.bookings(delivery)] == ["cancelled", "cancelled"]
    asked = uber.world.act(uber.world.desk, delivery, "offer", "unassigned", fleet=FLEET)
    assert asked.status == 200, asked.text
    uber.minute()
    # The desk's clock is the real one: its booking is older by it.
    assert sorted(booking["state"] for booking in uber.bookings(delivery)) == ["cancelled", "cancelled", "open"]


def test_a_price_above_the_most_is_refused_and_no_trip_is_made(fleet: FleetWorld) -> None:
    fleet.rule(most_price=1)
    delivery = fleet.place()
    fleet.minute()
    assert (fleet.booking(delivery)["state"], fleet.booking(delivery)["failure"]) == ("refused", "too_dear")
    assert not list(fleet.fake.trips)
    assert fleet.world.see(delivery)["carriage"] == "unassigned"


def test_a_quote_that_expires_before_the_order_is_asked_for_again(
    uber: FleetWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = uber.place()
    real = work.work_round

    def late(env: Environment) -> int | None:
        made = real(env)
        with env.db.transaction() as transaction:
            state = read_bookings(transaction, delivery)[-1].state
        if state == BookingState.SENDING and uber.ahead < timedelta(minutes=10):
            uber.ahead += timedelta(minutes=16)
        return made

    monkeypatch.setattr("functions.delivery.booking.work.work_round", late)
    for _ in range(3):
        uber.minute(later=1)
    assert (uber.booking(delivery)["state"], len(uber.trips(delivery))) == ("open", 1)


def test_a_courier_of_a_fleet_is_no_courier_of_another_delivery(uber: FleetWorld) -> None:
    first = uber.place()
    uber.minute()
    uber.rule(always=False)
    second = uber.place()
    courier = uber.booking(first)["courier"]
    answer = uber.world.act(uber.world.desk, second, "assign", "unassigned", courier=courier)
    assert answer.json["code"] == "unknown_courier"
