"""Orders for delivery whose messages have arrived, and callers for each role."""

import pytest

from shared.spine.env import Environment
from stack.emulator import Emulator
from stack.mariadb import MariaDB
from tests.support.deliveries import World
from tests.support.orders import Caller
from tests.support.queues import Inbox


@pytest.fixture
def world(call: Caller, store: str, inbox: Inbox, env: Environment, database: MariaDB) -> World:
    """A store that delivers, with a desk, a packer and the couriers `ana` and `ben`."""
    return World(call, store, inbox, env, database.owner.url)


@pytest.fixture
def bucket(emulator: Emulator, env: Environment) -> str:
    """The bucket of proofs."""
    emulator.client("s3").create_bucket(Bucket="proofs")
    vars(env.settings)["proofs_bucket"] = "proofs"
    return "proofs"
