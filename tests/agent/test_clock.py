"""What time it is for the relay: while the machine sleeps, is halted as a whole, or has its clock set."""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from dumbwaiter_agent import agent as agent_module
from dumbwaiter_agent import job_runner, link, relays
from dumbwaiter_agent.clock import Clocks, RelayClock
from dumbwaiter_agent.link import Link
from dumbwaiter_agent.printer_connection import Device
from tests.simulators.store import Store, store
from tests.simulators.tickets import ticket
from tests.support.paths import AGENT_PATH
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
NIGHT = 8 * 3600.0


class Machine:
    """A machine whose clocks a test moves; else they go as the real ones."""

    def __init__(self) -> None:
        self.wall_ahead = self.slept = 0.0
        self.clocks = Clocks(lambda: time.time() + self.wall_ahead, lambda: time.monotonic() + self.slept)

    def sleep(self, seconds: float) -> None:
        """Suspend to memory: both clocks go on."""
        self.wall_ahead += seconds
        self.slept += seconds

    def halt(self, seconds: float) -> None:
        """A virtual machine that its host stops: only the wall clock is put right afterwards."""
        self.wall_ahead += seconds


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, seconds in (
        (relays, "FIRST_SECONDS", 0.05),
        (relays, "SPREAD_SECONDS", 0.1),
        (relays, "STABLE_SECONDS", 0.1),
        (agent_module, "TICK_SECONDS", 0.1),
        (job_runner, "TICK_SECONDS", 0.1),
    ):
        monkeypatch.setattr(module, name, seconds)


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def awaited() -> None:
        await test()

    asyncio.run(awaited())


# The clock by itself


def test_the_steady_clock_counts_the_time_that_the_machine_slept() -> None:
    """A time namespace stands for a machine that slept: what it adds to CLOCK_BOOTTIME, CLOCK_MONOTONIC has not.

    Linux's /proc/uptime is the judge: "uptime of the system (including time spent in suspend)", proc(5).
    """
    asleep = ["unshare", "--time", f"--boottime={NIGHT:.0f}", "--fork"]
    if shutil.which("unshare") is None or subprocess.run([*asleep, "true"], check=False).returncode:
        pytest.skip("this machine gives no time namespace")
    question = "from dumbwaiter_agent.clock import Clocks; print(Clocks().steady(), open('/proc/uptime').read())"
    environment = {**os.environ, "PYTHONPATH": AGENT_PATH}
    command = [*asleep, sys.executable, "-c", question]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    steady, uptime, _ = map(float, done.stdout.split())
    assert steady == pytest.approx(uptime, abs=1.0)


def test_the_relays_time_is_kept_by_a_clock_that_nobody_sets() -> None:
    wall, steady = [1000.0], [5.0]
    clock = RelayClock(offset=50.0, not_before=1040.0, clocks=Clocks(lambda: wall[0], lambda: steady[0]))
    assert clock.now() == 1050.0
    wall[0] = 0.0  # the battery is empty
    assert clock.now() == 1040.0
    clock.told(2000.0)
    wall[0], steady[0] = 9e9, 6.5
    assert clock.now() == 2001.5
    clock.told(2000.5)  # a second on its way: what is told next must not seem older
    assert clock.now() == 2001.5
    clock.told(1900.0)
    assert clock.now() == 1900.0


@pytest.mark.parametrize("jump", [-3600.0, -11.0, 11.0, 3600.0])
def test_a_wall_clock_that_jumps_is_believed_when_the_relay_has_told_the_time(jump: float) -> None:
    wall, steady = [1000.0], [5.0]
    clock = RelayClock(clocks=Clocks(lambda: wall[0], lambda: steady[0]))
    clock.told(5000.0)
    wall[0] += 600.0
    steady[0] += 600.0
    assert not clock.jumped
    wall[0] += jump
    assert clock.jumped
    assert not clock.agrees(5600.0)  # it may have waited since before the jump
    assert clock.jumped
    clock.told(5600.0)
    assert not clock.jumped


@pytest.mark.parametrize(
    ("told", "agrees", "now"),
    [
        (5600.0, True, 5600.0),
        (5597.0, True, 5600.0),
        (5594.0, False, 5600.0),
        (5000.0, False, 5600.0),
        (5700.0, True, 5700.0),
    ],
)
def test_a_beat_that_waited_never_sets_the_clock_back(told: float, agrees: bool, now: float) -> None:  # noqa: FBT001
    steady = [5.0]
    clock = RelayClock(clocks=Clocks(lambda: steady[0] + 1000.0, lambda: steady[0]))
    clock.told(5000.0)
    steady[0] += 600.0
    assert clock.agrees(told) is agrees
    assert clock.now() == now


def test_a_welcome_that_waited_while_the_machine_slept_is_none() -> None:
    hello: dict[str, Any] = {"agent": "0", "journal": "j", "capabilities": [], "printers": [], "cursor": {}}
    found = Link(hello, 0.0, jitter=lambda: 0.5)
    found.receive('{"type": "welcome", "protocol": 1, "time": 1.0, "heartbeat": 60, "lifetime": 7000}', NIGHT)
    assert found.take_events() == []
    found.tick(NIGHT)
    assert found.take_events() == [link.Broken("no_welcome")]


# The agent


async def last_nights_ticket(site: Store) -> None:
    """It waits for a printer whose cover is open, and is good for a minute; the relay is away."""
    site.printer.open_cover()
    site.relay.add("j1", ticket("j1"), deadline=60.0)
    await until(lambda: site.relay.states() == {"j1": "received"})
    await site.relay.stop()


