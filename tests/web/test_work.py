"""Packer, courier and customer in a real browser, with a place that the test gives, off line and back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stack.stack import Stack
from tests.support.browser import PICTURES, journeys_of, walk
from tests.support.delivering_chain import DeliveringChain
from tests.support.own_chain import OwnChain
from tests.support.remote import Remote

SCRIPT = Path(__file__).parent / "work.mjs"
CUSTOMER = SCRIPT.with_name("customer.mjs")


@pytest.fixture(scope="module")
def chain(stack: Stack, own_chain: OwnChain) -> Iterator[DeliveringChain]:
    made = DeliveringChain(stack, own_chain)
    yield made
    made.close()


@pytest.fixture
def journey(stack: Stack, browser: str, chain: DeliveringChain) -> Iterator[dict[str, Any]]:
    remote = Remote(chain.acts())
    PICTURES.mkdir(parents=True, exist_ok=True)
    yield {
        "base": stack.place.http,
        "browser": browser,
        "control": remote.address,
        "packer": chain.packer,
        "courier": chain.courier,
        "pictures": str(PICTURES),
    }
    remote.close()


@pytest.mark.parametrize("name", journeys_of(SCRIPT))
def test_work(name: str, journey: dict[str, Any]) -> None:
    walk(SCRIPT, name, journey)


@pytest.mark.parametrize("name", journeys_of(CUSTOMER))
def test_customer(name: str, journey: dict[str, Any]) -> None:
    walk(CUSTOMER, name, journey)
