"""The agent: relay ↔ journal ↔ printers, until it is stopped."""

import asyncio
import logging
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from dumbwaiter_agent import VERSION, machine
from dumbwaiter_agent.agent_state import AgentState
from dumbwaiter_agent.clock import Clocks, RelayClock
from dumbwaiter_agent.config import Config
from dumbwaiter_agent.connection import Connection
from dumbwaiter_agent.credentials import Identity
from dumbwaiter_agent.desk import Desk
from dumbwaiter_agent.job_runner import JobRunner
from dumbwaiter_agent.journal import journal_of
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
)
from dumbwaiter_agent.places import PRINTERS_FILE, Places
from dumbwaiter_agent.printers import Printers
from dumbwaiter_agent.reports import Reports
from dumbwaiter_agent.uplink import Uplink

STOP_SECONDS = 10.0
TICK_SECONDS = 1.0
# A tick that took so long was a sleep of the machine, not a busy moment.
SLEPT_SECONDS = 20.0

log = logging.getLogger("dumbwaiter_agent")


class Agent:
    """One store's agent. `run` works until `stop` is called."""

    def __init__(self, config: Config, identity: Identity, clocks: Clocks | None = None) -> None:
        clocks = clocks or Clocks()
        printers = Printers(config.printers, self._on_health, Places(config.data / PRINTERS_FILE))
        clock = RelayClock(clocks=clocks)
        self._state = AgentState(config, identity, clocks, clock, printers, _tls(config), machine.parts())
        self._reports = Reports(self._state)
        self._uplink = Uplink(self._state, self._reports, self._on_event)
        self._jobs = JobRunner(self._state)

    def stop(self) -> None:
        """Finish the jobs in print, then end."""
        self._state.stopping.set()

    async def run(self) -> None:
        """Until stopped. Raises sqlite3.OperationalError if another agent has the journal."""
        state, devices = self._state, self._state.printers.devices
        # Serial and USB printers wait for bytes in a thread each.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(2 * len(devices) + 8))
        await state.disk.call(self._open)
        log.info("agent %s of store %s, version %s", state.identity.agent, state.identity.store, VERSION)
        state.set_standby(standby=state.desk.standby)
        tasks = [asyncio.create_task(self._forever(work)) for work in self._works()]
        serving = [asyncio.create_task(self._forever(self._jobs.serve, printer)) for printer in devices]
        ending = asyncio.create_task(state.stopping.wait())
        try:
            # None of the others ends but by a bug; then the service manager starts the program again.
            await asyncio.wait({ending, *serving, *tasks}, return_when=asyncio.FIRST_COMPLETED)
            self.stop()
            state.printers.wake_all()
            if serving:
                await asyncio.wait(serving, timeout=STOP_SECONDS)
        finally:
            await self._finish([ending, *serving, *tasks])

    def _works(self) -> tuple[Callable[[], Any], ...]:
        return (
            self._uplink.stay_connected,
            self._watch_clock,
            self._meet_printers,
            self._reports.report_health,
            self._reports.resend_results,
            self._reports.prune_journal,
            self._reports.write_status,
        )

    async def _forever(self, work: Callable[..., Any], *arguments: Any) -> None:
        try:
            await work(*arguments)
        except Exception:
            log.exception("a bug")
            raise

    async def _finish(self, tasks: list["asyncio.Task[Any]"]) -> None:
        state = self._state
        ended = [task for task in tasks if task.done() and not task.cancelled()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await state.printers.close()
        if state.connection:
            await state.connection.close("stopping")
        await asyncio.gather(*state.background, return_exceptions=True)
        await self._jobs.close()
        await state.disk.close()
        for task in ended:
            task.result()

    def _open(self) -> None:
        state = self._state
        state.config.data.mkdir(parents=True, exist_ok=True)
        journal = state.disk.journal = journal_of(state.config.data / "journal.db", state.identity.agent)
        offset, relay_time = (float(journal.fact(name) or 0) for name in ("offset", "time"))
        state.clock = RelayClock(offset, relay_time, clocks=state.clocks)
        for interrupted in journal.recover(state.clock.now()):
            log.warning("job %s: unknown, the agent stopped while it was printing", interrupted)
        # Until the relay has accepted this machine as the agent's.
        state.tenure.machine_changed = machine.is_other((journal.fact("machine") or "").split(), state.machine)
        state.desk = Desk(journal.cursors())
        state.epoch = int(journal.fact("epoch") or 0)
        # An agent that never was given a role has no jobs either.
        state.desk.standby = journal.fact("role") != "printing"
        state.tenure.confirm = state.desk.confirm = journal.fact("confirm") == "yes"
        for job in journal.waiting():
            state.desk.add(job, 0.0)

    # Events of the relay

    async def _on_event(self, connection: Connection, event: Event) -> None:
        state = self._state
        match event:
            case Welcomed():
                await self._on_welcome(event)
            case Delivered() if event.link:
                state.spawn(self._jobs.fetch(connection, event))
            case Delivered(job, payload):
                await self._jobs.deliver(connection, job, payload)
            case Granted(job):
                state.desk.grant(job)
                state.printers.wake_all()
            case Withdrawn(job, printer):
                await self._jobs.withdraw(connection, job, printer or "")
            case Noted(jobs):
                await state.disk.call(state.disk.journal.note, jobs)
            case RoleGiven(standby):
                await self._on_role(standby=standby)
            case Asked():
                self._reports.resend_health()
            case TimeTold(time) if not state.clock.agrees(time):
                connection.give_up("the relay's time is another one")

    async def _on_role(self, *, standby: bool) -> None:
        state = self._state
        if standby == state.desk.standby:  # it comes with every beat
            return
        state.set_standby(standby=standby)
        self._reports.resend_health()  # the relay ignores that of a standby
        await state.disk.call(state.disk.journal.set_fact, "role", "standby" if standby else "printing")

    async def _on_welcome(self, welcome: Welcomed) -> None:
        state, journal = self._state, self._state.disk.journal
        state.clock.told(welcome.time)
        state.desk.forget_grants()
        state.epoch = welcome.epoch
        state.tenure.confirm = state.desk.confirm = welcome.confirm
        state.tenure.connected, state.tenure.refused, state.tenure.machine_changed = True, False, False
        state.set_standby(standby=welcome.standby)
        role, confirm = "standby" if welcome.standby else "printing", "yes" if welcome.confirm else "no"
        facts = {"role": role, "confirm": confirm, "machine": " ".join(state.machine), "epoch": str(welcome.epoch)}
        facts |= {"time": repr(state.clock.now()), "offset": repr(state.clock.offset)}  # for the next start
        for name, value in facts.items():
            if await state.disk.call(journal.fact, name) != value:
                await state.disk.call(journal.set_fact, name, value)

    # Clock and printers

    async def _watch_clock(self) -> None:
        """Timers stand still while the machine sleeps. After it, every deadline is looked at again."""
        state = self._state
        while True:
            before = state.clocks.steady()
            await asyncio.sleep(TICK_SECONDS)
            slept = state.clocks.steady() - before > TICK_SECONDS + SLEPT_SECONDS
            if slept or state.clock.jumped:
                if state.connection:
                    state.connection.give_up("the machine slept, or its clock was set")
                state.printers.wake_all()
            state.keep_or_release()

    async def _meet_printers(self) -> None:
        await self._state.printers.meet(self._state.tenure)
        await self._state.stopping.wait()

    def _on_health(self) -> None:
        self._reports.health_changed.set()
        self._state.status_changed.set()
        self._state.printers.wake_all()


def _tls(config: Config) -> ssl.SSLContext:
    """The system's certificates, and the chain's own if it has some."""
    context = ssl.create_default_context()
    if config.ca_file:
        context.load_verify_locations(config.ca_file)
    return context
