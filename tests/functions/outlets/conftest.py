"""A fake chat service on loopback, and functions in stage `local`, which may send to it."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from shared.spine import env as env_module
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.simulators.chat.fake import FakeChat
from tests.simulators.chat.fakes import fake_chat
from tests.simulators.chat.wechat import Wechat
from tests.support.orders import Caller
from tests.support.outlets import Outlets
from tests.support.pushes import Pushes
from tests.support.queues import Inbox


@pytest.fixture
def env(
    database: MariaDB, function_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Environment]:
    """The environment of stage `local`."""
    del database, function_environment
    monkeypatch.setenv("STAGE", "local")
    env_module.environment.cache_clear()
    made = env_module.environment()
    yield made
    made.close()
    env_module.environment.cache_clear()


@pytest.fixture
def telegram() -> Iterator[FakeChat]:
    with fake_chat("telegram") as fake:
        yield fake


@pytest.fixture
def outlets(env: Environment, database: MariaDB, call: Caller, inbox: Inbox, telegram: FakeChat, store: str) -> Outlets:
    """The store as an outlet in a Telegram chat, with the rules of the chain."""
    made = Outlets(env, call, database.owner.url, inbox)
    made.rules()
    made.add_robot("bot", telegram)
    made.add_outlet(store, ("bot", "1001"))
    return made


@pytest.fixture
def moved_clock(env: Environment) -> Callable[[float], None]:
    """Moves the clock of the functions ahead, by seconds."""

    def move(seconds: float) -> None:
        clock = env.clock
        env.clock = lambda: clock() + timedelta(seconds=seconds)
        # It holds the clock that it was made with.
        vars(env).pop("outbox", None)

    return move


@pytest.fixture
def wechat() -> Iterator[Wechat]:
    with Wechat(callback_url="http://127.0.0.1:1/outlets/callbacks/wechat_mini_program/demo:mini") as fake:
        yield fake


@pytest.fixture
def pushes(env: Environment, database: MariaDB, call: Caller, inbox: Inbox, wechat: Wechat, store: str) -> Pushes:
    """The chain with its mini-program, and a rule for orders that are ready."""
    made = Pushes(env, call, database.owner.url, inbox, store, wechat)
    made.add_mini_program()
    made.rule("ready")
    inbox.take()
    return made
