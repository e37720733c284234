"""What callers send to and get from members."""

from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, StringConstraints

from shared.contracts.ids import Ulid
from shared.contracts.models import Input, Output, Query

Id = Annotated[str, StringConstraints(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
TagName = Annotated[str, StringConstraints(pattern="^[a-z][a-z_]{0,23}$")]
Identity = Annotated[str, StringConstraints(pattern="^[A-Za-z0-9+._-]{3,64}$")]
Kind = Literal["phone", "union_id", "card"]
MOST_EXPORTED = 10_000


# Names that zoneinfo finds and that are no place's: the machine's own, and what stands for none.
NO_ZONES = {"Factory", "localtime", "posixrules"}


def _zone(name: str) -> str:
    if name not in available_timezones() - NO_ZONES:
        raise ValueError("not a time zone of the IANA database")
    return name


class MemberPath(Query):
    """A member by the chain's own id for it."""

    member: Id


class RunPath(Query):
    """A backfill by its id."""

    run: Ulid


class ChainQuery(Query):
    """A chain."""

    chain: Id


class SegmentQuery(Query):
    """A segment of a chain, as in `tier = gold AND lapsed AND city = Shenzhen`."""

    chain: Id
    where: Annotated[str, StringConstraints(min_length=1, max_length=1_000)]


class SampleQuery(SegmentQuery):
    """So many of them by chance; the same `seed` takes the same."""

    limit: Annotated[int, Field(ge=1, le=200)] = 20
    seed: Annotated[int, Field(ge=0, le=2**31)] = 0


class MembersQuery(SegmentQuery):
    """A page of a segment."""

    after: Annotated[int, Field(ge=-1, lt=2**32, description="`next` of the page before.")] = -1
    limit: Annotated[int, Field(ge=1, le=1_000)] = 200


class ExportQuery(SegmentQuery):
    """A file of a segment; the header `X-Next` has the `after` of the next one."""

    after: Annotated[int, Field(ge=-1, lt=2**32)] = -1
    limit: Annotated[int, Field(ge=1, le=MOST_EXPORTED)] = MOST_EXPORTED
    format: Literal["csv", "parquet"] = "csv"


class ExportIn(Input):
    """A segment to be written into one file, however many members it has."""

    chain: Id
    where: Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
    format: Literal["csv", "parquet"] = "csv"


class ExportPath(Query):
    """A file of a segment by its id."""

    export: Ulid


class MemberIn(Input):
    """Who a member is. What is left away stays; `profiling` false takes every tag."""

    store: Id | None = None
    phone: Identity | None = None
    union_id: Identity | None = None
    card: Identity | None = None
    profiling: bool | None = None
    marketing: bool | None = None


class FindIn(Input):
    """By what to find a member."""

    chain: Id
    kind: Kind
    value: Identity


class MergeIn(Input):
    """The member who stays."""

    into: Id


class BackfillIn(Input):
    """Which tags to make anew for all members of a chain."""

    chain: Id
    tags: Annotated[list[TagName], Field(min_length=1, max_length=50)]


class SettingsIn(Input):
    """`timezone` is the clock that days change by; `thresholds` by tag, where they are not the default."""

    timezone: Annotated[str, AfterValidator(_zone), Field(description="IANA name.", examples=["Asia/Shanghai"])] = "UTC"
    thresholds: dict[TagName, dict[str, Any]] = {}


class TagDocument(Output):
    """A tag: its value, since when we know of it, the facts behind it now, when it would change by time alone."""

    tag: str
    value: str
    since: datetime
    why: dict[str, Any]
    version: int
    moves_at: datetime | None


class Profile(Output):
    """A member. `member` is the chain's id, also where it was merged into another one's: then that one's."""

    member: str | None
    chain: str
    id: Ulid
    first_store: str | None
    enrolled_at: datetime
    profiling: bool
    marketing: bool
    identities: list[str]
    tags: list[TagDocument]


class Found(Output):
    """A member by the chain's id for it."""

    member: str | None


class Count(Output):
    """How many members match, as of the last minute's announcements."""

    chain: str
    where: str
    members: int


class ExportDocument(Output):
    """A file of a segment: `waiting`, `writing` (so many members and bytes until now), `ended`, `failed`, or `expired`
    a day after its end. `url` gives it to whoever has the address, for 15 minutes from this reply."""

    id: Ulid
    chain: str
    where: str
    format: str
    status: str
    members: int
    bytes: int
    ended_at: datetime | None
    url: str | None


class Listed(Output):
    """A member of a segment with its tags."""

    member: str | None
    tags: dict[str, str]


class Listing(Output):
    """Members of a segment; `next` is the `after` of the page that follows."""

    members: list[Listed]
    next: int | None


class Coverage(Output):
    """How many members have the tag, and each value."""

    tag: str
    version: int
    values_known: list[str]
    members: int
    values: dict[str, int]


class TagPage(Output):
    """All tags of a chain."""

    chain: str
    tags: list[Coverage]


class SettingsDocument(Output):
    """A chain's settings with every default, and the model of how its members come back."""

    chain: str
    timezone: str
    thresholds: dict[str, dict[str, Any]]
    model: dict[str, float] | None


class BackfillDocument(Output):
    """A run: waiting for its time or at work while `running`; `replaced` where a newer one began before its time did.
    `visited` members so far, `changed` tags."""

    id: Ulid
    chain: str
    tags: list[str]
    status: str
    starts_at: datetime
    visited: int
    changed: int
    ended_at: datetime | None


class BackfillPage(Output):
    """The last hundred runs, newest first."""

    runs: list[BackfillDocument]
