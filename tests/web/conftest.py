"""What the tests of pages stand on: a browser, and a chain of its own with a store, an order and people."""

from collections.abc import Iterator

import pytest

from stack.stack import Stack
from tests.support.browser import find_browser
from tests.support.own_chain import OwnChain, open_chain


@pytest.fixture(scope="session")
def browser() -> str:
    return find_browser()


@pytest.fixture(scope="module")
def own_chain(stack: Stack) -> Iterator[OwnChain]:
    own = open_chain(stack)
    yield own
    own.close()
