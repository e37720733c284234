"""A client for the tests of the fakes, and a product that takes their callbacks."""

from collections.abc import Iterator

import httpx
import pytest

from tests.simulators.webhook_receiver import Receiver


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as client:
        yield client


class Product(Receiver):
    """Takes callbacks of any form, and keeps them."""

    @property
    def callback(self) -> str:
        return self.url("/callback")


@pytest.fixture
def product() -> Iterator[Product]:
    with Product() as receiver:
        yield receiver
