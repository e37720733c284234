from collections.abc import Iterator

import pytest

from stack.emulator import Emulator
from tests.support.broker import Broker


@pytest.fixture
def broker(emulator: Emulator) -> Iterator[Broker]:
    broker = Broker(emulator.endpoint)
    yield broker
    broker.close()
