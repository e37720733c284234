"""Ways to a printer: shared sockets, files, devices, USB, the spooler of Windows."""

import asyncio
import nturl2path
import os
import sys
import time
import tty
from dataclasses import replace
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace
from typing import Any

import pytest

from dumbwaiter_agent.jobs import Evidence, State
from dumbwaiter_agent.printer_connection import Device
from dumbwaiter_agent.printer_connection import Printer as Settings
from dumbwaiter_agent.wires import WireError, open_wire
from tests.simulators.printer import Printer
from tests.simulators.tickets import CUT, ticket
from tests.support.device_bench import JOB, PATIENCE, Bench, bench, run
from tests.support.waiting import until


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
