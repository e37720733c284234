"""`python -m tests.kit.demo_stores`: agents and scripted printers for the demo chain, beside a stack that is up.

Every ticket is a picture: .local/paper/<store>/<printer>/00001.png and on. Ctrl-C or SIGTERM ends all that it started.
"""

import asyncio
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from local import pizzaplace
from local.place import ROOT, place
from local.signed import Caller
from tests.kit.agent_process import AgentProcess
from tests.kit.print_store import enrolled
from tests.kit.printer import Printer

PRINTERS = ("kitchen", "front")
ROUTING = {
    "stations": [
        {"id": "kitchen_hot", "name": "Oven", "printer": "kitchen"},
        {"id": "front", "name": "Front", "kind": "receipt", "printer": "front"},
    ]
}


async def main(root: Path, stores: list[str]) -> None:
    """Until it is told to end."""
    found = place(root)
    call = Caller(found.http, found.keys["head_office"])
    over = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    async with AsyncExitStack() as exits:
        for store in stores:
            await _open(exits, call, root, store)
        print(f"Tickets: {root / 'paper'}/<store>/<printer>/ of {', '.join(stores)}", flush=True)  # noqa: T201
        await over.wait()


async def _open(exits: AsyncExitStack, call: Caller, root: Path, store: str) -> None:
    addresses = {}
    for name in PRINTERS:
        printer = Printer(album=root / "paper" / store / name)
        addresses[name] = (await exits.enter_async_context(printer)).address
    reply = await asyncio.to_thread(call, "PUT", f"/v1/printing/stores/{store}/routing", ROUTING)
    reply.raise_for_status()
    config = await asyncio.to_thread(enrolled, root / "agents" / store, call, store, addresses)
    await exits.enter_async_context(AgentProcess(config))


if __name__ == "__main__":
    asyncio.run(main(ROOT, sys.argv[1:] or list(pizzaplace.STORES)))
