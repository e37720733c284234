"""Two chains in one env: both have a store `main` in a region `north`, and tills that count from 1."""

from dataclasses import dataclass

import pytest

from functions.orders.tables.order_pages import LOOK_THROUGH
from shared.spine.env import Environment
from stack.gateway_event import Answer
from stack.mariadb import MariaDB
from tests.support import order_api
from tests.support.orders import EVERYTHING, MENU, SETTINGS, Caller, an_order, new_key, paid

CHAINS = ("amber", "birch")


@dataclass
class Chains:
    """Keys of two chains, and of more than one."""

    env: Environment
    database: MariaDB

    def key(self, *places: str, rights: list[str] = EVERYTHING) -> Caller:
        """A caller with these rights at each of the places."""
        key = new_key(self.env, self.database.owner.url, [f"{right}@{at}" for right in rights for at in places], "")
        return Caller(order_api.handler, key)


@pytest.fixture
def chains(env: Environment, database: MariaDB) -> Chains:
    chains = Chains(env, database)
    for chain in CHAINS:
        office = chains.key(f"chain:{chain}")
        assert office("PUT", "/v1/stores/main", SETTINGS | {"chain": chain, "region": "north"}).status == 201
        assert office("PUT", "/v1/stores/main/menu", MENU).status == 200
    return chains


def first_of_the_day(store: str = "main", **different: object) -> dict[str, object]:
    """What each till posts first in the morning."""
    return an_order(store, **{"source": {"kind": "till", "id": "till-1", "number": "1"}} | different)


def listed(caller: Caller, query: str = "") -> list[tuple[str, str]]:
    """(chain, store) of each order that the caller lists."""
    page = caller("GET", f"/v1/orders?{query}")
    assert page.status == 200, page.text
    return [(order["chain"], order["store"]) for order in page.json["orders"]]


def test_two_chains_both_have_a_store_main(chains: Chains) -> None:
    for chain in CHAINS:
        office = chains.key(f"chain:{chain}")
        store = office("GET", "/v1/stores/main").json
        assert (store["id"], store["settings"]["chain"]) == ("main", chain)
        assert office("PUT", "/v1/stores/main/sold-out", {"items": ["cola"]}).status == 200
        other = chains.key(f"chain:{CHAINS[chain == CHAINS[0]]}")
        assert other("GET", "/v1/stores/main/menu").json["sold_out"] == (["cola"] if chain == CHAINS[1] else [])


def test_both_chains_tills_count_from_1(chains: Chains) -> None:
    orders = []
    for chain in CHAINS:
        till = chains.key(f"store:{chain}:main", rights=["orders:write", "orders:read"])
        answer = till("POST", "/v1/orders", first_of_the_day(payments=paid(1325)))
        assert (answer.status, answer.json["chain"], answer.json["pickup_number"]) == (201, chain, 1)
        orders.append(answer.json["id"])
        sought = till("GET", "/v1/orders?source=till&source_id=till-1&number=1")
        assert [order["id"] for order in sought.json["orders"]] == [orders[-1]]
    assert len(set(orders)) == 2


def test_two_stores_of_a_chain_have_tills_of_one_name(chains: Chains) -> None:
    office = chains.key("chain:amber")
    assert office("PUT", "/v1/stores/annex", SETTINGS | {"chain": "amber"}).status == 201
    assert office("PUT", "/v1/stores/annex/menu", MENU).status == 200
    for store in ("main", "annex"):
        assert office("POST", "/v1/orders", first_of_the_day(store)).status == 201
    sought = "source=till&source_id=till-1&number=1"
    assert listed(office, sought) == [("amber", "main"), ("amber", "annex")]
    assert listed(office, f"{sought}&store=annex") == [("amber", "annex")]


@pytest.mark.parametrize("at", ["region:amber:north", "store:amber:main", "chain:amber"])
def test_a_grant_reaches_into_no_other_chain(chains: Chains, at: str) -> None:
    for chain in CHAINS:
        assert chains.key(f"chain:{chain}")("POST", "/v1/orders", first_of_the_day()).status == 201
    caller = chains.key(at)
    for query in ("", "store=main", "source=till&source_id=till-1&number=1", "order=newest", "status=placed"):
        assert listed(caller, query) == [("amber", "main")], query
    assert listed(caller, "store=birch:main") == []
    assert caller("PUT", "/v1/stores/main/menu", MENU | {"delivery_charge": 1}).status == 200
    assert "delivery_charge" not in {
        name for name, value in chains.key("chain:birch")("GET", "/v1/stores/main/menu").json["menu"].items() if value
    }


