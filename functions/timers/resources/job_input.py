"""The body of a job: an action of the fixed list with its details, stores, and when it occurs."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from functions.timers.recurrence.occurrences import Recurrence, When
from functions.timers.resources.access import TimerKey
from shared.contracts.models import Input
from shared.contracts.store_settings import TimeZone
from shared.contracts.text import IDENTIFIER, Id, Name, Note

Action = Literal["announce", "items_on", "items_off", "plan", "run_timer"]
MOST_MINUTES = 92 * 24 * 60
Item = Annotated[
    str,
    StringConstraints(pattern=f"^{IDENTIFIER}(/(size|option)/{IDENTIFIER})?$"),
    Field(description="`beef` for an item, `beef/size/L` for a size of it, `beef/option/spicy` for an option."),
]
LocalTime = Annotated[
    str,
    StringConstraints(pattern="^2[0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$"),
    Field(description="A time of the job's zone, without an offset.", examples=["2026-12-04T09:00"]),
]


class RepeatIn(Input):
    """A recurrence by RFC 5545. `weekdays` are for weeks, `last_day` for months.

    It ends after the day `until`, or after `count` occurrences. A month without the day takes its last day.
    """

    every: Literal["day", "week", "month"]
    interval: int = Field(default=1, ge=1, le=99)
    weekdays: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]] = Field(default=[], max_length=7)
    last_day: bool = False
    until: Annotated[date | None, Field(strict=False)] = None
    count: int | None = Field(default=None, ge=1, le=1000)

    @model_validator(mode="after")
    def _fits(self) -> "RepeatIn":
        if self.weekdays and self.every != "week":
            raise ValueError("weekdays are for `every` week")
        if self.last_day and self.every != "month":
            raise ValueError("last_day is for `every` month")
        if self.until and self.count:
            raise ValueError("give `until` or `count`, not both")
        return self

    def recurrence(self) -> Recurrence:
        """The recurrence of the body."""
        return Recurrence(**self.model_dump() | {"weekdays": tuple(self.weekdays)})


class WhenIn(Input):
    """The first occurrence, and the later ones. Without `zone` it is the zone of most stores of the chain."""

    at: LocalTime
    zone: TimeZone | None = None
    repeat: RepeatIn | None = None

    @model_validator(mode="after")
    def _is_a_time(self) -> "WhenIn":
        datetime.fromisoformat(self.at)
        return self

    def occurrences(self, zone: str) -> When:
        """In the zone of the body, else in this one."""
        recurrence = self.repeat.recurrence() if self.repeat else None
        return When(datetime.fromisoformat(self.at), self.zone or zone, recurrence)


class JobPlanIn(Input):
    """A plan of the forecast: its kind, and for how many days it holds."""

    kind: Literal["closure", "opening", "promotion", "event", "school_holiday"]
    days: int = Field(ge=1, le=92)


NEEDS = {"announce": "text", "items_on": "items", "items_off": "items", "plan": "plan", "run_timer": "timer"}


class JobDetails(Input):
    """A job. Each action takes one detail: `announce` takes `text`, `items_on` and `items_off` take `items`.

    `plan` takes `plan`, and `run_timer` takes `timer`. After `lasts_minutes` an announcement ends, and items go back.
    Without `stores` the job is for all stores of the chain.
    """

    title: Name
    action: Action
    text: Note | None = None
    items: list[Item] = Field(default=[], max_length=50)
    plan: JobPlanIn | None = None
    timer: TimerKey | None = None
    stores: list[Id] = Field(default=[], max_length=500)
    when: WhenIn
    lasts_minutes: int | None = Field(default=None, ge=1, le=MOST_MINUTES)

    @model_validator(mode="after")
    def _has_its_detail(self) -> "JobDetails":
        given = {name for name in NEEDS.values() if getattr(self, name)}
        if given != {NEEDS[self.action]}:
            raise ValueError(f"{self.action} takes `{NEEDS[self.action]}`, and no detail of another action")
        if self.action == "run_timer" and (self.stores or self.lasts_minutes):
            raise ValueError("run_timer takes neither `stores` nor `lasts_minutes`")
        return self

    def details(self) -> dict[str, object]:
        """The detail of the action, for JSON."""
        if self.plan:
            return self.plan.model_dump()
        return {NEEDS[self.action]: getattr(self, NEEDS[self.action])}


class JobIn(JobDetails):
    """A new job of a chain."""

    chain: Id
