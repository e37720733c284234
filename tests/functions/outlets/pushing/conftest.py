"""The fake of WeChat, and a mini-program of the chain."""

from collections.abc import Iterator

import pytest

from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.simulators.chat.wechat import Wechat
from tests.support.orders import Caller
from tests.support.pushes import Pushes
from tests.support.queues import Inbox


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