@pytest.mark.parametrize("at", ["region:amber:north", "store:amber:main", "chain:amber"])
def test_another_chains_store_and_orders_are_not_there(chains: Chains, at: str) -> None:
    order = chains.key("chain:birch")("POST", "/v1/orders", first_of_the_day()).json["id"]
    caller = chains.key(at)
    requests: list[tuple[str, str, object]] = [
        ("GET", "/v1/stores/birch%3Amain", None), ("GET", "/v1/stores/birch%3Amain/menu", None),
        ("PUT", "/v1/stores/birch%3Amain/menu", MENU), ("PUT", "/v1/stores/birch%3Amain/sold-out", {"items": []}),
        ("PUT", "/v1/stores/birch%3Amain/opening-hours", {"week": [[]] * 7}),
        ("GET", f"/v1/orders/{order}", None), ("GET", f"/v1/orders/{order}/trace", None),
        ("POST", f"/v1/orders/{order}/payments", paid(1325)[0]),
        ("POST", f"/v1/orders/{order}/cancel", {"reason": "x"}),
        ("POST", f"/v1/orders/{order}/refunds", {"reference": "r", "amount": 1, "reason": "x"}),
        ("POST", f"/v1/orders/{order}/fulfilment", {"status": "accepted"}),
    ]  # fmt: skip
    assert {caller(*request).status for request in requests} == {404}
    refused = caller("POST", "/v1/orders", first_of_the_day("birch:main"))
    assert (refused.status, refused.json["code"]) == (422, "not_orderable")
    assert caller("PUT", "/v1/stores/main", SETTINGS | {"chain": "birch", "region": "north"}).status == 403


def test_a_key_of_several_chains_names_the_chain(chains: Chains) -> None:
    both = chains.key("chain:amber", "chain:birch")
    unclear = both("GET", "/v1/stores/main")
    assert (unclear.status, unclear.json["code"]) == (422, "ambiguous_store")
    assert unclear.json["stores"] == ["amber:main", "birch:main"]
    assert both("POST", "/v1/orders", first_of_the_day()).json["code"] == "ambiguous_store"
    assert both("GET", "/v1/orders?store=main").json["code"] == "ambiguous_store"
    for chain in CHAINS:
        answer = both("POST", "/v1/orders", first_of_the_day(f"{chain}:main"))
        assert (answer.status, answer.json["chain"], answer.json["store"]) == (201, chain, "main")
        assert both("GET", f"/v1/stores/{chain}%3Amain").json["settings"]["chain"] == chain
    assert listed(both) == [("amber", "main"), ("birch", "main")]
    assert listed(both, "order=newest") == [("birch", "main"), ("amber", "main")]
    for query in ("chain=birch", "chain=birch&store=main", "chain=birch&source=till&source_id=till-1&number=1"):
        assert listed(both, query) == [("birch", "main")], query
    assert listed(both, "chain=birch&store=amber:main") == listed(both, "chain=cedar") == []
    only_here = both("PUT", "/v1/stores/annex", SETTINGS | {"chain": "birch"})
    assert (only_here.status, both("GET", "/v1/stores/annex").json["id"]) == (201, "annex")


def test_a_path_and_its_settings_name_one_chain(chains: Chains) -> None:
    both = chains.key("chain:amber", "chain:birch")
    refused = both("PUT", "/v1/stores/amber%3Anew", SETTINGS | {"chain": "birch"})
    assert (refused.status, [fault["path"] for fault in refused.json["errors"]]) == (422, ["chain"])
    assert both("PUT", "/v1/stores/amber%3Anew", SETTINGS | {"chain": "amber"}).json["id"] == "new"


def conflict(caller: Caller, store: str = "main") -> Answer:
    """Another order under a number that is taken."""
    return caller("POST", "/v1/orders", first_of_the_day(store, table="7"))


