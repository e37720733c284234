"""Bills of a table in any order of steps, from two tills: totals, taxes and takings equal independent books."""

import json
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from functions.console.on_order_paid import count_takings
from shared.contracts.messages import read_message
from shared.contracts.messages.orders import OrderMoneyMoved, OrderPaid
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.support.bill_books import TAX, Books
from tests.support.environments import Another
from tests.support.orders import EVERYTHING, Caller, new_key, open_store

STEPS = 25


def takings_of(store: str, env: Environment, database: MariaDB, chance: Random) -> int:
    """The takings after every message of the store has come twice, in any order."""
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT body FROM messages WHERE store_id = %s AND subject LIKE 'order/%%'", (f"demo:{store}",))
        bodies = [body for (body,) in cursor.fetchall()] * 2
    chance.shuffle(bodies)
    for body in bodies:
        message_type, refunded = json.loads(body)["type"], json.loads(body)["data"]["order"]["refunded"]
        if message_type == OrderPaid.type:
            count_takings([read_message(body, OrderPaid)], env)
        elif message_type in OrderMoneyMoved.types() and refunded:  # as the filter of its queue
            count_takings([read_message(body, OrderMoneyMoved)], env)
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(SUM(amount), 0) FROM takings WHERE store_id = %s", (f"demo:{store}",))
        (amount,) = cursor.fetchone()
    return int(amount)


def require_one_paid_for_each_settlement(call: Caller, order: str) -> None:
    """`order.paid` is announced each time that the order becomes paid, and never else; no number is missing."""
    messages = call("GET", f"/v1/orders/{order}/trace").json["messages"]
    assert [message["sequence"] for message in messages] == list(range(1, len(messages) + 1))
    statuses = [message["data"]["order"]["payment"] for message in messages]
    became_paid = sum(after == "paid" != before for before, after in zip(["unpaid", *statuses], statuses, strict=False))
    assert [message["type"] for message in messages].count("order.paid") == became_paid


@settings(
    max_examples=12, deadline=None, derandomize=True,
    phases=[Phase.generate],  # an example takes seconds: to shrink one would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(some.randoms(use_true_random=False))
def test_totals_taxes_and_takings_equal_the_books(
    call: Caller, another: Another, env: Environment, database: MariaDB, chance: Random
) -> None:
    store = open_store(call, tax=TAX)
    key = new_key(env, database.owner.url, [*EVERYTHING, "orders:discount"])
    books = Books([another(key=key), another(key=key)], store, chance)
    books.open()
    for _ in range(STEPS):
        books.step()
    books.settle_all()
    assert takings_of(store, env, database, chance) == sum(bill.total for bill in books.bills)
    for bill in books.bills:
        order = call("GET", f"/v1/orders/{bill.id}").json
        assert (order["payment"], order["bill"]) == ("paid", "closed")
        assert order["refund_due"] == bill.paid - bill.refunded - bill.total
        assert sum(payment["amount"] for payment in order["payments"]) == bill.paid
        assert sum(refund["amount"] for refund in order["refunds"]) == bill.refunded
        require_one_paid_for_each_settlement(call, bill.id)
