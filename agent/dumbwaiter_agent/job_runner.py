"""The jobs of one agent: from the relay into the journal, onto a printer, and back as a result."""

import asyncio
import contextlib
import logging
import ssl
import urllib.request
from functools import partial

from dumbwaiter_agent.agent_state import AgentState
from dumbwaiter_agent.connection import Connection
from dumbwaiter_agent.credentials import is_private
from dumbwaiter_agent.desk import Ask, Begin, Expire, Idle
from dumbwaiter_agent.jobs import Job, Outcome, State
from dumbwaiter_agent.journal import IllegalMove, JournalFull
from dumbwaiter_agent.link import Delivered, is_payload
from dumbwaiter_agent.printer_connection import Device
from dumbwaiter_agent.printers import wait_for
from print_link.frames import Frame, without_nulls

FETCH_SECONDS = 30.0
TICK_SECONDS = 1.0
LONGEST_IDLE_SECONDS = 60.0
RETRY_SECONDS = 0.25

log = logging.getLogger("dumbwaiter_agent")


class NotNow(Exception):
    """The job may not begin any more, or not yet; the printer got nothing of it."""


class JobRunner:
    """Keeps every job in the journal before its `ack`, and prints each printer's jobs one after the other."""

    def __init__(self, state: AgentState) -> None:
        self._state = state
        # By printer, a job that was begun on arrival, with its bytes.
        self._at_once: dict[str, tuple[Job, bytes]] = {}

    # From the relay

    async def deliver(self, connection: Connection, job: Job, payload: bytes) -> None:
        """Keep a job that has arrived, and answer for it. A job that arrives again gets the answer of its state."""
        state = self._state
        begun = self._begins_at_once(job)
        try:
            earlier = await self._keep(job, payload, begun=begun)
        except JournalFull as error:
            log.warning("job %s: not kept, the journal is full: %s", job.id, error)
            connection.send({"type": "refuse", "job": job.id, "code": "journal_full"})
            return
        state.desk.see(job)
        if earlier is None:
            await self._line_up(job, payload, begun=begun)
        connection.send({"type": "ack", "job": job.id})
        if earlier and earlier.final:
            state.send(await state.disk.call(state.disk.journal.result, job.id))
        elif earlier is State.PRINTING:
            state.send(state.begun.get(job.id))

    async def _line_up(self, job: Job, payload: bytes, *, begun: bool) -> None:
        state = self._state
        if job.printer not in state.printers.devices:
            await self._end(job, Outcome(State.FAILED, code="unknown_printer", detail=f"no printer {job.printer}"))
            return
        if begun:
            self._at_once[job.printer] = (job, payload)
        else:
            state.desk.add(job, state.clocks.steady())
        state.printers.wake(job.printer)

    def _begins_at_once(self, job: Job) -> bool:
        state, device = self._state, self._state.printers.devices.get(job.printer)
        if device is None or state.stopping.is_set() or state.clock.jumped:
            return False
        return state.desk.begin_at_once(job, state.clock.now(), ready=device.ready)

    async def _keep(self, job: Job, payload: bytes, *, begun: bool) -> State | None:
        """The state in which the journal had the job before; None for a new job."""
        state = self._state
        cursor, now = state.desk.cursor(job.printer), state.clock.now()
        earlier: State | None = State.RECEIVED
        try:
            keep = partial(state.disk.journal.keep, job, payload, cursor, now, begun=begun)
            earlier = await state.disk.call(keep)
        finally:
            if begun and earlier:
                state.desk.done(job)
        return earlier

    async def fetch(self, connection: Connection, delivered: Delivered) -> None:
        """Load the payload of a job by its link, and deliver the job."""
        job = delivered.job
        try:
            payload = await asyncio.to_thread(download, delivered.link or "", delivered.size, self._state.tls)
        except (OSError, ValueError) as error:
            log.warning("job %s: its link failed: %s", job.id, error)
            connection.send({"type": "refuse", "job": job.id, "code": "link_failed", "detail": str(error)[:200]})
            return
        if is_payload(payload, delivered.size, delivered.sha256):
            await self.deliver(connection, job, payload)
        else:
            connection.send({"type": "refuse", "job": job.id, "code": "digest_wrong"})

    async def withdraw(self, connection: Connection, job_id: str, printer: str) -> None:
        """End a job that has not begun; of another, send its progress or its result."""
        state = self._state
        journal = state.disk.journal
        job_state = await state.disk.call(journal.withdraw, job_id, printer, state.clock.now())
        state.desk.cancel(job_id)
        state.printers.wake_all()
        if job_state.final:
            state.send(await state.disk.call(journal.result, job_id))
        else:
            connection.send(state.begun.get(job_id) or _progress(job_id, state.clock.now()))

    # Onto the printer

    async def serve(self, printer: str) -> None:
        """Print one printer's jobs until the agent stops."""
        state, device = self._state, self._state.printers.devices[printer]
        while not state.stopping.is_set():
            news = state.printers.await_news(printer)
            if at_once := self._at_once.pop(printer, None):
                await self._print(device, *at_once, begun=True)
            elif state.clock.jumped:  # only the relay knows the time now
                await wait_for(news, TICK_SECONDS)
            else:
                await self._step(device, printer, news)

    async def _step(self, device: Device, printer: str, news: asyncio.Event) -> None:
        state, now = self._state, self._state.clocks.steady
        relay_now, sure = state.clock.now(), state.clock.is_told
        match state.desk.step(printer, now(), relay_now, ready=device.ready, sure=sure):
            case Expire(expired):
                await self._end(expired, Outcome(State.EXPIRED, code=device.health.trouble or "late"))
            case Ask(job):
                state.send({"type": "begin", "job": job.id})
            case Begin(job):
                payload = await state.disk.call(state.disk.journal.payload, job.id)
                await self._print(device, job, payload, begun=False)
            case Idle(until):
                # The relay's clock may be put right meanwhile.
                seconds = LONGEST_IDLE_SECONDS if until is None else max(0.01, until - now())
                await wait_for(news, min(LONGEST_IDLE_SECONDS, seconds))

    async def _print(self, device: Device, job: Job, payload: bytes, *, begun: bool) -> None:
        state = self._state

        def on_hold(trouble: str | None) -> None:
            log.warning("job %s: %s", job.id, f"stands still, {trouble}" if trouble else "goes on")
            self._report_progress(job, state.clock.now(), trouble)

        try:
            outcome = await device.print(job, payload, partial(self._begin, job, begun=begun), on_hold)
        except IllegalMove:  # withdrawn in the last moment
            state.desk.done(job)
            return
        except NotNow:
            outcome = None
        if outcome is None:
            await self._put_back(job, begun=begun)
        else:
            await self._end(job, outcome)

    async def _begin(self, job: Job, *, begun: bool) -> None:
        """Write the beginning down before the first byte is sent. Raises NotNow, IllegalMove."""
        state, at = self._state, self._state.clock.now()
        if state.desk.paused or state.clock.jumped or at >= job.deadline:
            raise NotNow
        if not begun:
            await state.disk.call(state.disk.journal.begin, job.id, at)
        self._report_progress(job, at)

    def _report_progress(self, job: Job, at: float, trouble: str | None = None) -> None:
        frame = self._state.begun[job.id] = _progress(job.id, at, trouble)
        self._state.send(frame)

    async def _put_back(self, job: Job, *, begun: bool) -> None:
        state = self._state
        if begun:
            await state.disk.call(state.disk.journal.put_back, job.id)
        state.desk.put_back(job, 0.0)
        await asyncio.sleep(RETRY_SECONDS)

    async def _end(self, job: Job, outcome: Outcome) -> None:
        state = self._state
        result: Frame | None = None
        with contextlib.suppress(IllegalMove):
            result = await state.disk.call(state.disk.journal.end, job.id, outcome, state.clock.now())
        state.begun.pop(job.id, None)
        state.desk.done(job)
        proof = f" ({outcome.evidence})" if outcome.evidence else ""
        log.info("job %s on %s: %s%s %s", job.id, job.printer, outcome.state, proof, outcome.code or "")
        state.send(result)

    async def close(self) -> None:
        """Jobs that were begun on arrival and did not reach a printer wait for the next start."""
        for job, _ in self._at_once.values():
            await self._state.disk.call(self._state.disk.journal.put_back, job.id)


def download(url: str, size: int, context: ssl.SSLContext | None) -> bytes:
    """A payload by its signed link, at most `size + 1` bytes of it. Raises OSError, ValueError."""
    if not is_private(url):
        raise ValueError("a link must be https")
    with urllib.request.urlopen(url, timeout=FETCH_SECONDS, context=context) as response:  # noqa: S310 - is_private
        return bytes(response.read(size + 1))


def _progress(job_id: str, at: float, held: str | None = None) -> Frame:
    return without_nulls(type="progress", job=job_id, state="printing", at=round(at, 3), held=held)
