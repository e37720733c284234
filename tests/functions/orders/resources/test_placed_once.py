"""POST /v1/orders stores an order once: by the idempotency key and by the source's number."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from functions.outbox import drop_old_keys
from shared.spine.clock import utc_now
from shared.spine.env import Environment
from shared.spine.exchange import Exchange
from stack.gateway_event import Context
from stack.mariadb import MariaDB
from tests.support.environments import Another, at_once, caller
from tests.support.intake import locked, mini_program_order, pickup_numbers, rows_in
from tests.support.orders import Caller, an_order, new_key, paid
from tests.support.queues import Inbox

# Exactly once: the key


def test_the_same_key_and_body_replays_the_first_reply_even_after_the_order_has_moved_on(
    call: Caller, store: str, inbox: Inbox
) -> None:
    order = an_order(store)
    first = call("POST", "/v1/orders", order, key="k1")
    assert "idempotent-replayed" not in first.headers
    path = f"/v1/orders/{first.json['id']}"
    assert call("POST", f"{path}/payments", paid(1325)[0]).status == 201
    assert call("POST", f"{path}/cancel", {"reason": "guest left"}).status == 200
    inbox.take()
    again = call("POST", "/v1/orders", order, key="k1")
    assert (again.status, again.text) == (201, first.text)
    assert again.headers["idempotent-replayed"] == "true"
    assert inbox.take() == []
    assert call("GET", path).json["fulfilment"] == "cancelled"


def test_a_body_is_the_same_whatever_its_white_space_and_order_of_members(call: Caller, store: str) -> None:
    order = an_order(store)
    first = call("POST", "/v1/orders", order, key="k1")
    other = json.dumps(dict(reversed(order.items())), indent=3).encode()
    assert call("POST", "/v1/orders", other, key="k1").text == first.text


def test_a_key_used_for_another_body_or_path_is_refused(call: Caller, store: str, database: MariaDB) -> None:
    order = an_order(store)
    first = call("POST", "/v1/orders", order, key="k1")
    for target, body in [
        ("/v1/orders", order | {"table": "9"}),
        (f"/v1/orders/{first.json['id']}/payments", paid(1)[0]),
        ("/v1/orders?x=1", order),
    ]:
        refused = call("POST", target, body, key="k1")
        assert (refused.status, refused.json["code"]) == (422, "key_reused")
    assert rows_in(database, "orders") == 1
    assert rows_in(database, "payments") == 0


def test_every_client_has_keys_of_its_own(
    call: Caller, another: Another, store: str, env: Environment, database: MariaDB
) -> None:
    other = another(key=new_key(env, database.owner.url))
    answers = [one("POST", "/v1/orders", an_order(store), key="k1") for one in (call, other)]
    assert pickup_numbers(answers) == [1, 2]


def test_a_twin_in_flight_is_told_to_come_again(call: Caller, store: str, database: MariaDB) -> None:
    order = an_order(store)
    values = (call.key["id"], "k1", b"s" * 32, b"h" * 32)
    at_work = (
        "INSERT INTO idempotency_keys (client_id, idempotency_key, signature, request_hash, created_at)"
        " VALUES (%s, %s, %s, %s, NOW())"
    )
    with locked(database, at_work, values):
        refused = call("POST", "/v1/orders", order, key="k1")
        assert (refused.status, refused.json["code"]) == (409, "in_flight")
        assert int(refused.headers["retry-after"]) >= 1
    assert call("POST", "/v1/orders", order, key="k1").status == 201


def test_a_refused_request_does_not_use_up_its_key(call: Caller, store: str, database: MariaDB) -> None:
    order = an_order(store)
    for wrong in (order | {"total": -1}, order | {"currency": "EUR"}, order | {"store": "nowhere"}, b"{"):
        assert call("POST", "/v1/orders", wrong, key="k1").status in (400, 422)
    assert rows_in(database, "idempotency_keys") == 2  # the store's making and its menu
    assert call("POST", "/v1/orders", order, key="k1").status == 201


def test_a_key_has_1_to_255_printable_characters(call: Caller, store: str) -> None:
    for key in ("k", "k" * 255, "a b!~", "K"):
        order = an_order(store)
        first = call("POST", "/v1/orders", order, key=key)
        assert first.status == 201
        assert call("POST", "/v1/orders", order, key=key).text == first.text
    for key in ("", "k" * 256, "clé", "🔑", "a\tb", "a\x7f"):
        refused = call("POST", "/v1/orders", an_order(store), key=key)
        assert (refused.status, refused.json["code"]) == (422, "key_malformed"), key


# Exactly once: the source's number


def test_the_same_order_under_another_key_is_the_same_order(
    call: Caller, another: Another, store: str, env: Environment, database: MariaDB, inbox: Inbox
) -> None:
    order = an_order(store)
    first = call("POST", "/v1/orders", order, key="k1")
    inbox.take()
    for till in (call, another(), another(key=new_key(env, database.owner.url))):
        again = till("POST", "/v1/orders", order, key="k2")
        assert (again.status, again.text) == (201, first.text)
        assert again.headers["idempotent-replayed"] == "true"
    assert inbox.take() == []


def test_another_order_under_a_used_number_is_told_which_order_has_it(call: Caller, store: str) -> None:
    order = an_order(store)
    first = call("POST", "/v1/orders", order)
    refused = call("POST", "/v1/orders", order | {"table": "9"})
    assert (refused.status, refused.json["code"], refused.json["order"]) == (409, "order_exists", first.json["id"])


def test_a_number_belongs_to_one_source(call: Caller, store: str) -> None:
    sources = [
        {"kind": kind, "id": name, "number": number}
        for kind in ("till", "platform") for name in ("a", "b") for number in ("1", "01", "1-A", "1-a")
    ]  # fmt: skip
    answers = [call("POST", "/v1/orders", an_order(store, source=source)) for source in sources]
    assert pickup_numbers(answers) == list(range(1, 17))


def test_a_number_is_used_for_ever_long_after_its_key_was_dropped(call: Caller, store: str, database: MariaDB) -> None:
    order = an_order(store)
    first = call("POST", "/v1/orders", order, key="k1")
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE idempotency_keys SET created_at = created_at - INTERVAL 8 DAY")
    drop_old_keys.handler({}, Context())
    assert rows_in(database, "idempotency_keys") == 0
    assert call("POST", "/v1/orders", order, key="k1").text == first.text
    assert call("POST", "/v1/orders", order | {"total": 5}, key="k2").json["code"] == "order_exists"


def test_a_key_that_found_its_order_by_the_number_is_kept_for_that_order(call: Caller, store: str) -> None:
    order = an_order(store)
    first = call("POST", "/v1/orders", order, key="k1")
    again = call("POST", "/v1/orders", order, key="k2")
    assert (again.status, again.text) == (201, first.text)
    assert call("POST", "/v1/orders", an_order(store), key="k2").json["code"] == "key_reused"
    once_more = call("POST", "/v1/orders", order, key="k2")
    assert (once_more.text, once_more.headers["idempotent-replayed"]) == (first.text, "true")


def test_an_order_that_was_kept_is_kept_though_it_could_not_be_ordered_any_more(
    call: Caller, store: str, another: Another, env: Environment, database: MariaDB
) -> None:
    old = (datetime.now(UTC) - timedelta(days=6, hours=23)).isoformat()
    order, late = mini_program_order(store), mini_program_order(store, placed_at=old)
    first, first_late = call("POST", "/v1/orders", order), call("POST", "/v1/orders", late)
    assert call("PUT", f"/v1/stores/{store}/sold-out", {"items": ["hawaiian"]}).status == 200
    for key in ("k1", "k1", None):
        assert call("POST", "/v1/orders", order, key=key).text == first.text
    assert call("POST", "/v1/orders", mini_program_order(store)).json["errors"][0]["code"] == "sold_out"
    clients = new_key(env, database.owner.url, ["orders:write", "orders:read"])
    till = another(utc_now() + timedelta(hours=2), clients)
    assert till("POST", "/v1/orders", late).text == first_late.text
    assert till("POST", "/v1/orders", mini_program_order(store, placed_at=old)).status == 403


@pytest.mark.parametrize("attempt", range(3))
def test_refused_twins_are_all_told_why(another: Another, store: str, attempt: int) -> None:
    """A deadlock of those that waited for the first to fail is nobody's reply."""
    order = an_order(store, currency="EUR")
    callers = [another() for _ in range(8)]
    answers = at_once([partial(one, "POST", "/v1/orders", order, key=f"k{attempt}") for one in callers])
    assert {(answer.status, answer.json["code"]) for answer in answers} == {(422, "not_orderable")}


