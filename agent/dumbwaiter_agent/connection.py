"""One WebSocket to the relay: a socket and a clock around a `Link`."""

import asyncio
import contextlib
import logging
import random
import ssl
from collections.abc import Awaitable, Callable

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException

from dumbwaiter_agent import VERSION
from dumbwaiter_agent.clock import JUMP_SECONDS, Clocks, RelayClock
from dumbwaiter_agent.credentials import TOLERANCE_SECONDS, Identity, is_private, refusal_code, told_time
from dumbwaiter_agent.link import REFUSALS, Broken, Complained, Event, Leave, Link, Refused, Welcomed
from print_link.frames import Frame

OPEN_SECONDS = 10.0
SEND_SECONDS = 20.0
# What API Gateway lets through; a larger message is somebody else's.
MOST_BYTES = 128 * 1024

log = logging.getLogger("dumbwaiter_agent")
Handler = Callable[["Connection", Event], Awaitable[None]]

UNAUTHORIZED = frozenset({401, 403})


class NotConnected(Exception):
    """No connection, or none any more; `refused`: the relay is there and does not want this agent, `final`: only a
    person changes that.
    """

    def __init__(self, reason: str, *, refused: bool = False, final: bool = False) -> None:
        super().__init__(reason)
        self.refused = refused
        self.final = final


class Connection:
    """From dialling to the end. `welcomed`, `leaving` and `ended` can be waited for."""

    def __init__(
        self, url: str, hello: Frame, handle: Handler, clocks: Clocks | None = None, *, epoch: int = 0
    ) -> None:
        """`handle` is awaited for every event, in order. A relay of a lower `epoch` is not used."""
        self._epoch = epoch
        self.url = url
        self.hello = hello
        self.welcomed = asyncio.Event()
        self.leaving = asyncio.Event()
        self.ended = asyncio.Event()
        self.reason = ""
        self.refused = False
        self._handle = handle
        self._clocks = clocks or Clocks()
        self._now = self._clocks.steady
        self._difference = self._clocks.difference()
        self.opened_at = self._now()
        self._link = Link(hello, self._now(), jitter=random.random)
        self._wake = asyncio.Event()
        self._closing = False
        self._socket: ClientConnection | None = None
        self._task: asyncio.Task[None] | None = None

    async def open(self, identity: Identity, clock: RelayClock, context: ssl.SSLContext | None) -> None:
        """Until welcomed. Raises `NotConnected`."""
        self._difference = self._clocks.difference()
        self._socket = await dial(self.url, identity, clock, context)
        self._link = Link(self.hello, self._now(), jitter=random.random, epoch=self._epoch)
        self._task = asyncio.create_task(self._run(self._socket))
        welcomed, ended = (asyncio.create_task(event.wait()) for event in (self.welcomed, self.ended))
        try:
            await asyncio.wait({welcomed, ended}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            await self.close("stopped")
            raise
        finally:
            welcomed.cancel()
            ended.cancel()
        if not self.welcomed.is_set():
            raise NotConnected(self.reason, refused=self.refused, final=self.refused)

    def send(self, frame: Frame) -> None:
        """Queue a frame; it is lost if the connection is."""
        self._link.send(frame)
        self._wake.set()

    @property
    def silent_at(self) -> float:
        """When the relay counts this agent as off line, should nothing more go either way. Steady seconds."""
        return self._link.silent_at

    def give_up(self, reason: str) -> None:
        """Drop this connection; the agent opens another."""
        self.reason = self.reason or reason
        self._wake.set()

    async def close(self, reason: str) -> None:
        """Say goodbye and close, within seconds."""
        if not self.ended.is_set():
            self.send({"type": "bye", "reason": reason})
            self._closing = True
            self._wake.set()
        if self._task:
            _, late = await asyncio.wait({self._task}, timeout=SEND_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, socket: ClientConnection) -> None:
        reading = asyncio.create_task(self._read(socket))
        try:
            await self._pump(socket, reading)
        except (WebSocketException, OSError, TimeoutError) as error:
            self.reason = self.reason or f"{type(error).__name__}: {error}"
        except Exception as error:
            log.exception("this connection ends")
            self.reason = f"{type(error).__name__}: {error}"
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            # A peer that is gone does not answer a close; the operating system need not wait for it either.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1 if self._closing else 0.01):
                    await socket.close()
            socket.transport.abort()
            self.ended.set()

    async def _read(self, socket: ClientConnection) -> None:
        async for message in socket:
            self._link.receive(message, self._now())
            self._wake.set()

    async def _pump(self, socket: ClientConnection, reading: "asyncio.Task[None]") -> None:
        while not self.reason:
            self._wake.clear()
            self._link.tick(self._now())
            for event in self._link.take_events():
                await self._on(event)
            if self.reason:
                return
            for text in self._link.take_frames():
                async with asyncio.timeout(SEND_SECONDS):
                    await socket.send(text)
            if self._closing:
                return
            if reading.done():
                reading.result()
                self.reason = "closed by the relay"
            elif not self._wake.is_set():
                await self._rest(reading)

    async def _rest(self, reading: "asyncio.Task[None]") -> None:
        waking = asyncio.create_task(self._wake.wait())
        try:
            seconds = max(0.0, self._link.due() - self._now())
            await asyncio.wait({waking, reading}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waking.cancel()

    async def _on(self, event: Event) -> None:
        match event:
            case Broken(reason):
                self.reason = reason
            case Refused(code, detail):
                self.reason, self.refused = f"{code}: {detail}", True
            case Complained(complaint):
                log.warning("the relay says: %s", complaint)
            case Leave(within):
                asyncio.get_running_loop().call_later(within, self.leaving.set)
            case Welcomed() if abs(self._clocks.difference() - self._difference) > JUMP_SECONDS:
                self.reason = "the clock jumped since the hello"  # so its time may be old
            case Welcomed():
                await self._handle(self, event)
                self.welcomed.set()
            case _:
                await self._handle(self, event)


async def dial(
    url: str, identity: Identity, clock: RelayClock, context: ssl.SSLContext | None, *, again: bool = True
) -> ClientConnection:
    """A WebSocket to the relay, with a fresh token. Raises `NotConnected`.

    Where the relay refuses and its time is far from ours, ours is put right and tried once more.
    """
    if not is_private(url):
        raise NotConnected(f"{url}: must be wss", refused=True)
    asked_at = clock.clocks.steady()
    try:
        return await connect(
            url,
            additional_headers={"Authorization": identity.authorization(clock.now())},
            user_agent_header=f"dumbwaiter-agent/{VERSION}",
            compression=None,  # API Gateway has none
            open_timeout=OPEN_SECONDS,
            ping_interval=None,  # beats show that the relay itself lives; a pong shows a gateway
            close_timeout=1,
            max_size=MOST_BYTES,
            ssl=context if url.startswith("wss:") else None,
        )
    except InvalidStatus as error:
        response = error.response
        refused = response.status_code in UNAUTHORIZED
        relay_time = told_time(response.headers, bytes(response.body or b""))
        timely = clock.clocks.steady() - asked_at < OPEN_SECONDS  # the machine has not slept since
        if refused and again and timely and relay_time and abs(relay_time - clock.now()) > TOLERANCE_SECONDS / 2:
            clock.told(relay_time)
            return await dial(url, identity, clock, context, again=False)
        final = refused and refusal_code(bytes(response.body or b"")) in REFUSALS
        raise NotConnected(f"{url}: refused with {response.status_code}", refused=refused, final=final) from error
    except (WebSocketException, OSError, TimeoutError) as error:
        raise NotConnected(f"{url}: {type(error).__name__} {error}".strip()) from error
