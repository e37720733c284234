"""The members of a segment: a bitmap for each chunk, and pages of members with all their tags."""

import random
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import islice
from typing import NamedTuple

from functions.members.segments.bitmaps import CHUNK_BITS, numbers
from functions.members.segments.expression import Condition, conditions_of, evaluate, parse
from functions.members.tables.bitmaps import BitmapKey, read_bitmaps
from functions.members.tables.members import read_members_by_number
from functions.members.tables.tags import read_tag_values
from functions.members.tags.registry import TAGS
from shared.spine.db import Transaction

VOCABULARY = {tag.name: tag.values for tag in TAGS.values()}


class SegmentMember(NamedTuple):
    """A member by the chain's id, with its tags. `id` is our own."""

    member: str | None
    tags: dict[str, str]
    id: str = ""


def matching(transaction: Transaction, chain: str, where: str) -> dict[int, int]:
    """The bitmap of matching members, by chunk. Raises `Rejected` for a malformed expression."""
    expression = parse(where, VOCABULARY)
    conditions = conditions_of(expression)
    bitmaps = _bitmaps_for(transaction, chain, conditions)
    chunks = {chunk for _, _, chunk in bitmaps}
    return {chunk: evaluate(expression, partial(_bitmap_of, bitmaps, chunk)) for chunk in chunks}


def _bitmaps_for(transaction: Transaction, chain: str, conditions: Sequence[Condition]) -> dict[BitmapKey, int]:
    """All values of the tags with a negated condition, and the named values of the other tags."""
    negated = {condition.tag for condition in conditions if condition.negated}
    bitmaps = read_bitmaps(transaction, chain, sorted(negated))
    if named := {condition.tag for condition in conditions} - negated:
        values = {value for condition in conditions if condition.tag in named for value in condition.values}
        bitmaps |= read_bitmaps(transaction, chain, sorted(named), sorted(values))
    return bitmaps


def _bitmap_of(bitmaps: Mapping[BitmapKey, int], chunk: int, condition: Condition) -> int:
    """The members of a chunk that match one condition."""
    matches = 0
    for (tag, value, bitmap_chunk), bitmap in bitmaps.items():
        if (tag, bitmap_chunk) == (condition.tag, chunk) and (value in condition.values) != condition.negated:
            matches |= bitmap
    return matches


def count(bitmaps: Mapping[int, int]) -> int:
    """The number of members in bitmaps by chunk."""
    return sum(map(int.bit_count, bitmaps.values()))


def page_of(bitmaps: Mapping[int, int], after: int, limit: int) -> list[int]:
    """The next numbers after `after`, sorted."""
    chunks = [(chunk, bitmap) for chunk, bitmap in sorted(bitmaps.items()) if chunk >= max(after, 0) >> CHUNK_BITS]
    following = (number for chunk, bitmap in chunks for number in numbers(chunk, bitmap, after))
    return list(islice(following, limit))


def sampled(bitmaps: Mapping[int, int], limit: int, seed: int) -> list[int]:
    """A random sample of numbers, sorted. Only the sample is in memory."""
    total = count(bitmaps)
    positions = set(random.Random(seed).sample(range(total), min(limit, total)))  # noqa: S311 - no secret
    all_numbers = (number for chunk, bitmap in sorted(bitmaps.items()) for number in numbers(chunk, bitmap))
    return [number for position, number in enumerate(all_numbers) if position in positions]


def members_of_page(transaction: Transaction, chain: str, page: Sequence[int]) -> list[SegmentMember]:
    """The members with these numbers that are still active, with their tags."""
    members = read_members_by_number(transaction, chain, page)
    tags = read_tag_values(transaction, [member.id for member in members])
    return [SegmentMember(member.external_id, tags[member.id], member.id) for member in members]
