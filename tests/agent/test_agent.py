"""The whole agent between a scripted relay and scripted printers, over real sockets and a real journal."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from dumbwaiter_agent.journal import Journal
from tests.simulators.store import store
from tests.simulators.tickets import ticket
from tests.support.agent_loop import hurry, ids, run  # noqa: F401 - hurry is a fixture
from tests.support.waiting import until


def test_jobs_become_paper_in_order_and_the_relay_knows(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as site:
            for name in ids(5):
                site.relay.add(name, ticket(name))
            await until(site.relay.all_final)
            assert list(site.begun()) == ids(5)
            assert set(site.whole().values()) == {1}
            assert {job.result["evidence"] for job in site.relay.jobs.values() if job.result} == {"A"}
        journal = Journal(tmp_path / "journal.db")
        assert journal.unnoted() == []
        journal.close()

    run(test)


def test_a_job_is_acknowledged_only_when_it_is_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    async def test() -> None:
        async with store(tmp_path) as site:
            await until(lambda: site.relay.hellos)
            monkeypatch.setattr(Journal, "keep", broken)
            site.relay.resend_seconds = 0.1
            site.relay.add("j1", ticket("j1"))
            await asyncio.sleep(0.5)
            assert site.relay.of_type("ack") == []
            monkeypatch.undo()
            await until(site.relay.all_final)
            assert site.whole() == {"j1": 1}

    run(test)


def test_a_job_for_which_there_is_no_room_is_refused_and_not_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test() -> None:
        async with store(tmp_path) as site:
            site.relay.resend_seconds = 0.2
            await until(lambda: site.relay.hellos)
            monkeypatch.setattr(Journal, "_pages", lambda _: 10**9)
            site.relay.add("j1", ticket("j1"))
            await until(lambda: site.relay.of_type("refuse"))
            assert site.relay.of_type("refuse")[0] == {"type": "refuse", "job": "j1", "code": "journal_full"}
            assert site.relay.of_type("ack") == []
            monkeypatch.undo()
            await until(site.relay.all_final)
            assert site.whole() == {"j1": 1}

    run(test)


def test_what_comes_twice_and_in_disorder_prints_once_and_in_order(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as site:
            site.relay.faults.duplicate, site.relay.faults.swap = 0.5, 1.0
            for name in ids(20):
                site.relay.add(name, ticket(name))
            await until(site.relay.all_final)
            assert list(site.begun()) == ids(20)
            assert set(site.whole().values()) == {1}

    run(test)


def test_a_job_that_comes_again_after_it_was_printed_is_answered_not_printed(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as site:
            job = site.relay.add("j1", ticket("j1"))
            await until(site.relay.all_final)
            await site.stop()
            site.start()
            await until(lambda: len(site.relay.hellos) == 2)
            job.state = "queued"
            await until(lambda: len(job.results) == 2)
            assert job.results[0] == job.results[1]
            assert site.whole() == {"j1": 1}

    run(test)


def test_a_ticket_over_32_kb_comes_in_parts(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as site:
            site.relay.add("j1", ticket("j1", 6000))
            site.relay.add("j2", ticket("j2"))
            await until(site.relay.all_final)
            assert list(site.whole()) == ["j1", "j2"]

    run(test)


def test_a_ticket_comes_by_link_and_keeps_its_place(tmp_path: Path) -> None:
    async def test() -> None:
        payload = ticket("j1", 6000)
        with serving(payload, delay=0.3) as url:
            async with store(tmp_path) as site:
                site.relay.add("j1", payload, link=url)
                site.relay.add("j2", ticket("j2"))
                await until(site.relay.all_final)
                assert list(site.whole()) == ["j1", "j2"]

    run(test)


@pytest.mark.parametrize(
    ("link_", "code"),
    [("http://127.0.0.1:9/x", "link_failed"), ("http://relay.example/x", "link_failed"), ("SERVED", "digest_wrong")],
)
def test_a_link_that_does_not_give_the_ticket_is_refused(tmp_path: Path, link_: str, code: str) -> None:
    async def test() -> None:
        with serving(b"something else") as url:
            async with store(tmp_path) as site:
                site.relay.add("j1", ticket("j1"), link=url if link_ == "SERVED" else link_)
                await until(lambda: site.relay.of_type("refuse"))
                assert site.relay.of_type("refuse")[0]["code"] == code
                assert site.begun() == {}

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


def test_paper_out_is_told_within_two_seconds(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path, poll=1.5) as site:
            await until(lambda: site.relay.printers.get("kitchen", {}).get("state") == "ready")
            site.printer.run_out()
            await until(lambda: site.relay.printers["kitchen"].get("paper") == "out")
            assert site.relay.printers["kitchen"]["state"] == "stopped"

    run(test)


def test_a_mute_printer_is_told_as_such_and_its_ticket_is_unknown(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path) as site:
            site.printer.go_mute()
            await until(lambda: site.relay.printers.get("kitchen", {}).get("state") == "mute")
            job = site.relay.add("j1", ticket("j1"))
            await until(site.relay.all_final)
            assert job.result
            assert (job.result["state"], job.result["evidence"]) == ("unknown", "E")

    run(test)


def test_ask_gets_every_printers_state_anew(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path, printers=("kitchen", "bar")) as site:
            await until(lambda: {one["state"] for one in site.relay.printers.values()} == {"ready"})
            await asyncio.sleep(0.4)
            before = len(site.relay.of_type("printer"))
            await site.relay.say({"type": "ask"})
            await until(lambda: len(site.relay.of_type("printer")) == before + 2)

    run(test)


@pytest.mark.parametrize("noise", ["}{", '{"type":"dance"}', '{"type":"job"}', "x" * 40_000, '{"type":"go","job":5}'])
def test_frames_that_make_no_sense_are_answered_and_survived(tmp_path: Path, noise: str) -> None:
    async def test() -> None:
        async with store(tmp_path) as site:
            await until(lambda: site.relay.hellos)
            await site.relay.say(noise)
            await until(lambda: site.relay.of_type("error"))
            site.relay.add("j1", ticket("j1"))
            await until(site.relay.all_final)
            assert site.relay.opened == 1

    run(test)


def test_told_to_stop_it_finishes_the_ticket_it_is_at(tmp_path: Path) -> None:
    async def test() -> None:
        async with store(tmp_path, bytes_a_second=200) as site:
            for name in ids(3):
                site.relay.add(name, ticket(name))
            await until(lambda: site.relay.states()["j1"] == "printing")
            await site.stop()
            assert site.relay.states() == {"j1": "printed", "j2": "received", "j3": "received"}
            site.start()
            await until(site.relay.all_final)
            assert site.whole() == dict.fromkeys(ids(3), 1)

    run(test)
