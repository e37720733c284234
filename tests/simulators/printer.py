"""A scripted ESC/POS printer on TCP. It keeps its paper, and can run out, jam, open, go mute, lose power, lie.

It never prints what a real one would not: what arrives while it cannot print waits in its buffer, and is lost when
the power goes. Its paper is the judge of every test.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.simulators.paper import Press
from tests.simulators.reader import Command, Reader

BUFFER_BYTES = 16 * 1024


@dataclass
class Ticket:
    """What came out between two cuts. `pieces`: 2 if the paper was changed in the middle; not `cut`: torn off.

    `cut_at` is in Unix seconds.
    """

    data: bytearray = field(default_factory=bytearray)
    pieces: int = 1
    cut: bool = False
    cut_at: float = 0.0

    @property
    def text(self) -> str:
        """What can be read on it, without its commands."""
        commands = Reader().feed(bytes(self.data))
        return "".join(command.raw.decode("latin-1") for command in commands if command.name in {"text", "LF"})


@dataclass
class Client:
    """One connection to the printer."""

    writer: asyncio.StreamWriter
    reports: bool = False
    tail: bytes = b""

    def send(self, data: bytes) -> None:
        if not self.writer.is_closing():
            self.writer.write(data)


class Printer:
    """Knobs may be turned at any time; `wake()` after turning one by hand."""

    def __init__(self, *, bytes_a_second: float | None = None, dots: int = 576, album: Path | None = None) -> None:
        """`album` is a folder for a PNG of each ticket, behind those that are there; `dots` are those of its paper."""
        self.dots = dots
        self.album = album
        self.photographs = max((int(path.stem) for path in album.glob("*.png")), default=0) if album else 0
        self._press = Press(dots)
        self.paper: list[Ticket] = []
        self.ticket = Ticket()
        self.paper_state = "ok"  # ok, low, out
        self.cover_open = False
        self.jammed = False
        self.powered = True
        self.answers_status = True
        self.answers_fence = True
        self.echo = "good"  # good, none, lost, late, wrong, other socket, next socket
        self.late_seconds = 1.0
        self.reports_changes = True
        self.takes_connections = True
        # What it answers GS I 68; "": nothing.
        self.serial = ""
        # Of a printer with one connection to give, what the next one meets: "refuses", "queues"; "": it has many.
        self.second_connection = ""
        self.most_connections = 0
        self.enquiries = 0
        self.spoiled = 0  # echoes that were asked for and did not come as they should
        self.received = bytearray()
        self.printed_bytes = 0
        self.host = "127.0.0.1"
        self.port = 0
        self._bytes_a_second = bytes_a_second
        self._planned: list[tuple[int, Callable[[], None]]] = []
        self._clients: list[Client] = []
        self._queue: list[tuple[Client, Command]] = []
        self._queued_bytes = 0
        self._changed = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._last_status = b""
        self._strays: list[bytes] = []

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._serve, self.host, port, limit=4096)
        self.port = self._server.sockets[0].getsockname()[1]
        self._spawn(self._print())

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        self._drop_all()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server:
            await self._server.wait_closed()

    @property
    def address(self) -> str:
        return f"tcp://{self.host}:{self.port}"

    # What a person or fate does to it

    def wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
        status = self._status_back()
        if status != self._last_status:
            self._last_status = status
            for client in self._clients:
                if client.reports and self.reports_changes and self.powered:
                    client.send(status)

    def run_out(self) -> None:
        self.paper_state = "out"
        self.wake()

    def new_paper(self) -> None:
        self.paper_state = "ok"
        if self.ticket.data:
            self.ticket.pieces += 1
        self.wake()

    def open_cover(self) -> None:
        self.cover_open = True
        self.wake()

    def close_cover(self) -> None:
        self.cover_open = False
        self.wake()

    def jam(self, *, jammed: bool = True) -> None:
        self.jammed = jammed
        self.wake()

    def go_mute(self) -> None:
        """It prints, and says nothing any more."""
        self.answers_status = self.answers_fence = self.reports_changes = False
        self.echo = "none"

    def cut_power(self) -> None:
        """What is in the buffer is gone; what is on paper stays, torn off."""
        self.powered = False
        self._queue.clear()
        self._queued_bytes = 0
        self._tear()
        self._press = Press(self.dots)
        self._drop_all()
        self.wake()

    def restore_power(self) -> None:
        self.powered = True
        self.wake()

    def after(self, count: int, happens: Callable[[], None]) -> None:
        """Once so many more bytes have been printed."""
        self._planned.append((self.printed_bytes + count, happens))

    def no_plans(self) -> None:
        """What has not happened by now does not."""
        self._planned.clear()

    def say(self, data: bytes) -> None:
        """Send bytes to everybody who is connected."""
        for client in self._clients:
            client.send(data)

    def cut_connections(self) -> None:
        """The network breaks; what was received is printed all the same."""
        self._drop_all()

    @property
    def connections(self) -> int:
        return len(self._clients)

    # What it does

    @property
    def can_print(self) -> bool:
        return self.powered and self.paper_state != "out" and not self.cover_open and not self.jammed

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        client = Client(writer)
        if not self.powered or not self.takes_connections:
            writer.transport.abort()
            return
        if not await self._is_free():
            writer.transport.abort()
            self._tasks.discard(task)
            return
        self._clients.append(client)
        while self._strays:
            client.send(self._strays.pop())
        self.most_connections = max(self.most_connections, len(self._clients))
        parser = Reader()
        try:
            while data := await reader.read(512):
                self._receive(client, parser, data)
                while self._queued_bytes > BUFFER_BYTES and client in self._clients:
                    await self._changed.wait()
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            if client in self._clients:
                self._clients.remove(client)
            writer.transport.abort()
            self._tasks.discard(task)

    async def _is_free(self) -> bool:
        """Whether this connection is served; behind another one only after that has ended."""
        while self.second_connection == "queues" and self._clients:  # noqa: ASYNC110 - a test may turn the knob
            await asyncio.sleep(0.01)
        return not (self.second_connection == "refuses" and self._clients)

    def _receive(self, client: Client, parser: Reader, data: bytes) -> None:
        self.received += data
        scanned = client.tail + data
        client.tail = scanned[-2:]
        # In real time: before, and independent of, what waits in the buffer.
        for at in range(len(scanned) - 2):
            if scanned[at : at + 2] == b"\x10\x04" and 1 <= scanned[at + 2] <= 4 and self.answers_status:
                client.send(bytes([self._realtime(scanned[at + 2])]))
        for command in parser.feed(data):
            if command.name.startswith("DLE"):
                self.enquiries += command.raw[1] == 0x05
                continue
            self._queue.append((client, command))
            self._queued_bytes += len(command.raw)
        self._changed.set()
        self._changed = asyncio.Event()

    async def _print(self) -> None:
        while True:
            while not self._queue or not self.can_print:
                await self._changed.wait()
            client, command = self._queue.pop(0)
            self._queued_bytes -= len(command.raw)
            if self._bytes_a_second:
                await asyncio.sleep(len(command.raw) / self._bytes_a_second)
            self._carry_out(client, command)
            if not self._queue:
                self._changed.set()
                self._changed = asyncio.Event()
                await asyncio.sleep(0)

    def _carry_out(self, client: Client, command: Command) -> None:
        match command.name:
            case "GS (" if command.raw[2:5] == b"H\x06\x00":
                self._echo(client, command.raw[7:11])
            case "GS r":
                if self.answers_fence:
                    client.send(b"\x0c" if self.paper_state == "out" else b"\x00")
            case "GS I":
                if self.serial and command.raw[2] == ord("D"):
                    client.send(b"\x5f" + self.serial.encode() + b"\0")
            case "GS a":
                client.reports = bool(command.raw[2])
                if client.reports and self.reports_changes:
                    client.send(self._status_back())
            case "ESC @":
                client.reports = False
                self._press.take(command)
            case _:
                self._put_on_paper(command)

    def _put_on_paper(self, command: Command) -> None:
        planned = [plan for plan in self._planned if plan[0] <= self.printed_bytes + len(command.raw)]
        self.ticket.data += command.raw
        self.printed_bytes += len(command.raw)
        if self.album:
            self._press.take(command)
            self._photograph()
        if command.name == "GS V":
            self.ticket.cut, self.ticket.cut_at = True, time.time()
            self.paper.append(self.ticket)
            self.ticket = Ticket()
        for plan in planned:
            self._planned.remove(plan)
            plan[1]()

    def _echo(self, client: Client, token: bytes) -> None:
        answer = b"\x37\x22" + token + b"\0"
        self.spoiled += self.echo not in {"good", "none"}
        match self.echo:
            case "good":
                client.send(answer)
            case "wrong":
                client.send(b"\x37\x22" + token[::-1] + b"\0" if token != token[::-1] else b"\x37\x22????\0")
            case "late":
                self._spawn(self._later(client, answer))
            case "other socket":
                for neighbour in self._clients:
                    if neighbour is not client:
                        neighbour.send(answer)
            case "next socket":
                self._strays.append(answer)
                client.writer.transport.abort()

    async def _later(self, client: Client, answer: bytes) -> None:
        await asyncio.sleep(self.late_seconds)
        client.send(answer)

    def _tear(self) -> None:
        if self.ticket.data:
            self.paper.append(self.ticket)
            self.ticket = Ticket()
        self._press.tear()
        self._photograph()

    def _photograph(self) -> None:
        while self.album and self._press.sheets:
            self.album.mkdir(parents=True, exist_ok=True)
            self.photographs += 1
            self._press.sheets.pop(0).image.save(self.album / f"{self.photographs:05}.png")

    def _drop_all(self) -> None:
        for client in self._clients:
            client.writer.transport.abort()
        self._clients.clear()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # Status, by the tables of Epson's reference

    def _realtime(self, n: int) -> int:
        out, low = self.paper_state == "out", self.paper_state != "ok"
        return (
            0x12
            | {
                1: 0x08 * (not self.can_print),
                2: 0x04 * self.cover_open | 0x20 * out | 0x40 * self.jammed,
                3: 0x08 * self.jammed,
                4: 0x0C * low | 0x60 * out,
            }[n]
        )

    def _status_back(self) -> bytes:
        out, low = self.paper_state == "out", self.paper_state != "ok"
        first = 0x10 | 0x08 * (not self.can_print) | 0x20 * self.cover_open
        return bytes([first, 0x08 * self.jammed, 0x03 * low | 0x0C * out, 0])
