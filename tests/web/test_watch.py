"""What a person watches in the console, in a real browser: orders as they come, a printer with a real agent."""

import asyncio
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from demo import examples
from ops.clients import Clients
from stack.keys import keys
from stack.signed_requests import Caller
from stack.stack import Stack
from tests.simulators.print_store import PrintStore, print_store
from tests.support.browser import journeys_of, walk
from tests.support.own_chain import OwnChain
from tests.support.remote import Remote
from tests.support.waiting import on_this_machine

SCRIPT = Path(__file__).parent / "watch.mjs"
# An order is on the page, and a printer has changed its colour, after at most so many seconds.
ORDER_SECONDS, PRINTER_SECONDS = 2.0, 3.0
ROUTING = {"stations": [{"id": "oven", "name": "Oven", "printer": "kitchen"}]}
RIGHTS = ("printing:write", "printing:enrol", "printing:read", "printing:operate")


def journey(stack: Stack, browser: str, own_chain: OwnChain, kitchen: PrintStore, remote: Remote) -> dict[str, Any]:
    return {
        "base": stack.place.console.removesuffix("/console"),  # the address that people open
        "browser": browser,
        "store": kitchen.id,
        "control": remote.address,
        "person": own_chain.person("Hedy Office", "head_office"),
        "orderSeconds": on_this_machine(ORDER_SECONDS),
        "printerSeconds": on_this_machine(PRINTER_SECONDS),
    }


@pytest.mark.parametrize("name", journeys_of(SCRIPT))
def test_watch(name: str, stack: Stack, browser: str, own_chain: OwnChain, tmp_path: Path) -> None:
    clients = Clients(stack.db.owner.url, keys(stack.root).keyring)
    key = clients.create("printing", [f"{right}@chain:{own_chain.id}" for right in RIGHTS], 1_000, [])
    clients.close()
    caller = Caller(stack.place.http, key)
    with caller.http:
        store = _open_store(own_chain, caller)
        asyncio.run(_watch(name, stack, browser, own_chain, store, caller, tmp_path))


def _open_store(own_chain: OwnChain, caller: Caller) -> str:
    """A store of the test: the agents of other tests are off line."""
    store = f"{own_chain.id}-{uuid.uuid4().hex[:6]}"
    own_chain.call("PUT", f"/v1/stores/{store}", examples.STORE | {"chain": own_chain.id}).raise_for_status()
    own_chain.call("PUT", f"/v1/stores/{store}/menu", examples.MENU).raise_for_status()
    caller("PUT", f"/v1/printing/stores/{store}/routing", ROUTING).raise_for_status()
    return store


async def _watch(
    name: str, stack: Stack, browser: str, own_chain: OwnChain, store: str, caller: Caller, folder: Path
) -> None:
    async with print_store(folder, caller, store) as kitchen:
        remote = Remote(_acts(kitchen, own_chain))
        try:
            given = journey(stack, browser, own_chain, kitchen, remote)
            await asyncio.to_thread(walk, SCRIPT, name, given)
        finally:
            remote.close()


def _acts(kitchen: PrintStore, own_chain: OwnChain) -> dict[str, Callable[[], Any]]:
    loop, printer = asyncio.get_running_loop(), kitchen.printers["kitchen"]

    def soon(act: Callable[[], None]) -> Callable[[], None]:
        def begin() -> None:
            loop.call_soon_threadsafe(act)

        return begin

    return {
        "order": lambda: own_chain.place_order(store=kitchen.id, payments=examples.ORDER["payments"])["id"],
        "run_out": soon(printer.run_out),
        "new_paper": soon(printer.new_paper),
        "paper": lambda: kitchen.paper,
    }
