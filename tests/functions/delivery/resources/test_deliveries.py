"""Lists of deliveries: of each store in which a person has a right, which may be another right in each store."""

from datetime import UTC, datetime, timedelta

from stack.mariadb import MariaDB
from tests.support.deliveries import GUEST, World
from tests.support.orders import an_order, open_store

OPEN_STORE = """
    INSERT INTO stores (id, chain_id, region_id, revision, settings, sold_out) VALUES (%s, %s, %s, 1, %s, %s)"""


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


def test_a_chain_with_many_stores_sees_the_deliveries_and_the_settings_of_all(world: World, database: MariaDB) -> None:
    """The store's key is behind those of 250 others."""
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT chain_id, region_id, settings, sold_out FROM stores WHERE id = %s", (f"demo:{world.store}",)
        )
        like = cursor.fetchone()
        rows = [(f"demo:a{number:03}", *like) for number in range(250)]
        cursor.executemany(OPEN_STORE, rows)
    assert world.desk("PUT", f"/v1/delivery-stores/{world.store}", {"chain": "demo"}).status == 200
    placed = _place(world, world.store)
    listed = world.desk("GET", "/v1/deliveries?chain=demo").json["deliveries"]
    assert [one["id"] for one in listed] == [placed]
    settings = world.desk("GET", "/v1/delivery-stores?chain=demo").json["stores"]
    assert [one["store"] for one in settings] == [world.store]


def _place(world: World, store: str) -> str:
    order = world.call("POST", "/v1/orders", an_order(store, service="delivery", guest=GUEST))
    assert order.status == 201, order.text
    world.carry()
    return str(world.of_order(order.json["id"])["id"])


def test_open_deliveries_come_in_pages(world: World) -> None:
    placed = sorted(world.place() for _ in range(3))
    target = f"/v1/deliveries?chain=demo&store={world.store}&limit=2"
    first = world.desk("GET", target).json
    second = world.desk("GET", f"{target}&after={first['next']}").json
    assert [[one["id"] for one in page["deliveries"]] for page in (first, second)] == [placed[:2], placed[2:]]
    assert (first["next"], second["next"]) == (placed[1], None)
