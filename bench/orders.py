"""Order intake in one execution environment, against bare PyMySQL doing the same SQL."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any
from unittest import mock

from bench.figures import Figure, at_least, at_most, exactly, limited, seconds, told
from bench.rig import Rig
from demo import pizzaplace
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.exchange import Exchange
from shared.spine.statement_text import insert_texts

ROUNDS = 9
ORDERS_A_ROUND = 200
# What MySQL itself counts as statements of a session; COMMIT and ROLLBACK among them.
# Stores announce themselves as well.
OF_ORDERS = "SELECT COUNT(*) FROM messages WHERE type LIKE 'order.%'"
QUESTIONS = "SHOW SESSION STATUS LIKE 'Questions'"

Statements = list[tuple[str, Any]]


def bench(rig_of: Callable[[], Rig]) -> Iterator[Figure]:
    """Throughput, replay, round trips; then the whole year, twice."""
    yield from _throughput(rig_of)
    yield from _round_trips(rig_of())
    yield from _year(rig_of())


def _throughput(rig_of: Callable[[], Rig]) -> Iterator[Figure]:
    """Rounds of first posts, the same SQL bare on a twin database, and replays, in turn."""
    sales = pizzaplace.sales()[: (ROUNDS + 1) * ORDERS_A_ROUND]
    rig, recorded, twin = rig_of(), rig_of(), rig_of()
    for database in (rig, recorded, twin):
        database.open_stores()
    statements = _recorded(recorded, sales)
    bare = twin.bare()
    firsts, bares, replays = [], [], []
    first_cpu, bare_cpu = [], []
    for start in range(0, len(sales), ORDERS_A_ROUND):
        part = slice(start, start + ORDERS_A_ROUND)
        first, again = rig.posts(sales[part]), rig.posts(sales[part])
        used = time.process_time()
        firsts.append(ORDERS_A_ROUND / seconds(rig.take, first))
        first_cpu.append(_milliseconds_an_order(used))
        used = time.process_time()
        bares.append(ORDERS_A_ROUND / seconds(_run_all, bare, statements[part]))
        bare_cpu.append(_milliseconds_an_order(used))
        replays.append(ORDERS_A_ROUND / seconds(rig.take, again))
    # The first round warms up.
    yield at_least("orders.intake", "orders/s", firsts[1:], bares[1:], 0.6)
    yield at_most("orders.intake_cpu", "ms of processor time an order", first_cpu[1:], bare_cpu[1:], 1.8)
    yield at_least("orders.replay", "replies/s", replays[1:], firsts[1:], 2)


def _milliseconds_an_order(used: float) -> float:
    """User and system time of this process since it was `used`. The database server has a process of its own."""
    return (time.process_time() - used) * 1000 / ORDERS_A_ROUND


def _recorded(rig: Rig, sales: Sequence[pizzaplace.Sale]) -> list[Statements]:
    """Statement and values of each order's transaction, as the handler sent them on a database of its own.

    An INSERT of many rows is recorded as the text that was sent, so the floor need not write its values.
    """
    transactions: list[Statements] = []

    def note(_: Transaction, statement: str, values: Any = (), *__: Any) -> None:
        transactions[-1].append((statement, values))

    def note_many(transaction: Transaction, statement: str, rows: Any) -> None:
        texts = insert_texts(statement, list(rows), transaction.exchange.literal)
        transactions[-1].extend((text, None) for text in texts)

    rig.take(rig.posts(sales, source="warm")[:1])  # what an environment reads once
    with ExitStack() as patches:
        for name in ("execute", "rows", "execute_with_next"):
            patches.enter_context(mock.patch.object(Transaction, name, _noted(getattr(Transaction, name), note)))
        for name in ("execute_many", "execute_many_with_next"):
            patches.enter_context(mock.patch.object(Transaction, name, _noted(getattr(Transaction, name), note_many)))
        for post in rig.posts(sales):
            transactions.append([])
            rig.call(post, 201)
    return transactions


def _noted(method: Callable[..., Any], note: Callable[..., None]) -> Callable[..., Any]:
    def noted(*arguments: Any) -> Any:
        note(*arguments)
        return method(*arguments)

    return noted


def _run_all(connection: Any, orders: Sequence[Statements]) -> None:
    for statements in orders:
        with connection.cursor() as cursor:
            for statement, values in statements:
                cursor.execute(statement, values)
        connection.commit()


def _round_trips(rig: Rig) -> Iterator[Figure]:
    """Writes to the server, and statements as it counts them, of an environment that has taken an order before."""
    rig.open_stores()
    sales = pizzaplace.sales()[:40]
    rig.take(rig.posts(sales[:1], source="warm"))
    for name, paid, most in (("orders.round_trips", False, 5), ("orders.round_trips_paid", True, 5)):
        posts = rig.posts(sales, source=name, pay=paid)
        before = _questions(rig.env)
        with mock.patch.object(Exchange, "_write", autospec=True, side_effect=vars(Exchange)["_write"]) as write:
            rig.take(posts)
        # Asking costs one statement and the end of its transaction, on the connection that worked.
        statements = _questions(rig.env) - before - 2
        yield limited(name, write.call_count / len(posts), "waits for the database an order, COMMIT included", most)
        yield told(f"{name}_statements", statements / len(posts), "statements an order, COMMIT included")


def _questions(env: Environment) -> int:
    with env.db.transaction() as transaction:
        row = transaction.row(QUESTIONS)
    assert row is not None  # every server has it
    return int(row["Value"])


def _year(rig: Rig) -> Iterator[Figure]:
    """All 21,350 orders of the year, and all of them again."""
    rig.open_stores()
    sales = pizzaplace.sales()
    for name in ("orders.year", "orders.year_again"):
        took = seconds(_take_year, rig, sales)
        yield told(f"{name}_rate", len(sales) / took, "orders/s")
        yield exactly(f"{name}_kept", rig.count("SELECT COUNT(*) FROM orders"), "orders", 21_350)
        yield exactly(f"{name}_cents", int(rig.count("SELECT SUM(paid) FROM orders")), "cents", 81_786_005)
        yield exactly(f"{name}_messages", rig.count(OF_ORDERS), "messages", 42_700)


def _take_year(rig: Rig, sales: Sequence[pizzaplace.Sale]) -> None:
    for sale in sales:
        rig.take(rig.posts([sale], pizzaplace.store_of(sale)))
