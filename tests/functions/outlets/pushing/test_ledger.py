"""The ledger in its tables equals the oracle. `ledger_drill` is the same with 100,000 events."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from functions.outlets.pushing.ledger import add_accept, take_right
from shared.spine.env import Environment
from tests.functions.outlets.pushing.ledger_drill import run

NOW = datetime(2026, 11, 30, tzinfo=UTC)
CONTACT = "0" * 26


def test_the_tables_equal_the_oracle_over_shuffled_events(env: Environment) -> None:
    taken, _ = run(env.db, 1_500, 7)
    assert taken > 100


def test_of_many_workers_each_accept_gives_one_of_them_its_right(
    env: Environment, another_env: Callable[..., Environment]
) -> None:
    with env.db.transaction() as transaction:
        assert [add_accept(transaction, CONTACT, "t1", f"e{number}", NOW) for number in range(3)] == [True] * 3

    def take(number: int) -> bool:
        with another_env().db.transaction() as transaction:
            return take_right(transaction, CONTACT, "t1", f"p{number}")

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(take, range(16))) == 3
