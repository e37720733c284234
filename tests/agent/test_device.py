"""A printer's one connection and what is proven on it, against a scripted printer on a real socket."""

import asyncio
import nturl2path
import os
import sys
import time
import tty
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace
from typing import Any

import pytest

from dumbwaiter_agent.device import Device
from dumbwaiter_agent.device import Printer as Settings
from dumbwaiter_agent.jobs import Evidence, Job, Outcome, State
from dumbwaiter_agent.run import Patience
from dumbwaiter_agent.wires import WireError, open_wire
from tests.simulators.printer import Printer
from tests.simulators.tickets import CUT, begun, paper_of, ticket, whole
from tests.support.waiting import until

PATIENCE = Patience(proof=0.6, grace=0.15, hold=5.0, settle=0.05)
JOB = Job("j1", "p", 1, 0, 1e10, "kitchen")


@dataclass
class Bench:
    """A printer, the device that drives it, and what it said meanwhile."""

    printer: Printer
    device: Device
    held: list[str | None] = field(default_factory=list)
    begun: int = 0

    async def print(self, payload: bytes = ticket("j1"), **members: Any) -> Outcome | None:
        async def begin() -> None:
            self.begun += 1

        return await self.device.print(replace(JOB, **members), payload, begin, self.held.append)

    @property
    def on_paper(self) -> int:
        return whole(paper_of(self.printer))["j1"]


@asynccontextmanager
async def bench(*, watched: bool = True, **settings: Any) -> AsyncIterator[Bench]:
    async with Printer() as printer:
        made = replace(Settings("p", printer.address, poll=0.1, answer=0.2, patience=PATIENCE), **settings)
        device = Device(made, lambda: None)
        watching = asyncio.create_task(device.watch()) if watched else None
        try:
            yield Bench(printer, device)
        finally:
            if watching:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)
            await device.close()
            assert printer.enquiries == 0, "DLE ENQ was sent"
            assert printer.most_connections <= 1, "two connections at a time"


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 20))


# Proof


def test_an_echo_proves_that_it_is_printed() -> None:
    async def test() -> None:
        async with bench() as on:
            assert await on.print() == Outcome(State.PRINTED, Evidence.ECHO, written=76, copies=1)
            assert on.printer.paper[0].data == ticket("j1").removeprefix(b"\x1b@")
            assert on.device.proof == "echo"

    run(test)


@pytest.mark.parametrize("echo", ["none", "lost", "wrong", "other socket"])
def test_without_its_own_echo_the_fence_is_the_proof(echo: str) -> None:
    async def test() -> None:
        async with bench() as on:
            on.printer.echo = echo
            outcome = await on.print()
            assert outcome
            assert (outcome.state, outcome.evidence) == (State.PRINTED, Evidence.FENCE)

    run(test)


@pytest.mark.parametrize("echo", ["none", "lost", "wrong", "other socket", "late"])
def test_without_any_proof_it_is_unknown_and_says_what_is_known(echo: str) -> None:
    async def test() -> None:
        async with bench() as on:
            on.printer.echo, on.printer.answers_fence = echo, False
            outcome = await on.print()
            assert outcome
            assert (outcome.state, outcome.evidence, outcome.code) == (State.UNKNOWN, Evidence.STATUS, "no_proof")
            assert on.on_paper == 1

    run(test)


def test_a_late_echo_of_one_job_is_no_proof_of_the_next() -> None:
    async def test() -> None:
        async with bench() as on:
            on.printer.answers_fence = False
            on.printer.echo, on.printer.late_seconds = "late", 0.8
            first = await on.print()
            on.printer.echo = "lost"
            second = await on.print(ticket("j2"))
            assert first
            assert second
            assert (first.state, second.state) == (State.UNKNOWN, State.UNKNOWN)

    run(test)


def test_a_fence_of_one_job_is_no_proof_of_the_next() -> None:
    """The echo ends the first job; its fence is answered while the second waits for proof."""

    async def test() -> None:
        async with bench() as on:
            on.printer.answers_fence = False
            await on.print()
            on.printer.echo = "lost"
            asyncio.get_running_loop().call_later(0.2, on.printer.say, b"\x00")
            outcome = await on.print(ticket("j2"))
            assert outcome
            assert outcome.state is State.UNKNOWN

    run(test)


