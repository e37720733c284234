"""The segments' endpoints: members by an expression over tags, counted by bitmaps."""

from collections.abc import Sequence
from datetime import UTC, timedelta

from functions.members import store_exports as exports
from functions.members import store_people as people
from functions.members.resources.documents import ChainQuery as Chain
from functions.members.resources.documents import (
    Count,
    Coverage,
    ExportDocument,
    ExportIn,
    ExportPath,
    ExportQuery,
    Listing,
    MembersQuery,
    SampleQuery,
    SegmentQuery,
    TagPage,
)
from functions.members.segments.exports import key_of
from functions.members.segments.expression import parse
from functions.members.segments.matching import VOCABULARY, as_csv, as_parquet, listed, matching, page_of, sampled
from functions.members.store_exports import Export
from functions.members.tags.registry import TAGS
from shared.contracts.ids import new_id
from shared.spine.auth import Scope
from shared.spine.env import Environment
from shared.spine.errors import NotFound
from shared.spine.http import Call, Reply

# As the bucket's own rule has it, which comes with the night after.
KEPT_FOR = timedelta(days=1)
URL_SECONDS = 900
MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}


def count_segment(call: Call, query: SegmentQuery) -> Reply:
    """How many members match."""
    call.client.require("members:read", Scope(query.chain))
    return Reply(Count(chain=query.chain, where=query.where, members=counted(call.env, query)))


def counted(env: Environment, query: SegmentQuery) -> int:
    """The members whose bits are set."""
    with env.db.transaction() as transaction:
        return sum(map(int.bit_count, matching(transaction, query.chain, query.where).values()))


def sample_segment(call: Call, query: SampleQuery) -> Reply:
    """Some of them, by chance."""
    call.client.require("members:read", Scope(query.chain))
    with call.env.db.transaction() as transaction:
        found = matching(transaction, query.chain, query.where)
        chosen = sampled(found, query.limit, query.seed)
        return Reply(Listing(members=listed(transaction, query.chain, chosen), next=None))


def list_segment(call: Call, query: MembersQuery) -> Reply:
    """All of them, a page at a time."""
    call.client.require("members:read", Scope(query.chain))
    with call.env.db.transaction() as transaction:
        page = page_of(matching(transaction, query.chain, query.where), query.after, query.limit)
        members = listed(transaction, query.chain, page)
    return Reply(Listing(members=members, next=_next(page, query.limit)))


def export_segment(call: Call, query: ExportQuery) -> Reply:
    """A file of them with all tags, of at most 10,000 rows; with `X-Next` there are more."""
    call.client.require("members:export", Scope(query.chain))
    with call.env.db.transaction() as transaction:
        page = page_of(matching(transaction, query.chain, query.where), query.after, query.limit)
        members = listed(transaction, query.chain, page)
    following = _next(page, query.limit)
    headers = {"X-Next": str(following)} if following is not None else {}
    headers["Content-Disposition"] = f'attachment; filename="segment.{query.format}"'
    text = as_csv(members)
    body = text if query.format == "csv" else as_parquet(text)
    return Reply(body, headers=headers, media_type=MEDIA_TYPES[query.format])


def start_export(call: Call, body: ExportIn) -> Reply:
    """One file of all of them; when it is there, its document has an address to get it from."""
    call.client.require("members:export", Scope(body.chain))
    parse(body.where, VOCABULARY)
    now = call.env.clock()
    with call.once() as (work, kept):
        made = new_id(now)
        exports.insert(work, made, body.chain, body.where, body.format, now)
        found = exports.read(work, made)
        assert found is not None  # it has just been made
        kept.status, kept.reply = 202, _document(call.env, found).model_dump_json()
    return Reply(kept.reply, kept.status)


def get_export(call: Call, path: ExportPath) -> Reply:
    """How far a file is, and where it is."""
    with call.env.db.transaction() as transaction:
        found = exports.read(transaction, path.export)
    if found is None or not call.client.may("members:export", Scope(found.chain)):
        raise NotFound("unknown_export", "there is no such export")
    return Reply(_document(call.env, found))


def _document(env: Environment, export: Export) -> ExportDocument:
    ended_at = export.ended_at.replace(tzinfo=UTC) if export.ended_at else None
    status = "writing" if export.status == "closing" else export.status
    if ended_at and ended_at + KEPT_FOR <= env.clock():
        status = "expired"
    url = None
    if status == "ended":
        url = env.aws.download_address(env.settings.exports_bucket, key_of(export), URL_SECONDS)
    return ExportDocument(
        id=export.id,
        chain=export.chain,
        where=export.where,
        format=export.format,
        status=status,
        members=export.members,
        bytes=export.bytes,
        ended_at=ended_at,
        url=url,
    )


def list_tags(call: Call, query: Chain) -> Reply:
    """Every tag, how many members have it, and which values."""
    call.client.require("members:read", Scope(query.chain))
    counts: dict[str, dict[str, int]] = {name: {} for name in TAGS}
    with call.env.db.transaction() as transaction:
        for (tag, value, _), bitmap in sorted(people.read_bitmaps(transaction, query.chain, list(TAGS)).items()):
            counts[tag][value] = counts[tag].get(value, 0) + bitmap.bit_count()
    return Reply(TagPage(chain=query.chain, tags=[_coverage(tag, values) for tag, values in counts.items()]))


def _coverage(tag: str, values: dict[str, int]) -> Coverage:
    present = {value: count for value, count in values.items() if count}
    known = list(TAGS[tag].values)
    return Coverage(
        tag=tag, version=TAGS[tag].version, values_known=known, members=sum(present.values()), values=present
    )


def _next(page: Sequence[int], limit: int) -> int | None:
    return page[-1] if len(page) == limit else None
