"""The clients of the repository against the deployed stack."""

from collections.abc import Iterator

import pytest

from stack.stack import Stack
from tests.simulators.flaky_api import FlakyApi
from tests.support.tea_store import caller, tea_store  # noqa: F401 - fixtures


@pytest.fixture
def api(stack: Stack) -> Iterator[FlakyApi]:
    with FlakyApi(stack.place.http).serving() as api:
        yield api
