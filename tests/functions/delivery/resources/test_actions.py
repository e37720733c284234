"""Actions are compared with the state that the device saw, done once, and kept in the trace when refused."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from functions.delivery import api
from functions.delivery.creation.link import pin_of
from tests.support.deliveries import World
from tests.support.environments import at_once, caller
from tests.support.orders import Caller, open_store


def trace(world: World, delivery: str) -> list[dict[str, Any]]:
    return list(world.desk("GET", f"/v1/deliveries/{delivery}/trace").json["actions"])


def underway(world: World, name: str = "ana") -> str:
    delivery, courier = world.place(), world.couriers[name]
    world.act(world.packer, delivery, "pack", "to_pick")
    world.act(courier, delivery, "accept", "unassigned")
    assert world.act(courier, delivery, "pick_up", "accepted").status == 200
    return delivery


def test_an_action_on_another_state_than_seen_is_refused_with_the_present_one_and_kept(world: World) -> None:
    delivery, ana = world.place(), world.couriers["ana"]
    world.act(ana, delivery, "accept", "unassigned")
    answer = world.act(ana, delivery, "accept", "unassigned")
    assert (answer.status, answer.json["code"]) == (409, "state_differs")
    assert (answer.json["carriage"], answer.json["goods"], answer.json["courier"]) == ("accepted", "to_pick", "ana")
    kept = [
        (action["action"], action["found"], action["became"], action["refusal"]) for action in trace(world, delivery)
    ]
    assert kept == [("accept", "unassigned", "accepted", None), ("accept", "accepted", None, "state_differs")]


def test_the_same_action_sent_again_changes_nothing_and_a_refused_one_stays_refused(world: World) -> None:
    delivery = world.place()
    body = {"id": "one", "action": "pick", "expected": "to_pick"}
    answers = [world.packer("POST", f"/v1/deliveries/{delivery}/actions", body, key=f"k{n}") for n in range(2)]
    assert [answer.status for answer in answers] == [200, 200]
    assert answers[0].json == answers[1].json
    early = {"id": "two", "action": "deliver", "expected": "arrived"}
    for number in range(2):
        answer = world.desk("POST", f"/v1/deliveries/{delivery}/actions", early, key=f"d{number}")
        assert answer.status == 409
    assert len(trace(world, delivery)) == 2


def test_goods_that_are_not_packed_are_not_picked_up_and_parcels_are_counted(world: World) -> None:
    delivery, ana = world.place(), world.couriers["ana"]
    world.act(ana, delivery, "accept", "unassigned")
    assert world.act(ana, delivery, "pick_up", "accepted").json["code"] == "not_packed"
    world.act(world.packer, delivery, "pack", "to_pick", parcels=3)
    assert world.act(ana, delivery, "pick_up", "accepted", parcels=2).json["code"] == "parcels_differ"
    assert world.act(ana, delivery, "pick_up", "accepted", parcels=3).status == 200


def test_roles_do_only_their_own_actions_and_a_stranger_sees_nothing(world: World) -> None:
    delivery, ana, ben = world.place(), world.couriers["ana"], world.couriers["ben"]
    assert world.act(ana, delivery, "pack", "to_pick").status == 403
    assert world.act(world.packer, delivery, "assign", "unassigned", courier="ana").status == 403
    world.act(ana, delivery, "accept", "unassigned")
    assert world.act(ben, delivery, "arrive_at_store", "accepted").status == 404
    other_store = world.caller(["delivery:manage"], "store:demo:elsewhere")
    rival = world.caller(["delivery:manage", "delivery:read"], "chain:rival")
    for stranger in (other_store, rival):
        assert world.act(stranger, delivery, "cancel", "accepted").status == 404
        assert stranger("GET", f"/v1/deliveries/{delivery}").status == 404
        assert stranger("GET", f"/v1/deliveries/{delivery}/trace").status == 404


def test_the_desk_names_a_courier_of_the_store(world: World) -> None:
    world.courier("eve", stores=[open_store(world.call)])
    delivery = world.place()
    for action in ("assign", "offer"):
        answer = world.act(world.desk, delivery, action, "unassigned", courier="eve")
        assert (answer.status, answer.json["code"]) == (422, "courier_of_other_stores")
    assert world.act(world.desk, delivery, "assign", "unassigned", courier="ana").json["courier"] == "ana"


def test_each_role_sees_of_persons_what_it_needs(world: World) -> None:
    delivery, ana = world.place(), world.couriers["ana"]
    revision = world.see(delivery)["revision"]
    details = {
        "recipient": {"name": "Bea", "phone": "+1 555 0111", "address": "2 Mill Lane", "lat": 1.5, "lon": 2.5},
        "payer": {"name": "Ada", "phone": "+1 555 0100"}, "gift": True, "card": "Happy birthday", "wishes": "blue door",
    }  # fmt: skip
    changed = world.desk("PUT", f"/v1/deliveries/{delivery}/details", {"revision": revision, "details": details})
    assert changed.status == 200, changed.text
    stale = world.desk("PUT", f"/v1/deliveries/{delivery}/details", {"revision": revision, "details": details})
    assert stale.status == 409
    packer = world.packer("GET", f"/v1/deliveries/{delivery}").json
    assert packer["details"]["card"] == "Happy birthday"
    assert packer["details"]["recipient"]["phone"] is None
    assert packer["details"]["payer"] == {"name": None, "phone": None}
    assert packer["link"] is None
    assert ana("GET", f"/v1/deliveries/{delivery}").json["details"]["recipient"]["phone"] is None
    world.act(ana, delivery, "accept", "unassigned")
    courier = ana("GET", f"/v1/deliveries/{delivery}").json["details"]
    assert (courier["recipient"]["phone"], courier["wishes"], courier["card"]) == ("+1 555 0111", "blue door", None)
    assert courier["payer"]["name"] is None


def test_a_late_action_of_a_phone_that_is_20_minutes_off_keeps_its_time(world: World) -> None:
    delivery = underway(world)
    now = datetime.now(UTC)
    wrong = now + timedelta(minutes=20)
    world.act(
        world.couriers["ana"], delivery, "arrive", "picked_up",
        at=(wrong - timedelta(seconds=2)).isoformat(), sent_at=wrong.isoformat(),
    )  # fmt: skip
    arrived = datetime.fromisoformat(world.see(delivery)["times"]["arrived"])
    assert timedelta(seconds=-3) <= arrived - now <= timedelta(seconds=3)
    assert arrived <= datetime.now(UTC)


def test_of_50_accepts_at_once_one_wins(world: World, another_env: Any) -> None:
    delivery = world.place()
    keys = {name: world.courier(name).key for name in (f"c{number}" for number in range(50))}
    envs = [another_env() for _ in range(50)]
    works = [
        partial(world.act, caller(env, key, make_app=api.make_app), delivery, "accept", "unassigned")
        for env, key in zip(envs, keys.values(), strict=True)
    ]
    answers = [answer.status for answer in at_once(works)]
    assert len(answers) == 50
    # The others learn that it is no longer free, or do not see it any more.
    assert answers.count(200) == 1
    assert set(answers) <= {200, 404, 409}
    assert world.see(delivery)["carriage"] == "accepted"


def test_five_wrong_pins_lock_the_pin(world: World) -> None:
    delivery, ana = underway(world), world.couriers["ana"]
    pin = pin_of(world.see(delivery)["link"].removeprefix("/d/"))
    wrong = [f"{number:04}" for number in range(10_000) if f"{number:04}" != pin][:5]
    for guess in wrong:
        assert world.act(ana, delivery, "deliver", "picked_up", pin=guess).json["code"] == "pin_wrong"
    assert world.act(ana, delivery, "deliver", "picked_up", pin=pin).json["code"] == "pin_locked"
    assert world.act(world.desk, delivery, "deliver", "picked_up").status == 200


def test_the_fifth_try_may_be_right_and_a_store_may_demand_a_pin(world: World) -> None:
    world.desk("PUT", f"/v1/delivery-stores/{world.store}", {"chain": "demo", "needs_pin": True})
    delivery, ana = underway(world), world.couriers["ana"]
    assert world.act(ana, delivery, "deliver", "picked_up").json["code"] == "pin_missing"
    pin = pin_of(world.see(delivery)["link"].removeprefix("/d/"))
    for guess in [f"{number:04}" for number in range(10_000) if f"{number:04}" != pin][:4]:
        world.act(ana, delivery, "deliver", "picked_up", pin=guess)
    assert world.act(ana, delivery, "deliver", "picked_up", pin=pin).json["proof"]["pin"] is True


def test_a_declined_delivery_is_free_for_others_and_the_desk_reassigns_before_pickup_only(world: World) -> None:
    delivery, ana, ben = world.place(), world.couriers["ana"], world.couriers["ben"]
    assert world.act(world.desk, delivery, "offer", "unassigned", courier="ana").json["carriage"] == "offered"
    assert world.act(ben, delivery, "accept", "offered").status == 404
    assert world.act(ana, delivery, "decline", "offered", reason="flat tyre").json["carriage"] == "unassigned"
    assert world.act(world.desk, delivery, "assign", "unassigned", courier="ana").json["courier"] == "ana"
    assert world.act(world.desk, delivery, "assign", "accepted", courier="ben").json["courier"] == "ben"
    world.act(world.packer, delivery, "pack", "to_pick")
    world.act(ben, delivery, "pick_up", "accepted")
    answer = world.act(world.desk, delivery, "assign", "picked_up", courier="ana")
    assert (answer.status, answer.json["code"]) == (409, "illegal_action")


def test_shorts_name_lines_of_the_order(world: World) -> None:
    delivery = world.place()
    line = world.see(delivery)["lines"][0]["id"]
    wrong = world.act(world.packer, delivery, "pack", "to_pick", shorts=[{"line": line, "missing": 2}])
    assert (wrong.status, wrong.json["code"]) == (422, "shorts_wrong")
    packed = world.act(world.packer, delivery, "pack", "to_pick", shorts=[{"line": line, "missing": 1}])
    assert packed.json["lines"][0]["missing"] == 1


def test_a_device_whose_clock_stands_at_an_end_of_the_calendar_is_understood(world: World) -> None:
    first, last = "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"
    for at, sent_at in ((first, last), (last, first), (last, None)):
        times = {"at": at, "sent_at": sent_at} if sent_at else {"at": at}
        packed = world.act(world.packer, world.place(), "pack", "to_pick", **times)
        assert packed.status == 200, packed.text
    refused = world.act(world.packer, world.place(), "pack", "to_pick", at="2026-12-01T09:00:00")
    assert refused.json["code"] == "body_invalid"


def test_goods_are_left_at_the_door_without_a_pin_by_leave_alone(world: World) -> None:
    world.desk("PUT", f"/v1/delivery-stores/{world.store}", {"chain": "demo", "needs_pin": True})
    delivery, ana = underway(world), world.couriers["ana"]
    for place in ("door", "neighbour", "reception"):
        assert world.act(ana, delivery, "deliver", "picked_up", left_with=place).json["code"] == "pin_missing"
    pin = pin_of(world.see(delivery)["link"].removeprefix("/d/"))
    for guess in [f"{number:04}" for number in range(10_000) if f"{number:04}" != pin][:6]:
        world.act(ana, delivery, "deliver", "picked_up", pin=guess)
    assert world.act(ana, delivery, "deliver", "picked_up", left_with="door").json["code"] == "pin_missing"
    seen = world.see(delivery)
    body = {"revision": seen["revision"], "details": seen["details"] | {"may_leave": True}}
    assert world.desk("PUT", f"/v1/deliveries/{delivery}/details", body).status == 200
    assert world.act(ana, delivery, "deliver", "picked_up", left_with="recipient").json["code"] == "pin_missing"
    assert world.act(ana, delivery, "deliver", "picked_up", left_with="door").status == 200


def test_an_action_that_the_state_refuses_costs_no_try_of_the_pin(world: World) -> None:
    delivery, ana = underway(world), world.couriers["ana"]
    pin = pin_of(world.see(delivery)["link"].removeprefix("/d/"))
    for _ in range(7):
        assert world.act(ana, delivery, "deliver", "arrived", pin=pin).json["code"] == "state_differs"
    assert world.act(ana, delivery, "deliver", "picked_up", pin=pin).status == 200


def test_the_id_of_anothers_action_is_no_reply_for_this_one(world: World) -> None:
    delivery = world.accepted()
    body = {"id": "same", "action": "arrive_at_store", "expected": "accepted"}
    target = f"/v1/deliveries/{delivery}/actions"
    assert world.couriers["ana"]("POST", target, body).status == 200
    assert world.couriers["ana"]("POST", target, body).status == 200
    assert world.desk("POST", target, body).json["code"] == "action_id_reused"


def test_a_delivery_that_was_cancelled_underway_is_not_tried_again(world: World) -> None:
    delivery = underway(world)
    assert world.act(world.desk, delivery, "cancel", "picked_up", reason="wrong flowers").json["carriage"] == "failed"
    assert world.act(world.desk, delivery, "retry", "failed").json["code"] == "illegal_action"
    assert world.act(world.couriers["ana"], delivery, "return", "failed").status == 200


def test_couriers_and_packers_see_no_other_courier_in_the_trace(world: World) -> None:
    delivery, ana, ben = world.place(), world.couriers["ana"], world.couriers["ben"]
    world.act(world.desk, delivery, "offer", "unassigned", courier="ben")
    world.act(ben, delivery, "decline", "offered", reason="too far")
    world.act(ana, delivery, "accept", "unassigned")
    world.act(world.packer, delivery, "pack", "to_pick")
    world.act(ana, delivery, "pick_up", "accepted")

    def seen_by(who: Caller) -> list[tuple[str, bool]]:
        actions = who("GET", f"/v1/deliveries/{delivery}/trace").json["actions"]
        return [(action["action"], bool(action["actor"])) for action in actions]

    whole = ["offer", "decline", "accept", "pack", "pick_up"]
    assert seen_by(world.desk) == [(action, True) for action in whole]
    assert seen_by(ana) == [("accept", True), ("pack", False), ("pick_up", True)]
    assert seen_by(world.packer) == [("pack", True), ("pick_up", False)]
    assert "too far" not in ana("GET", f"/v1/deliveries/{delivery}/trace").text