def test_a_byte_that_nobody_asked_for_is_no_proof_of_the_next() -> None:
    async def test() -> None:
        async with bench() as on:
            on.printer.echo = "none"
            await on.print()
            on.printer.say(b"\x00")
            await asyncio.sleep(0.1)
            on.printer.answers_fence = False
            outcome = await on.print(ticket("j2"))
            assert outcome
            assert outcome.state is State.UNKNOWN

    run(test)


def test_an_answer_that_got_lost_does_not_cost_the_next_job_its_proof() -> None:
    """An unknown job leaves its connection behind, and with it the answer that may still come."""

    async def test() -> None:
        async with bench() as on:
            on.printer.echo, on.printer.answers_fence = "none", False
            first = await on.print()
            on.printer.answers_fence = True
            second = await on.print(ticket("j2"))
            assert first
            assert second
            assert (first.state, second.state, second.evidence) == (State.UNKNOWN, State.PRINTED, Evidence.FENCE)

    run(test)


def test_a_foreign_echo_is_no_proof() -> None:
    async def test() -> None:
        async with bench() as on:
            on.printer.echo, on.printer.answers_fence = "lost", False
            asyncio.get_running_loop().call_later(0.2, on.printer.say, b"\x37\x221234\x00")
            outcome = await on.print()
            assert outcome
            assert outcome.state is State.UNKNOWN

    run(test)


@pytest.mark.parametrize(
    ("proof", "evidence"),
    [
        ("echo", Evidence.ECHO),
        ("fence", Evidence.FENCE),
        ("status", Evidence.STATUS),
        ("none", Evidence.WRITTEN),
    ],
)
def test_a_technician_may_say_what_is_proof_enough(proof: str, evidence: Evidence) -> None:
    async def test() -> None:
        async with bench(proof=proof) as on:
            outcome = await on.print()
            assert outcome
            assert (outcome.state, outcome.evidence) == (State.PRINTED, evidence)
            assert (b"\x1d(H" in on.printer.received) == (proof == "echo")

    run(test)


# Silence


def test_a_printer_that_never_answers_is_mute_and_its_jobs_are_unknown() -> None:
    async def test() -> None:
        async with bench() as on:
            on.printer.go_mute()
            outcome = await on.print()
            assert outcome
            assert on.device.health.state == "mute"
            assert (outcome.state, outcome.evidence, outcome.code) == (State.UNKNOWN, Evidence.WRITTEN, "no_proof")
            assert on.on_paper == 1

    run(test)


def test_a_mute_printer_that_is_accepted_as_such_prints_with_the_weakest_evidence() -> None:
    async def test() -> None:
        async with bench(proof="none") as on:
            on.printer.go_mute()
            outcome = await on.print()
            assert outcome
            assert (outcome.state, outcome.evidence) == (State.PRINTED, Evidence.WRITTEN)
            await until(lambda: on.on_paper == 1)

    run(test)


def test_a_printer_that_has_stopped_to_answer_gets_no_job() -> None:
    async def test() -> None:
        async with bench() as on:
            await until(lambda: on.device.health.state == "ready")
            on.printer.go_mute()
            assert await on.print() is None
            assert (on.begun, on.on_paper) == (0, 0)
            assert (on.device.health.state, on.device.health.trouble) == ("stopped", "silent")

    run(test)


def test_a_mute_printer_that_learns_to_speak_is_believed() -> None:
    async def test() -> None:
        async with bench() as on:
            on.printer.answers_status = on.printer.reports_changes = False
            await until(lambda: on.device.health.state == "mute")
            on.printer.answers_status = True
            await until(lambda: on.device.health.state == "ready")

    run(test)


# Not ready


@pytest.mark.parametrize(
    ("trouble", "named"),
    [(Printer.run_out, "paper_out"), (Printer.open_cover, "cover_open"), (Printer.jam, "error_cutter")],
)
def test_a_printer_in_trouble_gets_no_byte_of_a_job(trouble: Callable[[Printer], None], named: str) -> None:
    async def test() -> None:
        async with bench(watched=False) as on:
            trouble(on.printer)
            assert await on.print() is None
            assert on.begun == 0
            assert (on.device.health.state, on.device.health.trouble) == ("stopped", named)
            assert set(on.printer.received.hex(" ", 3).split()) == {"100401", "100402", "100403", "100404", "1d610e"}

    run(test)


