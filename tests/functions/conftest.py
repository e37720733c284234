"""Order intake seen from further execution environments."""

from collections.abc import Callable, Mapping
from datetime import datetime

import pytest

from shared.spine.env import Environment
from tests.support.environments import Another, caller
from tests.support.orders import Caller, an_order


@pytest.fixture
def another(another_env: Callable[..., Environment], call: Caller) -> Another:
    """Makes a caller of an environment of its own, with the same key; `at` stops its clock."""

    def make(at: datetime | None = None, key: Mapping[str, str] | None = None) -> Caller:
        env = another_env(clock=lambda: at) if at else another_env()
        return caller(env, key or call.key, at)

    return make


@pytest.fixture
def order(call: Caller, store: str) -> str:
    """An order of 13.25, nothing paid yet; its id."""
    placed: str = call("POST", "/v1/orders", an_order(store)).json["id"]
    return placed
