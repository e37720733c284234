"""Order intake seen from further execution environments."""

from collections.abc import Callable, Mapping
from datetime import datetime

import pytest

from shared.environment import Environment
from tests.houses import caller
from tests.orders import Caller

Another = Callable[..., Caller]


@pytest.fixture
def another(another_house: Callable[..., Environment], call: Caller) -> Another:
    """Makes a caller of an environment of its own, with the same key; `at` stops its clock."""

    def make(at: datetime | None = None, key: Mapping[str, str] | None = None) -> Caller:
        house = another_house(clock=lambda: at) if at else another_house()
        return caller(house, key or call.key, at)

    return make
