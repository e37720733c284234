"""Lists with page numbers, in windows of local time with seconds, as Chinese warehouse systems have them.

A row that changes meanwhile leaves the window, and the later rows move forward by one. So pages are read from the last
to the first: a row that moves is read twice, and none is lost.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from functions.sync.adapters.contract import InDoubt, MalformedRecord, StockLevel, StockPage
from functions.sync.adapters.page_records import records_of

BEIJING = timezone(timedelta(hours=8))
SECONDS = "%Y-%m-%d %H:%M:%S"
# A new flow reads levels that changed in this time.
HISTORY = timedelta(days=730)
Row = dict[str, Any]
# Of a window in local time, and a page from 0: (how many rows the window has, the rows of the page).
ReadPage = Callable[[str, str, int], tuple[int, list[Row]]]
LevelOf = Callable[[Row], StockLevel]


def read_levels(
    changed_from: datetime,
    changed_until: datetime,
    longest: timedelta,
    size: int,
    read: ReadPage,
    level_of: LevelOf,
    names: Sequence[str],
) -> Iterator[StockPage]:
    """A page of levels for each window of at most `longest`, by the time of their change."""
    begin = max(changed_from, changed_until - HISTORY)
    while begin < changed_until:
        end = min(begin + longest, changed_until)
        records = records_of(_rows(begin, end, size, read), level_of, *names)
        levels = [record for record in records if isinstance(record, StockLevel)]
        malformed = [record for record in records if isinstance(record, MalformedRecord)]
        # Times have no fractions. What changed in the last second comes again in the next window.
        newest = {(level.store, level.item): level for level in levels if level.changed_at < changed_until}
        within = [_not_before(level, changed_from) for level in newest.values()]
        yield [*sorted(within, key=lambda level: level.changed_at), *malformed]
        begin = end


def _rows(begin: datetime, end: datetime, size: int, read: ReadPage) -> list[Row]:
    first, last = local_text(begin), local_text(end)
    count, rows = read(first, last, 0)
    pages = -(-count // size)
    later = [row for page in range(pages - 1, 0, -1) for row in read(first, last, page)[1]]
    # The first page once more: it has the rows that moved forward meanwhile.
    return later + (read(first, last, 0)[1] if later else rows)


def _not_before(level: StockLevel, begin: datetime) -> StockLevel:
    if level.changed_at >= begin:
        return level
    return StockLevel(level.store, level.item, level.unit, level.quantity, begin)


def local_text(moment: datetime) -> str:
    """A time as these systems write it: Beijing time, to the second."""
    return moment.astimezone(BEIJING).strftime(SECONDS)


def local_time(text: Any) -> datetime:
    """The time of such a text. Raises `InDoubt`."""
    try:
        return datetime.strptime(str(text), SECONDS).replace(tzinfo=BEIJING).astimezone(UTC)
    except ValueError:
        raise InDoubt("answer_malformed", "a row of the answer has no time of its change") from None
