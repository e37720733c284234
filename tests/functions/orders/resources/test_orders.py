"""GET /v1/orders: pages of orders in the order of their receipt."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from functions.orders.tables.order_pages import LOOK_THROUGH
from shared.contracts.ids import first_id
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.support.environments import Another
from tests.support.orders import Caller, an_order, new_key, open_store, paid

NOON = datetime(2025, 1, 15, 17, 0, tzinfo=UTC)


def ids(call: Caller, query: str = "") -> list[str]:
    answer = call("GET", f"/v1/orders?{query}")
    assert answer.status == 200, answer.text
    return [order["id"] for order in answer.json["orders"]]


def place(call: Caller, store: str, **parts: object) -> str:
    found: str = call("POST", "/v1/orders", an_order(store, **parts)).json["id"]
    return found


def test_pages_together_are_all_orders_once_and_in_order(call: Caller, store: str) -> None:
    placed = [place(call, store) for _ in range(7)]
    found: list[str] = []
    cursor, sizes = "", []
    while True:
        page = call("GET", f"/v1/orders?store={store}&limit=3{cursor}").json
        found += [order["id"] for order in page["orders"]]
        sizes.append(len(page["orders"]))
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert (found, sizes) == (placed, [3, 3, 1])


def test_a_full_last_page_says_that_there_is_no_next(call: Caller, store: str) -> None:
    placed = [place(call, store) for _ in range(2)]
    page = call("GET", f"/v1/orders?store={store}&limit=2").json
    assert ([order["id"] for order in page["orders"]], page["next"]) == (placed, None)
    after_the_last = first_id(datetime.now(UTC) + timedelta(seconds=1))
    assert call("GET", f"/v1/orders?store={store}&cursor={after_the_last}").json == {"orders": [], "next": None}


def test_each_filter_leaves_what_it_names(call: Caller, another: Another, store: str) -> None:
    other = open_store(call)
    early, late, later = (another(NOON + timedelta(seconds=seconds)) for seconds in (0, 1, 2))
    first = place(early, store, source={"kind": "platform", "id": "p", "number": "1"})
    second = place(late, store, source={"kind": "platform", "id": "p", "number": "2"})
    third = place(later, other, source={"kind": "till", "id": "t", "number": "1"})
    late("POST", f"/v1/orders/{second}/cancel", {"reason": "x"})
    assert ids(call) == [first, second, third]
    assert set(ids(call, f"store={store}")) == {first, second}
    assert ids(call, "source=platform&source_id=p&number=1") == [first]
    assert ids(call, f"source=platform&source_id=p&number=1&store={other}") == []
    assert ids(call, "source=till&source_id=t&number=1&status=placed") == [third]
    assert set(ids(call, "status=placed")) == {first, third}
    assert ids(call, "status=cancelled") == ids(call, f"store={store}&status=cancelled") == [second]
    assert ids(call, f"store={store}&status=placed&since=2025-01-15T17:00:00.999Z") == []
    assert set(ids(call, "since=2025-01-15T17:00:00.999Z")) == {second, third}
    assert set(ids(call, "since=" + quote("2025-01-16T01:00:01+08:00"))) == {second, third}
    assert ids(call, "since=1970-01-01T00:00:00Z") == ids(call)
    assert ids(call, "since=2999-12-31T23:59:59Z") == []
    assert ids(call, "store=nowhere") == []


def test_orders_are_listed_as_they_stand(call: Caller, store: str) -> None:
    order = place(call, store)
    call("POST", f"/v1/orders/{order}/payments", paid(1325)[0])
    call("POST", f"/v1/orders/{order}/refunds", {"reference": "r", "amount": 25, "reason": "cold"})
    (listed,) = call("GET", "/v1/orders").json["orders"]
    assert listed == call("GET", f"/v1/orders/{order}").json
    assert (listed["payment"], len(listed["payments"]), len(listed["refunds"])) == ("part_refunded", 1, 1)


def test_a_key_lists_the_stores_that_it_may_read(
    call: Caller, another: Another, env: Environment, database: MariaDB
) -> None:
    stores = [
        open_store(call, region="east"), open_store(call, region="west"), open_store(call, region="west"),
    ]  # fmt: skip
    orders = [place(call, store) for store in stores]

    def seen_by(at: str, right: str = "orders:read") -> set[str]:
        return set(ids(another(key=new_key(env, database.owner.url, [right], at))))

    assert seen_by("chain:demo") == set(orders)
    assert seen_by("region:demo:west") == set(orders[1:])
    assert seen_by(f"store:demo:{stores[0]}") == {orders[0]}
    assert seen_by("chain:other") == seen_by("store:demo:nowhere") == set()
    assert seen_by("chain:demo", "orders:write") == set()
    narrow = another(key=new_key(env, database.owner.url, ["orders:read"], f"store:demo:{stores[0]}"))
    assert ids(narrow, f"store={stores[1]}") == []


def test_queries_that_make_no_sense_are_refused_with_the_name(call: Caller) -> None:
    for query, name in [
        ("limit=0", "limit"), ("limit=201", "limit"), ("limit=many", "limit"), ("cursor=x", "cursor"),
        ("since=yesterday", "since"), ("since=2025-01-15T12:00:00", "since"), ("status=eaten", "status"),
        ("since=1969-12-31T23:59:59Z", "since"), ("since=0001-01-01T00:00:00Z", "since"), ("store=../x", "store"),
        ("colour=red", "colour"), ("limit=1&limit=2", "limit"), ("store=", "store"), ("%00=1", "\0"),
    ]:  # fmt: skip
        refused = call("GET", f"/v1/orders?{query}")
        assert (refused.status, refused.json["code"]) == (422, "query_invalid"), query
        assert [fault["path"] for fault in refused.json["errors"]] == [name]


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ("number=1", {"source", "source_id"}),
        ("source_id=t&number=1", {"source"}),
        ("source=till", {"source_id", "number"}),
        ("source=till&source_id=t", {"number"}),
    ],
)
def test_a_part_of_a_source_s_number_is_refused_with_what_is_missing(
    call: Caller, given: str, missing: set[str]
) -> None:
    refused = call("GET", f"/v1/orders?{given}")
    assert (refused.status, refused.json["code"]) == (422, "query_invalid")
    assert {(fault["path"], fault["code"]) for fault in refused.json["errors"]} == {(m, "missing") for m in missing}


# An order's copies, older than it; every 4,000th of them has been accepted.
MANY, ACCEPTED_EVERY = 12_000, 4_000
COPY = """
    INSERT INTO orders
    SELECT CONCAT('01', LPAD(seq, 8, '0'), REPEAT('0', 16)),
        CONCAT('01', LPAD(seq, 8, '0'), REPEAT('0', 16)), chain_id, store_id, source_kind,
        source_id, seq, source_day, request_hash, business_day,
        pickup_number + seq, placed_at, received_at, member_id, currency, total, paid, refunded, rounding, settled_at,
        payment_status,
        IF(seq %% 4000 = 0, 'accepted', fulfilment_status), differs, last_sequence, REPLACE(document, id,
        CONCAT('01', LPAD(seq, 8, '0'), REPEAT('0', 16))),
        version, bill_status, table_name, phone_ending, close_number, bill, liabilities
    FROM orders JOIN JSON_TABLE(%s, '$[*]' COLUMNS (seq INT PATH '$')) AS numbers WHERE id = %s"""


@pytest.fixture
def many(call: Caller, store: str, database: MariaDB) -> list[str]:
    """Ids of the accepted ones among `MANY` orders of one store."""
    near = place(call, store)
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(COPY, (json.dumps([*range(1, MANY + 1)]), near))
        cursor.execute("ANALYZE TABLE orders")
    return [f"01{number:08}{0:016}" for number in range(ACCEPTED_EVERY, MANY + 1, ACCEPTED_EVERY)]


def rows_read(env: Environment, work: Callable[[], Any]) -> int:
    """How many rows the database handed over to its SQL layer meanwhile, by its own count."""

    def count() -> int:
        with env.db.transaction() as transaction:
            rows = transaction.rows("SHOW SESSION STATUS LIKE 'Handler_read%%'", ())
        return sum(int(row["Value"]) for row in rows)

    counting = count()
    counting = count() - counting
    before = count()
    work()
    return count() - before - counting


@pytest.mark.parametrize(
    ("query", "most"),
    [
        ("store={store}", 400),
        ("store={store}&status=accepted", 50),
        ("store={store}&status=accepted&since=2020-01-01T00:00:00Z", 50),
        ("store={store}&status=ready", 50),
        ("store={store}&cursor=01000119900000000000000000", 250),
        ("source=till&source_id=till-1&number=7777", 20),
        ("source=till&source_id=till-1&number=7777&status=ready", 20),
        ("", 2 * LOOK_THROUGH + 300),
        ("since=1990-01-01T00:00:00Z", 2 * LOOK_THROUGH + 300),
        ("status=accepted", 2 * LOOK_THROUGH + 300),
        ("status=accepted&since=1990-01-01T00:00:00Z", 2 * LOOK_THROUGH + 300),
        ("cursor=01000119900000000000000000&status=ready", 100),
    ],
)
def test_no_page_reads_more_of_a_large_table_than_its_index_has_for_it(
    call: Caller, env: Environment, store: str, many: list[str], query: str, most: int
) -> None:
    del many
    target = query.format(store=store)
    ids(call, target)
    assert rows_read(env, lambda: ids(call, target)) <= most


def test_a_key_for_one_store_reads_no_more_of_the_others(
    call: Caller, env: Environment, database: MariaDB, many: list[str]
) -> None:
    del many
    last = place(call, open_store(call))
    store = call("GET", f"/v1/orders/{last}").json["store"]
    narrow = Caller(call.handler, new_key(env, database.owner.url, ["orders:read"], f"store:demo:{store}"))
    assert ids(narrow, f"store={store}") == [last]
    assert ids(narrow) == []
    assert rows_read(env, lambda: ids(narrow)) <= 3 * LOOK_THROUGH


@pytest.mark.parametrize("query", ["status=accepted", "store={store}&status=accepted"])
def test_pages_lead_to_all_that_there_is_also_where_some_are_empty(
    call: Caller, store: str, many: list[str], query: str
) -> None:
    found, cursor, pages = [], "", 0
    while cursor is not None:
        page = call("GET", f"/v1/orders?{query.format(store=store)}&limit=2" + (f"&cursor={cursor}" if cursor else ""))
        found += [order["id"] for order in page.json["orders"]]
        cursor, pages = page.json["next"], pages + 1
    assert found == many
    assert pages <= MANY / LOOK_THROUGH + 2


def test_a_page_of_large_orders_ends_before_lambda_would_refuse_it(call: Caller, store: str, database: MariaDB) -> None:
    lines = [{"item": "cola", "quantity": 1, "unit_price": 300, "note": '"' * 199} for _ in range(200)]
    large = place(call, store, lines=lines, total=60_000)
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(COPY, (json.dumps([*range(1, 71)]), large))
    found: list[str] = []
    cursor = ""
    while cursor is not None:
        page = call("GET", f"/v1/orders?store={store}&limit=200" + (f"&cursor={cursor}" if cursor else ""))
        # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 6 MB, of the reply as JSON
        assert len(json.dumps(page.text)) < 6 * 1024 * 1024
        found += [order["id"] for order in page.json["orders"]]
        cursor = page.json["next"]
    assert found == [*(f"01{number:08}{0:016}" for number in range(1, 71)), large]


def test_the_newest_come_first_where_that_is_asked_for(call: Caller, store: str) -> None:
    ids = [call("POST", "/v1/orders", an_order(store)).json["id"] for _ in range(5)]
    for target in (f"/v1/orders?store={store}&order=newest", "/v1/orders?order=newest"):
        first = call("GET", f"{target}&limit=3").json
        assert [order["id"] for order in first["orders"]] == ids[:1:-1]
        rest = call("GET", f"{target}&limit=3&cursor={first['next']}").json
        assert [order["id"] for order in rest["orders"]] == ids[1::-1]
        assert rest["next"] is None
