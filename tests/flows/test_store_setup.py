"""A technician sets up a store's printing; head office sees it, and settles a ticket that nobody can vouch for."""

import asyncio
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from demo import examples
from stack.signed_requests import Caller
from stack.stack import Stack
from tests.simulators.technician import enrol, set_up
from tests.support.waiting import until_in_thread

Check = Callable[[], bool]


@pytest.fixture
def call(stack: Stack) -> Iterator[Caller]:
    made = Caller(stack.place.http, stack.place.keys["head_office"])
    with made.http:
        yield made


@pytest.fixture
def store(call: Caller) -> str:
    made = f"s-{uuid.uuid4().hex[:8]}"
    call("PUT", f"/v1/stores/{made}", examples.STORE).raise_for_status()
    call("PUT", f"/v1/stores/{made}/menu", examples.MENU).raise_for_status()
    return made


def test_a_store_is_set_up_seen_and_helped(stack: Stack, call: Caller, store: str, tmp_path: Path) -> None:
    def seen() -> dict[str, Any]:
        fleet = call("GET", "/v1/printing/fleet?chain=demo").raise_for_status().json()["stores"]
        [found] = [one for one in fleet if one["store"] == store]
        return dict(found)

    def job(name: str) -> dict[str, Any]:
        return dict(call("GET", f"/v1/printing/stores/{store}/jobs/{name}").raise_for_status().json())

    async def journey() -> None:
        async with set_up(tmp_path, stack.place.http, call, store) as printer:
            await until_in_thread(lambda: seen()["can_print"])
            page = f"/v1/printing/stores/{store}/printers/kitchen/test-page"
            first = (await asyncio.to_thread(call, "POST", page)).raise_for_status().json()["id"]
            await until_in_thread(lambda: job(first)["state"] == "printed")
            assert (job(first)["evidence"], len(printer.paper)) == ("A", 1)

            printer.echo, printer.answers_fence = "none", False  # it prints, and proves nothing
            source = {"kind": "till", "id": store, "number": "1"}
            order = examples.ORDER | {"store": store, "source": source}
            (await asyncio.to_thread(call, "POST", "/v1/orders", order)).raise_for_status()
            await until_in_thread(lambda: seen()["jobs_for_person"] == 1)
            [waiting] = seen()["jobs"]
            assert (waiting["state"], waiting["attention"], waiting["kind"]) == ("unknown", "unknown", "kitchen")
            resolve = f"/v1/printing/stores/{store}/jobs/{waiting['id']}/resolve"
            again = await asyncio.to_thread(call, "POST", resolve, {"resolution": "again"})
            again.raise_for_status()
            await until_in_thread(lambda: len(printer.paper) == 3)
            assert ["REPRINT 1" in ticket.text for ticket in printer.paper] == [False, False, True]

    asyncio.run(journey())


def test_what_a_technician_types_wrong_is_told_in_words(stack: Stack, tmp_path: Path) -> None:
    config = tmp_path / "agent.toml"
    config.write_text('data = "data"\n')
    done = enrol(config, stack.place.http, "0000-0000")
    assert (done.returncode, done.stderr.strip()) == (2, "404 code_unknown: there is no such code")
