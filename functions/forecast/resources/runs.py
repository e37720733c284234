"""GET and POST /v1/forecasts/runs, GET /v1/forecasts/runs/{run}/reproduce."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from functions.forecast.pipeline import run_lifecycle
from functions.forecast.resources.scope import READ, WRITE, ChainQuery, DayIn, require_chain
from functions.forecast.resources.settings import settings_of
from functions.forecast.tables.batches import Batch, read_batches, read_batches_of_runs
from functions.forecast.tables.models import read_newest_learned_day
from functions.forecast.tables.runs import RunSummary, read_run, read_runs
from functions.forecast.tables.stores import read_stores
from shared.contracts.ids import Ulid
from shared.contracts.models import Input, Output, Query
from shared.contracts.text import Id
from shared.spine.errors import Conflict, NotFound, Rejected
from shared.spine.http import Call, Reply

MOST_STORES = 100


class RunPath(Query):
    """A run."""

    run: Ulid


class ReproduceQuery(ChainQuery):
    """One batch of the run, or all of them. A batch takes a second or two."""

    batch: int | None = None


class RunIn(Input):
    """Forecast a chain from `origin`, the last day of data to use. The chain has no run at this origin yet."""

    chain: Id
    origin: DayIn


class FailedBatch(Output):
    """A batch without a forecast, and the reason. `stores` lists the first hundred."""

    batch: int
    code: str
    detail: str
    stores: list[str]


class ImputedColumn(Output):
    """Values assumed for future days that had no input, and the rule that was used."""

    batch: int
    column: str
    rule: str


class SilentStore(Output):
    """A store without data for more than three days up to the origin, and the number of these days.

    It is forecast as before, with a probability of 0.7 that it trades and only its data is late. After 28 days it
    counts as closed until data comes, and stays in this list.
    """

    store: str
    days: int


class RunDocument(Output):
    """A run; `done` of its `batches` have a forecast.

    `shocks` are days on which most stores sold far more or less than expected, without a holiday or a plan. They are
    not compared with days one year later.
    """

    id: Ulid
    origin: date
    batches: int
    done: int
    drifted: bool
    begun_at: datetime
    ended_at: datetime | None
    failed: list[FailedBatch]
    imputed: list[ImputedColumn]
    shocks: list[date] = []
    silent: list[SilentStore] = []


class RunPage(Output):
    """The newest sixty: status, assumed values, and failed batches with reasons."""

    runs: list[RunDocument]


class RunBegun(Output):
    """A run that begins now."""

    id: Ulid
    origin: date


class BatchReproduction(Output):
    """SHA-256 of the stored forecast of a batch, and of the forecast made again."""

    batch: int
    stored_hash: str
    new_hash: str


class Reproduction(Output):
    """A past run, made again from its model sets and snapshots; `same` is whether all hashes are equal."""

    run: str
    same: bool
    batches: list[BatchReproduction]


def list_forecast_runs(call: Call, query: ChainQuery) -> Reply:
    """The forecast runs."""
    require_chain(call, READ, query.chain)
    with call.env.db.transaction() as transaction:
        runs = read_runs(transaction, query.chain)
        batches = read_batches_of_runs(transaction, [run.id for run in runs])
    documents = [_document(run, [batch for batch in batches if batch.run == run.id]) for run in runs]
    return Reply(RunPage(runs=documents))


def begin_forecast_run(call: Call, body: RunIn) -> Reply:
    """Begin a run now instead of at night."""
    require_chain(call, WRITE, body.chain)
    with call.once() as (work, stored):
        settings = settings_of(work, body.chain)
        if body.origin >= call.env.clock().astimezone(ZoneInfo(settings.timezone)).date():
            raise Rejected("day_in_future", "origin is a day that has not ended")
        learned_day = read_newest_learned_day(work, body.chain)
        if learned_day and body.origin < learned_day:
            raise Conflict("origin_past", f"the models of the chain have learned from days up to {learned_day}")
        stores = read_stores(work, body.chain)
        run_id = run_lifecycle.begin_run(
            work, body.chain, stores, settings.stores_per_batch, body.origin, call.env.clock()
        )
        if run_id is None:
            raise Conflict("run_exists", f"the chain has a run from {body.origin}")
        stored.status, stored.reply = 201, RunBegun(id=run_id, origin=body.origin).model_dump_json()
    return Reply(stored.reply, stored.status)


def reproduce_forecast_run(call: Call, path: RunPath, query: ReproduceQuery) -> Reply:
    """Make the forecasts of a past run again, and compare them bit for bit."""
    require_chain(call, READ, query.chain)
    with call.env.db.transaction() as transaction:
        run = read_run(transaction, path.run)
        batches = read_batches(transaction, path.run)
    if run is None or run.chain != query.chain:
        raise NotFound("unknown_run", "the chain has no such run")
    chosen = [batch for batch in batches if batch.is_forecast and query.batch in (None, batch.batch)]
    if not chosen:
        raise NotFound("no_forecast", "the run has no forecast of this batch")
    reproductions = [_reproduce(call, query.chain, batch, run.origin) for batch in chosen]
    same = all(reproduction.stored_hash == reproduction.new_hash for reproduction in reproductions)
    return Reply(Reproduction(run=run.id, same=same, batches=reproductions))


def _reproduce(call: Call, chain: str, batch: Batch, origin: date) -> BatchReproduction:
    from functions.forecast.pipeline import stored_forecast  # noqa: PLC0415 - loads LightGBM

    source = batch.source_at(origin)
    assert source is not None  # a batch that is forecast has its source and hash
    assert batch.forecast_hash is not None
    new_hash = stored_forecast.hash_again(call.env, chain, source)
    return BatchReproduction(batch=batch.batch, stored_hash=batch.forecast_hash, new_hash=new_hash)


def _document(run: RunSummary, batches: Sequence[Batch]) -> RunDocument:
    times = {name: time and time.replace(tzinfo=UTC) for name, time in _times(run).items()}
    imputed = [
        ImputedColumn(batch=batch.batch, column=column, rule=rule)
        for batch in batches
        if batch.is_forecast
        for column, rule in batch.report.imputed.items()
    ]
    failed = [
        FailedBatch(
            batch=batch.batch,
            code=batch.report.code,
            detail=batch.report.detail,
            stores=list(batch.stores[:MOST_STORES]),
        )
        for batch in batches
        if batch.has_no_forecast
    ]
    shocks = sorted({date.fromisoformat(day) for batch in batches for day in batch.report.shocks})
    silent = [SilentStore(store=store, days=days) for batch in batches for store, days in batch.report.silent.items()]
    return RunDocument(**(vars(run) | times), failed=failed, imputed=imputed, shocks=shocks, silent=silent)


def _times(run: RunSummary) -> dict[str, datetime | None]:
    return {"begun_at": run.begun_at, "ended_at": run.ended_at}
