"""A TCP proxy that cuts connections, falls silent, or ends them after a time, as gateways and networks do."""

import asyncio
import time
from typing import Self
from urllib.parse import urlsplit, urlunsplit


class Proxy:
    """In front of `url`. `idle` and `lifetime` in seconds; None: for ever."""

    def __init__(self, url: str, *, idle: float | None = None, lifetime: float | None = None) -> None:
        self._parts = urlsplit(url)
        self.idle, self.lifetime = idle, lifetime
        self.opened = self.ended = self.timed_out = 0
        self._flows = asyncio.Event()
        self._flows.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server
        self._server.close()
        self._flows.set()
        while self.ended < self.opened:
            self.cut()
            await asyncio.sleep(0.01)
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        assert self._server
        port = self._server.sockets[0].getsockname()[1]
        return urlunsplit(self._parts._replace(netloc=f"127.0.0.1:{port}"))

    @property
    def connected(self) -> bool:
        """Whether anybody is."""
        return bool(self._writers)

    def cut(self) -> None:
        """Every connection breaks."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def half_open(self, seconds: float) -> None:
        """Connections stand and nothing comes through; then they break."""
        self._flows.clear()
        await asyncio.sleep(seconds)
        self._flows.set()
        self.cut()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        try:
            there, back = await asyncio.open_connection(self._parts.hostname, self._parts.port)
        except OSError:
            self.ended += 1
            writer.transport.abort()
            return
        self._writers |= {writer, back}
        began = time.monotonic()
        ways = [asyncio.create_task(self._pass(began, *way)) for way in ((reader, back), (there, writer))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        for end in (writer, back):
            end.transport.abort()
            self._writers.discard(end)
        self.ended += 1

    async def _pass(self, began: float, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            remaining = None if self.lifetime is None else self.lifetime - (time.monotonic() - began)
            times = [seconds for seconds in (self.idle, remaining) if seconds is not None]
            try:
                async with asyncio.timeout(min(times, default=None)):
                    data = await reader.read(65_536)
            except TimeoutError:
                self.timed_out += 1
                return
            except OSError:
                return
            await self._flows.wait()
            if not data:
                return
            writer.write(data)
