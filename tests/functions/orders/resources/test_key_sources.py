"""A key changes only the orders of its own sources, and each change takes a right of its own."""

from collections.abc import Callable
from typing import Any

import pytest

from ops.clients import Clients
from shared.spine.env import Environment
from stack.gateway_event import Answer
from stack.mariadb import MariaDB
from tests.support.environments import caller
from tests.support.order_changes import cancel, move, pay, refund
from tests.support.orders import Caller, an_order, new_key, paid

ALL = ["orders:read", "orders:place", "orders:pay", "orders:cancel", "orders:fulfil", "orders:refund", "orders:import"]
KeyOf = Callable[..., Caller]


@pytest.fixture
def key_of(env: Environment, another_env: Callable[..., Environment], database: MariaDB) -> KeyOf:
    """Makes a caller with a key of its own in an environment of its own."""

    def make(*sources: str, rights: list[str] = ALL) -> Caller:
        return caller(another_env(), new_key(env, database.owner.url, rights, sources=sources))

    return make


def order_of(call: Caller, store: str, kind: str, source_id: str, **parts: Any) -> Answer:
    order = an_order(store, **parts)
    return call("POST", "/v1/orders", order | {"source": order["source"] | {"kind": kind, "id": source_id}})


@pytest.mark.parametrize(
    ("binding", "kind", "source_id", "expected"),
    [
        ("till:till-1", "till", "till-1", 201), ("till:*", "till", "till-2", 201), ("*:*", "platform", "x", 201),
        ("mini_program:app", "mini_program", "app", 201), ("*:app", "mini_program", "app", 201),
        ("till:till-1", "till", "till-2", 403), ("till:till-1", "till", "till-11", 403),
        ("till:*", "platform", "till-1", 403), ("mini_program:*", "till", "app", 403), ("*:app", "till", "till-1", 403),
    ],
)  # fmt: skip
def test_a_key_places_orders_of_its_sources_alone(
    key_of: KeyOf, store: str, binding: str, kind: str, source_id: str, expected: int
) -> None:
    answer = order_of(key_of(binding), store, kind, source_id)
    assert answer.status == expected
    if expected == 403:
        assert answer.json["code"] == "source_not_allowed"


def test_a_mini_program_sets_no_price_by_calling_itself_a_till(key_of: KeyOf, store: str) -> None:
    app = key_of("mini_program:app")
    lines = [{"item": "hawaiian", "size": "M", "quantity": 1, "unit_price": 1}]
    assert order_of(app, store, "till", "app", lines=lines, total=1).json["code"] == "source_not_allowed"
    assert order_of(app, store, "mini_program", "app", lines=lines, total=1).json["code"] == "amounts_differ"


def test_a_mini_program_neither_settles_nor_changes_a_till_s_bill(call: Caller, key_of: KeyOf, store: str) -> None:
    order = call("POST", "/v1/orders", an_order(store, payments=paid(1000))).json["id"]
    before = call("GET", f"/v1/orders/{order}").json
    app = key_of("mini_program:*")
    assert app("GET", f"/v1/orders/{order}").json == before
    for answer in (pay(app, order, 325, "p2"), refund(app, order, 1), cancel(app, order), move(app, order, "accepted")):
        assert (answer.status, answer.json["code"]) == (403, "source_not_allowed")
    assert call("GET", f"/v1/orders/{order}").json == before


def test_an_order_that_a_key_may_not_read_is_unknown_to_it_whosever_it_is(
    call: Caller, key_of: KeyOf, store: str
) -> None:
    order = call("POST", "/v1/orders", an_order(store)).json["id"]
    blind = key_of("mini_program:*", rights=["orders:pay", "orders:cancel"])
    for answer in (pay(blind, order, 325), cancel(blind, order)):
        assert (answer.status, answer.json["code"]) == (404, "unknown_order")


def test_a_key_that_takes_no_payment_places_no_order_that_is_paid(key_of: KeyOf, store: str) -> None:
    app = key_of("mini_program:app", rights=["orders:place"])
    answer = order_of(app, store, "mini_program", "app", payments=paid(1325))
    assert (answer.status, answer.json["code"]) == (403, "not_allowed")
    assert order_of(app, store, "mini_program", "app").status == 201
    both = key_of("mini_program:app", rights=["orders:place", "orders:pay"])
    assert order_of(both, store, "mini_program", "app", payments=paid(1325)).json["payment"] == "paid"


def test_a_second_key_takes_payment_by_qr_code_for_bills_of_tills(call: Caller, key_of: KeyOf, store: str) -> None:
    order = call("POST", "/v1/orders", an_order(store)).json["id"]
    wallet = key_of("till:*", rights=["orders:read", "orders:pay"])
    assert pay(wallet, order, 1325).status == 201
    for answer in (cancel(wallet, order), refund(wallet, order, 1), move(wallet, order, "accepted")):
        assert (answer.status, answer.json["code"]) == (403, "not_allowed")
    assert order_of(wallet, store, "till", "till-1").json["code"] == "not_allowed"


RIGHTS = {  # operation → the right that allows it
    "place": "orders:place", "pay": "orders:pay", "cancel": "orders:cancel", "fulfil": "orders:fulfil",
    "refund": "orders:refund",
}  # fmt: skip


@pytest.mark.parametrize("operation", RIGHTS)
@pytest.mark.parametrize("right", [*RIGHTS.values(), "orders:write", "orders:read"])
def test_each_change_takes_its_own_right_and_the_old_name_stands_for_four(
    call: Caller, key_of: KeyOf, store: str, operation: str, right: str
) -> None:
    order = call("POST", "/v1/orders", an_order(store, payments=paid(1000))).json["id"]
    other = key_of("*:*", rights=[right])
    operations: dict[str, Callable[[], Answer]] = {
        "place": lambda: order_of(other, store, "till", "till-1"),
        "pay": lambda: pay(other, order, 325, "p2"),
        "cancel": lambda: cancel(other, order),
        "fulfil": lambda: move(other, order, "accepted"),
        "refund": lambda: refund(other, order, 100),
    }
    allowed = right == RIGHTS[operation] or (right == "orders:write" and operation != "refund")
    status = operations[operation]().status
    assert status in ((200, 201) if allowed else (403, 404))


def test_a_key_is_bound_anew_within_a_minute(
    key_of: KeyOf, store: str, env: Environment, database: MariaDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = key_of("*:*")
    assert order_of(till, store, "till", "till-2").status == 201
    clients = Clients(database.owner.url, env.keyring())
    clients.bind(till.key["id"], ["till:till-1"])
    clients.close()
    monkeypatch.setattr("shared.spine.auth.CACHED_FOR", -1.0)  # a minute later
    assert order_of(till, store, "till", "till-2").json["code"] == "source_not_allowed"
    assert order_of(till, store, "till", "till-1").status == 201
