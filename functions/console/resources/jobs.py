"""GET /v1/console/fleet/{store}/printers/{printer}/day: the jobs of a printer on a business day."""

import statistics
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from functions.console.resources.scope import VisibleStores, utc, visible_store
from functions.console.tables.fleet import read_jobs_of_day, read_printers
from functions.console.tables.places import Place
from shared.contracts.models import Output, Query
from shared.contracts.moments import Day
from shared.contracts.stores import StoreReference
from shared.contracts.text import Id
from shared.spine.db import Row
from shared.spine.errors import NotFound
from shared.spine.http import Call, Reply

RIGHT = "printing:read"
MOST_JOBS = 100
_FAILED = ("failed", "unknown", "expired")
_COUNTED = {"printed": "printed", **dict.fromkeys(_FAILED, "failed"), "cancelled": "cancelled"}


class PrinterPath(Query):
    """A printer of a store."""

    store: StoreReference
    printer: Id


class DayQuery(Query):
    """A business day; by default the present one."""

    day: Day | None = None


class ConsoleJob(Output):
    """A print job without its ticket. `attention` says why a person must look at it."""

    id: str
    order: str | None
    pickup_number: int | None
    kind: str
    station: str | None
    printer: str
    state: str
    queued_at: datetime
    ended_at: datetime | None
    held: str | None
    code: str | None
    evidence: str | None
    attention: str | None
    reprint: int
    moved_from: str | None


class PrinterHour(Output):
    """Jobs by the hour in which they were queued. `failed` has unknown and expired jobs, too."""

    hour: int
    printed: int = 0
    failed: int = 0
    waiting: int = 0
    cancelled: int = 0


class PrinterDay(Output):
    """The day of a printer. The times are from the queue to the paper, of printed jobs. `jobs`: the newest hundred."""

    store: str
    printer: str
    day: date
    hours: list[PrinterHour]
    printed: int
    failed: int
    median_ms: int | None
    slowest_ms: int | None
    jobs: list[ConsoleJob]


def get_printer_day(call: Call, path: PrinterPath, query: DayQuery) -> Reply:
    """The jobs of a printer on a business day, by hour, with the times from the queue to the paper."""
    location, now = visible_store(call, RIGHT, path.store), call.env.clock()
    day = query.day or VisibleStores(location.store_id, entire=False, places=[location]).today(now)
    begins, ends = _bounds(location, day), _bounds(location, day + timedelta(days=1))
    with call.env.db.snapshot() as transaction:
        printers = read_printers(transaction, [location.store_id]).get(location.store_id, ())
        if path.printer not in {row["id"] for row in printers}:
            raise NotFound("unknown_printer", f"there is no printer {path.printer} in this store")
        rows = read_jobs_of_day(transaction, location.store_id, path.printer, begins, ends)
    return Reply(_day(location, path.printer, day, rows))


def job_of(row: Row) -> ConsoleJob:
    """The job in a row."""
    number = row["pickup_number"]
    return ConsoleJob(
        id=row["id"],
        order=row["order_id"],
        pickup_number=int(number) if number and number.isdigit() else None,
        queued_at=row["queued_at"].replace(tzinfo=UTC),
        ended_at=utc(row["ended_at"]),
        **{name: row[name] for name in ("kind", "station", "printer", "state", "held", "code", "evidence")},
        **{name: row[name] for name in ("attention", "reprint", "moved_from")},
    )


def _bounds(location: Place, day: date) -> datetime:
    """When the business day begins: at the hour at which the one before ends."""
    hour, minute = map(int, (location.day_ends_at or "00:00").split(":")[:2])
    return datetime.combine(day, time(hour, minute), ZoneInfo(location.timezone)).astimezone(UTC)


def _day(location: Place, printer: str, day: date, rows: Sequence[Row]) -> PrinterDay:
    zone, counts = ZoneInfo(location.timezone), Counter[tuple[int, str]]()
    for row in rows:
        hour = row["queued_at"].replace(tzinfo=UTC).astimezone(zone).hour
        counts[hour, _COUNTED.get(row["state"], "waiting")] += 1
    hours = [
        PrinterHour(hour=hour, **{name: count for (of, name), count in counts.items() if of == hour})
        for hour in sorted({hour for hour, _ in counts})
    ]
    times = [_milliseconds(row) for row in rows if row["state"] == "printed" and row["ended_at"]]
    return PrinterDay(
        store=location.store,
        printer=printer,
        day=day,
        hours=hours,
        printed=sum(hour.printed for hour in hours),
        failed=sum(hour.failed for hour in hours),
        median_ms=round(statistics.median(times)) if times else None,
        slowest_ms=max(times, default=None),
        jobs=[job_of(row) for row in rows[:MOST_JOBS]],
    )


def _milliseconds(row: Row) -> int:
    duration: timedelta = row["ended_at"] - row["queued_at"]
    return round(duration.total_seconds() * 1000)
