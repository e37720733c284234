"""A client for the tests of the fakes, and a product that takes their callbacks."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.simulators.http_system import Answer, HttpSystem, Request, json_answer


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as client:
        yield client


class Product(HttpSystem):
    """Takes callbacks of any form, and keeps them. `decide` answers."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[Request] = []
        self.decide: Callable[[Request], Answer] = lambda _request: json_answer({"code": 0})

    @property
    def callback(self) -> str:
        return f"{self.url}/callback"

    def respond(self, request: Request) -> Answer:
        self.requests.append(request)
        return self.decide(request)


@pytest.fixture
def product() -> Iterator[Product]:
    with Product() as receiver:
        yield receiver
