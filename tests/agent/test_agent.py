"""The whole agent between a scripted relay and scripted printers, over real sockets and a real journal."""

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from dumbwaiter_agent import link, relays, reports, uplink
from dumbwaiter_agent.journal import Journal
from tests.simulators.store import store
from tests.simulators.tickets import ticket
from tests.support.waiting import until


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits of a minute would make a test of a minute."""
    for module, name, seconds in (
        (relays, "FIRST_SECONDS", 0.05),
        (relays, "SPREAD_SECONDS", 0.1),
        (relays, "WORTH_SECONDS", 0.15),
        (relays, "REFUSED_SECONDS", 0.5),
        (link, "SLACK_SECONDS", 0.3),
        (uplink, "OVERLAP_SECONDS", 0.2),
        (reports, "RESEND_SECONDS", 0.3),
        (uplink, "RETURN_SECONDS", 0.3),
    ):
        monkeypatch.setattr(module, name, seconds)


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def awaited() -> None:
        await test()

    asyncio.run(awaited())


def ids(count: int) -> list[str]:
    return [f"j{number}" for number in range(1, count + 1)]


# Delivery


def test_jobs_become_paper_in_order_and_the_relay_knows(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as it:
            for name in ids(5):
                it.relay.add(name, ticket(name))
            await until(it.relay.all_final)
            assert list(it.begun()) == ids(5)
            assert set(it.whole().values()) == {1}
            assert {job.result["evidence"] for job in it.relay.jobs.values() if job.result} == {"A"}
        journal = Journal(tmp_path / "journal.db")
        assert journal.unnoted() == []
        journal.close()

    run(test)


def test_a_job_is_acknowledged_only_when_it_is_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    async def test() -> None:
        async with store(tmp_path) as it:
            await until(lambda: it.relay.hellos)
            monkeypatch.setattr(Journal, "keep", broken)
            it.relay.resend_seconds = 0.1
            it.relay.add("j1", ticket("j1"))
            await asyncio.sleep(0.5)
            assert it.relay.of_type("ack") == []
            monkeypatch.undo()
            await until(it.relay.all_final)
            assert it.whole() == {"j1": 1}

    run(test)


def test_a_job_for_which_there_is_no_room_is_refused_and_not_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test() -> None:
        async with store(tmp_path) as it:
            it.relay.resend_seconds = 0.2
            await until(lambda: it.relay.hellos)
            monkeypatch.setattr(Journal, "_pages", lambda _: 10**9)
            it.relay.add("j1", ticket("j1"))
            await until(lambda: it.relay.of_type("refuse"))
            assert it.relay.of_type("refuse")[0] == {"type": "refuse", "job": "j1", "code": "journal_full"}
            assert it.relay.of_type("ack") == []
            monkeypatch.undo()
            await until(it.relay.all_final)
            assert it.whole() == {"j1": 1}

    run(test)


def test_what_comes_twice_and_in_disorder_prints_once_and_in_order(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as it:
            it.relay.faults.duplicate, it.relay.faults.swap = 0.5, 1.0
            for name in ids(20):
                it.relay.add(name, ticket(name))
            await until(it.relay.all_final)
            assert list(it.begun()) == ids(20)
            assert set(it.whole().values()) == {1}

    run(test)


def test_a_job_that_comes_again_after_it_was_printed_is_answered_not_printed(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as it:
            job = it.relay.add("j1", ticket("j1"))
            await until(it.relay.all_final)
            await it.stop()
            it.start()
            await until(lambda: len(it.relay.hellos) == 2)
            job.state = "queued"
            await until(lambda: len(job.results) == 2)
            assert job.results[0] == job.results[1]
            assert it.whole() == {"j1": 1}

    run(test)


def test_a_ticket_over_32_kb_comes_in_parts(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as it:
            it.relay.add("j1", ticket("j1", 6000))
            it.relay.add("j2", ticket("j2"))
            await until(it.relay.all_final)
            assert list(it.whole()) == ["j1", "j2"]

    run(test)


def test_a_ticket_comes_by_link_and_keeps_its_place(tmp_path: Path) -> None:
    async def test() -> None:
        payload = ticket("j1", 6000)
        with serving(payload, delay=0.3) as url:
            async with store(tmp_path) as it:
                it.relay.add("j1", payload, link=url)
                it.relay.add("j2", ticket("j2"))
                await until(it.relay.all_final)
                assert list(it.whole()) == ["j1", "j2"]

    run(test)


@pytest.mark.parametrize(
    ("link_", "code"),
    [("http://127.0.0.1:9/x", "link_failed"), ("http://relay.example/x", "link_failed"), ("SERVED", "digest_wrong")],
)
def test_a_link_that_does_not_give_the_ticket_is_refused(tmp_path: Path, link_: str, code: str) -> None:
    async def test() -> None:
        with serving(b"something else") as url:
            async with store(tmp_path) as it:
                it.relay.add("j1", ticket("j1"), link=url if link_ == "SERVED" else link_)
                await until(lambda: it.relay.of_type("refuse"))
                assert it.relay.of_type("refuse")[0]["code"] == code
                assert it.begun() == {}

    run(test)


@contextmanager
def serving(payload: bytes, delay: float = 0.0) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            threading.Event().wait(delay)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/ticket"
        finally:
            server.shutdown()
            thread.join()


# Connections


def test_a_relay_that_breaks_off_again_and_again_gets_every_ticket_printed_once(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as it:
            it.relay.resend_seconds = 0.2
            for number, name in enumerate(ids(30)):
                it.relay.add(name, ticket(name))
                await asyncio.sleep(0.03)
                if number % 6 == 3:
                    it.relay.cut()
            await until(it.relay.all_final)
            assert it.relay.opened >= 3
            assert it.whole() == dict.fromkeys(ids(30), 1)

    run(test)


def test_a_half_open_connection_is_noticed_and_left(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as it:
            it.relay.heartbeat = 0.2
            await until(lambda: it.relay.hellos)
            it.relay.half_open()
            await asyncio.sleep(0.9)
            it.relay.half_open(frozen=False)
            it.relay.add("j1", ticket("j1"))
            await until(it.relay.all_final)
            assert it.relay.opened >= 2
            assert it.whole() == {"j1": 1}

    run(test)


def test_a_relay_that_never_welcomes_is_no_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "WELCOME_WITHIN", 0.2)

    async def test() -> None:
        async with store(tmp_path, relays=2) as it:
            it.relays[0].welcomes = False
            await until(lambda: it.relays[1].hellos)

    run(test)


def test_before_its_two_hours_are_over_it_changes_connections_without_a_gap(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as it:
            it.relay.lifetime = 1.0
            fewest = 9
            await until(lambda: it.relay.hellos)
            for name in ids(60):
                it.relay.add(name, ticket(name))
                await asyncio.sleep(0.05)
                fewest = min(fewest, len(it.relay.sockets))
            await until(it.relay.all_final)
            assert len(it.relay.hellos) >= 3
            assert fewest >= 1
            assert [frame["reason"] for frame in it.relay.of_type("bye")][:2] == ["reconnected"] * 2
            assert it.whole() == dict.fromkeys(ids(60), 1)
            assert list(it.begun()) == ids(60)

    run(test)


def test_the_relay_may_ask_for_a_new_connection(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as it:
            await until(lambda: it.relay.hellos)
            await it.relay.say({"type": "reconnect", "within": 0.1})
            await until(lambda: len(it.relay.hellos) == 2)
            await until(lambda: len(it.relay.sockets) == 1)

    run(test)


def test_a_dead_region_is_left_for_the_next_and_returned_to(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path, relays=2) as it:
            first, second = it.relays
            await until(lambda: first.hellos)
            port = first.port
            await first.stop()
            await until(lambda: second.hellos)
            second.add("j1", ticket("j1"))
            await until(second.all_final)
            await first.start(port)
            await until(lambda: len(first.hellos) == 2)
            await until(lambda: second.sockets == [])
            assert it.whole() == {"j1": 1}

    run(test)


def test_a_region_that_was_failed_over_gets_nothing_printed_even_after_a_restart_of_the_agent(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path, relays=2) as it:
            first, second = it.relays
            first.epoch, second.epoch = 1, 2
            await until(lambda: first.hellos)
            port = first.port
            await first.stop()
            await until(lambda: second.hellos)
            second.add("new", ticket("new"))
            await until(second.all_final)
            await it.stop()
            first.add("old", ticket("old"))
            await first.start(port)
            hellos = len(first.hellos)
            it.start()
            await until(lambda: len(first.hellos) > hellos)
            await until(lambda: len(second.sockets) == 1)
            second.add("newer", ticket("newer"))
            await until(second.all_final)
            assert it.whole() == {"new": 1, "newer": 1}
            assert first.jobs["old"].acks == 0

    run(test)


def test_cut_off_it_prints_what_it_has_and_tells_later(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as it:
            it.printer.run_out()
            for name in ids(3):
                it.relay.add(name, ticket(name))
            await until(lambda: set(it.relay.states().values()) == {"received"})
            port = it.relay.port
            await it.relay.stop()
            it.printer.new_paper()
            await until(lambda: it.whole() == dict.fromkeys(ids(3), 1))
            await it.relay.start(port)
            await until(it.relay.all_final)
            assert set(it.relay.states().values()) == {"printed"}

    run(test)


def test_results_are_told_until_the_relay_notes_them(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as it:
            it.relay.faults.drop_noted = 1.0
            job = it.relay.add("j1", ticket("j1"))
            await until(lambda: len(job.results) >= 2)
            it.relay.faults.drop_noted = 0.0
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
        async with store(tmp_path) as it:
            it.relay.faults.drop_noted = 1.0
            it.relay.bundles = bundles
            for name in ids(250):
                it.relay.add(name, b"x", printer="garden")
            await until(it.relay.all_final)
            await it.stop()
            it.start()
            await until(lambda: all(len(job.results) >= 2 for job in it.relay.jobs.values()))
            assert it.relay.violations == []
            assert bundles == (it.relay.bundled >= 5)  # 250 results, at most fifty at once

    run(test)


def test_a_wrong_clock_is_put_right_by_the_refusal(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path, started=False) as it:
            it.relay.clock_ahead = 86_400.0
            it.start()
            it.relay.add("j1", ticket("j1"), deadline=60.0)
            it.relay.add("j2", ticket("j2"), deadline=-60.0)
            await until(it.relay.all_final)
            assert it.relay.refusals == [401]
            assert it.relay.states() == {"j1": "printed", "j2": "expired"}

    run(test)


def test_an_agent_with_another_key_is_refused_and_does_not_hammer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relays, "REFUSED_SECONDS", 60.0)

    async def test() -> None:
        async with store(tmp_path, started=False) as it:
            it.relay.refuse_with = HTTPStatus.FORBIDDEN
            it.start()
            await asyncio.sleep(1.0)
            assert it.relay.refusals == [403]

    run(test)


# Cancelling, deadlines, roles


def test_a_job_that_waits_can_be_withdrawn_and_one_that_never_came(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as it:
            it.printer.run_out()
            for name in ids(2):
                it.relay.add(name, ticket(name))
            await until(lambda: set(it.relay.states().values()) == {"received"})
            it.relay.delivers = False
            it.relay.add("j3", ticket("j3"))
            await it.relay.cancel("j1")
            it.relay.jobs["j3"].state = "sent"
            await it.relay.cancel("j3")
            await until(lambda: it.relay.states()["j3"] == "cancelled")
            it.relay.delivers = True
            it.relay.jobs["j3"].state = "queued"
            it.printer.new_paper()
            await until(it.relay.all_final)
            assert it.relay.states() == {"j1": "cancelled", "j2": "printed", "j3": "cancelled"}
            assert it.begun() == {"j2": 1}

    run(test)


def test_a_job_that_prints_is_not_withdrawn_and_the_relay_is_told(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as it:
            it.printer.after(30, it.printer.run_out)
            it.relay.add("j1", ticket("j1"))
            await until(lambda: any(frame.get("held") == "paper_out" for frame in it.relay.of_type("progress")))
            progress = len(it.relay.of_type("progress"))
            await it.relay.cancel("j1")
            await until(lambda: len(it.relay.of_type("progress")) > progress)
            it.printer.new_paper()
            await until(it.relay.all_final)
            assert it.relay.states() == {"j1": "printed"}

    run(test)


def test_a_ticket_that_is_late_is_not_printed(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as it:
            it.printer.open_cover()
            job = it.relay.add("j1", ticket("j1"), deadline=0.6)
            await until(it.relay.all_final)
            assert job.result
            assert (job.result["state"], job.result["code"]) == ("expired", "cover_open")
            it.printer.close_cover()
            await asyncio.sleep(0.4)
            assert it.begun() == {}

    run(test)


def test_a_job_for_a_printer_that_is_not_here_fails(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as it:
            job = it.relay.add("j1", ticket("j1"), printer="garden")
            await until(it.relay.all_final)
            assert job.result
            assert (job.result["state"], job.result["code"]) == ("failed", "unknown_printer")

    run(test)


def test_a_printer_in_trouble_does_not_keep_another_from_printing(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path, printers=("kitchen", "bar")) as it:
            it.printers["kitchen"].run_out()
            it.relay.add("j1", ticket("j1"), printer="kitchen")
            it.relay.add("j2", ticket("j2"), printer="bar")
            await until(lambda: it.relay.states()["j2"] == "printed")
            assert it.relay.states()["j1"] == "received"

    run(test)


def test_a_ticket_for_a_free_printer_is_kept_and_begun_in_one_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    async def test() -> None:
        async with store(tmp_path) as it:
            it.relay.add("j1", ticket("j1"))
            await until(it.relay.all_final)
            monkeypatch.setattr(Journal, "begin", broken)  # the write that is not needed
            it.relay.add("j2", ticket("j2"))
            await until(it.relay.all_final)
            assert it.whole() == {"j1": 1, "j2": 1}

    run(test)


def test_a_printer_that_falls_silent_as_its_ticket_comes_has_it_waiting_and_prints_it_once(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path, poll=20.0) as it:
            it.relay.add("j1", ticket("j1"))
            await until(it.relay.all_final)
            it.printer.answers_status = False  # and nobody has noticed yet
            it.relay.add("j2", ticket("j2"))
            await until(lambda: it.relay.states()["j2"] == "received")
            await asyncio.sleep(0.5)
            await it.stop()
            journal = Journal(tmp_path / "journal.db")
            assert [one.id for one in journal.waiting()] == ["j2"]
            journal.close()
            assert it.begun() == {"j1": 1}
            it.printer.answers_status = True
            it.start()
            await until(it.relay.all_final)
            assert it.whole() == {"j1": 1, "j2": 1}

    run(test)


def test_a_standby_does_not_touch_the_printers_until_it_takes_over(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path, started=False) as it:
            it.relay.role = "standby"
            it.start()
            await until(lambda: it.relay.hellos)
            it.relay.add("j1", ticket("j1"))
            await until(lambda: it.relay.states()["j1"] == "received")
            await asyncio.sleep(0.3)
            assert (it.begun(), it.printer.most_connections) == ({}, 0)
            await it.relay.say({"type": "role", "role": "printing"})
            await until(it.relay.all_final)
            assert it.whole() == {"j1": 1}
            await until(lambda: it.relay.of_type("printer"))
            assert it.relay.of_type("printer")[0]["state"] == "ready"

    run(test)


def test_who_takes_over_tells_that_a_printer_cannot_be_reached(tmp_path: Path) -> None:
    """The relay has not listened to what a standby said of its printers."""

    async def test() -> None:
        async with store(tmp_path, started=False) as it:
            it.relay.role = "standby"
            await it.printer.stop()
            it.start()
            await until(lambda: it.relay.hellos)
            await asyncio.sleep(0.4)
            assert it.relay.of_type("printer") == []
            await it.relay.say({"type": "role", "role": "printing"})
            await until(lambda: it.relay.of_type("printer"))
            await it.relay.say({"type": "role", "role": "printing"})  # as with every beat
            await asyncio.sleep(0.4)
            assert [frame["state"] for frame in it.relay.of_type("printer")] == ["unreachable"]

    run(test)


def test_a_status_file_that_cannot_be_replaced_ends_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """As on Windows, while somebody reads it."""
    (tmp_path / "status.json").mkdir()

    async def test() -> None:
        async with store(tmp_path) as it:
            it.relay.add("j1", ticket("j1"))
            await until(it.relay.all_final)
            assert it.running
            assert not it.running.done()
            assert "status.json" in caplog.text

    run(test)


def test_where_several_agents_serve_nothing_begins_without_leave(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path, started=False) as it:
            it.relay.confirm, it.relay.grants = True, False
            it.start()
            it.relay.add("j1", ticket("j1"))
            await until(lambda: it.relay.of_type("begin"))
            await asyncio.sleep(0.3)
            assert (it.relay.states(), it.begun()) == ({"j1": "received"}, {})
            await it.relay.cancel("j1")
            await until(it.relay.all_final)
            it.relay.grants = True
            it.relay.add("j2", ticket("j2"))
            await until(it.relay.all_final)
            assert it.whole() == {"j2": 1}

    run(test)


# What is told


def test_paper_out_is_told_within_two_seconds(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path, poll=1.5) as it:
            await until(lambda: it.relay.printers.get("kitchen", {}).get("state") == "ready")
            it.printer.run_out()
            await until(lambda: it.relay.printers["kitchen"].get("paper") == "out")
            assert it.relay.printers["kitchen"]["state"] == "stopped"

    run(test)


def test_a_mute_printer_is_told_as_such_and_its_ticket_is_unknown(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as it:
            it.printer.go_mute()
            await until(lambda: it.relay.printers.get("kitchen", {}).get("state") == "mute")
            job = it.relay.add("j1", ticket("j1"))
            await until(it.relay.all_final)
            assert job.result
            assert (job.result["state"], job.result["evidence"]) == ("unknown", "E")

    run(test)


def test_ask_gets_every_printers_state_anew(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path, printers=("kitchen", "bar")) as it:
            await until(lambda: {one["state"] for one in it.relay.printers.values()} == {"ready"})
            await asyncio.sleep(0.4)
            before = len(it.relay.of_type("printer"))
            await it.relay.say({"type": "ask"})
            await until(lambda: len(it.relay.of_type("printer")) == before + 2)

    run(test)


@pytest.mark.parametrize("noise", ["}{", '{"type":"dance"}', '{"type":"job"}', "x" * 40_000, '{"type":"go","job":5}'])
def test_frames_that_make_no_sense_are_answered_and_survived(tmp_path: Path, noise: str) -> None:
    async def test() -> None:
        async with store(tmp_path) as it:
            await until(lambda: it.relay.hellos)
            await it.relay.say(noise)
            await until(lambda: it.relay.of_type("error"))
            it.relay.add("j1", ticket("j1"))
            await until(it.relay.all_final)
            assert it.relay.opened == 1

    run(test)


def test_told_to_stop_it_finishes_the_ticket_it_is_at(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path, bytes_a_second=200) as it:
            for name in ids(3):
                it.relay.add(name, ticket(name))
            await until(lambda: it.relay.states()["j1"] == "printing")
            await it.stop()
            assert it.relay.states() == {"j1": "printed", "j2": "received", "j3": "received"}
            it.start()
            await until(it.relay.all_final)
            assert it.whole() == dict.fromkeys(ids(3), 1)

    run(test)