def test_last_nights_ticket_is_not_printed_in_the_morning(tmp_path: Path, machine: Machine) -> None:
    async def test() -> None:
        async with store(tmp_path, clocks=machine.clocks) as site:
            await last_nights_ticket(site)
            port = site.relay.port
            machine.sleep(NIGHT)
            site.printer.close_cover()
            await asyncio.sleep(1.0)
            assert site.begun() == {}
            site.relay.clock_ahead = NIGHT
            await site.relay.start(port)
            await until(site.relay.all_final)
            assert site.relay.states() == {"j1": "expired"}

    run(test)


def test_after_a_halt_that_no_clock_counted_nothing_begins_before_the_relay_has_told_the_time(
    tmp_path: Path, machine: Machine
) -> None:
    async def test() -> None:
        async with store(tmp_path, clocks=machine.clocks) as site:
            await last_nights_ticket(site)
            port = site.relay.port
            machine.halt(NIGHT)
            site.printer.close_cover()
            await asyncio.sleep(1.0)
            assert site.begun() == {}
            site.relay.clock_ahead = NIGHT
            await site.relay.start(port)
            site.relay.add("j2", ticket("j2"), deadline=60.0)
            await until(site.relay.all_final)
            assert site.relay.states() == {"j1": "expired", "j2": "printed"}

    run(test)


def test_a_wall_clock_that_somebody_sets_costs_no_ticket(tmp_path: Path, machine: Machine) -> None:
    async def test() -> None:
        async with store(tmp_path, clocks=machine.clocks) as site:
            await until(lambda: site.relay.hellos)
            machine.wall_ahead = 86_400.0
            site.relay.add("j1", ticket("j1"), deadline=60.0)
            await until(site.relay.all_final)
            assert site.relay.states() == {"j1": "printed"}
            assert len(site.relay.hellos) == 2

    run(test)


def test_the_relays_word_of_last_night_that_is_read_in_the_morning_prints_nothing(
    tmp_path: Path, machine: Machine
) -> None:
    async def test() -> None:
        async with store(tmp_path, clocks=machine.clocks) as site:
            site.printer.open_cover()
            site.relay.add("j1", ticket("j1"), deadline=60.0)
            await until(lambda: site.relay.states() == {"j1": "received"})
            site.relay.delivers = False
            evening = site.relay.now()
            site.relay.clock_ahead = NIGHT
            machine.sleep(NIGHT)
            await site.relay.say({"type": "beat", "time": evening})
            site.printer.close_cover()
            await until(site.relay.all_final)
            assert (site.relay.states(), site.begun()) == ({"j1": "expired"}, {})

    run(test)


@pytest.mark.parametrize("sleeps", ["sleep", "halt"])
def test_a_machine_that_sleeps_as_a_ticket_is_about_to_begin_does_not_begin_it(
    tmp_path: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch, sleeps: str
) -> None:
    fit = Device._fit

    async def asleep(device: Device) -> Any:
        session = await fit(device)
        getattr(machine, sleeps)(NIGHT)
        monkeypatch.undo()
        return session

    async def test() -> None:
        async with store(tmp_path, clocks=machine.clocks) as site:
            await until(lambda: site.relay.printers.get("kitchen", {}).get("state") == "ready")
            monkeypatch.setattr(Device, "_fit", asleep)  # there is no other way into that moment
            site.relay.add("j1", ticket("j1"), deadline=60.0)
            site.relay.clock_ahead = NIGHT
            await until(site.relay.all_final)
            assert (site.relay.states(), site.begun()) == ({"j1": "expired"}, {})

    run(test)


# An agent that starts while the relay is away guesses the time by the machine's clock


def test_by_a_guessed_time_nothing_expires(tmp_path: Path, machine: Machine) -> None:
    async def test() -> None:
        async with store(tmp_path, clocks=machine.clocks) as site:
            await last_nights_ticket(site)
            port = site.relay.port
            await site.stop()
            machine.wall_ahead = NIGHT  # somebody has set the clock, or it was never right
            site.printer.close_cover()
            site.start()
            await asyncio.sleep(1.0)
            assert site.begun() == {}
            await site.relay.start(port)
            await until(site.relay.all_final)
            assert site.relay.states() == {"j1": "printed"}

    run(test)


def test_what_ended_by_a_clock_that_was_ahead_is_told_at_once(tmp_path: Path, machine: Machine) -> None:
    async def test() -> None:
        async with store(tmp_path, clocks=machine.clocks) as site:
            site.printer.open_cover()
            site.relay.add("j1", ticket("j1"), deadline=2 * NIGHT)
            await until(lambda: site.relay.states() == {"j1": "received"})
            port = site.relay.port
            await site.relay.stop()
            await site.stop()
            machine.wall_ahead = NIGHT
            site.printer.close_cover()
            site.start()
            await until(lambda: site.whole() == {"j1": 1})
            await site.relay.start(port)
            await until(site.relay.all_final)
            assert site.relay.states() == {"j1": "printed"}

    run(test)


def test_a_clock_that_is_behind_what_is_known_begins_nothing(tmp_path: Path, machine: Machine) -> None:
    async def test() -> None:
        async with store(tmp_path, clocks=machine.clocks) as site:
            await last_nights_ticket(site)
            port = site.relay.port
            await site.stop()
            machine.wall_ahead = -NIGHT  # its battery is empty
            site.printer.close_cover()
            site.start()
            await asyncio.sleep(1.0)
            assert site.begun() == {}
            site.relay.clock_ahead = NIGHT
            await site.relay.start(port)
            await until(site.relay.all_final)
            assert (site.relay.states(), site.begun()) == ({"j1": "expired"}, {})

    run(test)
