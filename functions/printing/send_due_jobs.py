"""timer → orders for later print; unacknowledged jobs go again, stale ones to a person, or to the backup printer."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from functions.printing.jobs import erasing, plans
from functions.printing.jobs.changes import change, end, facts, standing, tell
from functions.printing.jobs.dispatch import Mail, claim, send
from functions.printing.jobs.failover import backup_of, move_to_backup
from functions.printing.jobs.next_step import Around, Standing, Step, needs_person, next_look, step
from functions.printing.link import frames
from functions.printing.states import JobState
from functions.printing.tables.agents import Agent, read_agent
from functions.printing.tables.jobs import Job, read_due_jobs, read_job
from functions.printing.tables.printers import Printer, read_printers
from functions.printing.tables.setups import Setup, read_setup
from shared.contracts.messages.printing import PrintingNeedsPerson
from shared.kit.isolation import Isolation
from shared.spine import entry, log
from shared.spine.db import Locked
from shared.spine.env import Environment
from shared.spine.outbox import Work

BATCH = 200


def send_due(env: Environment, until: datetime) -> None:
    """Orders for later first; then store by store, each in a transaction. What a pass has seen is not due at once."""
    seen: set[tuple[str, str]] = set()
    locked: set[str] = set()
    with Isolation() as isolation:
        with isolation.isolate("erasing guests"):
            erasing.erase_guests(env, until)
        plans.print_due(env, until, isolation)
        while env.clock() < until:
            with env.db.transaction() as transaction:
                due = read_due_jobs(transaction, env.clock(), BATCH, locked.union(isolation.failed))
            by_store: dict[str, list[str]] = defaultdict(list)
            for store, job in due:
                if (store, job) not in seen:
                    by_store[store].append(job)
            seen |= set(due)
            for store, jobs in by_store.items():
                with isolation.isolate(store):
                    if not _settle(env, store, jobs):
                        locked.add(store)
            if len(due) < BATCH or not by_store:
                return


def _settle(env: Environment, store: str, jobs: Sequence[str]) -> bool:
    """False where the store is at work, and its jobs are left for the next time."""
    now = env.clock()
    try:
        with env.outbox.work("printing") as work:
            setup = read_setup(work, store)
            assert setup is not None  # its jobs were made by it
            agent = read_agent(work, setup.printing_agent) if setup.printing_agent else None
            round_ = Round(work, Mail(env), setup, agent, read_printers(work, store), now)
            for job in jobs:
                round_.look_at(job)
            claim(work, round_.mail, setup, agent, round_.claims, now)
            work.then(round_.mail.deliver)
    except Locked:
        log.logger().info("a store's jobs are left for the next time", extra={"at": store})
        return False
    return True


class Round:
    """One store's due jobs."""

    def __init__(
        self, work: Work, mail: Mail, setup: Setup, agent: Agent | None, printers: dict[str, Printer], now: datetime
    ) -> None:
        self.work, self.mail, self.setup, self.agent, self.now = work, mail, setup, agent, now
        self.printers = printers
        self.claims: set[str] = set()

    def look_at(self, job_id: str) -> None:
        """Do the next thing about a job, tell a person if it is time, and say when to look again."""
        job = read_job(self.work, self.setup.store_id, job_id, lock=True)
        if job is None or job.due_at is None or job.due_at > self.now:
            return
        around, found = self._around(job), self._standing(job)
        job = self._do(step(found, around, self.now), job)
        if job.state.final:
            return
        if needs_person(self._standing(job), around, self.now):
            said = PrintingNeedsPerson(**facts(job), reason="waiting", code=job.held or self._trouble(job))
            job = tell(self.work, job, said)
            job = change(self.work, job, attention="waiting", attention_at=self.now)
        change(self.work, job, due_at=next_look(self._standing(job), around, self.now))

    def _do(self, what: Step, job: Job) -> Job:
        match what:
            case Step.EXPIRE:
                return end(self.work, job, JobState.EXPIRED, self.now, code=self._trouble(job) or "late")
            case Step.MOVE:
                return self._move(job)
            case Step.WITHDRAW:
                return self._withdraw(job)
            case Step.SEND if job.state == JobState.QUEUED:
                self.claims.add(job.printer)
            case Step.SEND if self.agent:
                return self._send(self.agent, job)
        return job

    def _send(self, agent: Agent, job: Job) -> Job:
        """Again; or to the one that prints by now, if the one before has to ask before it begins."""
        holder = self._holder(job)
        if holder and holder.id != agent.id:
            if not holder.confirms:
                return job
            self.mail.add(holder, frames.cancel(job, "moved"))
        return send(self.work, self.mail, self.setup, agent, self.printers[job.printer], job, self.now)

    def _move(self, job: Job) -> Job:
        ended = end(self.work, job, JobState.CANCELLED, self.now, code="moved")
        self.claims |= move_to_backup(self.work, self.setup, ended, self.now)
        return ended

    def _withdraw(self, job: Job) -> Job:
        reason = job.withdrawn or ("late" if self.now >= job.deadline else "moved")
        if holder := self._holder(job):
            self.mail.add(holder, frames.cancel(job, reason))
        return change(self.work, job, withdrawn=reason)

    def _around(self, job: Job) -> Around:
        printer, patience = self.printers.get(job.printer), self.setup.routing.patience
        asked = self._holder(job) if job.withdrawn else self.agent
        return Around(
            online=asked is not None and asked.online(self.now),
            blocked_since=printer.changed_at if printer and not printer.can_print else None,
            backup=backup_of(self.setup, self.printers, job) is not None,
            person_after=timedelta(seconds=patience.person),
            backup_after=timedelta(seconds=patience.backup),
        )

    def _standing(self, job: Job) -> Standing:
        holder = self._holder(job)
        return standing(job, confirms=holder is not None and holder.confirms)

    def _holder(self, job: Job) -> Agent | None:
        """Who has it: mostly the agent that prints."""
        if self.agent is None or job.agent_id == self.agent.id:
            return self.agent
        return read_agent(self.work, job.agent_id) if job.agent_id else None

    def _trouble(self, job: Job) -> str | None:
        """Why it cannot print, as far as is known."""
        if self.agent is None or not self.agent.online(self.now):
            return "agent_offline"
        printer = self.printers.get(job.printer)
        if printer is None or printer.can_print:
            return None
        if printer.paper == "out":
            return "paper_out"
        return "cover_open" if printer.cover == "open" else printer.trouble or printer.state


handler = entry.timer(send_due)
