"""What the agent costs a till: memory and CPU, idle and printing. Linux.

`python -m tests.simulators.footprint --seconds 20 --rate 10`
"""

import argparse
import asyncio
import os
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

from stack.memory import resident_mb
from tests.simulators.agent_process import AgentProcess, configure
from tests.simulators.printer import Printer
from tests.simulators.relay import Relay
from tests.simulators.tickets import ticket
from tests.support.waiting import until

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """User and system, by the kernel's books."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Cost(NamedTuple):
    """`share` of a core; `resident` and `peak` in MB."""

    when: str
    share: float
    resident: float
    peak: float


async def measure(seconds: float, rate: float, printers: int) -> list[Cost]:
    """Idle, then `rate` tickets a second over all printers."""
    with tempfile.TemporaryDirectory() as folder:
        simulated = {f"p{number}": Printer() for number in range(printers)}
        await asyncio.gather(*(printer.start() for printer in simulated.values()))
        async with Relay() as relay, AsyncExitStack() as stack:
            config = configure(Path(folder), [relay], {name: printer.address for name, printer in simulated.items()})
            agent = await stack.enter_async_context(AgentProcess(config))
            await until(lambda: relay.hellos)
            await asyncio.sleep(3)
            before = cpu_seconds(agent.pid)
            await asyncio.sleep(seconds)
            costs = [_cost("idle", (cpu_seconds(agent.pid) - before) / seconds, agent.pid)]
            before, count = cpu_seconds(agent.pid), round(seconds * rate)
            for number in range(count):
                relay.add(f"j{number}", ticket(f"j{number}", 40), printer=f"p{number % printers}")
                await asyncio.sleep(1 / rate)
            await until(relay.all_final)
            costs.append(_cost(f"{rate:g}_a_second", (cpu_seconds(agent.pid) - before) / seconds, agent.pid))
        await asyncio.gather(*(printer.stop() for printer in simulated.values()))
    return costs


def _cost(when: str, share: float, pid: int) -> Cost:
    return Cost(when, share, resident_mb(pid), resident_mb(pid, "VmHWM"))


def main() -> None:
    """As long and as fast as asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rate", type=float, default=10)
    parser.add_argument("--printers", type=int, default=4)
    arguments = parser.parse_args()
    for cost in asyncio.run(measure(arguments.seconds, arguments.rate, arguments.printers)):
        memory = f"{cost.resident:.1f} MB resident ({cost.peak:.1f} at most)"
        sys.stdout.write(f"{cost.when}: {100 * cost.share:.1f} % of a core, {memory}\n")


if __name__ == "__main__":
    main()
