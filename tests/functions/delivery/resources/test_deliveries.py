"""Lists of deliveries: of each store in which a person has a right, which may be another right in each store."""

from datetime import UTC, datetime, timedelta

from tests.support.deliveries import GUEST, World
from tests.support.orders import an_order, open_store


def test_a_person_who_packs_in_one_store_and_carries_in_another_sees_both(world: World) -> None:
    other, third = open_store(world.call), open_store(world.call)
    both = world.caller([f"delivery:pack@store:demo:{world.store}", f"delivery:carry@store:demo:{other}"], "")
    now = datetime.now(UTC)
    body = {"chain": "demo", "name": "Bo", "client": both.key["id"], "stores": [other, world.store],
            "shift_from": (now - timedelta(hours=1)).isoformat(),
            "shift_until": (now + timedelta(hours=4)).isoformat()}  # fmt: skip
    assert world.desk("PUT", "/v1/couriers/bo", body).status == 200
    placed = {store: _place(world, store) for store in (world.store, other, third)}
    listed = both("GET", "/v1/deliveries?chain=demo").json["deliveries"]
    assert {one["id"] for one in listed} == {placed[world.store], placed[other]}
    for store in (world.store, other):
        [one] = both("GET", f"/v1/deliveries?chain=demo&store={store}").json["deliveries"]
        assert one["id"] == placed[store]
    assert both("GET", f"/v1/deliveries?chain=demo&store={third}").status == 403
    assert world.packer("GET", f"/v1/deliveries?chain=demo&store={other}").status == 403


def _place(world: World, store: str) -> str:
    order = world.call("POST", "/v1/orders", an_order(store, service="delivery", guest=GUEST))
    assert order.status == 201, order.text
    world.carry()
    return str(world.of_order(order.json["id"])["id"])
