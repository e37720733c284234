"""A store of the deployed stack that sells tea, and head office's signed calls to it: fixtures."""

import uuid
from collections.abc import Iterator

import pytest

from stack.signed_requests import Caller
from stack.stack import Stack

SETTINGS = {"name": "Tea", "chain": "demo", "region": "north", "timezone": "Asia/Shanghai", "currency": "USD"}
MENU = {"items": [{"id": "tea", "name": "Tea", "category": "tea", "price": 400}]}


@pytest.fixture
def caller(stack: Stack) -> Iterator[Caller]:
    caller = Caller(stack.place.http, stack.place.keys["head_office"])
    with caller.http:
        yield caller


@pytest.fixture
def tea_store(caller: Caller) -> str:
    store = f"tea-{uuid.uuid4().hex[:8]}"
    caller("PUT", f"/v1/stores/{store}", SETTINGS).raise_for_status()
    caller("PUT", f"/v1/stores/{store}/menu", MENU).raise_for_status()
    return store
