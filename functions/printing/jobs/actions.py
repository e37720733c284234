"""What a person does about a job: print it again, withdraw it, say what became of it; and a test page."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from functions.printing.jobs.changes import Wanted, end, facts, tell
from functions.printing.jobs.dispatch import Mail, print_soon
from functions.printing.jobs.order_jobs import withdraw
from functions.printing.states import JobState
from functions.printing.tables.agents import read_agent
from functions.printing.tables.jobs import Job, read_job, read_reprints
from functions.printing.tables.setups import Setup
from functions.printing.ticket.records import Ticket, TicketKind
from shared.contracts.messages.printing import PrintJobResolved
from shared.spine.env import Environment
from shared.spine.errors import Conflict, NotFound
from shared.spine.outbox import Work

Resolution = Literal["on_paper", "again", "dismissed"]
BY_HAND = "by_hand"


def locked(work: Work, setup: Setup, job_id: str) -> Job:
    """A store's job. Raises `NotFound`."""
    found = read_job(work, setup.store_id, job_id, lock=True)
    if found is None:
        raise NotFound("unknown_job", f"there is no job {job_id}")
    return found


def reprint(env: Environment, work: Work, setup: Setup, job: Job, printer: str | None) -> Job:
    """One more copy that says REPRINT and its number; at its own printer, or at another."""
    now = env.clock()
    number = read_reprints(work, job.store_id, job.original_id) + 1
    ticket = job.ticket.model_copy(update={"reprint": number})
    deadline = now + setup.routing.patience_for(ticket.kind)
    wanted = Wanted(ticket, printer or job.printer, deadline, job.station, job.order_id, job.original_id)
    [made] = print_soon(env, work, setup, [wanted], now)
    return made


def cancel(env: Environment, work: Work, setup: Setup, job: Job) -> Job:
    """Withdraw a job that is not begun: at once, or when its agent says so. Raises `Conflict` once it has ended."""
    if job.state.final:
        raise Conflict("illegal_move", f"the job is {job.state}", members={"state": job.state})
    mail = Mail(env)
    agent = read_agent(work, setup.printing_agent) if setup.printing_agent else None
    job = withdraw(work, mail, agent, job, BY_HAND, env.clock())
    work.then(mail.deliver)
    return job


def resolve(
    env: Environment,
    work: Work,
    setup: Setup,
    job: Job,
    resolution: Resolution,
    by: str,
    *,
    printer: str | None = None,
) -> Job:
    """A person has looked. What nobody heard of again becomes unknown first: it may be on paper.

    `again` makes a reprint, at its own printer or another. Raises `Conflict` for a job that waits for nobody, or was
    resolved otherwise.
    """
    if job.resolution == resolution:
        return job
    if job.attention is None or job.resolution:
        raise Conflict("nothing_to_resolve", "no person is wanted for this job", members={"state": job.state})
    now = env.clock()
    if not job.state.final:
        job = _abandon(env, work, setup, job, now)
    job = Job(**vars(job) | {"attention": None, "resolution": resolution, "resolved_by": by, "resolved_at": now})
    job = tell(work, job, PrintJobResolved(**facts(job), resolution=resolution, by=by))
    if resolution == "again":
        reprint(env, work, setup, job, printer)
    return job


def _abandon(env: Environment, work: Work, setup: Setup, job: Job, now: datetime) -> Job:
    """Not begun anywhere: cancelled. At an agent: asked back, and unknown whatever it answers."""
    if job.state == JobState.QUEUED:
        return end(work, job, JobState.CANCELLED, now, code=BY_HAND)
    return end(work, cancel(env, work, setup, job), JobState.UNKNOWN, now, code=BY_HAND)


def test_page(env: Environment, work: Work, setup: Setup, printer: str, about: Sequence[str]) -> Job:
    """A page that says what its printer is."""
    now = env.clock()
    ticket = Ticket(kind=TicketKind.TEST, store=setup.name, station=printer, about=list(about))
    deadline = now + timedelta(seconds=setup.routing.patience.test)
    [made] = print_soon(env, work, setup, [Wanted(ticket, printer, deadline)], now)
    return made
