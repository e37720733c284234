"""Refunds of a placed order."""

from functools import partial

from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.support.environments import Another, at_once
from tests.support.order_changes import a_second_later, money, move, pay, refund
from tests.support.orders import Caller, new_key
from tests.support.queues import Inbox

# Refunds


def test_refunds_add_up_and_each_is_announced(call: Caller, order: str, inbox: Inbox) -> None:
    pay(call, order, 1325)
    inbox.take()
    part = refund(call, order, 1000)
    assert (part.status, money(part)) == (201, ("part_refunded", 1325, 1000))
    rest = refund(call, order, 325, "r2")
    assert money(rest) == ("refunded", 1325, 1325)
    messages = inbox.take()
    assert [(m["type"], m["data"]["refund"]["amount"]) for m in messages] == [
        ("order.refunded", 1000), ("order.refunded", 325),
    ]  # fmt: skip
    assert call("GET", f"/v1/orders/{order}").json == rest.json


def test_the_same_refund_again_gives_nothing_back(call: Caller, order: str) -> None:
    pay(call, order, 1325)
    refund(call, order, 1000)
    assert refund(a_second_later(call), order, 1000).status == 200
    assert refund(call, order, 999).json["code"] == "reference_reused"
    assert money(call("GET", f"/v1/orders/{order}")) == ("part_refunded", 1325, 1000)


def test_refunds_at_once_never_exceed_what_a_slip_may_be(another: Another, order: str, call: Caller) -> None:
    """13.25 paid for 13.25: at most 26.50 can have gone back, five times 5.00."""
    pay(call, order, 1325)
    answers = at_once([partial(refund, another(), order, 500, f"r{n}") for n in range(8)])
    assert sorted(answer.status for answer in answers) == [201] * 5 + [422] * 3
    standing = call("GET", f"/v1/orders/{order}")
    assert (money(standing), standing.json["over_refunded"]) == (("refunded", 1325, 2500), 1175)


def test_a_refund_takes_a_right_of_its_own(
    another: Another, order: str, env: Environment, database: MariaDB, call: Caller
) -> None:
    pay(call, order, 1325)
    till = another(key=new_key(env, database.owner.url, ["orders:read", "orders:write"]))
    refused = refund(till, order, 1)
    assert (refused.status, refused.json["code"]) == (403, "not_allowed")
    assert move(till, order, "accepted").status == 200
