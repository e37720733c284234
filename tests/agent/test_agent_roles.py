"""The whole agent: withdrawn and late jobs, several printers, several agents."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from dumbwaiter_agent.journal import Journal
from tests.simulators.store import store
from tests.simulators.tickets import ticket
from tests.support.agent_loop import hurry, ids, run  # noqa: F401 - hurry is a fixture
from tests.support.waiting import until


def test_a_job_that_waits_can_be_withdrawn_and_one_that_never_came(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as site:
            site.printer.run_out()
            for name in ids(2):
                site.relay.add(name, ticket(name))
            await until(lambda: set(site.relay.states().values()) == {"received"})
            site.relay.delivers = False
            site.relay.add("j3", ticket("j3"))
            await site.relay.cancel("j1")
            site.relay.jobs["j3"].state = "sent"
            await site.relay.cancel("j3")
            await until(lambda: site.relay.states()["j3"] == "cancelled")
            site.relay.delivers = True
            site.relay.jobs["j3"].state = "queued"
            site.printer.new_paper()
            await until(site.relay.all_final)
            assert site.relay.states() == {"j1": "cancelled", "j2": "printed", "j3": "cancelled"}
            assert site.begun() == {"j2": 1}

    run(test)


def test_a_job_that_prints_is_not_withdrawn_and_the_relay_is_told(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as site:
            site.printer.after(30, site.printer.run_out)
            site.relay.add("j1", ticket("j1"))
            await until(lambda: any(frame.get("held") == "paper_out" for frame in site.relay.of_type("progress")))
            progress = len(site.relay.of_type("progress"))
            await site.relay.cancel("j1")
            await until(lambda: len(site.relay.of_type("progress")) > progress)
            site.printer.new_paper()
            await until(site.relay.all_final)
            assert site.relay.states() == {"j1": "printed"}

    run(test)


def test_a_ticket_that_is_late_is_not_printed(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as site:
            site.printer.open_cover()
            job = site.relay.add("j1", ticket("j1"), deadline=0.6)
            await until(site.relay.all_final)
            assert job.result
            assert (job.result["state"], job.result["code"]) == ("expired", "cover_open")
            site.printer.close_cover()
            await asyncio.sleep(0.4)
            assert site.begun() == {}

    run(test)


def test_a_job_for_a_printer_that_is_not_here_fails(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as site:
            job = site.relay.add("j1", ticket("j1"), printer="garden")
            await until(site.relay.all_final)
            assert job.result
            assert (job.result["state"], job.result["code"]) == ("failed", "unknown_printer")

    run(test)


def test_a_printer_in_trouble_does_not_keep_another_from_printing(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path, printers=("kitchen", "bar")) as site:
            site.printers["kitchen"].run_out()
            site.relay.add("j1", ticket("j1"), printer="kitchen")
            site.relay.add("j2", ticket("j2"), printer="bar")
            await until(lambda: site.relay.states()["j2"] == "printed")
            assert site.relay.states()["j1"] == "received"

    run(test)


def test_a_ticket_for_a_free_printer_is_kept_and_begun_in_one_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    async def test() -> None:
        async with store(tmp_path) as site:
            site.relay.add("j1", ticket("j1"))
            await until(site.relay.all_final)
            monkeypatch.setattr(Journal, "begin", broken)  # the write that is not needed
            site.relay.add("j2", ticket("j2"))
            await until(site.relay.all_final)
            assert site.whole() == {"j1": 1, "j2": 1}

    run(test)


def test_a_printer_that_falls_silent_as_its_ticket_comes_has_it_waiting_and_prints_it_once(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path, poll=20.0) as site:
            site.relay.add("j1", ticket("j1"))
            await until(site.relay.all_final)
            site.printer.answers_status = False  # and nobody has noticed yet
            site.relay.add("j2", ticket("j2"))
            await until(lambda: site.relay.states()["j2"] == "received")
            await asyncio.sleep(0.5)
            await site.stop()
            journal = Journal(tmp_path / "journal.db")
            assert [one.id for one in journal.waiting()] == ["j2"]
            journal.close()
            assert site.begun() == {"j1": 1}
            site.printer.answers_status = True
            site.start()
            await until(site.relay.all_final)
            assert site.whole() == {"j1": 1, "j2": 1}

    run(test)


def test_a_standby_does_not_touch_the_printers_until_it_takes_over(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path, started=False) as site:
            site.relay.role = "standby"
            site.start()
            await until(lambda: site.relay.hellos)
            site.relay.add("j1", ticket("j1"))
            await until(lambda: site.relay.states()["j1"] == "received")
            await asyncio.sleep(0.3)
            assert (site.begun(), site.printer.most_connections) == ({}, 0)
            await site.relay.say({"type": "role", "role": "printing"})
            await until(site.relay.all_final)
            assert site.whole() == {"j1": 1}
            await until(lambda: site.relay.of_type("printer"))
            assert site.relay.of_type("printer")[0]["state"] == "ready"

    run(test)


def test_who_takes_over_tells_that_a_printer_cannot_be_reached(tmp_path: Path) -> None:
    """The relay has not listened to what a standby said of its printers."""

    async def test() -> None:
        async with store(tmp_path, started=False) as site:
            site.relay.role = "standby"
            await site.printer.stop()
            site.start()
            await until(lambda: site.relay.hellos)
            await asyncio.sleep(0.4)
            assert site.relay.of_type("printer") == []
            await site.relay.say({"type": "role", "role": "printing"})
            await until(lambda: site.relay.of_type("printer"))
            await site.relay.say({"type": "role", "role": "printing"})  # as with every beat
            await asyncio.sleep(0.4)
            assert [frame["state"] for frame in site.relay.of_type("printer")] == ["unreachable"]

    run(test)


def test_a_status_file_that_cannot_be_replaced_ends_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """As on Windows, while somebody reads it."""
    (tmp_path / "status.json").mkdir()

    async def test() -> None:
        async with store(tmp_path) as site:
            site.relay.add("j1", ticket("j1"))
            await until(site.relay.all_final)
            assert site.running
            assert not site.running.done()
            assert "status.json" in caplog.text

    run(test)


def test_where_several_agents_serve_nothing_begins_without_leave(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path, started=False) as site:
            site.relay.confirm, site.relay.grants = True, False
            site.start()
            site.relay.add("j1", ticket("j1"))
            await until(lambda: site.relay.of_type("begin"))
            await asyncio.sleep(0.3)
            assert (site.relay.states(), site.begun()) == ({"j1": "received"}, {})
            await site.relay.cancel("j1")
            await until(site.relay.all_final)
            site.relay.grants = True
            site.relay.add("j2", ticket("j2"))
            await until(site.relay.all_final)
            assert site.whole() == {"j2": 1}

    run(test)
