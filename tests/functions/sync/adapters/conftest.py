"""A real Tryton on loopback, which takes seconds to start: one for all tests of its adapter."""

from collections.abc import Iterator

import pytest

from tests.simulators.tryton import Tryton


@pytest.fixture(scope="session")
def tryton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tryton]:
    with Tryton(tmp_path_factory.mktemp("tryton")) as server:
        yield server
