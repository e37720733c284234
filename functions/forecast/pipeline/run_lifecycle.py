"""The life of a forecast run: it begins with batches, ends with the last of them, and fails batches that hang."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from functions.forecast import states
from functions.forecast.engine.settings import HORIZON
from functions.forecast.states import ENDED, BatchStatus
from functions.forecast.tables.batches import Batch, insert_batches, read_batches, update_batch
from functions.forecast.tables.runs import Run, insert_run, lock_run, next_sequence, read_overdue, update_ended
from functions.forecast.tables.stores import ChainStore
from shared.contracts.ids import new_id
from shared.contracts.messages.forecast import ForecastMessage, ForecastReady, ForecastTrainingDue
from shared.kit.isolation import Isolation
from shared.spine import log
from shared.spine.db import Duplicate
from shared.spine.env import Environment
from shared.spine.errors import Rejected
from shared.spine.outbox import Work

# If each attempt is killed, the message of a batch is a dead letter after nine hours.
PATIENCE = timedelta(hours=10)
LATE = "not done in ten hours: the log and the dead letters of {} say why"
AT_WORK = {BatchStatus.QUEUED: "forecast_train_part", BatchStatus.TRAINED: "forecast_nightly_forecast"}


def announce(work: Work, message: ForecastMessage) -> None:
    """Announce a message about a run that exists."""
    work.announce(message, subject=f"forecast/{message.run}", sequence=next_sequence(work, message.run))


def begin_run(
    work: Work, chain: str, stores: Sequence[ChainStore], stores_per_batch: int, origin: date, now: datetime
) -> str | None:
    """The id of the new run, or None if the chain has a run at this origin."""
    batches = batches_of(stores, stores_per_batch)
    run = Run(new_id(now), chain, origin, drifted=False)
    try:
        if not insert_run(work, run, len(batches), now):
            return None
    except Duplicate:
        return None
    insert_batches(work, run.id, chain, batches)
    for batch in range(len(batches)):
        due = ForecastTrainingDue(run=run.id, chain=chain, origin=origin, batch=batch)
        work.announce(due, subject=f"forecast/{run.id}", sequence=batch + 1)
    log.logger().info("forecast begins", extra={"chain": chain, "run": run.id, "batches": len(batches)})
    return run.id


def batches_of(stores: Sequence[ChainStore], stores_per_batch: int) -> list[list[str]]:
    """Ids of stores in batches. A batch has one currency, because sums in two cannot be learned from together."""
    by_currency: dict[str, list[str]] = {}
    for store in stores:
        by_currency.setdefault(store.currency, []).append(store.store)
    return [
        store_ids[start : start + stores_per_batch]
        for store_ids in by_currency.values()
        for start in range(0, len(store_ids), stores_per_batch)
    ]


def require_newest_origin(batch: Batch, origin: date, newest_origin: date | None) -> None:
    """Raises `Rejected` for a failed batch if a run with a later origin has begun since."""
    if batch.has_failed and newest_origin and newest_origin > origin:
        raise Rejected("origin_past", f"the forecast of the chain from {newest_origin} has begun since")


def refuse_batch(env: Environment, due: ForecastTrainingDue, refusal: Rejected) -> None:
    """The history of the batch cannot be trained on: the report of the run says why."""
    faults = [fault.document() for fault in refusal.faults]
    log.logger().warning("batch refused", extra={"chain": due.chain, "batch": due.batch, "error": str(refusal)})
    with env.outbox.work("forecast") as work:
        lock_run(work, due.run)
        batches = read_batches(work, due.run)
        batch = batches[due.batch]
        if not batch.awaits_training:
            return
        report = replace(batch.report, code=refusal.code, detail=refusal.detail, faults=faults)
        status = states.move(batch.status, BatchStatus.REFUSED)
        update_batch(work, replace(batch, status=status, report=report))
        end_run_if_done(work, Run(due.run, due.chain, due.origin, drifted=False), env.clock())


def fail_overdue_batches(env: Environment, until: datetime, isolation: Isolation) -> None:
    """Batches that have not ended in time have failed: the run does not wait for them any longer."""
    with env.db.transaction() as transaction:
        runs = read_overdue(transaction, env.clock() - PATIENCE)
    for run in runs:
        if env.clock() < until:
            with isolation.isolate(run.id):
                _fail_overdue_batches(env, run)


def _fail_overdue_batches(env: Environment, run: Run) -> None:
    with env.outbox.work("forecast") as work:
        lock_run(work, run.id)
        late = [batch for batch in read_batches(work, run.id) if batch.status not in ENDED]
        for batch in late:
            update_batch(work, failed(batch))
        if not late:
            return
        end_run_if_done(work, run, env.clock())
    numbers = [batch.batch for batch in late]
    log.logger().error("batches failed", extra={"chain": run.chain, "run": run.id, "batches": numbers})


def trained(batch: Batch) -> Batch:
    """The batch with its new model set; a failed one stays failed until it is forecast."""
    if batch.has_failed:
        return _waiting_for(batch, BatchStatus.TRAINED)
    return replace(batch, status=states.move(batch.status, BatchStatus.TRAINED))


def queued_again(batch: Batch) -> Batch:
    """The batch without its model set, which another code version made."""
    return replace(batch, status=states.queue_again(batch.status), model=None)


def forecast(batch: Batch) -> Batch:
    """The batch with its forecast."""
    return replace(batch, status=states.move(batch.status, BatchStatus.FORECAST))


def failed(batch: Batch) -> Batch:
    """The batch as it is when the run has waited too long. The run names it until it is forecast."""
    return _waiting_for(batch, batch.status)


def _waiting_for(batch: Batch, status: BatchStatus) -> Batch:
    """A failed batch whose report names the function that is at work on it in this status."""
    report = replace(batch.report, code="not_ended", detail=LATE.format(AT_WORK[status]))
    return replace(batch, status=states.move(batch.status, BatchStatus.FAILED), report=report)


def end_run_if_done(work: Work, run: Run, now: datetime) -> None:
    """End the run if all its batches have ended; the caller has locked it.

    `forecast.ready` is announced if a batch has a forecast, and again if a late one gets its forecast.
    """
    batches = read_batches(work, run.id)
    if not states.run_has_ended(batch.status for batch in batches):
        return
    update_ended(work, run.id, now)
    stores = sum(len(batch.stores) for batch in batches if batch.is_forecast)
    if stores:
        ready = ForecastReady(run=run.id, chain=run.chain, origin=run.origin, days=HORIZON, stores=stores)
        announce(work, ready)
