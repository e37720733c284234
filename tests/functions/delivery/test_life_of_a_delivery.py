"""An order for delivery goes from the shop to the door, and its order follows."""

import pytest

from tests.support.deliveries import GUEST, World
from tests.support.orders import an_order


def test_an_order_is_packed_picked_up_and_delivered(world: World) -> None:
    delivery = world.place()
    seen = world.see(delivery)
    assert (seen["goods"], seen["carriage"], seen["courier"]) == ("to_pick", "unassigned", None)
    assert seen["details"]["recipient"]["address"] == GUEST["address"]
    assert [(line["name"], line["quantity"]) for line in seen["lines"]] == [("The Hawaiian Pizza", 1)]
    order, ana = seen["order"], world.couriers["ana"]
    for who, action, expected, details in [
        (world.packer, "pick", "to_pick", {}),
        (world.packer, "pack", "picking", {"parcels": 2}),
        (ana, "accept", "unassigned", {}),
        (ana, "arrive_at_store", "accepted", {}),
        (ana, "pick_up", "at_store", {"parcels": 2}),
        (ana, "set_off", "picked_up", {}),
        (ana, "arrive", "on_the_way", {}),
    ]:
        answer = world.act(who, delivery, action, expected, **details)
        assert answer.status == 200, answer.text
        world.carry()
        assert world.fulfilment(order) == {
            "pick": "preparing", "pack": "ready", "accept": "ready", "arrive_at_store": "ready",
        }.get(action, "handed_over" if action not in ("pick", "pack") else ""), action  # fmt: skip
    assert world.act(ana, delivery, "deliver", "arrived", left_with="recipient").status == 200
    world.carry()
    ended = world.see(delivery)
    assert (ended["goods"], ended["carriage"], ended["courier"]) == ("handed", "delivered", "ana")
    assert ended["ended_at"] == ended["times"]["delivered"]
    moves = [message["data"]["after"] for message in world.said if message["type"] == "order.fulfilment_changed"]
    assert moves == ["preparing", "ready", "handed_over"]
    assert [message["sequence"] for message in world.said if message["subject"] == f"delivery/{delivery}"] == [
        *range(1, 10)
    ]


def test_a_delivery_is_made_once_in_whatever_order_messages_come(world: World) -> None:
    order = world.call("POST", "/v1/orders", an_order(world.store, service="delivery", guest=GUEST)).json["id"]
    assert world.call("POST", f"/v1/orders/{order}/cancel", {"reason": "no"}).status == 200
    world.carry(shuffled=True)
    seen = world.of_order(order)
    assert (seen["goods"], seen["carriage"]) == ("cancelled", "cancelled")


def test_an_order_for_takeaway_makes_none(world: World) -> None:
    world.call("POST", "/v1/orders", an_order(world.store))
    world.carry()
    assert world.desk("GET", f"/v1/deliveries?chain=demo&store={world.store}").json["deliveries"] == []


def test_a_till_that_says_ready_packs_the_delivery(world: World) -> None:
    delivery = world.place()
    order = world.see(delivery)["order"]
    world.call("POST", f"/v1/orders/{order}/fulfilment", {"status": "ready"})
    world.carry()
    assert world.see(delivery)["goods"] == "packed"
    assert world.fulfilment(order) == "ready"


def test_an_unpacked_order_is_prepared_again(world: World) -> None:
    delivery = world.place()
    order = world.see(delivery)["order"]
    world.act(world.packer, delivery, "pack", "to_pick")
    world.carry()
    assert world.act(world.packer, delivery, "unpack", "packed").status == 200
    assert world.act(world.packer, delivery, "pack", "picking").status == 200
    world.carry()
    assert (world.see(delivery)["goods"], world.fulfilment(order)) == ("packed", "ready")


@pytest.mark.parametrize("underway", [False, True])
def test_a_cancelled_order_ends_before_pickup_and_comes_back_after_it(world: World, *, underway: bool) -> None:
    delivery, ana = world.place(), world.couriers["ana"]
    order = world.see(delivery)["order"]
    world.act(ana, delivery, "accept", "unassigned")
    world.act(world.packer, delivery, "pack", "to_pick")
    if underway:
        assert world.act(ana, delivery, "pick_up", "accepted").status == 200
        answer = world.act(world.desk, delivery, "cancel", "picked_up", reason="wrong address")
        assert (answer.json["carriage"], answer.json["goods"]) == ("failed", "handed")
        assert world.act(ana, delivery, "return", "failed").json["carriage"] == "returning"
        assert world.act(world.packer, delivery, "take_back", "returning").json["carriage"] == "returned"
    else:
        world.call("POST", f"/v1/orders/{order}/cancel", {"reason": "no"})
        world.carry()
        assert (world.see(delivery)["carriage"], world.see(delivery)["goods"]) == ("cancelled", "cancelled")
    assert world.see(delivery)["ended_at"]
