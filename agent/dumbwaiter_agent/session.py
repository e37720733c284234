"""One open connection to a printer: what it answered on this connection, and on no other."""

import asyncio
import contextlib

from dumbwaiter_agent.escpos import (
    ASK_SERIAL,
    ASK_STATUS,
    REPORT_CHANGES,
    Changed,
    Echo,
    Fence,
    Realtime,
    Replies,
    Reply,
    Serial,
    Status,
)
from dumbwaiter_agent.wires import Wire


class Session:
    """Feeds replies into facts; `news()` wakes the tasks that wait for one."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.status: Status | None = None
        self.reports_changes = False
        self.closed = False
        self.echoes: set[bytes] = set()
        self.heard = 0
        self.fences_asked = 0
        self.fences = 0
        self.serial: str | None = None
        # Whether it is the printer that it should be, as far as anybody can tell.
        self.identified = False
        self._replies = Replies()
        self._answers: list[int] = []
        self._news = asyncio.Event()
        self._listening = asyncio.create_task(self._listen())

    @property
    def trouble(self) -> str | None:
        """Why the printer does not print now, as far as it said."""
        return self.status.trouble if self.status else self.wire.trouble

    async def _listen(self) -> None:
        while data := await self.wire.read():
            self.heard += len(data)
            for reply in self._replies.feed(data):
                self._take(reply)
            self.wake()
        self.closed = self.wire.answers
        self.wake()

    def _take(self, reply: Reply) -> None:
        match reply:
            case Realtime(byte):
                self._answers.append(byte)
            case Changed(data):
                self.reports_changes = True
                self.status = Status.of_change(data)
            case Fence():
                # One that nobody has asked for is noise: many a byte looks like one.
                self.fences = min(self.fences + 1, self.fences_asked)
            case Echo(token):
                self.echoes.add(token)
            case Serial(number):
                self.serial = number

    def wake(self) -> None:
        """Something happened."""
        self._news.set()
        self._news = asyncio.Event()

    async def news(self, seconds: float | None = None) -> None:
        """Return when something happened, or after so many seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()

    async def ask(self, seconds: float) -> Status | None:
        """DLE EOT 1 to 4. None if the printer does not answer all of them in time. Raises `WireError`."""
        self._answers.clear()
        await self.wire.write(b"".join(ASK_STATUS))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while len(self._answers) < len(ASK_STATUS) and not self.closed:
                    await self._news.wait()
        if len(self._answers) < len(ASK_STATUS):
            return None
        self.status = Status.of_realtime(self._answers[:4])
        return self.status

    async def ask_serial(self, seconds: float) -> str | None:
        """GS I 68; None where the printer has no serial number to tell, or is off line. Raises `WireError`."""
        if not self._replies.serial_asked:  # a late answer is as good
            self._replies.serial_asked = True
            await self.wire.write(ASK_SERIAL)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.serial is None and not self.closed:
                    await self._news.wait()
        return self.serial or None

    async def greet(self, seconds: float) -> Status | None:
        """Ask for status, twice if need be, and for changes from now on. Raises `WireError`."""
        status = await self.ask(seconds) or await self.ask(seconds)
        if status:
            await self.wire.write(REPORT_CHANGES)
        return status

    async def close(self) -> None:
        """Never raises."""
        self.closed = True
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)
        await self.wire.close()
        self.wake()


async def open_session(wire: Wire, seconds: float) -> Session:
    """A session that has asked for status. Raises `WireError`."""
    session = Session(wire)
    try:
        if wire.answers:
            await session.greet(seconds)
    except BaseException:  # a task that is cancelled here leaves no connection behind either
        await session.close()
        raise
    return session
