"""What callers send to and get from /v1/printing about jobs."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from functions.printing.models import Ticket
from functions.printing.places import names_of
from functions.printing.routing import Id
from functions.printing.states import JobState
from functions.printing.store import Job
from shared.contracts.ids import Ulid
from shared.contracts.models import Input, Output, Query
from shared.contracts.stores import StoreReference


class JobPath(Query):
    """A store's job."""

    store: StoreReference
    job: Ulid


class JobsQuery(Query):
    """Filters and the cursor of a page; the newest jobs come first."""

    state: JobState | None = None
    printer: Id | None = None
    order: Annotated[Ulid | None, Field(description="The jobs of one order.")] = None
    person: Annotated[bool, Field(description="Only those that wait for a person.")] = False
    cursor: Annotated[Ulid | None, Field(description="`next` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class ReprintIn(Input):
    """Where to print it; without a printer at its own."""

    printer: Id | None = None


class ResolveIn(Input):
    """What a person found: it is on paper, is to be printed again (at `printer`), or nobody needs it any more."""

    resolution: Literal["on_paper", "again", "dismissed"]
    printer: Id | None = None


class JobDocument(Output):
    """One ticket for one printer. docs/develop/print-link.md says what states, evidence and codes mean.

    `attention` says why a person has to look at it, and is null once one has. `original` is the first job of the
    ticket, `reprint` counts from 1, `moved_from` is the job that it replaces at a backup printer.
    """

    id: str
    chain: str
    store: str
    order: str | None
    pickup_number: int | None
    kind: str
    station: str | None
    printer: str
    state: JobState
    attempts: int
    agent: str | None
    queued_at: datetime
    sent_at: datetime | None
    received_at: datetime | None
    begun_at: datetime | None
    ended_at: datetime | None
    deadline: datetime
    held: str | None
    evidence: str | None
    code: str | None
    copies: int | None
    withdrawn: str | None
    attention: str | None
    attention_at: datetime | None
    resolution: str | None
    resolved_by: str | None
    resolved_at: datetime | None
    original: str
    reprint: int
    moved_from: str | None


class JobHappening(Output):
    """One message about a job."""

    sequence: int
    type: str
    occurred_at: datetime
    data: dict[str, Any]


class JobDetail(JobDocument):
    """A job with what is on its paper, and everything that was announced about it."""

    ticket: Ticket
    history: list[JobHappening]


class JobPage(Output):
    """`next` is the cursor of the page after this one, however few jobs this one has; without it there is none."""

    jobs: list[JobDocument]
    next: Ulid | None


_RENAMED = {"order_id": "order", "agent_id": "agent", "original_id": "original"}


def fields_of(job: Job) -> dict[str, Any]:
    """A job's members for `JobDocument`."""
    named = {_RENAMED.get(name, name): value for name, value in vars(job).items()}
    return named | names_of(job.store_id) | {"pickup_number": job.ticket.pickup_number}


def document_of(job: Job) -> JobDocument:
    """A job as callers see it."""
    return JobDocument(**fields_of(job))
