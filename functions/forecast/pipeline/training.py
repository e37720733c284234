"""The training of a batch: load its job, train or refresh the champion, keep the model set."""

from dataclasses import dataclass, replace

from functions.forecast.engine.data.snapshot import Snapshot
from functions.forecast.engine.models import champion_challenger
from functions.forecast.engine.models.champion_challenger import Champion, TrainingResult
from functions.forecast.pipeline import artifacts, inputs, run_lifecycle
from functions.forecast.tables.batches import BatchReport, update_batch
from functions.forecast.tables.models import insert_live_model
from functions.forecast.tables.runs import lock_run
from functions.forecast.tables.training_jobs import TrainingJob, read_training_job
from shared.contracts.messages.forecast import ForecastTrained, ForecastTrainingDue
from shared.spine import log
from shared.spine.db import Transaction
from shared.spine.env import Environment


@dataclass(frozen=True)
class LoadedJob:
    """A batch that awaits training; `full_training` is whether new models are due."""

    due: ForecastTrainingDue
    stored: TrainingJob
    champion: Champion | None
    full_training: bool


def load(env: Environment, due: ForecastTrainingDue) -> LoadedJob | None:
    """The job with its champion, or None if the batch does not await training.

    Raises `Rejected` for a failed batch if the chain has a newer run: its model set would replace a newer one.
    """
    with env.db.transaction() as transaction:
        stored = _read_job(transaction, due)
    if stored is None:
        return None
    champion = artifacts.read_champion(env, stored.champion)
    retrain_days = stored.settings.retrain_days
    full_training = champion_challenger.needs_training(champion, due.origin, retrain_days, stored.drifted_at)
    return LoadedJob(due, stored, champion, full_training)


def train(env: Environment, job: LoadedJob) -> tuple[Snapshot, TrainingResult]:
    """The next champion, with the snapshot that it learned from. Raises `Rejected` for an invalid history."""
    due, settings, batch = job.due, job.stored.settings, job.stored.batch
    inputs.refresh_history(env, due.chain, batch.stores, due.origin, all_days=job.full_training)
    snapshot = inputs.read_snapshot(env, due.chain, settings.country, batch, due.origin)
    if job.champion is None or job.full_training:
        return snapshot, champion_challenger.trained(job.champion, snapshot, due.origin)
    return snapshot, champion_challenger.refreshed(job.champion, snapshot, due.origin, settings.refresh_days)


def keep(env: Environment, due: ForecastTrainingDue, snapshot: Snapshot, result: TrainingResult) -> None:
    """Store the champion with its snapshot, in object storage and then in the tables."""
    snapshot_name = artifacts.write_snapshot(env, due.chain, snapshot.with_columns(result.champion.columns))
    model = artifacts.write_champion(env, due.chain, due.batch, result)
    report = BatchReport(
        full_training=result.full_training,
        challenged="challenger" in result.scores,
        expected_wape=result.scores["wape"],
        corrections=len(snapshot.history.corrections),
    )
    with env.outbox.work("forecast") as work:
        lock_run(work, due.run)
        job = _read_job(work, due)
        if job is None:
            return
        batch = replace(job.batch, model=model.id, snapshot=snapshot_name, code_version=model.code_version)
        trained = run_lifecycle.trained(replace(batch, report=report))
        insert_live_model(work, model)
        update_batch(work, trained)
        run = {"run": due.run, "chain": due.chain, "origin": due.origin}
        run_lifecycle.announce(work, ForecastTrained(**run, batch=due.batch, model=model.id))
    extra = {"chain": due.chain, "batch": due.batch, "full_training": result.full_training}
    log.logger().info("batch trained", extra=extra)


def _read_job(transaction: Transaction, due: ForecastTrainingDue) -> TrainingJob | None:
    job = read_training_job(transaction, due.chain, due.run, due.batch)
    if job is None or not job.batch.awaits_training:
        return None
    run_lifecycle.require_newest_origin(job.batch, due.origin, job.newest_origin)
    return job
