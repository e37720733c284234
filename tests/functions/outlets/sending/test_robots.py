"""An access token is fetched by one worker alone, kept while it lasts, and fetched again when it was refused."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from functions.outlets.sending.robots import read_ready_robot
from functions.outlets.tables.robots import update_token_leased
from shared.spine.env import Environment
from tests.simulators.chat.fake import FakeChat
from tests.simulators.chat.fakes import fake_chat
from tests.support.outlets import Outlets

Move = Callable[[float], None]
WORKERS = 8


@pytest.fixture
def wecom(outlets: Outlets) -> Iterator[FakeChat]:
    with fake_chat("wecom_app") as fake:
        outlets.add_robot("app", fake)
        yield fake


def fetched(fake: FakeChat) -> int:
    tokens: Any = vars(fake)["tokens"]
    count: int = tokens.fetched
    return count


def test_one_of_eight_workers_may_fetch(
    outlets: Outlets, wecom: FakeChat, another_env: Callable[..., Environment]
) -> None:
    workers = [another_env() for _ in range(WORKERS)]
    now = outlets.env.clock()

    def is_leased(env: Environment) -> bool:
        with env.db.transaction() as transaction:
            lease = update_token_leased(transaction, "demo:app", now, now, now + timedelta(seconds=20))
            return lease is not None

    with ThreadPoolExecutor(WORKERS) as threads:
        assert sorted(threads.map(is_leased, workers)) == [False] * (WORKERS - 1) + [True]
    assert read_ready_robot(outlets.env, "demo:app", now) is None
    assert fetched(wecom) == 0


def test_a_token_that_lasts_is_used_by_all(
    outlets: Outlets, wecom: FakeChat, another_env: Callable[..., Environment]
) -> None:
    robots = [read_ready_robot(env, "demo:app", env.clock()) for env in (outlets.env, another_env())]
    assert len({robot.token for robot in robots if robot}) == 1
    assert fetched(wecom) == 1


def test_a_token_is_renewed_before_its_end(outlets: Outlets, wecom: FakeChat, moved_clock: Move) -> None:
    assert read_ready_robot(outlets.env, "demo:app", outlets.env.clock())
    moved_clock(7200 - 400)
    assert read_ready_robot(outlets.env, "demo:app", outlets.env.clock())
    assert fetched(wecom) == 1
    moved_clock(200)
    assert read_ready_robot(outlets.env, "demo:app", outlets.env.clock())
    assert fetched(wecom) == 2


def test_a_refused_token_is_fetched_again_and_the_order_arrives(outlets: Outlets, wecom: FakeChat, store: str) -> None:
    outlets.add_outlet(store, ("app", "zhangsan"))
    assert read_ready_robot(outlets.env, "demo:app", outlets.env.clock())
    vars(wecom)["tokens"].forget()
    outlets.place(store)
    outlets.look()
    assert len(wecom.arrivals) == 1
    assert not wecom.arrivals[0].again


def test_a_lease_of_a_killed_worker_ends(outlets: Outlets, wecom: FakeChat, moved_clock: Move) -> None:
    wecom.fail(["cut_before"])
    assert read_ready_robot(outlets.env, "demo:app", outlets.env.clock()) is None
    assert read_ready_robot(outlets.env, "demo:app", outlets.env.clock()) is None
    moved_clock(21)
    assert read_ready_robot(outlets.env, "demo:app", outlets.env.clock())
