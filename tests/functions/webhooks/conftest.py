"""A receiver on loopback, and functions in stage `local`, which may send to it."""

from collections.abc import Iterator

import pytest

from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.simulators.webhook_receiver import Receiver
from tests.support.queues import Inbox
from tests.support.webhooks import Webhooks, manager


@pytest.fixture
def function_stage() -> str:
    """Services on loopback are called in this stage alone."""
    return "local"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def webhooks(env: Environment, database: MariaDB, inbox: Inbox) -> Webhooks:
    return Webhooks(manager(env, database.owner.url), inbox)
