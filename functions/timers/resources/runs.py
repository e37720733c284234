"""GET /v1/timers/{timer}/runs: the runs of a timer, and the lines of a run in the log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import Field

from functions.timers.resources.access import TimerKey, find_timer, is_manager, require_manager, require_reader
from functions.timers.tables.names import read_names_of
from functions.timers.tables.runs import TimerRun, read_run, read_runs
from shared.contracts.ids import Ulid
from shared.contracts.models import Output, Query
from shared.contracts.text import Id
from shared.spine.errors import Misconfigured, NotFound
from shared.spine.http import Call, Reply

MOST_LINES = 200
Outcome = Literal["running", "done", "failed", "hung", "skipped"]


class RunsPath(Query):
    """A timer."""

    timer: TimerKey


class RunPath(Query):
    """A run of a timer."""

    timer: TimerKey
    run: Ulid


class RunsQuery(Query):
    """The chain of the caller's right; runs of one outcome; `after` is the `next` of the page before."""

    chain: Id
    outcome: Outcome | None = None
    after: Ulid | None = None
    limit: int = Field(default=50, ge=1, le=200)


class RunQuery(Query):
    """The chain of the caller's right."""

    chain: Id


class TimerRunDocument(Output):
    """A run. `hung`: its time limit has passed without an end. `skipped`: another run was at work.

    `cause`: the schedule, or a person (`asked_by`). `asked_by_name` is that of a person or a job of the caller's chain.
    `error` is None for callers who may not change timers: it can name things of other chains.
    """

    id: str
    began_at: datetime
    ended_at: datetime | None
    seconds: float | None
    outcome: Outcome
    cause: Literal["schedule", "person"]
    asked_by: str | None
    asked_by_name: str | None
    request: str
    error: str | None


class TimerRunPage(Output):
    """Runs of a timer, the newest first. `next` is the cursor of the next page."""

    runs: list[TimerRunDocument]
    next: str | None


class TimerRunLog(Output):
    """The lines of a run: JSON documents as text, the oldest first, 200 at most. `group` is their log group.

    `complete` is false when there are more lines.
    """

    group: str
    request: str
    lines: list[str]
    complete: bool


def run_document(run: TimerRun, names: Mapping[str, str], now: datetime, *, shows_error: bool) -> TimerRunDocument:
    """A run as callers see it."""
    seconds = (run.ended_at - run.began_at).total_seconds() if run.ended_at else None
    values = vars(run) | {
        "outcome": run.outcome_at(now),
        "error": run.error if shows_error else None,
        "seconds": seconds,
        "asked_by_name": names.get(run.asked_by or ""),
    }
    return TimerRunDocument.model_validate({name: values[name] for name in TimerRunDocument.model_fields})


def list_runs(call: Call, path: RunsPath, query: RunsQuery) -> Reply:
    """List the runs of a timer of the last 30 days, the newest first."""
    require_reader(call, query.chain)
    timer, now = find_timer(call, path.timer), call.env.clock()
    with call.env.db.transaction() as transaction:
        manages = is_manager(call, transaction, query.chain)
        runs = read_runs(transaction, timer.name, query.outcome, query.after, query.limit + 1)
        names = read_names_of(transaction, query.chain, [run.asked_by for run in runs])
    documents = [run_document(run, names, now, shows_error=manages) for run in runs[: query.limit]]
    return Reply(TimerRunPage(runs=documents, next=documents[-1].id if len(runs) > query.limit else None))


def get_run_log(call: Call, path: RunPath, query: RunQuery) -> Reply:
    """Read the lines of a run. It takes the right to change timers."""
    timer, now = find_timer(call, path.timer), call.env.clock()
    with call.env.db.transaction() as transaction:
        require_manager(call, transaction, query.chain)
        run = read_run(transaction, timer.name, path.run)
    if run is None:
        raise NotFound("unknown_run", f"{path.timer} has no run {path.run}")
    group = f"/aws/lambda/{call.env.settings.watched_prefix}{timer.concern}"
    try:
        lines = call.env.aws.lines(group, run.request, run.began_at, run.ended_at or now, MOST_LINES + 1)
    except Misconfigured:
        lines = []  # no function of the concern has ever written a line
    complete = len(lines) <= MOST_LINES
    return Reply(TimerRunLog(group=group, request=run.request, lines=lines[:MOST_LINES], complete=complete))
