"""Segments in a real browser, against the running stack: saved, opened by a colleague, exported."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ops.clients import Clients
from stack.cloudformation import SERVICE, STAGE
from stack.keys import keys
from stack.signed_requests import Caller
from stack.stack import Stack
from tests.support.browser import journeys_of, walk
from tests.support.own_chain import OwnChain
from tests.support.waiting import wait_until

SCRIPT = Path(__file__).parent / "segments.mjs"
# Of each minute: here they need not wait for it.
TIMERS = ("members_announce_tags", "members_backfill_tags")
PAUSE_SECONDS = 2.0


@pytest.fixture(scope="module")
def hurried(stack: Stack) -> Iterator[None]:
    """The timers of members run every two seconds."""
    over = threading.Event()
    client = stack.emulator.client("lambda")

    def hurry() -> None:
        while not over.wait(PAUSE_SECONDS):
            for timer in TIMERS:
                client.invoke(FunctionName=f"{SERVICE}-{STAGE}-{timer}", Payload=b"{}")

    thread = threading.Thread(target=hurry)
    thread.start()
    yield
    over.set()
    thread.join()


@pytest.fixture(scope="module")
def journey(stack: Stack, browser: str, own_chain: OwnChain, hurried: None) -> dict[str, Any]:
    del hurried
    own_chain.place_order(guest={"member": "guest-1"})
    clients = Clients(stack.db.owner.url, keys(stack.root).keyring)
    key = clients.create("reader", [f"members:read@chain:{own_chain.id}"], 1_000, [])
    clients.close()
    reader = Caller(stack.place.http, key)
    with reader.http:
        count = f"/v1/segments/count?chain={own_chain.id}&where=lifecycle%20%3D%20new"
        wait_until(lambda: reader("GET", count).json()["members"] == 1, pause=0.5)
    return {
        "base": stack.place.http,
        "browser": browser,
        "person": own_chain.person("Mara Marketing", "marketing"),
        "colleague": own_chain.person("Milo Marketing", "marketing"),
    }


@pytest.mark.parametrize("name", journeys_of(SCRIPT))
def test_segments(name: str, journey: dict[str, Any]) -> None:
    walk(SCRIPT, name, journey)
