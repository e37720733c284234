"""A delivery has all that its order says: the person at the door, its place, gift, card, wishes and window."""

from datetime import UTC, datetime, timedelta

from tests.support.deliveries import GUEST, World
from tests.support.orders import an_order

WISH = {
    "name": "Bea", "phone": "+1 555 0199", "lat": 52.01, "lon": 13, "gift": True, "surprise": True,
    "card": "Happy birthday!", "wishes": "the green gate",
}  # fmt: skip


def test_the_order_of_a_gift_makes_the_whole_delivery(world: World) -> None:
    begin = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=3)
    end = begin + timedelta(minutes=25)
    guest = GUEST | {"delivery": WISH | {"wanted_until": end.isoformat()}}
    seen = world.see(world.place(guest=guest, wanted_for=begin.isoformat(), note="no lilies"))
    assert seen["details"] == {
        "recipient": {"name": "Bea", "phone": "+1 555 0199", "address": GUEST["address"], "lat": 52.01, "lon": 13.0},
        "payer": {"name": "Ada", "phone": GUEST["phone"]},
        "gift": True, "surprise": True, "card": "Happy birthday!", "wishes": "the green gate\nno lilies",
        "vehicles": [], "may_leave": False,
    }  # fmt: skip
    window = [datetime.fromisoformat(seen[name]) for name in ("wanted_from", "wanted_until")]
    assert window == [begin, end]


def test_a_courier_never_gets_the_number_of_who_sends_a_gift(world: World) -> None:
    delivery = world.place(guest=GUEST | {"delivery": {"gift": True}})
    assert world.act(world.couriers["ana"], delivery, "accept", "unassigned").status == 200
    seen = world.couriers["ana"]("GET", f"/v1/deliveries/{delivery}")
    assert seen.json["details"]["recipient"]["address"] == GUEST["address"]
    assert GUEST["phone"] not in seen.text
    assert GUEST["name"] not in seen.text


def test_without_another_person_the_guest_is_at_the_door(world: World) -> None:
    recipient = world.see(world.place(guest=GUEST | {"delivery": {"lat": 1.5, "lon": -2.5}}))["details"]["recipient"]
    assert recipient == {**GUEST, "lat": 1.5, "lon": -2.5}


def test_a_platforms_masked_number_is_delivered_as_it_came(world: World) -> None:
    source = {"kind": "platform", "id": "p-1", "number": "77-1"}
    delivery = world.place(source=source, guest=GUEST | {"phone": "13800138000_3473", "address": "x" * 1_000})
    assert world.act(world.couriers["ana"], delivery, "accept", "unassigned").status == 200
    seen = world.couriers["ana"]("GET", f"/v1/deliveries/{delivery}").json["details"]["recipient"]
    assert (seen["phone"], seen["address"]) == ("13800138000_3473", "x" * 1_000)


def test_a_mini_program_is_told_of_half_a_place_and_a_sale_goes_without_it(world: World) -> None:
    order = {"guest": GUEST | {"delivery": {"lat": 91.0, "lon": 13.0}}}
    delivery = world.place(source={"kind": "till", "id": "till-1", "number": "77-2"}, **order)
    assert world.see(delivery)["details"]["recipient"]["lat"] is None
    source = {"kind": "mini_program", "id": "mini", "number": "77-3"}
    for place in ({"lat": 91.0, "lon": 13.0}, {"lat": 52.0}):
        body = an_order(world.store, service="delivery", source=source, guest=GUEST | {"delivery": place})
        assert world.call("POST", "/v1/orders", body).status == 422