def test_a_printer_that_is_off_gets_its_job_when_it_is_back() -> None:
    async def test() -> None:
        async with bench() as on:
            on.printer.cut_power()
            assert await on.print() is None
            assert on.device.health.state == "unreachable"
            on.printer.restore_power()
            await until(lambda: on.device.health.state == "ready")
            outcome = await on.print()
            assert outcome
            assert outcome.state is State.PRINTED

    run(test)


@pytest.mark.parametrize("reports", [True, False])
def test_trouble_is_known_within_two_seconds(reports: bool) -> None:  # noqa: FBT001
    async def test() -> None:
        async with bench(poll=1.5) as on:
            on.printer.reports_changes = reports
            await until(lambda: on.device.health.state == "ready")
            started = asyncio.get_running_loop().time()
            on.printer.run_out()
            await until(lambda: on.device.health.paper == "out")
            assert asyncio.get_running_loop().time() - started < (0.1 if reports else 2.0)
            on.printer.new_paper()
            await until(lambda: on.device.health.state == "ready")

    run(test)


# In the middle of a ticket


@pytest.mark.parametrize("lines", [20, 3000])
def test_paper_out_in_mid_ticket_is_held_reported_and_continued(lines: int) -> None:
    async def test() -> None:
        async with bench() as on:
            on.printer.after(100, on.printer.run_out)
            asyncio.get_running_loop().call_later(1.0, on.printer.new_paper)
            outcome = await on.print(ticket("j1", lines))
            assert outcome
            assert (outcome.state, outcome.evidence, outcome.code) == (State.PRINTED, Evidence.ECHO, "paper_out")
            assert on.held == ["paper_out", None]
            assert (on.on_paper, on.printer.paper[0].pieces) == (1, 2)

    run(test)


def test_a_ticket_in_two_pieces_is_printed_again_behind_its_mark_where_the_job_says_so() -> None:
    async def test() -> None:
        async with bench() as on:
            on.printer.after(50, on.printer.run_out)
            asyncio.get_running_loop().call_later(0.4, on.printer.new_paper)
            outcome = await on.print(interrupted="reprint", mark=b"\x1b@REPRINT 1\n")
            assert outcome
            assert (outcome.state, outcome.copies) == (State.PRINTED, 2)
            first, second = on.printer.paper
            assert (first.pieces, "REPRINT" in first.text) == (2, False)
            assert second.text.startswith("REPRINT 1\nJOB j1\n")

    run(test)


@pytest.mark.parametrize("members", [{"interrupted": "reprint"}, {"mark": b"REPRINT"}])
def test_nothing_is_printed_twice_without_rule_and_mark(members: dict[str, Any]) -> None:
    async def test() -> None:
        async with bench() as on:
            on.printer.after(50, on.printer.run_out)
            asyncio.get_running_loop().call_later(0.4, on.printer.new_paper)
            outcome = await on.print(**members)
            assert outcome
            assert (outcome.copies, on.on_paper) == (1, 1)

    run(test)


def test_paper_that_does_not_come_back_makes_it_unknown() -> None:
    async def test() -> None:
        async with bench(patience=replace(PATIENCE, hold=0.4)) as on:
            on.printer.after(50, on.printer.run_out)
            outcome = await on.print()
            assert outcome
            assert (outcome.state, outcome.code) == (State.UNKNOWN, "paper_out")

    run(test)


@pytest.mark.parametrize("cut", [Printer.cut_power, Printer.cut_connections])
def test_a_connection_that_breaks_in_mid_ticket_makes_it_unknown(cut: Callable[[Printer], None]) -> None:
    async def test() -> None:
        async with bench() as on:
            on.printer.after(50, lambda: cut(on.printer))
            outcome = await on.print(ticket("j1", 3000))
            assert outcome
            assert (outcome.state, outcome.code) == (State.UNKNOWN, "connection_lost")
            assert begun(paper_of(on.printer))["j1"] == 1

    run(test)


def test_after_an_unknown_the_next_job_has_a_connection_of_its_own() -> None:
    async def test() -> None:
        async with bench() as on:
            on.printer.after(50, on.printer.cut_power)
            await on.print()
            on.printer.restore_power()
            await until(lambda: on.device.health.state == "ready")
            outcome = await on.print(ticket("j2"))
            assert outcome
            assert (outcome.state, outcome.evidence) == (State.PRINTED, Evidence.ECHO)

    run(test)


