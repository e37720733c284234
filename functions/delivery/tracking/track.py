"""The fixes of one delivery as one short text, in the order of their times.

A fix is (second, latitude, longitude). The text has the differences of sorted fixes: seconds, and
1/100,000 degrees. Its form is Google's polyline encoding with a third dimension. A second has one fix.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from functions.delivery.tracking.geometry import metres_between

SCALE = 100_000
# A fix that says less than this is no place, in metres.
WORST_ACCURACY = 100.0
# Faster than a car in a city: the fix is wrong, in metres a second.
FASTEST = 33.0
# So many fixes in a row that no vehicle reaches, and that agree, are right.
AGREEING = 3
# A fix of the future, by clocks that differ a little, in seconds.
CLOCKS_DIFFER_BY = 10
# Five bits a character; this one says that more follow.
_MORE = 0x20
MOST_FIXES = 5_000


class Fix(NamedTuple):
    """A place at a second since the epoch, in degrees of WGS-84."""

    second: int
    lat: float
    lon: float


def encoded(fixes: Iterable[Fix]) -> str:
    """The text of the fixes, sorted; of two in one second the northern one stays, so that no order matters."""
    by_second = {fix.second: fix for fix in sorted(fixes)}
    before = (0, 0, 0)
    parts = []
    for second in sorted(by_second)[:MOST_FIXES]:
        fix = by_second[second]
        values = (second, round(fix.lat * SCALE), round(fix.lon * SCALE))
        parts += [_text(value - earlier) for value, earlier in zip(values, before, strict=True)]
        before = values
    return "".join(parts)


def decoded(text: str) -> list[Fix]:
    """The fixes of a text."""
    numbers = list(_numbers(text))
    fixes, before = [], (0, 0, 0)
    for index in range(0, len(numbers) - 2, 3):
        before = (before[0] + numbers[index], before[1] + numbers[index + 1], before[2] + numbers[index + 2])
        fixes.append(Fix(before[0], before[1] / SCALE, before[2] / SCALE))
    return fixes


def merged(text: str, fixes: Iterable[Fix]) -> str:
    """The text with further fixes: the same for late, shuffled and doubled ones."""
    return encoded([*decoded(text), *fixes])


def newest_place(last: Fix | None, doubted: Iterable[Fix], fixes: Iterable[Fix]) -> tuple[Fix | None, list[Fix]]:
    """(the newest place, the fixes after it that are in doubt).

    A fix that no vehicle reaches from the place is in doubt. A few of them that agree are right, and the place was
    wrong. `doubted` are those in doubt so far; only fixes after `last` count.
    """
    by_second = {fix.second: fix for fix in [*doubted, *fixes] if last is None or fix.second > last.second}
    place, doubt = last, list[Fix]()
    for second in sorted(by_second):
        fix = by_second[second]
        doubt = [*doubt, fix][-AGREEING:]
        agree = len(doubt) == AGREEING and plausible(doubt) == doubt
        if place is None or agree or _is_reachable(place, fix):
            place, doubt = fix, []
    return place, doubt


def without_jumps(fixes: Sequence[Fix]) -> list[Fix]:
    """The sorted fixes without those that no vehicle reaches from the longest run of the others."""
    runs: list[list[Fix]] = []
    for fix in fixes:
        if runs and _is_reachable(runs[-1][-1], fix):
            runs[-1].append(fix)
        else:
            runs.append([fix])
    if not runs:
        return []
    longest = max(range(len(runs)), key=lambda number: len(runs[number]))
    kept = plausible([fix for run in runs[longest:] for fix in run])
    for fix in reversed([fix for run in runs[:longest] for fix in run]):
        if _is_reachable(fix, kept[0]):
            kept.insert(0, fix)
    return kept


def plausible(fixes: Sequence[Fix]) -> list[Fix]:
    """The sorted fixes without jumps that no vehicle makes."""
    kept: list[Fix] = []
    for fix in fixes:
        if not kept or _is_reachable(kept[-1], fix):
            kept.append(fix)
    return kept


def _is_reachable(first: Fix, second: Fix) -> bool:
    reach = FASTEST * (second.second - first.second) + 2 * WORST_ACCURACY
    return metres_between((first.lat, first.lon), (second.lat, second.lon)) <= reach


def _text(value: int) -> str:
    value = ~(value << 1) if value < 0 else value << 1
    characters = []
    while value >= _MORE:
        characters.append(chr((_MORE | value & 0x1F) + 63))
        value >>= 5
    return "".join([*characters, chr(value + 63)])


def _numbers(text: str) -> Iterator[int]:
    value = shift = 0
    for character in text:
        bits = ord(character) - 63
        value |= (bits & 0x1F) << shift
        shift += 5
        if bits < _MORE:
            yield ~(value >> 1) if value & 1 else value >> 1
            value = shift = 0