# A replay is cheap


def test_a_replay_in_the_environment_that_stored_it_is_one_statement_in_one_round_trip(
    another_env: Callable[..., Environment], call: Caller, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = caller(another_env(events_topic=""), call.key)
    order = an_order(store)
    first = till("POST", "/v1/orders", order, key="k1")
    sent = written(monkeypatch)
    again = till("POST", "/v1/orders", order, key="k1")
    assert (again.status, again.text, again.headers["idempotent-replayed"]) == (201, first.text, "true")
    assert len(sent) == 1
    assert (sent[0].count(b"SELECT k.request_hash"), sent[0].count(b"ROLLBACK"), sent[0].count(b"INSERT")) == (1, 1, 0)
    # The connection stays in step: the next order is stored.
    assert till("POST", "/v1/orders", an_order(store), key="k2").status == 201
    refused = till("POST", "/v1/orders", order | {"table": "9"}, key="k1")
    assert (refused.status, refused.json["code"]) == (422, "key_reused")


def test_a_replay_in_another_environment_takes_no_number_and_two_round_trips(
    another_env: Callable[..., Environment], call: Caller, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = an_order(store)
    first = call("POST", "/v1/orders", order, key="k1")
    till = caller(another_env(events_topic=""), call.key)
    assert till("POST", "/v1/orders", an_order(store)).json["pickup_number"] == 2
    sent = written(monkeypatch)
    again = till("POST", "/v1/orders", order, key="k1")
    assert (again.status, again.text, len(sent)) == (201, first.text, 2)
    assert till("POST", "/v1/orders", an_order(store)).json["pickup_number"] == 3


def test_a_key_that_lost_its_right_gets_no_reply_again(
    another_env: Callable[..., Environment],
    database: MariaDB,
    store: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    env = another_env()
    key = new_key(env, database.owner.url)
    till, order = caller(env, key), an_order(store)
    assert till("POST", "/v1/orders", order, key="k1").status == 201
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE api_clients SET grants = %s WHERE id = %s", ('["orders:read@chain:demo"]', key["id"]))
    monkeypatch.setattr("shared.spine.auth.CACHED_FOR", -1.0)
    refused = till("POST", "/v1/orders", order, key="k1")
    assert (refused.status, refused.json["code"]) == (403, "not_allowed")


def written(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Every write to a database server from now on; each is a round trip."""
    sent: list[bytes] = []
    original = vars(Exchange)["_write"]

    def write(exchange: Exchange, texts: Iterable[bytes]) -> None:
        sent.append(b"; ".join(texts))
        original(exchange, texts)

    monkeypatch.setattr(Exchange, "_write", write)
    return sent
