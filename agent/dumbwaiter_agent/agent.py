"""The agent: relay ↔ journal ↔ printers, until it is told to stop."""

import asyncio
import contextlib
import logging
import platform
import random
import ssl
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from dumbwaiter_agent import VERSION, machine
from dumbwaiter_agent.clock import Clocks, RelayClock
from dumbwaiter_agent.config import Config
from dumbwaiter_agent.connection import Connection, NotConnected
from dumbwaiter_agent.credentials import Identity, is_private, write_private
from dumbwaiter_agent.desk import Ask, Begin, Desk, Expire, Idle
from dumbwaiter_agent.device import NOT_TRIED, Device
from dumbwaiter_agent.frames import Frame, without_nulls
from dumbwaiter_agent.jobs import Job, Outcome, State
from dumbwaiter_agent.journal import IllegalMove, Journal, JournalFull, journal_of
from dumbwaiter_agent.link import (
    Asked,
    Delivered,
    Event,
    Granted,
    Noted,
    RoleGiven,
    TimeTold,
    Welcomed,
    Withdrawn,
    is_payload,
)
from dumbwaiter_agent.places import PRINTERS_FILE, Places
from dumbwaiter_agent.relays import RETURN_SECONDS, Relays
from dumbwaiter_agent.tenure import Tenure

CAPABILITIES = ["parts", "link", "confirm", "mark", "bundle"]
# An old connection stays so long for what was on its way, after the new one is welcomed.
OVERLAP_SECONDS = 5.0
RETELL_SECONDS = 30.0
# A long time cut off makes many results: so many are told at once, with a pause after. A relay takes 100 a second.
PAGE = 200
PAGE_SECONDS = 2.5
STATUS_SECONDS = 10.0
HOUSE_SECONDS = 300.0
FETCH_SECONDS = 30.0
# A printer that flaps tells its state so often, not more.
HEALTH_SECONDS = 0.25
STOP_SECONDS = 10.0
TICK_SECONDS = 1.0
# A standby asks printers that it has not met who they are; the agent that prints yields each for 2 of 12 s.
MEET_SECONDS = 20.0
MEETINGS_AT_MOST = 30
# A tick that took so long was a sleep of the machine, not a busy moment.
SLEPT_SECONDS = 20.0

T = TypeVar("T")
log = logging.getLogger("dumbwaiter_agent")


class NotNow(Exception):
    """The job may not begin any more, or not yet; nothing of it was written."""


