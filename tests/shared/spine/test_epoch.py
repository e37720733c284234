"""The epoch in every reply, and a region that was failed over."""

import pytest

from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.epoch import advance_epoch, read_epoch
from tests.support.environments import caller
from tests.support.orders import Caller

HEADER = "dumbwaiter-epoch"


def advance(env: Environment) -> int:
    with env.db.transaction() as transaction:
        return advance_epoch(transaction, env.clock())


def test_the_epoch_grows_by_one_with_each_promotion(env: Environment) -> None:
    with env.db.transaction() as transaction:
        assert read_epoch(transaction) == 0
    assert [advance(env), advance(env)] == [1, 2]
    with env.db.transaction() as transaction:
        assert read_epoch(transaction) == 2


def test_every_signed_reply_has_the_epoch(env: Environment, call: Caller) -> None:
    advance(env)
    here = caller(env, call.key)
    for method, target in [("GET", "/v1/orders"), ("GET", "/v1/stores/nowhere"), ("POST", "/v1/orders")]:
        answer = here(method, target)
        assert answer.headers[HEADER] == "1", (method, target, answer.status)


def test_an_environment_reads_the_epoch_with_the_client_without_a_statement_more(
    env: Environment, call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[str] = []
    rows = Transaction.rows

    def count(transaction: Transaction, statement: str, values: object = ()) -> object:
        statements.append(statement)
        return rows(transaction, statement, values)  # type: ignore[arg-type]

    here = caller(env, call.key)
    monkeypatch.setattr(Transaction, "rows", count)
    here("GET", "/v1/orders?store=nowhere", headers={HEADER: "0"})
    assert [statement for statement in statements if "epochs" in statement and "api_clients" not in statement] == []
    advance(env)
    assert here("GET", "/v1/orders").headers[HEADER] == "0", "the client was read less than a minute ago"
    monkeypatch.setattr("shared.spine.auth.CACHED_FOR", -1.0)  # a minute later
    assert here("GET", "/v1/orders").headers[HEADER] == "1"


def test_a_caller_that_has_seen_a_higher_epoch_makes_the_environment_read_it(env: Environment, call: Caller) -> None:
    here = caller(env, call.key)
    assert here("GET", "/v1/orders").headers[HEADER] == "0"
    advance(env)
    answer = here("GET", "/v1/orders", headers={HEADER: "1"})
    assert (answer.status, answer.headers[HEADER]) == (200, "1")


def test_a_region_that_was_failed_over_refuses_a_caller_that_knows_it(
    env: Environment, call: Caller, store: str
) -> None:
    here = caller(env, call.key)
    refused = here("PUT", f"/v1/stores/{store}/sold-out", {"items": ["cola"]}, headers={HEADER: "1"})
    assert (refused.status, refused.json["code"], refused.headers[HEADER]) == (503, "region_superseded", "0")
    assert here("GET", f"/v1/stores/{store}/menu").json["sold_out"] == []
    assert here("GET", "/v1/orders", headers={HEADER: "0"}).status == 200


@pytest.mark.parametrize("text", ["", "-1", "one", "1.0", "9999999999"])
def test_an_epoch_that_is_no_number_is_refused(call: Caller, text: str) -> None:
    answer = call("GET", "/v1/orders", headers={HEADER: text})
    assert (answer.status, answer.json["code"]) == (422, "epoch_malformed")
