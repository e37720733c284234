"""The row of an order in `takings` follows the newest message."""

import itertools
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from functions.console.tables.takings import Taking, read_newest_day, read_takings, upsert_takings
from shared.contracts.messages.orders import Order
from shared.spine.env import Environment
from shared.spine.errors import Unavailable
from stack.mariadb import MariaDB

BODY = json.loads(Path("events/console/on_order_paid.json").read_text(encoding="utf-8"))["Records"][0]["body"]
ORDER = Order.model_validate(json.loads(BODY)["data"]["order"])


@pytest.mark.parametrize("sequences", list(itertools.permutations([1, 2, 3])))
def test_the_newest_message_counts_in_any_order_of_delivery(env: Environment, sequences: tuple[int, ...]) -> None:
    refunded = {1: 0, 2: 100, 3: 225}
    with env.db.transaction() as transaction:
        for sequence in sequences:
            order = ORDER.model_copy(update={"refunded": refunded[sequence]})
            day, key = order.business_day, order.store_key
            row = Taking(order.chain, day, key, order.currency, 12, order.id, order.revenue, sequence)
            upsert_takings(transaction, [row])
        [takings] = read_takings(transaction, ORDER.chain, ORDER.business_day, ORDER.business_day)
        assert (takings["orders"], takings["revenue"]) == (1, ORDER.total - 225)
        assert read_newest_day(transaction, ORDER.chain, ORDER.business_day) == ORDER.business_day


SUMS = "SELECT chain_id, business_day, currency, hour, SUM(orders), SUM(revenue) FROM takings_hours GROUP BY 1, 2, 3, 4"
OF_CHAIN = "SELECT chain_id, business_day, currency, hour, orders, revenue FROM takings_chain_hours ORDER BY 1, 2, 3, 4"


def a_taking(random: Random, chains: tuple[str, ...] = ("demo", "rival")) -> Taking:
    """Of one of 12 orders of three stores, by one of its messages: a message has one content for ever."""
    order, sequence = random.randrange(12), random.randrange(1, 5)
    chain, store, day = chains[order % len(chains)], f"s{order % 3}", date(2026, 3, 1 + order % 2)
    return Taking(
        chain, day, f"{chain}:{store}", "EUR", 10 + order % 4, f"o{order}", 100 * order - 7 * sequence, sequence
    )


@pytest.mark.parametrize("seed", range(5))
def test_the_sums_of_a_chain_are_those_of_its_stores(env: Environment, database: MariaDB, seed: int) -> None:
    random = Random(seed)
    for _ in range(20):
        with env.db.transaction() as transaction:
            upsert_takings(transaction, [a_taking(random) for _ in range(random.randrange(1, 9))])
    of_stores, of_chain = rows(database, SUMS), rows(database, OF_CHAIN)
    assert of_chain == of_stores
    assert len(of_chain) == 4


def test_workers_at_once_lose_and_double_nothing(
    env: Environment, database: MariaDB, another_env: Callable[..., Environment]
) -> None:
    """Two workers count orders of other stores in the same hours of the chain, and of the same store."""
    del env

    def work(seed: int) -> None:
        random, own = Random(seed), another_env()
        for _ in range(40):
            takings = [a_taking(random, ("demo",)) for _ in range(4)]
            for _ in range(20):
                try:
                    with own.db.transaction() as transaction:
                        upsert_takings(transaction, takings)
                    break
                except Unavailable:
                    continue  # a deadlock: the queue brings the batch again

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    assert rows(database, OF_CHAIN) == rows(database, SUMS)


def rows(database: MariaDB, statement: str) -> list[tuple[Any, ...]]:
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return [(*row[:4], int(row[4]), int(row[5])) for row in cursor.fetchall()]
