"""Many small tickets to several printers while things go wrong by a seeded plan; the paper is the judge.

`python -m tests.simulators.soak --seeds 20 --tickets 1000` runs it as long as one likes.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.simulators.agent_process import AgentProcess, configure
from tests.simulators.printer import Printer
from tests.simulators.relay import Relay
from tests.simulators.tickets import begun, paper_of, ticket, whole
from tests.support.waiting import until

QUICK = "poll = 0.2\nanswer = 0.4\npatience = { proof = 1.0, grace = 0.3, hold = 5.0, settle = 0.05 }"
# Faults for each hundred tickets.
FAULTS_A_HUNDRED = 4
# Synced writes are not what is tried here, and killing a process does not lose what the system has.
MEMORY_DISK = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a folder of its own is made in it


@dataclass
class Verdict:
    """What the paper says against what the relay was told."""

    states: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


async def soak(seed: int, tickets: int, printers: int = 4, *, seconds: float = 120.0) -> Verdict:
    """One run. `wrong` is empty if every ticket is on paper exactly once, or its job says unknown or failed."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(dir=MEMORY_DISK) as folder:
        relay = Relay(seed=seed)
        relay.bundles = seed % 2 == 0
        relay.resend_seconds = 0.4
        relay.faults.duplicate, relay.faults.swap, relay.faults.drop_noted = 0.1, 0.3, 0.05
        simulated = {f"p{number}": Printer() for number in range(printers)}
        await asyncio.gather(relay.start(), *(printer.start() for printer in simulated.values()))
        config = configure(Path(folder), [relay], {name: printer.address for name, printer in simulated.items()}, QUICK)
        try:
            async with AgentProcess(config) as agent:
                async with asyncio.timeout(seconds):
                    faults = await _ordeal(random.Random(seed), tickets, relay, simulated, agent)
                assert await agent.stop() == 0
        except TimeoutError:
            return Verdict(Counter(relay.states().values()), [f"not done in {seconds} s", str(relay.printers)])
        finally:
            await asyncio.gather(relay.stop(), *(printer.stop() for printer in simulated.values()))
        verdict = judge(relay, simulated)
        verdict.faults = faults
        verdict.seconds = time.monotonic() - started
        return verdict


async def _ordeal(
    chance: random.Random, tickets: int, relay: Relay, printers: dict[str, Printer], agent: AgentProcess
) -> Counter[str]:
    faults = Faults(chance, relay, printers, agent)
    for number in range(tickets):
        name = f"j{number}"
        relay.add(name, ticket(name, chance.randrange(1, 30)), printer=chance.choice(list(printers)))
        await asyncio.sleep(chance.expovariate(1) * 0.003)
        if chance.random() < FAULTS_A_HUNDRED / 100:
            faults.strike()
    await faults.over()
    await until(relay.all_final)
    return faults.done


class Faults:
    """Each strikes at once, and is mended by itself a little later."""

    def __init__(self, chance: random.Random, relay: Relay, printers: dict[str, Printer], agent: AgentProcess) -> None:
        self.done: Counter[str] = Counter()
        self._chance = chance
        self._relay = relay
        self._printers = list(printers.values())
        self._agent = agent
        self._killing = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def strike(self) -> None:
        """One of them, by chance."""
        kinds = [
            self._kill_agent,
            self._cut_socket,
            self._half_open,
            self._paper_out,
            self._paper_out_in_mid_ticket,
            self._power_cut,
            self._power_cut_in_mid_ticket,
            self._network_cut,
            self._echo,
            self._cover,
        ]
        kind = self._chance.choice(kinds)
        self.done[kind.__name__.strip("_")] += 1
        task = asyncio.create_task(kind(self._chance.choice(self._printers)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def over(self) -> None:
        """All of them mended."""
        await asyncio.gather(*self._tasks)

    async def _kill_agent(self, _printer: Printer) -> None:
        async with self._killing:
            await self._agent.kill()
            await self._agent.start()
            await asyncio.sleep(0.5)

    async def _cut_socket(self, _printer: Printer) -> None:
        self._relay.cut()

    async def _half_open(self, _printer: Printer) -> None:
        self._relay.half_open()
        await asyncio.sleep(0.3)
        self._relay.cut()
        self._relay.half_open(frozen=False)

    async def _paper_out(self, printer: Printer) -> None:
        printer.run_out()
        await asyncio.sleep(0.3)
        printer.new_paper()

    async def _paper_out_in_mid_ticket(self, printer: Printer) -> None:
        printer.after(self._chance.randrange(300), printer.run_out)
        await asyncio.sleep(0.6)
        printer.no_plans()
        printer.new_paper()

    async def _power_cut(self, printer: Printer) -> None:
        printer.cut_power()
        await asyncio.sleep(0.3)
        printer.restore_power()

    async def _power_cut_in_mid_ticket(self, printer: Printer) -> None:
        printer.after(self._chance.randrange(300), printer.cut_power)
        await asyncio.sleep(0.6)
        printer.no_plans()
        printer.restore_power()

    async def _network_cut(self, printer: Printer) -> None:
        printer.cut_connections()

    async def _echo(self, printer: Printer) -> None:
        printer.echo = self._chance.choice(["lost", "late", "wrong", "other socket"])
        printer.answers_fence = self._chance.random() < 0.5
        await asyncio.sleep(0.5)
        printer.echo, printer.answers_fence = "good", True

    async def _cover(self, printer: Printer) -> None:
        printer.open_cover()
        await asyncio.sleep(0.2)
        printer.close_cover()


def judge(relay: Relay, printers: dict[str, Printer]) -> Verdict:
    """By what is on the paper, and by nothing the agent says of itself but its results."""
    verdict = Verdict(Counter(relay.states().values()), list(relay.violations))
    papers = {name: (whole(paper_of(printer)), begun(paper_of(printer))) for name, printer in printers.items()}
    for job in relay.jobs.values():
        tickets, beginnings = papers[job.frame["printer"]]
        verdict.wrong += _wrong(job.id, job.state, tickets[job.id], beginnings[job.id])
    for name, printer in printers.items():
        if printer.most_connections > 1:
            verdict.wrong.append(f"{name}: {printer.most_connections} connections at a time")
        if printer.enquiries:
            verdict.wrong.append(f"{name}: DLE ENQ")
    return verdict


def _wrong(name: str, state: str, tickets: int, beginnings: int) -> list[str]:
    if beginnings > 1:
        return [f"{name}: {state}, {beginnings} times on paper"]
    if state == "printed" and tickets != 1:
        return [f"{name}: printed, but {tickets} whole tickets"]
    if state in {"expired", "cancelled"} and beginnings:
        return [f"{name}: {state}, but on paper"]
    if state not in {"printed", "unknown", "failed", "expired", "cancelled"}:
        return [f"{name}: {state} for ever"]
    return []


def main() -> int:
    """As many seeds as asked for; 1 if any ticket went wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--tickets", type=int, default=1000)
    arguments = parser.parse_args()
    bad = 0
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        verdict = asyncio.run(soak(seed, arguments.tickets))
        bad += bool(verdict.wrong)
        sys.stdout.write(
            f"seed {seed}: {dict(verdict.states)} in {verdict.seconds:.1f} s,"
            f" {sum(verdict.faults.values())} faults, wrong: {verdict.wrong}\n"
        )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
