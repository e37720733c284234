"""The actions of jobs: a fixed list. Each writes and announces within one transaction."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from functions.timers.tables.announcements import Announcement, insert_announcement
from functions.timers.tables.jobs import Job
from functions.timers.tables.places import read_stores
from shared.contracts.ids import new_id
from shared.contracts.messages.jobs import AnnouncementPublished, JobItemsDue, JobMessage, JobPlanDue
from shared.spine.outbox import Work

# Of one message: its consumer changes each store in a transaction of its own, within 30 seconds.
STORES_AT_ONCE = 25
ANNOUNCED_FOR = timedelta(days=1)
ANNOUNCEMENTS_STORED_FOR = timedelta(days=90)

Action = Callable[[Work, Job, datetime, datetime], Job]


def announce(work: Work, job: Job, message: JobMessage) -> Job:
    """Announce the next message of the job. Returns the job with its new sequence, not yet stored."""
    job = replace(job, sequence=job.sequence + 1)
    work.announce(message, subject=job.id, sequence=job.sequence)
    return job


def publish_announcement(work: Work, job: Job, occurs_at: datetime, now: datetime) -> Job:
    """Show the text on the pages of the stores, until the occurrence ends."""
    lasts = timedelta(minutes=job.lasts_minutes) if job.lasts_minutes else ANNOUNCED_FOR
    text = job.details["text"]
    made = Announcement(new_id(now), job.chain, job.id, job.stores, text, now, max(now, occurs_at + lasts))
    insert_announcement(work, made, now - ANNOUNCEMENTS_STORED_FOR)
    message = AnnouncementPublished(
        job=job.id,
        chain=job.chain,
        announcement=made.id,
        stores=list(job.stores) or None,
        text=text,
        begins_at=made.begins_at,
        ends_at=made.ends_at,
    )
    return announce(work, job, message)


def begin_items(work: Work, job: Job, _occurs_at: datetime, _now: datetime) -> Job:
    """Put the items on sale, or take them off sale."""
    return _change_items(work, job, on_sale=job.action == "items_on")


def end_items(work: Work, job: Job, _occurs_at: datetime, _now: datetime) -> Job:
    """The opposite of the begin."""
    return _change_items(work, job, on_sale=job.action != "items_on")


def _change_items(work: Work, job: Job, *, on_sale: bool) -> Job:
    items = list(job.details["items"])
    for stores in _stores_of(work, job):
        change = {"on": items} if on_sale else {"off": items}
        job = announce(work, job, JobItemsDue(job=job.id, chain=job.chain, stores=stores, **change))
    return job


def _stores_of(work: Work, job: Job) -> Iterator[list[str]]:
    """The stores of the job in lists of `STORES_AT_ONCE`; without one all stores that the chain has now."""
    if job.stores:
        for start in range(0, len(job.stores), STORES_AT_ONCE):
            yield list(job.stores[start : start + STORES_AT_ONCE])
        return
    after = ""
    while stores := read_stores(work, job.chain, after, STORES_AT_ONCE):
        yield stores
        after = stores[-1]


def enter_plan(work: Work, job: Job, occurs_at: datetime, now: datetime) -> Job:
    """Enter a plan of the forecast that begins on the local day of the occurrence."""
    first = occurs_at.astimezone(ZoneInfo(job.when.zone)).date()
    for store in job.stores or (None,):
        job = announce(work, job, _plan(job, store, first, now))
    return job


def _plan(job: Job, store: str | None, first: date, now: datetime) -> JobPlanDue:
    return JobPlanDue(
        job=job.id,
        chain=job.chain,
        plan=new_id(now),
        store=store,
        kind=job.details["kind"],
        first_day=first,
        last_day=first + timedelta(days=job.details["days"] - 1),
        note=job.title,
    )


def nothing_more(_work: Work, job: Job, _occurs_at: datetime, _now: datetime) -> Job:
    """The action has no work within the transaction, or none at this phase."""
    return job


# By action: the begin of an occurrence, and its end.
ACTIONS: dict[str, tuple[Action, Action]] = {
    "announce": (publish_announcement, nothing_more),
    "items_on": (begin_items, end_items),
    "items_off": (begin_items, end_items),
    "plan": (enter_plan, nothing_more),
    "run_timer": (nothing_more, nothing_more),
}