def test_a_printer_that_takes_no_more_bytes_and_says_nothing_is_stuck() -> None:
    async def test() -> None:
        async with bench() as on:
            on.printer.reports_changes = False
            on.printer.after(50, on.printer.jam)
            outcome = await on.print(ticket("j1", 300_000))
            assert outcome
            assert (outcome.state, outcome.evidence, outcome.code) == (State.UNKNOWN, None, "stuck")

    run(test)


# Sharing, other ways


def test_a_shared_printer_is_let_go_between_jobs() -> None:
    async def test() -> None:
        async with bench(share=True) as on:
            outcome = await on.print()
            assert outcome
            assert outcome.state is State.PRINTED
            await until(lambda: on.printer.connections == 0)

    run(test)


def test_a_file_gets_the_payload_as_it_is(tmp_path: Path) -> None:
    async def test() -> None:
        paper = tmp_path / "paper of today.bin"
        device = Device(Settings("p", f"file://{str(paper).replace(' ', '%20')}", patience=PATIENCE), lambda: None)

        async def begin() -> None:
            return

        outcomes = [await device.print(JOB, ticket(name), begin, lambda _: None) for name in ("a", "b")]
        assert [(one.state, one.evidence) for one in outcomes if one] == [(State.PRINTED, Evidence.WRITTEN)] * 2
        text = paper.read_bytes()
        assert text.count(CUT) == 2
        assert text.index(b"END a") < text.index(b"JOB b")

    run(test)


def test_a_file_s_address_is_read_as_windows_names_files_too(monkeypatch: pytest.MonkeyPatch) -> None:
    named: list[str] = []
    monkeypatch.setattr("dumbwaiter_agent.wires.FilePort", lambda path: named.append(str(path)))
    for name, there in (("Path", PureWindowsPath), ("url2pathname", nturl2path.url2pathname)):  # as Windows has them
        monkeypatch.setattr(f"dumbwaiter_agent.wires.{name}", there)

    async def test() -> None:
        for address in ("file:///C:/tickets/paper%201.bin", "file:///tmp/paper.bin"):
            await open_wire(address)

    run(test)
    assert named == [r"C:\tickets\paper 1.bin", r"\tmp\paper.bin"]


@pytest.mark.skipif(sys.platform == "win32", reason="has no terminals of this kind")
def test_a_character_device_that_answers_proves_like_a_network_printer() -> None:
    """A terminal stands for /dev/usb/lp0, with the scripted printer at its other end."""

    async def test() -> None:
        ours, theirs = os.openpty()
        for end in (ours, theirs):
            tty.setraw(end)
        loop = asyncio.get_running_loop()
        async with Printer() as printer:
            reader, writer = await asyncio.open_connection("127.0.0.1", printer.port)
            loop.add_reader(ours, lambda: writer.write(os.read(ours, 4096)))
            loop.create_task(pass_on(reader, ours))  # noqa: RUF006 - ends with the printer's connection
            device = Device(Settings("p", f"device://{os.ttyname(theirs)}", patience=PATIENCE), lambda: None)
            on = Bench(printer, device)
            outcome = await on.print(ticket("j1", 500))
            await device.close()
            loop.remove_reader(ours)
            writer.close()
            await writer.wait_closed()
            assert outcome
            assert (outcome.state, outcome.evidence, on.on_paper) == (State.PRINTED, Evidence.ECHO, 1)
        for end in (ours, theirs):
            os.close(end)

    run(test)


async def pass_on(reader: asyncio.StreamReader, end: int) -> None:
    while data := await reader.read(4096):
        os.write(end, data)


@pytest.mark.skipif(sys.platform == "win32", reason="has no pipes with names in the file system")
def test_what_a_device_had_not_taken_of_a_ticket_that_was_given_up_never_goes_out(tmp_path: Path) -> None:
    path = tmp_path / "lp0"
    os.mkfifo(path)
    printer = os.open(path, os.O_RDWR | os.O_NONBLOCK)

    async def test() -> None:
        first = await open_wire(f"device://{path}")
        await first.write(b"x" * 65_536)  # it takes no more: paper is out
        rest = asyncio.create_task(first.write(b"the rest"))
        await asyncio.sleep(0.1)
        await first.close()
        second = await open_wire(f"device://{path}")  # the system gives it the first one's number
        assert len(os.read(printer, 65_536)) == 65_536
        with pytest.raises(WireError):
            await rest
        await second.write(b"the next")
        assert os.read(printer, 65_536) == b"the next"
        await second.close()

    run(test)
    os.close(printer)


