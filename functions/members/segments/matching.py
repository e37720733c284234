"""Who is in a segment: by bitmaps, and as rows with all tags."""

import csv
import io
import random
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

from functions.members import store_people as people
from functions.members.resources.documents import Listed
from functions.members.segments.bitmaps import CHUNK_BITS, numbers
from functions.members.segments.expression import Condition, conditions_of, evaluate, parse
from functions.members.store_changes import BitmapKey
from functions.members.tags.registry import TAGS
from shared.spine.db import Transaction

VOCABULARY = {tag.name: tag.values for tag in TAGS.values()}


def matching(transaction: Transaction, chain: str, where: str) -> dict[int, int]:
    """Bitmap by chunk of those who match."""
    expression = parse(where, VOCABULARY)
    conditions = conditions_of(expression)
    whole = {condition.tag for condition in conditions if condition.negated}
    named = {condition.tag for condition in conditions} - whole
    found = people.read_bitmaps(transaction, chain, sorted(whole))
    if named:
        values = {value for condition in conditions if condition.tag in named for value in condition.values}
        found |= people.read_bitmaps(transaction, chain, sorted(named), sorted(values))
    return {chunk: evaluate(expression, partial(_having, found, chunk)) for chunk in {chunk for _, _, chunk in found}}


def _having(found: Mapping[BitmapKey, int], chunk: int, condition: Condition) -> int:
    """The bitmap of one condition."""
    fitting = 0
    for (tag, value, place), bitmap in found.items():
        if (tag, place) == (condition.tag, chunk) and (value in condition.values) != condition.negated:
            fitting |= bitmap
    return fitting


def page_of(found: Mapping[int, int], after: int, limit: int) -> list[int]:
    """The numbers of the next ones, rising."""
    chunks = [(chunk, bitmap) for chunk, bitmap in sorted(found.items()) if chunk >= max(after, 0) >> CHUNK_BITS]
    rest = (number for chunk, bitmap in chunks for number in numbers(chunk, bitmap, after))
    return list(islice(rest, limit))


def sampled(found: Mapping[int, int], limit: int, seed: int) -> list[int]:
    """The numbers of so many of them by chance, rising; only these are in memory."""
    total = sum(map(int.bit_count, found.values()))
    places = set(random.Random(seed).sample(range(total), min(limit, total)))  # noqa: S311 - no secret
    every = (number for chunk, bitmap in sorted(found.items()) for number in numbers(chunk, bitmap))
    return [number for place, number in enumerate(every) if place in places]


def listed(transaction: Transaction, chain: str, page: Sequence[int]) -> list[Listed]:
    """Those of them who are still there, with their tags."""
    rows = people.by_number(transaction, chain, page)
    tags = people.tags_of(transaction, [row["id"] for row in rows])
    return [Listed(member=row["external_id"], tags=tags[row["id"]]) for row in rows]


def as_csv(members: Iterable[Listed], *, header: bool = True) -> str:
    """A row a member, a column a tag (RFC 4180)."""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\r\n")
    if header:
        table.writerow(["member", *TAGS])
    table.writerows([each.member, *(each.tags.get(tag) for tag in TAGS)] for each in members)
    return written.getvalue()


def as_parquet(text: str) -> bytes:
    """The same table; DuckDB writes it in a third of the room that pyarrow takes in a layer."""
    import duckdb  # noqa: PLC0415 - 60 MB that no other request needs

    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as database:
        source, target = Path(folder, "segment.csv"), Path(folder, "segment.parquet")
        source.write_text(text, encoding="utf-8", newline="")
        table = database.read_csv(str(source), header=True, all_varchar=True, delimiter=",", quotechar='"')
        table.write_parquet(str(target), compression="zstd")
        return target.read_bytes()
