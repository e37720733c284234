"""The whole agent: connections that end, come back, or belong to another region."""

import asyncio
from http import HTTPStatus
from pathlib import Path

import pytest

from dumbwaiter_agent import link, relays, reports
from tests.simulators.store import store
from tests.simulators.tickets import ticket
from tests.support.agent_loop import hurry, ids, run  # noqa: F401 - hurry is a fixture
from tests.support.waiting import until


def test_a_relay_that_breaks_off_again_and_again_gets_every_ticket_printed_once(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as site:
            site.relay.resend_seconds = 0.2
            for number, name in enumerate(ids(30)):
                site.relay.add(name, ticket(name))
                await asyncio.sleep(0.03)
                if number % 6 == 3:
                    site.relay.cut()
            await until(site.relay.all_final)
            assert site.relay.opened >= 3
            assert site.whole() == dict.fromkeys(ids(30), 1)

    run(test)


def test_a_half_open_connection_is_noticed_and_left(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as site:
            site.relay.heartbeat = 0.2
            await until(lambda: site.relay.hellos)
            site.relay.half_open()
            await asyncio.sleep(0.9)
            site.relay.half_open(frozen=False)
            site.relay.add("j1", ticket("j1"))
            await until(site.relay.all_final)
            assert site.relay.opened >= 2
            assert site.whole() == {"j1": 1}

    run(test)


def test_a_relay_that_never_welcomes_is_no_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "WELCOME_WITHIN", 0.2)

    async def test() -> None:
        async with store(tmp_path, relays=2) as site:
            site.relays[0].welcomes = False
            await until(lambda: site.relays[1].hellos)

    run(test)


def test_before_its_two_hours_are_over_it_changes_connections_without_a_gap(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as site:
            site.relay.lifetime = 1.0
            fewest = 9
            await until(lambda: site.relay.hellos)
            for name in ids(60):
                site.relay.add(name, ticket(name))
                await asyncio.sleep(0.05)
                fewest = min(fewest, len(site.relay.sockets))
            await until(site.relay.all_final)
            assert len(site.relay.hellos) >= 3
            assert fewest >= 1
            assert [frame["reason"] for frame in site.relay.of_type("bye")][:2] == ["reconnected"] * 2
            assert site.whole() == dict.fromkeys(ids(60), 1)
            assert list(site.begun()) == ids(60)

    run(test)


def test_the_relay_may_ask_for_a_new_connection(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as site:
            await until(lambda: site.relay.hellos)
            await site.relay.say({"type": "reconnect", "within": 0.1})
            await until(lambda: len(site.relay.hellos) == 2)
            await until(lambda: len(site.relay.sockets) == 1)

    run(test)


def test_a_dead_region_is_left_for_the_next_and_returned_to(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path, relays=2) as site:
            first, second = site.relays
            await until(lambda: first.hellos)
            port = first.port
            await first.stop()
            await until(lambda: second.hellos)
            second.add("j1", ticket("j1"))
            await until(second.all_final)
            await first.start(port)
            await until(lambda: len(first.hellos) == 2)
            await until(lambda: second.sockets == [])
            assert site.whole() == {"j1": 1}

    run(test)


def test_a_region_that_was_failed_over_gets_nothing_printed_even_after_a_restart_of_the_agent(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path, relays=2) as site:
            first, second = site.relays
            first.epoch, second.epoch = 1, 2
            await until(lambda: first.hellos)
            port = first.port
            await first.stop()
            await until(lambda: second.hellos)
            second.add("new", ticket("new"))
            await until(second.all_final)
            await site.stop()
            first.add("old", ticket("old"))
            await first.start(port)
            hellos = len(first.hellos)
            site.start()
            await until(lambda: len(first.hellos) > hellos)
            await until(lambda: len(second.sockets) == 1)
            second.add("newer", ticket("newer"))
            await until(second.all_final)
            assert site.whole() == {"new": 1, "newer": 1}
            assert first.jobs["old"].acks == 0

    run(test)


def test_cut_off_it_prints_what_it_has_and_tells_later(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as site:
            site.printer.run_out()
            for name in ids(3):
                site.relay.add(name, ticket(name))
            await until(lambda: set(site.relay.states().values()) == {"received"})
            port = site.relay.port
            await site.relay.stop()
            site.printer.new_paper()
            await until(lambda: site.whole() == dict.fromkeys(ids(3), 1))
            await site.relay.start(port)
            await until(site.relay.all_final)
            assert set(site.relay.states().values()) == {"printed"}

    run(test)


def test_results_are_told_until_the_relay_notes_them(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as site:
            site.relay.faults.drop_noted = 1.0
            job = site.relay.add("j1", ticket("j1"))
            await until(lambda: len(job.results) >= 2)
            site.relay.faults.drop_noted = 0.0
            await until(lambda: len(job.results) >= 3)
            told = len(job.results)
            await asyncio.sleep(0.8)
            assert len(job.results) == told

    run(test)


@pytest.mark.parametrize("bundles", [False, True])
def test_after_a_long_time_cut_off_every_result_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    bundles: bool,  # noqa: FBT001 - a case of the table
) -> None:
    monkeypatch.setattr(reports, "RESEND_SECONDS", 60.0)
    monkeypatch.setattr(reports, "PAGE", 50)
    monkeypatch.setattr(reports, "PAGE_SECONDS", 0.05)

    async def test() -> None:
        async with store(tmp_path) as site:
            site.relay.faults.drop_noted = 1.0
            site.relay.bundles = bundles
            for name in ids(250):
                site.relay.add(name, b"x", printer="garden")
            await until(site.relay.all_final)
            await site.stop()
            site.start()
            await until(lambda: all(len(job.results) >= 2 for job in site.relay.jobs.values()))
            assert site.relay.violations == []
            assert bundles == (site.relay.bundled >= 5)  # 250 results, at most fifty at once

    run(test)


def test_a_wrong_clock_is_put_right_by_the_refusal(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path, started=False) as site:
            site.relay.clock_ahead = 86_400.0
            site.start()
            site.relay.add("j1", ticket("j1"), deadline=60.0)
            site.relay.add("j2", ticket("j2"), deadline=-60.0)
            await until(site.relay.all_final)
            assert site.relay.refusals == [401]
            assert site.relay.states() == {"j1": "printed", "j2": "expired"}

    run(test)


def test_an_agent_with_another_key_is_refused_and_does_not_hammer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relays, "REFUSED_SECONDS", 60.0)

    async def test() -> None:
        async with store(tmp_path, started=False) as site:
            site.relay.refuse_with = HTTPStatus.FORBIDDEN
            site.start()
            await asyncio.sleep(1.0)
            assert site.relay.refusals == [403]

    run(test)
