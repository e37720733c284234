"""The segments' endpoints: members by an expression over tags, counted by bitmaps."""

import csv
import io
import random
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

from functions.members import store_people as people
from functions.members.bitmaps import CHUNK_BITS, numbers
from functions.members.documents import ChainQuery as Chain
from functions.members.documents import (
    Count,
    Coverage,
    ExportQuery,
    Listed,
    Listing,
    MembersQuery,
    SampleQuery,
    SegmentQuery,
    TagPage,
)
from functions.members.expression import Condition, conditions_of, evaluate, parse
from functions.members.registry import TAGS
from functions.members.store import BitmapKey
from shared.auth import Place
from shared.db import Transaction
from shared.environment import Environment
from shared.http import Call, Reply

VOCABULARY = {tag.name: tag.values for tag in TAGS.values()}
MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}


def count_segment(call: Call, query: SegmentQuery) -> Reply:
    """How many members match."""
    call.client.require("members:read", Place(query.chain, "", ""))
    return Reply(Count(chain=query.chain, where=query.where, members=counted(call.house, query)))


def counted(house: Environment, query: SegmentQuery) -> int:
    """The members whose bits are set."""
    with house.db.transaction() as transaction:
        return sum(map(int.bit_count, _matching(transaction, query).values()))


def sample_segment(call: Call, query: SampleQuery) -> Reply:
    """Some of them, by chance."""
    call.client.require("members:read", Place(query.chain, "", ""))
    with call.house.db.transaction() as transaction:
        every = [n for chunk, bitmap in sorted(_matching(transaction, query).items()) for n in numbers(chunk, bitmap)]
        chosen = random.Random(query.seed).sample(every, min(query.limit, len(every)))  # noqa: S311 - no secret
        return Reply(Listing(members=_listed(transaction, query.chain, sorted(chosen)), next=None))


def list_segment(call: Call, query: MembersQuery) -> Reply:
    """All of them, a page at a time."""
    call.client.require("members:read", Place(query.chain, "", ""))
    with call.house.db.transaction() as transaction:
        page = _page(transaction, query)
        members = _listed(transaction, query.chain, page)
    return Reply(Listing(members=members, next=_next(page, query.limit)))


def export_segment(call: Call, query: ExportQuery) -> Reply:
    """A file of them with all tags, of at most 10,000 rows; with `X-Next` there are more."""
    call.client.require("members:export", Place(query.chain, "", ""))
    with call.house.db.transaction() as transaction:
        page = _page(transaction, query)
        members = _listed(transaction, query.chain, page)
    following = _next(page, query.limit)
    headers = {"X-Next": str(following)} if following is not None else {}
    headers["Content-Disposition"] = f'attachment; filename="segment.{query.format}"'
    text = _csv(members)
    body = text if query.format == "csv" else _parquet(text)
    return Reply(body, headers=headers, media_type=MEDIA_TYPES[query.format])


def list_tags(call: Call, query: Chain) -> Reply:
    """Every tag, how many members have it, and which values."""
    call.client.require("members:read", Place(query.chain, "", ""))
    counts: dict[str, dict[str, int]] = {name: {} for name in TAGS}
    with call.house.db.transaction() as transaction:
        for (tag, value, _), bitmap in sorted(people.read_bitmaps(transaction, query.chain, list(TAGS)).items()):
            counts[tag][value] = counts[tag].get(value, 0) + bitmap.bit_count()
    return Reply(TagPage(chain=query.chain, tags=[_coverage(tag, values) for tag, values in counts.items()]))


def _coverage(tag: str, values: dict[str, int]) -> Coverage:
    present = {value: count for value, count in values.items() if count}
    known = list(TAGS[tag].values)
    return Coverage(
        tag=tag, version=TAGS[tag].version, values_known=known, members=sum(present.values()), values=present
    )


def _matching(transaction: Transaction, query: SegmentQuery) -> dict[int, int]:
    """Bitmap by chunk of those who match."""
    expression = parse(query.where, VOCABULARY)
    conditions = conditions_of(expression)
    whole = {condition.tag for condition in conditions if condition.negated}
    named = {condition.tag for condition in conditions} - whole
    found = people.read_bitmaps(transaction, query.chain, sorted(whole)) if whole else {}
    if named:
        values = {value for condition in conditions if condition.tag in named for value in condition.values}
        found |= people.read_bitmaps(transaction, query.chain, sorted(named), sorted(values))
    return {chunk: evaluate(expression, partial(_having, found, chunk)) for chunk in {chunk for _, _, chunk in found}}


def _having(found: Mapping[BitmapKey, int], chunk: int, condition: Condition) -> int:
    """The bitmap of one condition."""
    fitting = 0
    for (tag, value, place), bitmap in found.items():
        if (tag, place) == (condition.tag, chunk) and (value in condition.values) != condition.negated:
            fitting |= bitmap
    return fitting


def _page(transaction: Transaction, query: MembersQuery | ExportQuery) -> list[int]:
    found = sorted(_matching(transaction, query).items())
    chunks = [(chunk, bitmap) for chunk, bitmap in found if chunk >= max(query.after, 0) >> CHUNK_BITS]
    rest = (number for chunk, bitmap in chunks for number in numbers(chunk, bitmap, query.after))
    return list(islice(rest, query.limit))


def _next(page: Sequence[int], limit: int) -> int | None:
    return page[-1] if len(page) == limit else None


def _listed(transaction: Transaction, chain: str, page: Sequence[int]) -> list[Listed]:
    rows = people.by_number(transaction, chain, page)
    tags = people.tags_of(transaction, [row["id"] for row in rows])
    return [Listed(member=row["external_id"], tags=tags[row["id"]]) for row in rows]


def _csv(members: Iterable[Listed]) -> str:
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(["member", *TAGS])
    table.writerows([each.member, *(each.tags.get(tag) for tag in TAGS)] for each in members)
    return written.getvalue()


def _parquet(text: str) -> bytes:
    """The same table; DuckDB writes it in a third of the room that pyarrow takes in a layer."""
    import duckdb  # noqa: PLC0415 - 60 MB that no other request needs

    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as database:
        source, target = Path(folder, "segment.csv"), Path(folder, "segment.parquet")
        source.write_text(text, encoding="utf-8", newline="")
        table = database.read_csv(str(source), header=True, all_varchar=True, delimiter=",", quotechar='"')
        table.write_parquet(str(target), compression="zstd")
        return target.read_bytes()
