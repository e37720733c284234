"""An agent that wakes up on another machine, or with another identity: whose printers are these, and whose journal?"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from dumbwaiter_agent import machine, relays
from tests.simulators.store import Store, store
from tests.simulators.tickets import ticket
from tests.support.waiting import until


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("FIRST_SECONDS", 0.05), ("SPREAD_SECONDS", 0.1), ("REFUSED_SECONDS", 0.5)):
        monkeypatch.setattr(relays, name, seconds)


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def awaited() -> None:
        await test()

    asyncio.run(awaited())


def network(folder: Path, assigned: str = "0", **interfaces: tuple[str, bool]) -> Path:
    """As /sys/class/net: by interface (address, whether there is hardware behind it)."""
    for name, (address, hardware) in interfaces.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "address").write_text(f"{address}\n")
        (folder / name / "addr_assign_type").write_text(f"{assigned}\n")
        if hardware:
            (folder / name / "device").mkdir()
    return folder


def test_a_machine_is_known_by_its_network_hardware(tmp_path: Path) -> None:
    net = network(
        tmp_path / "net",
        lo=("00:00:00:00:00:00", False),
        eth0=("00:1B:21:AA:BB:CC", True),
        wlan0=("3c:a9:f4:01:02:03", True),
        docker0=("02:42:ac:11:00:02", False),
        wwan0=("00:00:00:00:00:00", True),
    )
    assert machine.linux_addresses(net) == {"00:1b:21:aa:bb:cc", "3c:a9:f4:01:02:03"}
    assert machine.linux_addresses(tmp_path / "none") == set()


@pytest.mark.parametrize("assigned", ["1", "2", "3"])
def test_an_address_that_changes_with_every_start_says_nothing_of_the_machine(tmp_path: Path, assigned: str) -> None:
    """Else a PC on Wi-Fi whose address is random would be another machine every morning, and print nothing."""
    net = network(tmp_path, assigned, wlan0=("3c:a9:f4:01:02:03", True))
    assert machine.linux_addresses(net) == set()
    assert machine.linux_addresses(network(tmp_path, eth0=("00:1b:21:aa:bb:cc", True))) == {"00:1b:21:aa:bb:cc"}


def test_the_relay_gets_hashes_of_the_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "NETWORK", network(tmp_path, eth0=("00:1b:21:aa:bb:cc", True)))
    # printf %s 00:1b:21:aa:bb:cc | sha256sum | cut -c-32
    assert machine.parts() == ["b151a34bbc369886058cd96579b5356b"]


@pytest.mark.parametrize(
    ("before", "now", "other"),
    [("ab", "bc", False), ("ab", "cd", True), ("", "cd", False), ("ab", "", False), ("ab", "ab", False)],
)
def test_two_machines_have_nothing_in_common(before: str, now: str, other: bool) -> None:  # noqa: FBT001
    assert machine.is_other(list(before), list(now)) is other


async def with_a_ticket_that_waits(site: Store) -> None:
    """Stopped, with a job in its journal; the cover that kept it is closed."""
    site.printer.open_cover()
    site.relay.add("j1", ticket("j1"))
    await until(lambda: site.relay.states() == {"j1": "received"})
    await site.stop()
    site.printer.close_cover()


def on(monkeypatch: pytest.MonkeyPatch, *parts: str) -> None:
    monkeypatch.setattr(machine, "parts", lambda: [part * 32 for part in parts])


def test_on_another_machine_nothing_is_touched_before_the_relay_has_taken_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test() -> None:
        on(monkeypatch, "a")
        async with store(tmp_path) as site:
            await with_a_ticket_that_waits(site)
            port = site.relay.port
            await site.relay.stop()
            on(monkeypatch, "b")
            site.printer.most_connections = 0
            site.start()
            await asyncio.sleep(1.5)
            assert (site.printer.most_connections, site.begun()) == (0, {})
            await site.relay.start(port)
            await until(site.relay.all_final)
            assert site.whole() == {"j1": 1}
            assert [hello["machine"] for hello in site.relay.hellos] == [["a" * 32], ["b" * 32]]

    run(test)


def test_on_the_same_machine_a_lone_agent_prints_what_it_has_without_the_relay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test() -> None:
        on(monkeypatch, "a", "b")
        async with store(tmp_path) as site:
            await with_a_ticket_that_waits(site)
            await site.relay.stop()
            on(monkeypatch, "b", "c")
            site.start()
            await until(lambda: site.whole() == {"j1": 1})

    run(test)


def test_an_agent_that_is_refused_on_its_machine_touches_no_printer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test() -> None:
        on(monkeypatch)  # it cannot know
        async with store(tmp_path) as site:
            await with_a_ticket_that_waits(site)
            site.printer.open_cover()
            site.relay.error = "other_machine"
            site.start()
            await until(lambda: len(site.relay.hellos) == 2)
            await until(lambda: site.printer.connections == 0)
            site.printer.close_cover()
            await asyncio.sleep(1.0)
            assert (site.printer.connections, site.begun()) == (0, {})

    run(test)


def test_another_agent_s_journal_is_put_aside(tmp_path: Path) -> None:
    """The machine was enrolled anew: its old jobs are the old agent's, and its old numbers say nothing of new jobs."""

    async def test() -> None:
        async with store(tmp_path) as site:
            await with_a_ticket_that_waits(site)
            site.relay.agent = "agent-2"
            site.relay.jobs.clear()
            site.start()
            await until(lambda: len(site.relay.hellos) == 2)
            site.relay.add("j2", ticket("j2"))
            await until(site.relay.all_final)
            assert site.begun() == {"j2": 1}
            first, second = site.relay.hellos
            assert (second["cursor"], first["journal"] == second["journal"]) == ({}, False)
            assert (tmp_path / "journal.db.of-agent-1").exists()

    run(test)
