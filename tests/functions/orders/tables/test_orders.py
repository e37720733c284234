"""An order is locked together with its payments and refunds, as they are after the wait for the lock."""

import threading
import time
from collections.abc import Callable

from functions.orders.tables.orders import StoredOrder, lock_order
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.support.orders import Caller, an_order, paid

INSERT_PAYMENT = """
    INSERT INTO payments (order_id, store_id, reference, method, amount, taken_at, rounding, tip)
    SELECT id, store_id, 'late', 'card', 100, NOW(6), 0, 0 FROM orders WHERE id = %s"""
INSERT_TIP_REFUND = """
    INSERT INTO refunds (order_id, store_id, reference, amount, reason, refunded_at, tip)
    SELECT id, store_id, 'tip', 0, 'typed twice', NOW(6), 50 FROM orders WHERE id = %s"""


def test_a_lock_that_waited_sees_the_money_that_moved_meanwhile(
    call: Caller, store: str, database: MariaDB, another_env: Callable[..., Environment]
) -> None:
    order = call("POST", "/v1/orders", an_order(store, payments=paid(500, "first"))).json["id"]
    locked: list[StoredOrder | None] = []
    begins = threading.Event()

    def lock() -> None:
        with another_env(events_topic="").db.transaction() as transaction:
            transaction.rows("SELECT 1")  # the connection is open
            begins.set()
            locked.append(lock_order(transaction, order))

    waiting = threading.Thread(target=lock)
    with database.owner.connect(autocommit=False) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id FROM orders WHERE id = %s FOR UPDATE", (order,))
        waiting.start()
        begins.wait()
        time.sleep(0.3)  # less than a statement waits for a lock; a slow machine makes the test easier, not red
        cursor.execute(INSERT_PAYMENT, (order,))
        cursor.execute(INSERT_TIP_REFUND, (order,))
        connection.commit()
    waiting.join()
    [stored] = locked
    assert stored
    assert [payment.reference for payment in stored.order.payments] == ["first", "late"]
    assert [refund.reference for refund in stored.order.refunds] == ["tip"]
