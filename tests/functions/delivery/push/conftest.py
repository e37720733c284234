"""Functions in stage `local`, which may post to a push service on loopback."""

from collections.abc import Iterator

import pytest

from tests.simulators.chat.push_service import PushService


@pytest.fixture
def function_stage() -> str:
    """Services on loopback are called in this stage alone."""
    return "local"


@pytest.fixture
def service() -> Iterator[PushService]:
    """A push service with its browsers."""
    with PushService() as service:
        yield service
