"""One printer: its one connection, what it says of itself, one job at a time."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from dumbwaiter_agent.jobs import Job, Outcome
from dumbwaiter_agent.places import Places, Verdict, by_hardware
from dumbwaiter_agent.print_attempt import Learned, Patience, Run
from dumbwaiter_agent.session import Session, open_session
from dumbwaiter_agent.wires import Opener, WireError, open_wire
from print_link.frames import Frame, without_nulls

PROOFS = ("auto", "echo", "fence", "status", "none")
# A printer that is switched on is noticed within this and `poll`; one that another agent of the store lets go, sooner.
REOPEN_SECONDS = 10.0
REOPEN_CONTESTED_SECONDS = 2.0
NOT_TRIED = "not_tried"
OTHER_PRINTER = "other_printer"
# What the relay is told as a code; else it is a sentence for the store.
CODES = frozenset({OTHER_PRINTER})
# In a store with several agents: a printer that takes a connection and says nothing may be busy with another agent's.
PERHAPS_IN_USE = "perhaps_in_use"
IN_USE_SECONDS = 30.0
# There the connection is closed for a moment now and then, so that `check` on another machine finds the printer free.
HOLD_SECONDS = 10.0
YIELD_SECONDS = 2.0


@dataclass(frozen=True)
class Printer:
    """A printer as it is configured. `share`: let go of the connection between jobs, for tills that print themselves.

    `poll`: seconds between two questions for status, of a printer that does not report changes by itself. `identity`:
    whether it is to be known again, auto or none.
    """

    id: str
    address: str
    proof: str = "auto"
    share: bool = False
    identity: str = "auto"
    poll: float = 1.5
    answer: float = 1.0
    patience: Patience = field(default_factory=Patience)


@dataclass(frozen=True)
class Health:
    """The state of a printer now. `state`: ready, stopped, unreachable, mute (never answered) or unchecked (cannot)."""

    state: str
    trouble: str | None = None
    paper: str | None = None
    cover_open: bool | None = None
    error: str | None = None

    def frame(self, printer: str) -> Frame:
        """The members of a `printer` frame."""
        cover = None if self.cover_open is None else "open" if self.cover_open else "closed"
        trouble = self.trouble if self.trouble in CODES else None
        members = {"state": self.state, "paper": self.paper, "cover": cover, "error": self.error, "trouble": trouble}
        return without_nulls(printer=printer, **members)


class Device:
    """Watches one printer and prints on it, never over two connections."""

    def __init__(
        self,
        printer: Printer,
        on_health: Callable[[], None],
        *,
        opener: Opener = open_wire,
        places: Places | None = None,
    ) -> None:
        """`on_health` is called whenever `health` became another. `places` knows which printer is to be where."""
        self.printer = printer
        self.health = Health("unreachable", NOT_TRIED)
        self.learned = Learned()
        self._on_health = on_health
        self._opener = opener
        self._places = places if printer.identity == "auto" and printer.address.startswith("tcp:") else None
        # Where it was seen last; mostly where it is configured.
        self._at = printer.address
        self._session: Session | None = None
        self._lock = asyncio.Lock()
        self._busy = False
        self._released = False
        self._has_no_serial = False
        # Whether the store has other agents.
        self.contested = False
        self._opened_at = self._watched_at = 0.0

    @property
    def ready(self) -> bool:
        """Whether a job may be begun. A mute printer gets its jobs unless it is known to be able to answer."""
        if self.health.state == "mute":
            return self.printer.proof in {"auto", "none"} and self.health.trouble is None
        return self.health.state in {"ready", "unchecked"}

    @property
    def proof(self) -> str | None:
        """The best proof that the printer has given so far."""
        if self.health.state == "unchecked":
            return "spooler" if self.printer.address.startswith("spooler") else "none"
        if self.learned.echo:
            return "echo"
        if self.learned.fence:
            return "fence"
        return "status" if self.learned.status else None

    # Watching

    def release(self) -> None:
        """Let go of the connection after what is begun, for another agent; the watching task is to be cancelled."""
        self._released = True
        self._set(Health("unreachable", NOT_TRIED))

    async def watch(self) -> None:
        """Keep `health` true, until cancelled."""
        self._released = False
        self._watched_at = asyncio.get_running_loop().time()
        failures = 0
        try:
            while True:
                async with self._lock:
                    good = await self._look()
                failures = 0 if good else failures + 1
                await self._pause(failures)
                await self._yield()
        finally:
            await self.close()

    async def close(self) -> None:
        """Let go of the connection, once no job is on it."""
        async with self._lock:
            await self._drop()

    async def look(self) -> None:
        """Try to reach it, once; `health` says what came of it."""
        async with self._lock:
            await self._look()

    @property
    def unknown(self) -> bool:
        """Whether nothing is known yet by which to tell this printer from another, though it may be able to say."""
        if self._places is None or self._has_no_serial:
            return False
        return self._places.expected(self.printer.id, self.printer.address) is None

    async def meet(self) -> None:
        """Learn which printer is there, over a connection of a moment."""
        async with self._lock:
            with contextlib.suppress(WireError):
                await self._open()
            await self._drop()
            self._set(Health("unreachable", NOT_TRIED))

    async def _yield(self) -> None:
        held_seconds = asyncio.get_running_loop().time() - self._opened_at
        if not self.contested or self._session is None or self._busy or held_seconds < HOLD_SECONDS:
            return
        async with self._lock:
            await self._drop()
        await asyncio.sleep(YIELD_SECONDS)

    async def _look(self) -> bool:
        try:
            session = await self._open()
        except WireError:
            return False
        if session.wire.answers and not await self._still_answers(session):
            await self._drop()
            return False
        self._judge(session)
        if self.printer.share:
            await self._drop()
        return True

    async def _still_answers(self, session: Session) -> bool:
        """False if it has stopped to. One that never did is asked now and then whether it does by now."""
        try:
            answered = await session.ask(self.printer.answer)
        except WireError:
            return False
        self.learned.status = self.learned.status or answered is not None
        if not answered and self.learned.status:
            self._set(Health("stopped", "silent"))
            return False
        return True

    async def _pause(self, failures: int) -> None:
        if failures > 1:
            longest = REOPEN_CONTESTED_SECONDS if self.contested else REOPEN_SECONDS
            most = min(longest, self.printer.poll * 2 ** min(failures, 10))
            await asyncio.sleep(self.printer.poll + random.uniform(0, most))  # noqa: S311 - spreads load
            return
        session = self._session
        seldom = session is not None and (session.reports_changes or not session.status)
        seldom = seldom and self.health.trouble != PERHAPS_IN_USE
        seconds = self.printer.poll * (10 if seldom else 1)
        deadline = asyncio.get_running_loop().time() + seconds
        while session and not session.closed and (seconds_left := deadline - asyncio.get_running_loop().time()) > 0:
            await session.news(seconds_left)
            if not self._busy and session is self._session and not session.closed:
                self._judge(session)
        if not session:
            await asyncio.sleep(seconds)

    async def _open(self) -> Session:
        """The one session, opened if there is none. Raises `WireError`."""
        if self._session and not self._session.closed:
            return self._session
        await self._drop()
        try:
            self._enter()
            wire = await self._opener(self._at)
            self._session = await open_session(wire, self.printer.answer)
        except WireError as error:
            self._leave()
            if self.health.trouble != OTHER_PRINTER:
                self._set(Health("unreachable", str(error)[:200]))
            self._at = self.printer.address
            raise
        self._opened_at = asyncio.get_running_loop().time()
        self.learned.status = self.learned.status or self._session.status is not None
        if self._session.closed and self.printer.address.startswith("tcp:"):
            await self._drop()
            self._set(Health("unreachable", "closed at once: does another program have its connection?"))
            raise WireError("closed at once")
        await self._identify(self._session)
        return self._session

    def _enter(self) -> None:
        """Raises `WireError` where a connection of another name has the printer."""
        if self._places and not self._places.enter(self.printer.id, self.printer.address, self._at):
            self._at = self._places.elsewhere(self.printer.id, self.printer.address, self._at)
            if not self._places.enter(self.printer.id, self.printer.address, self._at):
                raise WireError("another printer's connection is there")

    def _leave(self) -> None:
        if self._places:
            self._places.leave(self.printer.id)

    async def _identify(self, session: Session) -> None:
        """Raises `WireError`, without a connection, where another printer answers than the one that is meant."""
        if self._places is None or session.identified:
            return
        identity = await self._identity_of(self._places, session)
        verdict = self._places.judge(self.printer.id, self.printer.address, self._at, identity)
        if verdict is Verdict.UNPROVEN and self._owes_serial(self._places, session):
            verdict = Verdict.OTHER
        if verdict is Verdict.OTHER:
            self._at = self._places.elsewhere(self.printer.id, self.printer.address, self._at)
            await self._drop()
            self._set(Health("unreachable", OTHER_PRINTER))
            raise WireError(OTHER_PRINTER)
        # One that is off line tells its serial number later; until then it gets no job either.
        session.identified = identity is not None or session.status is None or session.status.ready

    async def _identity_of(self, places: Places, session: Session) -> str | None:
        if session.wire.peer and (hardware_address := await asyncio.to_thread(places.neighbours, session.wire.peer)):
            return by_hardware(self._at, hardware_address)
        if session.status is None or not session.status.ready:
            return None
        if self._has_no_serial:  # the question is of no use to every printer, so it is asked once
            return None
        serial = await session.ask_serial(2 * self.printer.answer)
        self._has_no_serial = not serial and places.expected(self.printer.id, self.printer.address) is None
        return f"serial:{serial}" if serial else None

    def _owes_serial(self, places: Places, session: Session) -> bool:
        """Whether one that had a serial number says none, though it could."""
        expected = places.expected(self.printer.id, self.printer.address) or ""
        able = session.status is None or session.status.ready
        return expected.startswith("serial:") and able and session.serial is None

    async def _drop(self) -> None:
        if self._session:
            session, self._session = self._session, None
            await session.close()
        self._leave()

    def _judge(self, session: Session) -> None:
        status = session.status
        if not session.wire.answers:
            self._set(Health("unchecked"))
        elif status:
            state = "ready" if status.ready else "stopped"
            self._set(Health(state, status.trouble, status.paper, status.cover_open, status.error))
        else:
            # One that has answered before is not mute: it is switched off behind its print server, or worse.
            self._set(Health("stopped", "silent") if self.learned.status else Health("mute", self._why_mute()))

    def _why_mute(self) -> str | None:
        waited = asyncio.get_running_loop().time() - self._watched_at
        return PERHAPS_IN_USE if self.contested and waited < IN_USE_SECONDS else None

    def _set(self, health: Health) -> None:
        if health != self.health:
            self.health = health
            self._on_health()

    # Printing

    async def print(
        self,
        job: Job,
        payload: bytes,
        begin: Callable[[], Awaitable[None]],
        on_hold: Callable[[str | None], None],
    ) -> Outcome | None:
        """The job's outcome; None if it was not begun, since the printer is not ready after all.

        `begin` is awaited before the first byte; what it raises ends the attempt.
        """
        async with self._lock:
            self._busy = True
            try:
                session = await self._fit()
                if session is None:
                    return None
                await begin()
                return await self._print(session, job, payload, on_hold)
            finally:
                self._busy = False
                if self._released:
                    await self._drop()
                    self._set(Health("unreachable", NOT_TRIED))

    async def _fit(self) -> Session | None:
        try:
            session = await self._open()
            if session.status and not await session.ask(self.printer.answer):
                self._set(Health("stopped", "silent"))
                await self._drop()
                return None
            if session.status and session.status.ready:
                await self._identify(session)
        except WireError as error:
            if self.health.state != "unreachable":
                self._set(Health("unreachable", str(error)[:200]))
            await self._drop()
            return None
        self._judge(session)
        return session if self.ready else None

    async def _print(
        self, session: Session, job: Job, payload: bytes, on_hold: Callable[[str | None], None]
    ) -> Outcome:
        def held_seconds(trouble: str | None) -> None:
            self._judge(session)
            on_hold(trouble)

        proof = self.printer.proof if session.wire.answers else "none"
        run = Run(session, proof, self.learned, self.printer.patience, held_seconds)
        outcome = await run.print(payload, interrupted=job.interrupted, mark=job.mark)
        if outcome.state != "printed" or self.printer.share or not session.wire.answers:
            # What this connection may still answer belongs to this job, and to no other.
            await self._drop()
        return outcome
