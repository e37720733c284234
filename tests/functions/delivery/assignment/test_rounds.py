"""Each minute open deliveries are offered to couriers who are on shift; an offer without an answer ends."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.delivery.assign_couriers import assign_couriers
from functions.delivery.assignment import rounds
from functions.delivery.assignment.planning_input import SETTINGS
from functions.delivery.assignment.rounds import end_late_offers, read_facts
from functions.delivery.dispatch.facts import OpenOrder
from functions.delivery.dispatch.plan import plan_round
from shared.kit.isolation import in_turn
from shared.spine.env import Environment
from tests.support.deliveries import World

# About 1.1 km north of the store.
DOOR = {"name": "Bea", "phone": None, "address": "2 Mill Lane", "lat": 52.01, "lon": 13.0}


@pytest.fixture(autouse=True)
def automatic(world: World) -> None:
    body = {"chain": "demo", "lat": 52.0, "lon": 13.0, "automatic": True, "prepare_minutes": 0}
    assert world.desk("PUT", f"/v1/delivery-stores/{world.store}", body).status == 200


def plan(env: Environment, later: timedelta = timedelta()) -> None:
    """A round, perhaps later."""
    at = datetime.now(UTC) + later
    env.clock = lambda: at
    try:
        end_late_offers(env, at + timedelta(seconds=30))
        assign_couriers(env, at + timedelta(seconds=30))
    finally:
        env.clock = lambda: datetime.now(UTC)


def placed(world: World, *, packed: bool = True) -> str:
    delivery = world.place()
    seen = world.see(delivery)
    details = {"recipient": DOOR, "payer": {"name": "Ada", "phone": None}}
    body = {"revision": seen["revision"], "details": details}
    assert world.desk("PUT", f"/v1/deliveries/{delivery}/details", body).status == 200
    assert not packed or world.act(world.packer, delivery, "pack", "to_pick").status == 200
    return delivery


def test_a_ready_time_is_an_estimate_until_the_goods_are_packed(
    world: World, env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders: list[OpenOrder] = []

    def noted(now: float, given: Sequence[OpenOrder], *rest: Any) -> Any:
        orders.extend(given)
        return plan_round(now, given, *rest)

    monkeypatch.setattr("functions.delivery.assignment.rounds.plan_round", noted)
    estimates = {placed(world): False, placed(world, packed=False): True}
    plan(env)
    assert {order.order: order.is_ready_estimated for order in orders} == estimates


def test_a_packed_delivery_is_offered_and_the_reason_is_told(world: World, env: Environment) -> None:
    delivery = placed(world)
    plan(env)
    seen = world.see(delivery)
    assert (seen["carriage"], seen["courier"] in ("ana", "ben")) == ("offered", True)
    assert seen["why"]["code"] in ("earliest", "best_for_all")
    assert seen["offered_until"] is not None
    assert world.act(world.couriers[seen["courier"]], delivery, "accept", "offered").status == 200


def test_an_offer_without_an_answer_goes_to_the_other_courier_and_then_to_the_desk(
    world: World, env: Environment
) -> None:
    delivery = placed(world)
    plan(env)
    first = world.see(delivery)["courier"]
    plan(env, timedelta(seconds=61))
    second = world.see(delivery)
    assert (second["carriage"], {first, second["courier"]}) == ("offered", {"ana", "ben"})
    plan(env, timedelta(seconds=130))
    last = world.see(delivery)
    assert (last["carriage"], last["courier"], last["why"]) == (
        "unassigned", None, {"code": "all_refused", "needs_person": True},
    )  # fmt: skip


def test_a_decline_asks_the_next_courier_at_once(world: World, env: Environment) -> None:
    delivery = placed(world)
    plan(env)
    first = world.see(delivery)["courier"]
    declined = world.act(world.couriers[first], delivery, "decline", "offered")
    assert (declined.status, declined.json["carriage"]) == (200, "unassigned")
    second = world.see(delivery)
    assert (second["carriage"], {first, second["courier"]}) == ("offered", {"ana", "ben"})


def test_a_decline_of_a_store_that_assigns_by_hand_asks_nobody(world: World, env: Environment) -> None:
    delivery = placed(world)
    plan(env)
    body = {"chain": "demo", "lat": 52.0, "lon": 13.0, "automatic": False}
    world.desk("PUT", f"/v1/delivery-stores/{world.store}", body)
    assert world.act(world.couriers[world.see(delivery)["courier"]], delivery, "decline", "offered").status == 200
    assert world.see(delivery)["carriage"] == "unassigned"


def test_two_rounds_at_once_never_offer_one_courier_the_orders_of_both(
    world: World, env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"shift_until": (datetime.now(UTC) - timedelta(minutes=1)).isoformat()}
    world.couriers["ben"]("POST", "/v1/couriers/shift", body)
    first, second = placed(world), placed(world)  # rounds read them as they are ready

    def outrun(now: float, orders: Sequence[OpenOrder], *rest: Any) -> Any:
        """The other round ends between the plan and the offers of this one."""
        planned = plan_round(now, [one for one in orders if one.order == first], *rest)
        with monkeypatch.context() as patch:
            patch.setattr(rounds, "plan_round", lambda now, orders, *rest: plan_round(now, orders[1:], *rest))
            assert [one.order for one in orders] == [first, second]
            plan(env)
        return planned

    monkeypatch.setattr(rounds, "plan_round", outrun)
    plan(env)
    assert [world.see(delivery)["carriage"] for delivery in (first, second)] == ["unassigned", "offered"]


def test_who_has_a_break_or_went_home_gets_no_offer(world: World, env: Environment) -> None:
    for name in ("ana", "ben"):
        body = {"shift_until": (datetime.now(UTC) - timedelta(minutes=1)).isoformat()}
        assert world.couriers[name]("POST", "/v1/couriers/shift", body).json["on_shift"] is False
    delivery = placed(world)
    plan(env)
    assert world.see(delivery)["why"] == {"code": "no_courier", "needs_person": True}


def test_a_fixed_courier_is_the_one_candidate(world: World, env: Environment) -> None:
    body = {"chain": "demo", "lat": 52.0, "lon": 13.0, "automatic": True, "fixed_courier": "ben"}
    world.desk("PUT", f"/v1/delivery-stores/{world.store}", body)
    delivery = placed(world)
    plan(env)
    assert (world.see(delivery)["courier"], world.see(delivery)["why"]["code"]) == ("ben", "fixed")


def test_a_delivery_without_a_place_of_the_door_waits_for_a_person(world: World, env: Environment) -> None:
    delivery = world.place()
    plan(env)
    assert world.see(delivery)["why"] == {"code": "door_unknown", "needs_person": True}


def test_the_desk_overrides_an_offer(world: World, env: Environment) -> None:
    delivery = placed(world)
    plan(env)
    other = {"ana": "ben", "ben": "ana"}[world.see(delivery)["courier"]]
    given = world.act(world.desk, delivery, "assign", "offered", courier=other).json
    assert (given["carriage"], given["courier"], given["why"]["code"]) == ("accepted", other, "chosen_by_desk")
    plan(env, timedelta(seconds=61))
    assert world.see(delivery)["courier"] == other


def test_an_offer_of_the_desk_ends_in_a_store_that_assigns_by_hand(world: World, env: Environment) -> None:
    body = {"chain": "demo", "lat": 52.0, "lon": 13.0, "automatic": False, "offer_seconds": 60}
    world.desk("PUT", f"/v1/delivery-stores/{world.store}", body)
    delivery = placed(world)
    assert world.act(world.desk, delivery, "offer", "unassigned", courier="ana").status == 200
    plan(env, timedelta(seconds=50))
    assert world.see(delivery)["carriage"] == "offered"
    plan(env, timedelta(seconds=61))
    assert (world.see(delivery)["carriage"], world.see(delivery)["courier"]) == ("unassigned", None)
    messages = world.desk("GET", f"/v1/inbox?party=desk&chain=demo&store={world.store}").json["messages"]
    assert (messages[-1]["template"], messages[-1]["values"]["reason"]) == ("delivery.decline", "no answer")


def test_one_order_of_many_parcels_is_one_order(world: World, env: Environment) -> None:
    delivery = placed(world, packed=False)
    assert world.act(world.packer, delivery, "pack", "to_pick", parcels=4).status == 200
    plan(env)
    assert world.see(delivery)["carriage"] == "offered"


def test_a_delivery_that_needs_a_car_goes_to_the_car(world: World, env: Environment) -> None:
    delivery = placed(world)
    demand(world, delivery, "car")
    plan(env)
    assert world.see(delivery)["why"] == {"code": "no_vehicle", "needs_person": True}
    world.courier("cleo", vehicle="car")
    plan(env)
    assert (world.see(delivery)["carriage"], world.see(delivery)["courier"]) == ("offered", "cleo")


def demand(world: World, delivery: str, vehicle: str) -> None:
    seen = world.see(delivery)
    body = {"revision": seen["revision"], "details": seen["details"] | {"vehicles": [vehicle]}}
    assert world.desk("PUT", f"/v1/deliveries/{delivery}/details", body).status == 200


@pytest.mark.parametrize("returns", [False, True])
def test_a_courier_with_goods_that_nobody_took_is_free_at_the_store(
    world: World, env: Environment, *, returns: bool
) -> None:
    delivery, ana = placed(world), world.couriers["ana"]
    for action, expected in (("accept", "unassigned"), ("pick_up", "accepted")):
        assert world.act(ana, delivery, action, expected).status == 200
    assert world.act(ana, delivery, "fail", "picked_up", reason="nobody opens").status == 200
    assert not returns or world.act(ana, delivery, "return", "failed").status == 200
    [stores], now = rounds.chains_to_plan(env).values(), datetime.now(UTC)
    facts = read_facts(env, "demo", stores, now)
    [courier] = [one for one in facts.on_duty() if one.courier == "ana"]
    # Without a fresh place the courier is at the store: only the way into it and out of it counts.
    assert courier.place == (0.0, 0.0)
    assert courier.free_at == pytest.approx(now.timestamp() / 60 + SETTINGS.dropoff_service)


def test_scheduled_failed_and_forgotten_deliveries_hide_no_new_one(
    world: World, env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, forgotten = world.couriers["ana"], placed(world)
    failed = placed(world)
    for action, expected in (("accept", "unassigned"), ("pick_up", "accepted"), ("fail", "picked_up")):
        assert world.act(ana, failed, action, expected, reason="nobody opens").status == 200
    later = (datetime.now(UTC) + timedelta(hours=9)).isoformat()
    scheduled = world.place(wanted_for=later)
    with env.db.transaction() as transaction:
        past = "UPDATE deliveries SET wanted_until = wanted_until - INTERVAL 2 DAY WHERE id = %(id)s"
        transaction.execute(past, {"id": forgotten})
    monkeypatch.setattr("functions.delivery.tables.deliveries.MOST_OPEN", 1)
    delivery = placed(world)
    plan(env)
    states = [world.see(one)["carriage"] for one in (forgotten, failed, scheduled, delivery)]
    assert states == ["unassigned", "failed", "unassigned", "offered"]


def test_chains_take_turns_to_be_first() -> None:
    at = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
    minutes = [in_turn(["a", "b", "c"], at + timedelta(minutes=minute, seconds=59)) for minute in range(3)]
    assert sorted(one[0] for one in minutes) == ["a", "b", "c"]
    assert all(sorted(one) == ["a", "b", "c"] for one in minutes)
    assert in_turn([], at) == []