class Agent:
    """One store's agent. `run` works until `stop` is called."""

    def __init__(self, config: Config, identity: Identity, clocks: Clocks | None = None) -> None:
        self._clocks = clocks or Clocks()
        self._steady = self._clocks.steady
        self._config = config
        self._identity = identity
        self._relays = Relays(config.relays or identity.relays, jitter=random.random)
        self._context = _tls(config)
        # One thread: SQLite's calls in the order in which they were made.
        self._disk_thread = ThreadPoolExecutor(1, "journal")
        self._stopping = asyncio.Event()
        self._current: Connection | None = None
        self._closing: set[asyncio.Task[None]] = set()
        places = Places(config.data / PRINTERS_FILE)
        self._devices = {one.id: Device(one, self._on_health, places=places) for one in config.printers}
        self._wakes = {one.id: asyncio.Event() for one in config.printers}
        self._watching: list[asyncio.Task[None]] = []
        self._letting_go: list[asyncio.Task[None]] = []
        self._begun: dict[str, Frame] = {}
        # By printer a job that was begun as it came, with its bytes.
        self._at_once: dict[str, tuple[Job, bytes]] = {}
        self._told_health: dict[str, Frame] = {}
        self._health_changed = asyncio.Event()
        self._status_changed = asyncio.Event()
        self._trouble = "not connected yet"
        self._clock = RelayClock(clocks=self._clocks)
        self._tenure = Tenure()
        self._desk = Desk()
        self._machine = machine.parts()
        self._journal: Journal

    def stop(self) -> None:
        """Finish what is being printed, then end."""
        self._stopping.set()

    async def run(self) -> None:
        """Until stopped. Raises sqlite3.OperationalError if another agent has the journal."""
        # Serial and USB printers wait for bytes in a thread each.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(2 * len(self._devices) + 8))
        await self._disk(self._open)
        log.info("agent %s of store %s, version %s", self._identity.agent, self._identity.store, VERSION)
        self._set_role(standby=self._desk.standby)
        tasks = [
            asyncio.create_task(self._forever(work))
            for work in (
                self._stay_connected,
                self._mind_the_clock,
                self._meet_printers,
                self._tell_health,
                self._retell,
                self._keep_house,
                self._write_status,
            )
        ]
        serving = [asyncio.create_task(self._forever(self._serve, printer)) for printer in self._devices]
        ending = asyncio.create_task(self._stopping.wait())
        try:
            # None of the others ends but by a bug; then the service manager starts the program anew.
            await asyncio.wait({ending, *serving, *tasks}, return_when=asyncio.FIRST_COMPLETED)
            self.stop()
            self._wake_all()
            if serving:
                await asyncio.wait(serving, timeout=STOP_SECONDS)
        finally:
            await self._finish([ending, *serving, *tasks])

    async def _forever(self, work: Callable[..., Any], *arguments: Any) -> None:
        try:
            await work(*arguments)
        except Exception:
            log.exception("a bug")
            raise

    async def _finish(self, tasks: list["asyncio.Task[Any]"]) -> None:
        ended = [task for task in tasks if task.done() and not task.cancelled()]
        watching = [*self._watching, *self._letting_go]
        for task in [*tasks, *watching]:
            task.cancel()
        await asyncio.gather(*tasks, *watching, return_exceptions=True)
        await asyncio.gather(*(device.close() for device in self._devices.values()))
        if self._current:
            await self._current.close("stopping")
        await asyncio.gather(*self._closing, return_exceptions=True)
        for job, _ in self._at_once.values():
            await self._disk(self._journal.put_back, job.id)
        await self._disk(self._journal.close)
        self._disk_thread.shutdown()
        for task in ended:
            task.result()

    async def _disk(self, call: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._disk_thread, call, *arguments)

    def _open(self) -> None:
        self._config.data.mkdir(parents=True, exist_ok=True)
        self._journal = journal_of(self._config.data / "journal.db", self._identity.agent)
        offset, known = (float(self._journal.fact(name) or 0) for name in ("offset", "time"))
        self._clock = RelayClock(offset, known, clocks=self._clocks)
        for interrupted in self._journal.recover(self._clock.now()):
            log.warning("job %s: unknown, the agent stopped while it was printing", interrupted)
        # Until the relay has taken this machine for the agent's.
        self._tenure.moved = machine.is_other((self._journal.fact("machine") or "").split(), self._machine)
        self._desk = Desk(self._journal.cursors())
        # An agent that never was given a role has no jobs either.
        self._desk.standby = self._journal.fact("role") != "printing"
        self._tenure.confirm = self._desk.confirm = self._journal.fact("confirm") == "yes"
        for job in self._journal.waiting():
            self._desk.add(job, 0.0)

    # Connections

    async def _stay_connected(self) -> None:
        now = self._steady
        while True:
            url, wait = self._relays.choose(now())
            await asyncio.sleep(wait)
            connection = await self._connect(url)
            while connection:
                connection = await self._live(connection)

    async def _connect(self, url: str) -> Connection | None:
        """A welcomed connection, which is the current one from now on; None if there is none to be had there."""
        now = self._steady
        printers = {name: self._health_frame(name) for name in self._devices}
        connection = Connection(url, await self._hello(printers), self._on_event, self._clocks)
        try:
            await connection.open(self._identity, self._clock, self._context)
        except NotConnected as error:
            self._trouble = str(error)
            self._status_changed.set()
            log.warning("not connected: %s", error)
            (self._relays.refused if error.refused else self._relays.failed)(url, now())
            if error.final:
                await self._end_tenure()
            return None
        log.info("connected to %s", url)
        connection.opened_at = now()
        if self._current:
            self._retire(self._current)
        self._current, self._told_health = connection, printers
        self._health_changed.set()
        self._status_changed.set()
        for frame in self._begun.values():
            connection.send(frame)
        self._spawn(self._tell_results(connection))
        self._wake_all()
        return connection

    async def _live(self, connection: Connection) -> Connection | None:
        """Until the next connection has taken its place, or None when it has ended without one."""
        now = self._steady
        ended, leaving = (asyncio.create_task(event.wait()) for event in (connection.ended, connection.leaving))
        try:
            while not connection.ended.is_set():
                seconds = RETURN_SECONDS * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load
                await asyncio.wait({ended, leaving}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
                if connection.ended.is_set():
                    break
                urls = self._relays.better(connection.url, now())
                if connection.leaving.is_set():
                    urls = [*urls, connection.url]
                for url in urls:
                    if found := await self._connect(url):
                        return found
                if connection.leaving.is_set():
                    await asyncio.wait({ended}, timeout=random.uniform(1, 5))  # noqa: S311 - spreads load
        finally:
            ended.cancel()
            leaving.cancel()
        self._current = None
        self._trouble = connection.reason
        self._tenure.connected, self._tenure.off_line_at = False, connection.silent_at
        if connection.refused:
            await self._end_tenure()
        self._hold_or_let_go()
        self._status_changed.set()
        log.warning("connection lost: %s", connection.reason)
        self._relays.lost(connection.url, now(), now() - connection.opened_at)
        return None

    def _retire(self, connection: Connection) -> None:
        async def close_later() -> None:
            await asyncio.sleep(0 if self._stopping.is_set() else OVERLAP_SECONDS)
            await connection.close("reconnected")

        task = asyncio.create_task(close_later())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _hello(self, printers: dict[str, Frame]) -> Frame:
        return {
            "agent": VERSION,
            "platform": f"{platform.system()} {platform.release()} python {platform.python_version()}"[:128],
            "journal": await self._disk(lambda: self._journal.id),
            "capabilities": CAPABILITIES,
            "machine": self._machine,
            "printers": list(printers.values()),
            "cursor": {name: cursor for name in self._devices if (cursor := self._desk.cursor(name))},
        }

    def _send(self, frame: Frame) -> None:
        if self._current:
            self._current.send(frame)

    # What the relay says

    async def _on_event(self, connection: Connection, event: Event) -> None:
        match event:
            case Welcomed(time, standby, confirm):
                await self._on_welcome(time, standby=standby, confirm=confirm)
            case Delivered() if event.link:
                self._spawn(self._fetch(connection, event))
            case Delivered(job, payload):
                await self._deliver(connection, job, payload)
            case Granted(job):
                self._desk.grant(job)
                self._wake_all()
            case Withdrawn(job, printer):
                await self._withdraw(connection, job, printer or "")
            case Noted(jobs):
                await self._disk(self._journal.note, jobs)
            case RoleGiven(standby):
                await self._on_role(standby=standby)
            case Asked():
                self._tell_all_health()
            case TimeTold(time) if not self._clock.agrees(time):
                connection.give_up("the relay's time is another one")

    async def _on_role(self, *, standby: bool) -> None:
        if standby == self._desk.standby:  # it comes with every beat
            return
        self._set_role(standby=standby)
        self._tell_all_health()  # of a standby the relay does not hear it
        await self._disk(self._journal.set_fact, "role", "standby" if standby else "printing")

    async def _on_welcome(self, time: float, *, standby: bool, confirm: bool) -> None:
        self._clock.told(time)
        self._desk.forget_grants()
        self._tenure.confirm = self._desk.confirm = confirm
        self._tenure.connected, self._tenure.refused, self._tenure.moved = True, False, False
        self._set_role(standby=standby)
        role = "standby" if standby else "printing"
        facts = {"role": role, "confirm": "yes" if confirm else "no", "machine": " ".join(self._machine)}
        facts |= {"time": repr(self._clock.now()), "offset": repr(self._clock.offset)}  # for the next start
        for name, value in facts.items():
            if await self._disk(self._journal.fact, name) != value:
                await self._disk(self._journal.set_fact, name, value)

    async def _deliver(self, connection: Connection, job: Job, payload: bytes) -> None:
        begun = self._begins_at_once(job)
        try:
            known = await self._keep(job, payload, begun=begun)
        except JournalFull as error:
            log.warning("job %s: not kept, the journal is full: %s", job.id, error)
            connection.send({"type": "refuse", "job": job.id, "code": "journal_full"})
            return
        self._desk.see(job)
        if known is None and job.printer not in self._devices:
            await self._end(job, Outcome(State.FAILED, code="unknown_printer", detail=f"no printer {job.printer}"))
        elif known is None:
            if begun:
                self._at_once[job.printer] = (job, payload)
            else:
                self._desk.add(job, self._steady())
            self._wake(job.printer)
        connection.send({"type": "ack", "job": job.id})
        if known and known.final:
            self._send_some(await self._disk(self._journal.result, job.id))
        elif known is State.PRINTING:
            self._send_some(self._begun.get(job.id))

    def _begins_at_once(self, job: Job) -> bool:
        device = self._devices.get(job.printer)
        if device is None or self._stopping.is_set() or self._clock.jumped:
            return False
        return self._desk.begin_at_once(job, self._clock.now(), ready=device.ready)

    async def _keep(self, job: Job, payload: bytes, *, begun: bool) -> State | None:
        cursor, now = self._desk.cursor(job.printer), self._clock.now()
        known: State | None = State.RECEIVED
        try:
            known = await self._disk(partial(self._journal.keep, job, payload, cursor, now, begun=begun))
        finally:
            if begun and known:
                self._desk.done(job)
        return known

    async def _fetch(self, connection: Connection, delivered: Delivered) -> None:
        job = delivered.job
        try:
            payload = await asyncio.to_thread(fetch, delivered.link or "", delivered.size, self._context)
        except (OSError, ValueError) as error:
            log.warning("job %s: its link failed: %s", job.id, error)
            connection.send({"type": "refuse", "job": job.id, "code": "link_failed", "detail": str(error)[:200]})
            return
        if is_payload(payload, delivered.size, delivered.sha256):
            await self._deliver(connection, job, payload)
        else:
            connection.send({"type": "refuse", "job": job.id, "code": "digest_wrong"})

    async def _withdraw(self, connection: Connection, job_id: str, printer: str) -> None:
        state = await self._disk(self._journal.withdraw, job_id, printer, self._clock.now())
        self._desk.cancel(job_id)
        self._wake_all()
        if state.final:
            self._send_some(await self._disk(self._journal.result, job_id))
        else:
            connection.send(self._begun.get(job_id) or _progress(job_id, self._clock.now()))

    def _send_some(self, frame: Frame | None) -> None:
        if frame:
            self._send(frame)

    # Printing

    async def _serve(self, printer: str) -> None:
        """One printer's jobs, one after the other."""
        device, wake, now = self._devices[printer], self._wakes[printer], self._steady
        while not self._stopping.is_set():
            wake.clear()
            if at_once := self._at_once.pop(printer, None):
                await self._print(device, *at_once, begun=True)
                continue
            if self._clock.jumped:  # what is late, and what is not, only the relay knows
                await _woken(wake, TICK_SECONDS)
                continue
            relay_now, sure = self._clock.now(), self._clock.is_told
            match self._desk.step(printer, now(), relay_now, ready=device.ready, sure=sure):
                case Expire(expired):
                    await self._end(expired, Outcome(State.EXPIRED, code=device.health.trouble or "late"))
                case Ask(asked):
                    self._send({"type": "begin", "job": asked.id})
                case Begin(job):
                    await self._print(device, job, await self._disk(self._journal.payload, job.id), begun=False)
                case Idle(until):
                    # At least now and then: the relay's clock may be put right while we wait.
                    await _woken(wake, 60.0 if until is None else min(60.0, max(0.01, until - now())))

    async def _print(self, device: Device, job: Job, payload: bytes, *, begun: bool) -> None:
        async def begin() -> None:
            at = self._clock.now()
            if self._desk.paused or self._clock.jumped or at >= job.deadline:
                raise NotNow
            if not begun:
                await self._disk(self._journal.begin, job.id, at)
            self._begun[job.id] = _progress(job.id, at)
            self._send(self._begun[job.id])

        def held(trouble: str | None) -> None:
            log.warning("job %s: %s", job.id, f"stands still, {trouble}" if trouble else "goes on")
            self._begun[job.id] = _progress(job.id, self._clock.now(), trouble)
            self._send(self._begun[job.id])

        try:
            outcome = await device.print(job, payload, begin, held)
        except IllegalMove:  # withdrawn in the last moment
            self._desk.done(job)
            return
        except NotNow:
            outcome = None
        if outcome is None:
            if begun:
                await self._disk(self._journal.put_back, job.id)
            self._desk.put_back(job, 0.0)
            await asyncio.sleep(HEALTH_SECONDS)
            return
        await self._end(job, outcome)

    async def _end(self, job: Job, outcome: Outcome) -> None:
        result: Frame | None = None
        with contextlib.suppress(IllegalMove):
            result = await self._disk(self._journal.end, job.id, outcome, self._clock.now())
        self._begun.pop(job.id, None)
        self._desk.done(job)
        proof = f" ({outcome.evidence})" if outcome.evidence else ""
        log.info("job %s on %s: %s%s %s", job.id, job.printer, outcome.state, proof, outcome.code or "")
        self._send_some(result)

    def _wake(self, printer: str) -> None:
        if wake := self._wakes.get(printer):
            wake.set()

    def _wake_all(self) -> None:
        for printer in self._wakes:
            self._wake(printer)

    def _set_role(self, *, standby: bool) -> None:
        """A standby keeps away from the printers: most have one connection to give."""
        self._desk.standby = self._tenure.standby = standby
        self._hold_or_let_go()
        self._status_changed.set()
        self._wake_all()

    def _hold_or_let_go(self) -> None:
        """What is begun goes on to its end, then the connection is closed."""
        holds = self._tenure.holds(self._steady())
        self._desk.paused = not holds
        for device in self._devices.values():
            device.contested = self._tenure.confirm
        if holds and not self._watching:
            self._watching = [asyncio.create_task(device.watch()) for device in self._devices.values()]
        elif self._watching and not holds:
            log.info("the printers are let go: %s", self._why_not())
            self._desk.forget_grants()
            for device, task in zip(self._devices.values(), self._watching, strict=True):
                device.release()
                task.cancel()
            self._letting_go += self._watching
            self._watching = []

    def _why_not(self) -> str:
        if self._tenure.refused or self._tenure.moved:
            return "the relay does not want this agent, or not on this machine"
        return "another agent prints" if self._tenure.standby else "no relay, and the store has another agent"

    async def _end_tenure(self) -> None:
        """What it still has is printed by another agent, or looked after by a person."""
        self._tenure.refused = True
        self._hold_or_let_go()
        await self._disk(self._journal.set_fact, "role", "standby")

    async def _mind_the_clock(self) -> None:
        """Timers stand still while the machine sleeps; what is due after it is due at once."""
        while True:
            before = self._steady()
            await asyncio.sleep(TICK_SECONDS)
            slept = self._steady() - before > TICK_SECONDS + SLEPT_SECONDS
            if slept or self._clock.jumped:
                if self._current:
                    self._current.give_up("the machine slept, or its clock was set")
                self._wake_all()
            self._letting_go = [task for task in self._letting_go if not task.done()]
            self._hold_or_let_go()

    async def _meet_printers(self) -> None:
        """A standby learns which printer is where before a swap; after one it would learn it wrong."""
        for _ in range(MEETINGS_AT_MOST):
            await asyncio.sleep(MEET_SECONDS)
            for device in self._devices.values():
                stands_by = self._tenure.standby and self._tenure.connected and not self._tenure.refused
                if stands_by and device.unknown:
                    await device.meet()
        await self._stopping.wait()

    # Printers' health, results again, status

    def _on_health(self) -> None:
        self._health_changed.set()
        self._status_changed.set()
        self._wake_all()

    def _health_frame(self, printer: str) -> Frame:
        device = self._devices[printer]
        return without_nulls(**device.health.frame(printer), proof=device.proof)

    def _tell_all_health(self) -> None:
        self._told_health = {}
        self._health_changed.set()

    async def _tell_health(self) -> None:
        while True:
            await self._health_changed.wait()
            self._health_changed.clear()
            for printer, device in self._devices.items():
                frame = self._health_frame(printer)
                untried = device.health.trouble == NOT_TRIED  # known in a moment, or left to another agent
                if self._current and self._told_health.get(printer) != frame and not untried:
                    self._told_health[printer] = frame
                    waiting, at = self._desk.waiting(printer), round(self._clock.now(), 3)
                    self._send({"type": "printer", **frame, "waiting": waiting, "at": at})
                    log.info("printer %s: %s %s", printer, device.health.state, device.health.trouble or "")
            await asyncio.sleep(HEALTH_SECONDS)

    async def _retell(self) -> None:
        while True:
            await asyncio.sleep(RETELL_SECONDS)
            if self._current:
                await self._tell_results(self._current, RETELL_SECONDS)

    async def _tell_results(self, connection: Connection, but_of: float = 0.0) -> None:
        """All that the relay has not noted, but of the last seconds: which is on its way. Also of times to come."""
        page = await self._disk(self._journal.untold, PAGE)
        while page and not connection.ended.is_set():
            for result in page:
                if not 0 <= self._clock.now() - result["at"] < but_of:
                    connection.send(result)
            last = page[-1]
            if len(page) == PAGE:
                await asyncio.sleep(PAGE_SECONDS)
            page = await self._disk(self._journal.untold, PAGE, (last["at"], last["job"]))

    async def _keep_house(self) -> None:
        while True:
            await asyncio.sleep(HOUSE_SECONDS)
            if self._current:  # only then is it sure what time it is
                await self._disk(self._tidy, self._clock.now(), self._clock.offset)

    def _tidy(self, now: float, offset: float) -> None:
        self._journal.set_fact("time", repr(now))
        self._journal.set_fact("offset", repr(offset))
        self._journal.prune(now)

    async def _write_status(self) -> None:
        while True:
            self._status_changed.clear()
            try:
                await asyncio.to_thread(write_private, self._config.data / "status.json", self._status())
            except OSError as error:  # somebody reads it just now (Windows), or the disk is full
                log.warning("status.json is as it was: %s", error)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STATUS_SECONDS):
                    await self._status_changed.wait()
            await asyncio.sleep(HEALTH_SECONDS)

    def _status(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "agent": self._identity.agent,
            "store": self._identity.store,
            "at": self._clock.now() - self._clock.offset,
            "relay": self._current.url if self._current else None,
            "trouble": None if self._current else self._trouble,
            "clock_offset": round(self._clock.offset, 1),
            "role": "standby" if self._desk.standby else "printing",
            "left": self._why_not() if self._desk.paused and not self._desk.standby else None,
            "printers": {
                name: {
                    "address": device.printer.address,
                    "state": device.health.state,
                    "trouble": device.health.trouble,
                    "paper": device.health.paper,
                    "proof": device.proof,
                    "waiting": self._desk.waiting(name),
                }
                for name, device in self._devices.items()
            },
        }

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


async def _woken(wake: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await wake.wait()


def fetch(url: str, size: int, context: ssl.SSLContext | None) -> bytes:
    """A payload by its signed link; of what is longer, one byte too many. Raises OSError, ValueError."""
    if not is_private(url):
        raise ValueError("a link must be https")
    with urllib.request.urlopen(url, timeout=FETCH_SECONDS, context=context) as response:  # noqa: S310 - is_private
        return bytes(response.read(size + 1))


def _progress(job_id: str, at: float, held: str | None = None) -> Frame:
    return without_nulls(type="progress", job=job_id, state="printing", at=round(at, 3), held=held)


def _tls(config: Config) -> ssl.SSLContext:
    """The system's certificates, and the chain's own if it has some."""
    context = ssl.create_default_context()
    if config.ca_file:
        context.load_verify_locations(config.ca_file)
    return context
