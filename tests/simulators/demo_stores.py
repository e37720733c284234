"""`python -m tests.simulators.demo_stores`: agents and scripted printers for the demo chain, beside a stack that is up.

Every ticket is a picture: .local/paper/<store>/<printer>/00001.png and on. Ctrl-C or SIGTERM ends all that it started.
"""

import argparse
import asyncio
import signal
from contextlib import AsyncExitStack
from pathlib import Path

from demo import pizzaplace
from demo.printers import PRINTERS, ROUTING
from stack.addresses import ROOT, Place, place
from stack.signed_requests import Caller
from stack.terminal import say
from tests.simulators.agent_process import AgentProcess
from tests.simulators.print_store import enrolled
from tests.simulators.printer import Printer


async def main(root: Path, stores: list[str]) -> None:
    """Until it is told to end."""
    stack_addresses = place(root)
    over = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    async with AsyncExitStack() as exits:
        for store in stores:
            await _open(exits, stack_addresses, root, store)
        say(f"Tickets: {root / 'paper'}/<store>/<printer>/ of {', '.join(stores)}")
        await over.wait()


async def _open(exits: AsyncExitStack, stack_addresses: Place, root: Path, store: str) -> None:
    addresses = {}
    for name in PRINTERS:
        printer = Printer(album=root / "paper" / store / name)
        addresses[name] = (await exits.enter_async_context(printer)).address
    call = Caller(stack_addresses.http, stack_addresses.keys["head_office"])
    with call.http:
        reply = await asyncio.to_thread(call, "PUT", f"/v1/printing/stores/{store}/routing", ROUTING)
        reply.raise_for_status()
        relay = stack_addresses.websocket or ""
        config = await asyncio.to_thread(enrolled, root / "agents" / store, call, store, addresses, relay)
    await exits.enter_async_context(AgentProcess(config))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder that holds the stack (default: .local)")
    parser.add_argument("stores", nargs="*", default=list(pizzaplace.STORES))
    arguments = parser.parse_args()
    asyncio.run(main(arguments.root, arguments.stores))
