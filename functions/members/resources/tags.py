"""`/v1/tags`: every tag, and the number of members with each value."""

from functions.members.resources.requests import ChainQuery, require
from functions.members.tables.bitmaps import read_bitmaps
from functions.members.tags.registry import TAGS
from shared.contracts.models import Output
from shared.spine.http import Call, Reply


class TagCounts(Output):
    """A tag, its possible values if they are fixed, and the number of members with each value."""

    tag: str
    version: int
    possible_values: list[str]
    members: int
    values: dict[str, int]


class TagPage(Output):
    """All tags of a chain."""

    chain: str
    tags: list[TagCounts]


def list_tags(call: Call, query: ChainQuery) -> Reply:
    """List every tag with the number of members that have it, and each of its values."""
    require(call, "members:read", query.chain)
    counts: dict[str, dict[str, int]] = {name: {} for name in TAGS}
    with call.env.db.transaction() as transaction:
        for (tag, value, _), bitmap in sorted(read_bitmaps(transaction, query.chain, list(TAGS)).items()):
            counts[tag][value] = counts[tag].get(value, 0) + bitmap.bit_count()
    return Reply(TagPage(chain=query.chain, tags=[_counts(tag, values) for tag, values in counts.items()]))


def _counts(name: str, values: dict[str, int]) -> TagCounts:
    present = {value: count for value, count in values.items() if count}
    return TagCounts(
        tag=name,
        version=TAGS[name].version,
        possible_values=list(TAGS[name].values),
        members=sum(present.values()),
        values=present,
    )
