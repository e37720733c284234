"""`/v1/segments`: the members that match an expression over tags."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from functions.members.resources.requests import Where, require, shown_id
from functions.members.segments.files import as_csv, as_parquet
from functions.members.segments.matching import SegmentMember, count, matching, members_of_page, page_of, sampled
from shared.contracts.models import Output, Query
from shared.contracts.text import Id
from shared.spine.env import Environment
from shared.spine.http import Call, Reply

MAX_EXPORTED = 10_000
MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}


class SegmentQuery(Query):
    """A segment of a chain. An example of `where` is `tier = gold AND lapsed AND city = Shenzhen`."""

    chain: Id
    where: Where


class SampleQuery(SegmentQuery):
    """A random sample of a segment. The same `seed` gives the same sample."""

    limit: Annotated[int, Field(ge=1, le=200)] = 20
    seed: Annotated[int, Field(ge=0, le=2**31)] = 0


class MembersQuery(SegmentQuery):
    """A page of a segment."""

    after: Annotated[int, Field(ge=-1, lt=2**32, description="The `next` of the page before.")] = -1
    limit: Annotated[int, Field(ge=1, le=1_000)] = 200


class ExportQuery(SegmentQuery):
    """A file of a segment. The header `X-Next` has the `after` of the next file."""

    after: Annotated[int, Field(ge=-1, lt=2**32)] = -1
    limit: Annotated[int, Field(ge=1, le=MAX_EXPORTED)] = MAX_EXPORTED
    format: Literal["csv", "parquet"] = "csv"


class SegmentCount(Output):
    """The number of matching members. A changed tag counts after a minute."""

    chain: str
    where: str
    members: int


class SegmentMemberDocument(Output):
    """A member of a segment with its tags."""

    member: str | None
    tags: dict[str, str]


class SegmentPage(Output):
    """Members of a segment. `next` is the `after` of the next page."""

    members: list[SegmentMemberDocument]
    next: int | None


def count_segment(call: Call, query: SegmentQuery) -> Reply:
    """Count the members of a segment."""
    require(call, "members:read", query.chain)
    return Reply(SegmentCount(chain=query.chain, where=query.where, members=counted(call.env, query)))


def counted(env: Environment, query: SegmentQuery) -> int:
    """The number of members in the segment's bitmaps."""
    with env.db.transaction() as transaction:
        return count(matching(transaction, query.chain, query.where))


def sample_segment(call: Call, query: SampleQuery) -> Reply:
    """Get a random sample of a segment."""
    require(call, "members:read", query.chain)
    with call.env.db.transaction() as transaction:
        bitmaps = matching(transaction, query.chain, query.where)
        sample = sampled(bitmaps, query.limit, query.seed)
        members = members_of_page(transaction, query.chain, sample)
    return Reply(_page(call, query.chain, members, following=None))


def list_segment(call: Call, query: MembersQuery) -> Reply:
    """List all members of a segment, a page at a time."""
    require(call, "members:read", query.chain)
    members, following = _read_page(call.env, query)
    return Reply(_page(call, query.chain, members, following))


def export_segment(call: Call, query: ExportQuery) -> Reply:
    """Get a file of a segment with all tags, at most 10,000 rows. `X-Next` says that more members follow."""
    require(call, "members:export", query.chain)
    members, following = _read_page(call.env, query)
    headers = {"X-Next": str(following)} if following is not None else {}
    headers["Content-Disposition"] = f'attachment; filename="segment.{query.format}"'
    text = as_csv(members)
    body = text if query.format == "csv" else as_parquet(text)
    return Reply(body, headers=headers, media_type=MEDIA_TYPES[query.format])


def _read_page(env: Environment, query: MembersQuery | ExportQuery) -> tuple[list[SegmentMember], int | None]:
    """The members of a page, and the `after` of the next page."""
    with env.db.transaction() as transaction:
        page = page_of(matching(transaction, query.chain, query.where), query.after, query.limit)
        members = members_of_page(transaction, query.chain, page)
    return members, page[-1] if len(page) == query.limit else None


def _page(call: Call, chain: str, members: Sequence[SegmentMember], following: int | None) -> SegmentPage:
    documents = [
        SegmentMemberDocument(member=shown_id(call, chain, member.member, member.id), tags=member.tags)
        for member in members
    ]
    return SegmentPage(members=documents, next=following)
