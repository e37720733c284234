"""Due jobs of one store: each gets its next step, and a person is alerted where one has waited too long."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from functions.printing.jobs.changes import announce, message_fields
from functions.printing.jobs.failover import backup_of, queue_at_backup
from functions.printing.jobs.next_step import Conditions, JobTimes, Step, needs_person, next_check, next_step
from functions.printing.jobs.outbound import cancel_frame
from functions.printing.jobs.shift import Shift
from functions.printing.states import JobState
from functions.printing.tables.agents import Agent, read_agent
from functions.printing.tables.jobs import Job, lock_job
from functions.printing.tables.printers import Printer, read_printers
from functions.printing.tables.setups import read_setup
from shared.contracts.messages.printing import PrintingNeedsPerson
from shared.spine.env import Environment


def handle_due_jobs(env: Environment, store_id: str, job_ids: Sequence[str], now: datetime) -> None:
    """The due jobs of one store, in one transaction. Raises `Locked` where another transaction works on the store."""
    with env.outbox.work("printing") as work:
        setup = read_setup(work, store_id)
        assert setup is not None  # its jobs were made by it
        shift = Shift(env, work, setup, now)
        due_jobs = DueJobs(shift)
        for job_id in job_ids:
            due_jobs.check(job_id)
        shift.send_queued(due_jobs.printers_to_serve)


class DueJobs:
    """The due jobs of a shift."""

    def __init__(self, shift: Shift) -> None:
        self._shift = shift
        self._agent = shift.agent
        self._printers: dict[str, Printer] = read_printers(shift.work, shift.store_id)
        self.printers_to_serve: set[str] = set()

    def check(self, job_id: str) -> None:
        """Take the next step for a job, alert a person if it is time, and store when to check again."""
        shift = self._shift
        job = lock_job(shift.work, shift.store_id, job_id)
        if job is None or job.due_at is None or job.due_at > shift.now:
            return
        conditions = self._conditions(job)
        job = self._take(next_step(self._times(job), conditions, shift.now), job)
        if job.state.final:
            return
        if needs_person(self._times(job), conditions, shift.now):
            job = self._alert(job)
        shift.change(job, due_at=next_check(self._times(job), conditions, shift.now))

    def _take(self, step: Step, job: Job) -> Job:
        match step:
            case Step.EXPIRE:
                return self._shift.end(job, JobState.EXPIRED, code=self._trouble(job) or "late")
            case Step.MOVE:
                return self._move(job)
            case Step.WITHDRAW:
                return self._withdraw(job)
            case Step.SEND if job.state == JobState.QUEUED:
                self.printers_to_serve.add(job.printer)
            case Step.SEND if self._agent:
                return self._send(self._agent, job)
        return job

    def _send(self, agent: Agent, job: Job) -> Job:
        """Send the job again; or to the agent that prints now, if the agent before needs `go` to begin."""
        holder = self._holder(job)
        if holder and holder.id != agent.id:
            if not holder.confirms:
                return job
            self._shift.push(holder, cancel_frame(job, "moved"))
        return self._shift.send(agent, self._printers[job.printer], job)

    def _move(self, job: Job) -> Job:
        ended = self._shift.end(job, JobState.CANCELLED, code="moved")
        self.printers_to_serve |= queue_at_backup(self._shift, ended)
        return ended

    def _withdraw(self, job: Job) -> Job:
        reason = job.withdrawn or ("late" if self._shift.now >= job.deadline else "moved")
        if holder := self._holder(job):
            self._shift.push(holder, cancel_frame(job, reason))
        return self._shift.change(job, withdrawn=reason)

    def _alert(self, job: Job) -> Job:
        code = job.held or self._trouble(job)
        job = announce(self._shift.work, job, PrintingNeedsPerson(**message_fields(job), reason="waiting", code=code))
        return self._shift.change(job, attention="waiting", attention_at=self._shift.now)

    def _conditions(self, job: Job) -> Conditions:
        printer, patience = self._printers.get(job.printer), self._shift.setup.routing.patience
        agent = self._holder(job) if job.withdrawn else self._agent
        return Conditions(
            online=agent is not None and agent.online(self._shift.now),
            blocked_since=printer.changed_at if printer and not printer.can_print else None,
            backup=backup_of(self._shift.setup, self._printers, job) is not None,
            person_after=timedelta(seconds=patience.person),
            backup_after=timedelta(seconds=patience.backup),
        )

    def _times(self, job: Job) -> JobTimes:
        holder = self._holder(job)
        return JobTimes(
            state=job.state,
            queued_at=job.queued_at,
            deadline=job.deadline,
            sent_at=job.sent_at,
            begun_at=job.begun_at,
            alerted=job.attention is not None,
            withdrawn=job.withdrawn is not None,
            confirms=holder is not None and holder.confirms,
        )

    def _holder(self, job: Job) -> Agent | None:
        """The agent that has the job: mostly the one that prints."""
        if self._agent is None or job.agent_id == self._agent.id:
            return self._agent
        return read_agent(self._shift.work, job.agent_id) if job.agent_id else None

    def _trouble(self, job: Job) -> str | None:
        """Why the job cannot print. None where the reason is unknown."""
        if self._agent is None or not self._agent.online(self._shift.now):
            return "agent_offline"
        printer = self._printers.get(job.printer)
        if printer is None or printer.can_print:
            return None
        if printer.paper == "out":
            return "paper_out"
        return "cover_open" if printer.cover == "open" else printer.trouble or printer.state
