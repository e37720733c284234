"""Messages about jobs that people plan. The subject is the job; its messages are numbered."""

from datetime import date, datetime

from shared.contracts.ids import Ulid
from shared.contracts.messages import MessageData


class JobMessage(MessageData):
    """Base of the messages about a job of a chain."""

    job: Ulid
    chain: str


class JobChanged(JobMessage):
    """A person made, changed, paused, resumed or cancelled the job, or it has ended."""

    type = "job.changed"
    status: str
    by: str


class JobItemsDue(JobMessage):
    """Items of these stores come off the sold-out list (`on`) or go on it (`off`). At most 25 stores a message."""

    type = "job.items_due"
    stores: list[str]
    on: list[str] = []
    off: list[str] = []


class JobPlanDue(JobMessage):
    """A plan of the forecast is entered, of one store or of the whole chain."""

    type = "job.plan_due"
    plan: Ulid
    store: str | None
    kind: str
    first_day: date
    last_day: date
    note: str = ""


class AnnouncementPublished(JobMessage):
    """A text for the pages of these stores, or of all stores for None."""

    type = "announcement.published"
    announcement: Ulid
    stores: list[str] | None
    text: str
    begins_at: datetime
    ends_at: datetime
