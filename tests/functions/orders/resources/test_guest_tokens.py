"""Guest tokens: a guest's device places a few orders of its own in one store, and reaches nothing else."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pymysql
import pytest

from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.support.environments import at_once, caller
from tests.support.guests import ORDERS, TOKENS, Guest, code, fault_codes, guest_of, make_token, order_of
from tests.support.intake import rows_in
from tests.support.orders import Caller, an_order, new_key, open_store, paid

NOON = datetime(2025, 1, 15, 17, 0, tzinfo=UTC)
RIGHTS = ["guests:token"]


# What a token allows


def test_a_guest_places_reads_and_cancels_its_own_order(server: Caller, store: str) -> None:
    guest, token = guest_of(server, store)
    placed = guest("POST", ORDERS, order_of(token))
    assert (placed.status, placed.json["total"]) == (201, 1325), placed.text
    path = f"{ORDERS}/{placed.json['id']}"
    assert guest("GET", path).json == placed.json
    assert guest("GET", f"/v1/stores/{store}/menu").json["currency"] == "USD"
    cancelled = guest("POST", f"{path}/cancel", {"reason": "changed my mind"}, "c")
    assert (cancelled.status, cancelled.json["fulfilment"]) == (200, "cancelled")


def test_a_token_lives_for_15_minutes_by_default_and_for_an_hour_at_most(server: Caller, store: str) -> None:
    before = datetime.now(UTC)
    expires_at = datetime.fromisoformat(make_token(server, store)["expires_at"])
    assert timedelta(seconds=898) <= expires_at - before <= timedelta(seconds=960)
    for seconds, status in ((59, 422), (60, 201), (3_600, 201), (3_601, 422)):
        assert server("POST", TOKENS, {"store": store, "source_id": "app", "seconds": seconds}).status == status


def test_a_later_token_of_the_guest_reads_the_orders_of_the_earlier_one(server: Caller, store: str) -> None:
    first, token = guest_of(server, store, guest="g-1")
    path = f"{ORDERS}/{first('POST', ORDERS, order_of(token)).json['id']}"
    later, _ = guest_of(server, store, guest="g-1")
    assert later("GET", path).status == 200
    for other in ("g-10", "g", None):
        stranger, _ = guest_of(server, store, guest=other)
        assert code(stranger("GET", path)) == (404, "unknown_order")
        assert code(stranger("POST", f"{path}/cancel", {"reason": "x"})) == (404, "unknown_order")


def test_the_order_is_for_the_member_of_the_token(server: Caller, store: str) -> None:
    guest, token = guest_of(server, store, member="m-1", orders=3)
    assert guest("POST", ORDERS, order_of(token), "1").json["guest"]["member"] == "m-1"
    named = order_of(token, 1, guest={"member": "m-1", "name": "Ana"})
    assert guest("POST", ORDERS, named, "2").json["guest"]["name"] == "Ana"
    stolen = order_of(token, 2, guest={"member": "m-2"})
    assert fault_codes(guest("POST", ORDERS, stolen, "3")) == {"guest.member": "member_not_of_token"}
    nobody, token = guest_of(server, store)
    stolen = order_of(token, guest={"member": "m-1"})
    assert fault_codes(nobody("POST", ORDERS, stolen)) == {"guest.member": "member_not_of_token"}


def test_an_order_does_not_hold_the_name_of_its_guest(server: Caller, store: str, database: MariaDB) -> None:
    guest, token = guest_of(server, store, guest="openid-of-anna")
    placed = guest("POST", ORDERS, order_of(token))
    assert placed.status == 201
    assert "openid-of-anna" not in placed.text
    with database.owner.connect() as connection, connection.cursor() as cursor:
        for table in ("orders", "messages", "idempotency_keys"):
            cursor.execute(f"SELECT * FROM {table}")
            assert "openid-of-anna" not in str(cursor.fetchall()), table


def test_requests_at_once_place_no_more_orders_than_the_token_has_numbers(
    server: Caller, store: str, database: MariaDB, another_env: Callable[..., Environment]
) -> None:
    token = make_token(server, store, orders=2)
    bodies = [order_of(token, place) for place in (0, 1)]
    guests = [Guest(caller(another_env(), {}).handler, token["token"]) for _ in range(8)]
    works = [
        lambda guest=guest, count=count: guest(
            "POST", ORDERS, bodies[count % 2] | {"table": str(count // 4)}, f"k{count}"
        )
        for count, guest in enumerate(guests)
    ]
    answers = at_once(works)
    assert {answer.status for answer in answers} <= {201, 409, 422, 429}
    assert len({answer.json["id"] for answer in answers if answer.status == 201}) == 2
    assert rows_in(database, "orders") == 2


# How often


def test_a_token_places_one_order_for_each_of_its_numbers(server: Caller, store: str, database: MariaDB) -> None:
    guest, token = guest_of(server, store, orders=2)
    assert len(token["numbers"]) == 2
    bodies = [order_of(token, place) for place in (0, 1)]
    assert [guest("POST", ORDERS, body, f"k{n}").status for n, body in enumerate(bodies)] == [201, 201]
    third = order_of(token) | {"source": bodies[0]["source"] | {"number": token["numbers"][1][:-1] + "3"}}
    assert fault_codes(guest("POST", ORDERS, third, "k3")) == {"source.number": "number_not_of_token"}
    # The same number with another content, another day or another key is no further order.
    later = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    for change in ({"table": "9"}, {"placed_at": later}):
        assert code(guest("POST", ORDERS, bodies[0] | change, "other")) == (422, "key_reused")
    assert rows_in(database, "orders") == 2


def test_a_request_of_a_guest_that_is_sent_again_has_no_second_effect(
    server: Caller, store: str, database: MariaDB
) -> None:
    guest, token = guest_of(server, store, orders=2)
    first = guest("POST", ORDERS, order_of(token))
    assert code(guest("POST", ORDERS, order_of(token, 1), key=None)) == (422, "key_missing")
    for key in ("k", "another"):
        again = guest("POST", ORDERS, json.loads(json.dumps(order_of(token) | {"source": first.json["source"]})), key)
        assert (again.status, again.json, again.headers["idempotent-replayed"]) == (201, first.json, "true")
    assert code(guest("POST", ORDERS, order_of(token, 1))) == (422, "key_reused")
    assert rows_in(database, "orders") == 1


def test_an_order_of_a_guest_takes_as_many_statements_as_one_of_a_key(
    call: Caller, server: Caller, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest, token = guest_of(server, store, orders=2)
    guest("POST", ORDERS, order_of(token))  # the environment has its copies now
    key = an_order(store, source={"kind": "mini_program", "id": "app", "number": "1"})
    call("POST", ORDERS, key)
    sent = _counted(monkeypatch)
    assert call("POST", ORDERS, key | {"source": key["source"] | {"number": "2"}}).status == 201
    of_key = len(sent)
    assert guest("POST", ORDERS, order_of(token, 1), "k2").status == 201
    assert (of_key > 0, len(sent) - of_key) == (True, of_key), sent


def _counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every round trip of a connection from now on: statements, COMMIT and ROLLBACK."""
    sent: list[str] = []
    original = pymysql.connections.Connection._write_bytes  # type: ignore[attr-defined]  # not in its types

    def write(self: Any, data: bytes) -> None:
        sent.append(str(data))
        original(self, data)

    monkeypatch.setattr(pymysql.connections.Connection, "_write_bytes", write)
    return sent