def test_a_conflict_shows_the_order_to_those_who_may_read_it(chains: Chains) -> None:
    order = chains.key("chain:amber")("POST", "/v1/orders", first_of_the_day()).json["id"]
    reader = conflict(chains.key("chain:amber", rights=["orders:write", "orders:read"]))
    assert (reader.status, reader.json["code"], reader.json["order"]) == (409, "order_exists", order)
    writer = conflict(chains.key("chain:amber", rights=["orders:write"]))
    assert (writer.status, writer.json["code"]) == (409, "order_exists")
    assert order not in writer.text


COPY = """
    INSERT INTO orders (id, receipt_id, chain_id, store_id, source_kind, source_id, source_number, source_day,
        request_hash, business_day, pickup_number, placed_at, received_at, currency, total, paid, refunded,
        payment_status, fulfilment_status, differs, last_sequence, document)
    SELECT CONCAT('01', LPAD(%s, 8, '0'), SUBSTRING(id, 11)),
        CONCAT('01', LPAD(%s, 8, '0'), SUBSTRING(id, 11)), chain_id, store_id, source_kind, source_id,
        CONCAT('c', %s), source_day, request_hash, business_day, pickup_number + 1 + %s, placed_at, received_at,
        currency, total, paid, refunded, payment_status, fulfilment_status, differs, last_sequence, document
    FROM orders WHERE id = %s"""


@pytest.mark.parametrize("newest", [False, True])
def test_no_cursor_is_an_order_that_the_key_may_not_read(
    chains: Chains,
    database: MariaDB,
    newest: bool,  # noqa: FBT001 - a table's column
) -> None:
    office = chains.key("chain:amber")
    assert office("PUT", "/v1/stores/south", SETTINGS | {"chain": "amber", "region": "south"}).status == 201
    assert office("PUT", "/v1/stores/south/menu", MENU).status == 200
    own = office("POST", "/v1/orders", first_of_the_day("south")).json["id"]
    foreign = office("POST", "/v1/orders", first_of_the_day("main")).json["id"]
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.executemany(COPY, [(n, n, n, n, foreign) for n in range(LOOK_THROUGH + 50)])
        cursor.execute("SELECT id, receipt_id FROM orders WHERE store_id = 'amber:main'")
        hidden = {identifier for row in cursor.fetchall() for identifier in row}
    south = chains.key("region:amber:south", rights=["orders:read"])
    cursor_of_page, pages, orders = "", 0, []
    while cursor_of_page is not None:
        query = f"order={'newest' if newest else 'oldest'}" + (f"&cursor={cursor_of_page}" if cursor_of_page else "")
        page = south("GET", f"/v1/orders?{query}").json
        orders += [order["id"] for order in page["orders"]]
        cursor_of_page, pages = page["next"], pages + 1
        assert cursor_of_page not in hidden
    assert (orders, pages) == ([own], 2)


def test_the_other_chains_orders_are_not_looked_through(chains: Chains, database: MariaDB) -> None:
    """A chain's page costs what the chain has, however many orders its neighbours have."""
    own = chains.key("chain:amber")("POST", "/v1/orders", first_of_the_day()).json["id"]
    foreign = chains.key("chain:birch")("POST", "/v1/orders", first_of_the_day()).json["id"]
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.executemany(COPY, [(n, n, n, n, foreign) for n in range(LOOK_THROUGH + 50)])
    page = chains.key("chain:amber")("GET", "/v1/orders").json
    assert ([order["id"] for order in page["orders"]], page["next"]) == ([own], None)


def test_old_grants_without_a_chain_allow_nothing(
    chains: Chains, database: MariaDB, caplog: pytest.LogCaptureFixture
) -> None:
    caller = chains.key("chain:amber")
    key_id = caller.key["id"]
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        grants = '["menu:read@region:north", "orders:read@store:main"]'
        cursor.execute("UPDATE api_clients SET grants = %s WHERE id = %s", (grants, key_id))
    assert caller("GET", "/v1/stores/main").status == 404
    assert listed(caller) == []
    assert caplog.text.count("grant ignored") >= 2