class UsbPrinter(list[Any]):
    """A USB printer's interface and its way in, as pyusb has them; `full`: paper is out."""

    bInterfaceClass, bInterfaceNumber, bEndpointAddress = 7, 0, 1  # noqa: N815 - pyusb's names
    full, taken = True, b""

    def write(self, data: bytes, timeout: int) -> int:
        if self.full:
            time.sleep(timeout / 20_000)
            raise TimeoutError
        self.taken += data
        return len(data)


def test_what_a_usb_printer_had_not_taken_of_a_given_up_ticket_never_goes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    printer = UsbPrinter()
    printer.append(printer)
    found = SimpleNamespace(get_active_configuration=lambda: [printer], is_kernel_driver_active=lambda _: False)
    core = SimpleNamespace(USBTimeoutError=TimeoutError, find=lambda **_: found)
    ends = {"ENDPOINT_OUT": 1, "ENDPOINT_IN": 0x81, "endpoint_direction": int}
    util = SimpleNamespace(claim_interface=lambda *_: None, dispose_resources=lambda _: None, **ends)
    for name, module in (("usb.core", core), ("usb.util", util)):
        monkeypatch.setitem(sys.modules, name, module)

    async def test() -> None:
        wire = await open_wire("usb://04b8:0e15")
        rest = asyncio.create_task(wire.write(b"the rest"))
        await asyncio.sleep(0.1)
        await wire.close()
        printer.full = False
        with pytest.raises(WireError):
            await rest
        assert printer.taken == b""

    run(test)


def spooler(status: int, calls: list[tuple[Any, ...]]) -> SimpleNamespace:
    """As pywin32 has Windows' queue, with its one job in this status."""
    names = ("StartPagePrinter", "WritePrinter", "EndPagePrinter", "EndDocPrinter", "ClosePrinter")
    return SimpleNamespace(
        OpenPrinter=lambda _: 1,
        StartDocPrinter=lambda *_: 7,
        GetJob=lambda *_: {"Status": status},
        SetJob=lambda *about: calls.append(about),
        **dict.fromkeys(names, lambda *_: None),
    )


@pytest.mark.parametrize(
    ("status", "trouble"), [(0x40, "paper_out"), (0x60, "paper_out"), (0x20, "offline"), (0x10, None)]
)
def test_a_ticket_that_stays_in_windows_queue_says_why_and_is_taken_out_of_it(
    monkeypatch: pytest.MonkeyPatch, status: int, trouble: str | None
) -> None:
    calls: list[tuple[Any, ...]] = []
    held: list[str | None] = []
    monkeypatch.setitem(sys.modules, "win32print", spooler(status, calls))

    async def begin() -> None:
        pass

    async def test() -> None:
        patience = replace(PATIENCE, hold=0.5)
        device = Device(Settings("p", "spooler://Kitchen", patience=patience), lambda: None)
        outcome = await device.print(JOB, ticket("j1"), begin, held.append)
        assert outcome
        assert (outcome.state, outcome.code) == (State.UNKNOWN, trouble or "stuck")
        await device.close()

    run(test)
    assert held == ([trouble] if trouble else [])
    assert calls == [(1, 7, 0, None, 5)]  # JOB_CONTROL_DELETE


def test_a_ticket_that_windows_has_printed_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setitem(sys.modules, "win32print", spooler(0x80, calls))

    async def test() -> None:
        wire = await open_wire("spooler://Kitchen")
        await wire.write(b"x")
        await wire.finish()
        await wire.close()

    run(test)
    assert calls == []


def test_a_way_that_needs_a_missing_package_says_which() -> None:
    async def test() -> None:
        with pytest.raises(WireError, match=r"dumbwaiter-agent\[usb\]"):
            await open_wire("usb://04b8:0e15")
        with pytest.raises(WireError, match=r"dumbwaiter-agent\[spooler\]"):
            await open_wire("spooler://Kitchen")

    run(test)