def test_a_token_has_a_rate_of_its_own(server: Caller, store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    guest, _ = guest_of(server, store)
    other, _ = guest_of(server, store)
    monkeypatch.setattr("shared.spine.auth.time.time", lambda: 1_000.0)
    statuses = [guest("GET", f"/v1/stores/{store}/menu").status for _ in range(12)]
    assert statuses == [200] * 10 + [429] * 2
    assert other("GET", f"/v1/stores/{store}/menu").status == 200


# What a token does not allow


def test_a_token_opens_no_other_operation(server: Caller, store: str) -> None:
    guest, token = guest_of(server, store)
    order = guest("POST", ORDERS, order_of(token)).json["id"]
    operations: list[tuple[str, str, Any]] = [
        ("GET", ORDERS, None), ("GET", f"{ORDERS}/{order}/trace", None), ("GET", f"/v1/stores/{store}", None),
        ("PUT", f"/v1/stores/{store}/menu", {}), ("PUT", f"/v1/stores/{store}/sold-out", {"items": []}),
        ("POST", f"{ORDERS}/{order}/payments", paid(1325)[0]),
        ("POST", f"{ORDERS}/{order}/fulfilment", {"status": "ready"}),
        ("POST", f"{ORDERS}/{order}/refunds", {"reference": "r", "amount": 1, "reason": "x"}),
        ("POST", TOKENS, {"store": store, "source_id": "app"}),
    ]  # fmt: skip
    for method, target, body in operations:
        assert code(guest(method, target, body)) == (403, "token_not_allowed"), target


def test_a_token_is_for_one_store_and_one_source(call: Caller, server: Caller, store: str) -> None:
    other = open_store(call)
    guest, token = guest_of(server, store)
    assert code(guest("POST", ORDERS, order_of(token, store=other))) == (403, "not_allowed")
    assert code(guest("GET", f"/v1/stores/{other}/menu")) == (403, "not_allowed")
    number = token["numbers"][0]
    for kind, source_id in (("till", "app"), ("platform", "app"), ("mini_program", "other")):
        order = order_of(token, source={"kind": kind, "id": source_id, "number": number})
        assert code(guest("POST", ORDERS, order)) == (403, "source_not_allowed"), (kind, source_id)


def test_a_guest_reads_no_order_of_another_source_under_its_own_number(
    call: Caller, server: Caller, store: str
) -> None:
    guest, token = guest_of(server, store, guest="g-1")
    for kind, source_id in (("till", "app"), ("mini_program", "other")):
        source = {"kind": kind, "id": source_id, "number": token["numbers"][0]}
        order = call("POST", ORDERS, an_order(store, source=source)).json["id"]
        assert code(guest("GET", f"{ORDERS}/{order}")) == (404, "unknown_order")
    elsewhere = open_store(call)
    order = call("POST", ORDERS, order_of(token, store=elsewhere)).json["id"]
    assert code(guest("GET", f"{ORDERS}/{order}")) == (404, "unknown_order")


def test_a_chain_makes_no_token_for_a_store_of_another_chain(
    call: Caller, env: Environment, database: MariaDB, store: str
) -> None:
    rival = Caller(call.handler, new_key(env, database.owner.url, RIGHTS, "chain:rival"))
    for reference in (store, f"demo:{store}"):
        refused = rival("POST", TOKENS, {"store": reference, "source_id": "app"})
        assert code(refused) == (404, "unknown_store")


def test_only_the_right_and_the_source_make_a_token(
    call: Caller, env: Environment, database: MariaDB, store: str
) -> None:
    body = {"store": store, "source_id": "app"}
    placer = new_key(env, database.owner.url, ["orders:write"])
    assert code(Caller(call.handler, placer)("POST", TOKENS, body)) == (403, "not_allowed")
    other = new_key(env, database.owner.url, RIGHTS, sources=["mini_program:other", "till:app"])
    assert code(Caller(call.handler, other)("POST", TOKENS, body)) == (403, "source_not_allowed")
    elsewhere = new_key(env, database.owner.url, RIGHTS, "store:demo:elsewhere")
    assert Caller(call.handler, elsewhere)("POST", TOKENS, body).status == 403
    with pytest.raises(ValueError, match="--source"):
        new_key(env, database.owner.url, RIGHTS, sources=[])


# Making a token


def test_a_repeated_request_gets_the_same_token_which_is_unreadable_at_rest(
    server: Caller, store: str, database: MariaDB
) -> None:
    body = {"store": store, "source_id": "app"}
    first, again = (server("POST", TOKENS, body, key="t1") for _ in range(2))
    assert (first.status, again.status, again.json) == (201, 201, first.json)
    with database.owner.connect() as connection, connection.cursor() as cursor:
        for table in ("idempotency_keys", "secret_replies", "messages"):
            cursor.execute(f"SELECT * FROM {table}")
            assert first.json["token"] not in str(cursor.fetchall())


def test_a_token_that_is_not_well_formed_is_not_make_token(server: Caller, store: str) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"orders": 6}, "orders"), ({"orders": 0}, "orders"), ({"guest": "a b"}, "guest"), ({"guest": ""}, "guest"),
        ({"origins": ["*"]}, "origins[0]"), ({"origins": ["https://a.example/x"]}, "origins[0]"),
        ({"rights": ["orders:refund"]}, "rights"), ({"delivery_charge": -1}, "delivery_charge"),
        ({"discounts": ["a"] * 11}, "discounts"),
    ]  # fmt: skip
    for change, path in wrong:
        refused = server("POST", TOKENS, {"store": store, "source_id": "app"} | change)
        assert (refused.status, [fault["path"] for fault in refused.json["errors"]]) == (422, [path])


def test_the_largest_token_is_accepted(server: Caller, store: str) -> None:
    origins = [f"https://{'a' * 91}{n}" for n in range(5)]
    guest, token = guest_of(
        server, store, guest="g" * 64, member="m" * 64, origins=origins, discounts=[f"{n}" * 64 for n in range(10)]
    )
    assert guest("POST", ORDERS, order_of(token)).status == 201
