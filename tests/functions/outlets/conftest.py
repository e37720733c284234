"""A fake chat service on loopback, and functions in stage `local`, which may send to it."""

from collections.abc import Iterator

import pytest

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
def function_stage() -> str:
    """Services on loopback are called in this stage alone."""
    return "local"


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
