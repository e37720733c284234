"""The customer's page shows one delivery, and the courier from pickup to the door alone."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.delivery.creation.link import pin_of
from stack.gateway_event import Answer
from tests.functions.delivery.resources.test_positions import fix, unsigned
from tests.support.deliveries import World

RECIPIENT = {"name": "Bea", "phone": "+1 555 0111", "address": "2 Mill Lane", "lat": 52.01, "lon": 13.0}


def link_of(world: World, delivery: str) -> str:
    return str(world.see(delivery)["link"]).removeprefix("/d/")


def track(link: str, part: str = "", **headers: str) -> Answer:
    return unsigned("GET", f"/v1/tracks/{link}{part}", **headers)


def gift(world: World) -> str:
    delivery = world.place()
    details = {"recipient": RECIPIENT, "payer": {"name": "Ada", "phone": "+1 555 0100"}, "gift": True, "card": "Secret"}
    body = {"revision": world.see(delivery)["revision"], "details": details}
    assert world.desk("PUT", f"/v1/deliveries/{delivery}/details", body).status == 200
    return delivery


def pick_up(world: World, delivery: str) -> None:
    ana = world.couriers["ana"]
    world.act(world.packer, delivery, "pack", "to_pick")
    world.act(ana, delivery, "accept", "unassigned")
    assert world.act(ana, delivery, "pick_up", "accepted").status == 200


def send(world: World, ago: int = 0, **different: float) -> None:
    body = {"fixes": [fix(datetime.now(UTC) - timedelta(seconds=ago), **different)]}
    assert world.couriers["ana"]("POST", "/v1/courier-positions", body).json["taken"] == 1


def test_a_gift_shows_neither_sender_nor_card_nor_price_nor_phone(world: World) -> None:
    link = link_of(world, gift(world))
    seen = track(link)
    assert (seen.json["state"], seen.json["sender"], seen.json["pin"]) == ("preparing", None, pin_of(link))
    for secret in ("Ada", "555", "Secret", "1325", "Mill Lane", "Bea"):
        assert secret not in seen.text


def test_the_place_is_shown_from_pickup_to_the_end_and_never_outside(world: World) -> None:
    delivery = gift(world)
    link = link_of(world, delivery)
    send(world, ago=120)
    assert track(link, "/position").status == 404
    pick_up(world, delivery)
    # The place from before the pickup is none of this customer's.
    assert track(link, "/position").status == 404
    send(world, lat=52.005)
    seen = track(link, "/position")
    assert (seen.status, seen.json["lat"]) == (200, 52.005)
    # 0.005° are 556 m; × 1.3 ÷ 350 m a minute = 2.07 minutes.
    assert (seen.json["minutes"], seen.json["near"]) == (2, False)
    assert track(link).json["state"] == "picked_up"
    world.act(world.couriers["ana"], delivery, "deliver", "picked_up")
    assert track(link, "/position").status == 404
    ended = track(link).json
    assert (ended["state"], ended["pin"], ended["door"], ended["courier"], ended["poll_seconds"]) == (
        "delivered", None, None, None, None,
    )  # fmt: skip


def test_the_place_of_a_courier_is_not_shown_on_the_link_of_another_delivery(world: World) -> None:
    first, second = gift(world), gift(world)
    pick_up(world, first)
    world.act(world.couriers["ana"], second, "accept", "unassigned")
    send(world)
    assert track(link_of(world, first), "/position").status == 200
    assert track(link_of(world, second), "/position").status == 404


@pytest.mark.parametrize("link", ["A" * 22, "A" * 21, "%00" * 22])
@pytest.mark.usefixtures("world")
def test_a_guessed_link_opens_nothing(link: str) -> None:
    assert track(link).status in (404, 422)
    assert track(link, "/position").status in (404, 422)


def test_an_unchanged_delivery_answers_304_within_five_milliseconds(world: World) -> None:
    link = link_of(world, gift(world))
    tag = track(link).headers["etag"]
    times = []
    for _ in range(30):
        began = time.thread_time()
        answer = track(link, **{"if-none-match": tag})
        times.append(time.thread_time() - began)
        assert (answer.status, answer.text) == (304, "")
    # The processor's time of the fastest: other programs of this machine are no part of the handler.
    assert min(times) < 0.005


def test_a_change_has_another_tag(world: World) -> None:
    delivery = gift(world)
    link = link_of(world, delivery)
    tag = track(link).headers["etag"]
    world.act(world.packer, delivery, "pack", "to_pick")
    changed = track(link, **{"if-none-match": tag})
    assert (changed.status, changed.json["state"]) == (200, "ready")


def test_stars_come_after_the_delivery_and_a_complaint_at_any_time(world: World) -> None:
    delivery = gift(world)
    target = f"/v1/tracks/{link_of(world, delivery)}/feedback"
    assert unsigned("POST", target, {"stars": 5}).status == 409
    for _ in range(2):
        assert unsigned("POST", target, {"complaint": "where is it?"}).json == {"stars": None, "complained": True}
    assert complaints(world) == ["where is it?"]
    assert world.see(delivery)["feedback"] == {"stars": None, "complaint": "where is it?"}
    assert world.packer("GET", f"/v1/deliveries/{delivery}").json["feedback"] is None
    pick_up(world, delivery)
    assert unsigned("POST", target, {"stars": 5}).status == 409
    world.act(world.couriers["ana"], delivery, "deliver", "picked_up")
    assert unsigned("POST", target, {"stars": 5}).json == {"stars": 5, "complained": True}
    for wrong in ({}, {"stars": 6}, {"stars": 5, "delivery": "x"}):
        assert unsigned("POST", target, wrong).status == 422


def complaints(world: World) -> list[str]:
    messages = world.desk("GET", f"/v1/inbox?party=desk&chain=demo&store={world.store}").json["messages"]
    return [message["values"]["text"] for message in messages if message["template"] == "complaint"]


def test_a_cancelled_delivery_gets_no_stars_and_its_complaint_reaches_the_desk(world: World) -> None:
    delivery = gift(world)
    target = f"/v1/tracks/{link_of(world, delivery)}/feedback"
    world.act(world.desk, delivery, "cancel", "unassigned", reason="sold out")
    assert unsigned("POST", target, {"stars": 1}).status == 409
    assert unsigned("POST", target, {"complaint": "again?"}).status == 200
    assert unsigned("POST", target, {"complaint": "and no call"}).status == 200
    assert complaints(world) == ["again?", "and no call"]


def test_a_courier_with_two_orders_comes_to_the_first_door_first(world: World) -> None:
    first, second = gift(world), gift(world)
    seen = world.see(second)
    recipient = RECIPIENT | {"lat": 52.02}
    body = {"revision": seen["revision"], "details": seen["details"] | {"recipient": recipient}}
    assert world.desk("PUT", f"/v1/deliveries/{second}/details", body).status == 200
    for delivery in (first, second):
        pick_up(world, delivery)
    send(world, lat=52.0)
    # 0.01° are 1,112 m; × 1.3 ÷ 350 m a minute = 4.13 minutes. The second door is twice as far, with a stop of 4.
    minutes = [track(link_of(world, delivery), "/position").json["minutes"] for delivery in (first, second)]
    assert minutes == [4, 12]
    assert world.act(world.couriers["ana"], first, "deliver", "picked_up").status == 200
    assert track(link_of(world, second), "/position").json["minutes"] == 8


def test_a_store_of_china_shows_places_as_chinese_maps_do(world: World) -> None:
    body = {"chain": "demo", "lat": 31.1774276, "lon": 121.5272106, "map_system": "gcj02"}
    world.desk("PUT", f"/v1/delivery-stores/{world.store}", body)
    place: dict[str, Any] = track(link_of(world, world.place())).json["store"]
    # The published test value of eviltransform.
    assert (place["lat"], place["lon"]) == pytest.approx((31.17530398364597, 121.531541859215), abs=1e-8)


def test_a_surprise_is_told_to_nobody_before_it_is_delivered(world: World) -> None:
    ana, delivery = world.couriers["ana"], world.place()
    body = {"chain": "demo", "needs_pin": True}
    assert world.desk("PUT", f"/v1/delivery-stores/{world.store}", body).status == 200
    details = {"recipient": RECIPIENT, "gift": True, "surprise": True}
    body = {"revision": world.see(delivery)["revision"], "details": details}
    assert world.desk("PUT", f"/v1/deliveries/{delivery}/details", body).status == 200
    link = link_of(world, delivery)
    pick_up(world, delivery)
    send(world)
    messages = f"/v1/delivery-links/{link}/messages"
    assert [track(link).status, track(link, "/position").status, unsigned("GET", messages).status] == [404] * 3
    seen = ana("GET", f"/v1/deliveries/{delivery}").json
    assert (seen["lines"], seen["details"]["recipient"]["phone"]) == ([], None)
    assert seen["details"]["recipient"]["address"] == RECIPIENT["address"]
    assert world.packer("GET", f"/v1/deliveries/{delivery}").json["lines"]
    # Nobody at the door has a PIN.
    assert world.act(ana, delivery, "deliver", "picked_up", left_with="recipient").status == 200
    assert (track(link).json["state"], track(link).json["sender"]) == ("delivered", None)
    assert [message["template"] for message in unsigned("GET", messages).json["messages"]] == ["delivery.deliver"]
    assert ana("GET", f"/v1/deliveries/{delivery}").json["lines"]


def test_a_courier_whose_name_is_spaces_has_no_first_name(world: World) -> None:
    delivery, spaces = gift(world), world.courier("spaces", name=" \u3000")
    world.act(world.packer, delivery, "pack", "to_pick")
    assert world.act(spaces, delivery, "accept", "unassigned").status == 200
    seen = track(link_of(world, delivery))
    assert (seen.status, seen.json["courier"]) == (200, "")
