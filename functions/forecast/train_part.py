"""forecast.training_due → the batch has a model set for its origin: newly trained, or with refreshed weights"""

from dataclasses import replace

from functions.forecast.engine.data.snapshot import Snapshot
from functions.forecast.engine.models import champion_challenger
from functions.forecast.engine.models.champion_challenger import TrainingResult
from functions.forecast.pipeline import artifacts, inputs, run_lifecycle
from functions.forecast.tables.batches import BatchReport, update_batch
from functions.forecast.tables.models import insert_live_model
from functions.forecast.tables.runs import lock_run
from functions.forecast.tables.training_jobs import TrainingJob, read_training_job
from shared.contracts.messages import Message
from shared.contracts.messages.forecast import ForecastTrained, ForecastTrainingDue
from shared.spine import entry, log
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.errors import Rejected


def train_batch(message: Message[ForecastTrainingDue], env: Environment) -> None:
    """Train the batch, from the start after a failure; a batch that is trained already stays as it is.

    Raises `Rejected` for a failed batch if the chain has a newer run: its model set would replace a newer one.
    """
    due = message.data
    with env.db.transaction() as transaction:
        job = _load(transaction, due)
    if job is None:
        return
    try:
        snapshot, result = _train(env, due, job)
    except Rejected as refusal:
        run_lifecycle.refuse_batch(env, due, refusal)
    else:
        _keep(env, due, snapshot, result)


def _load(transaction: Transaction, due: ForecastTrainingDue) -> TrainingJob | None:
    """The job, if the batch awaits training."""
    job = read_training_job(transaction, due.chain, due.run, due.batch)
    if job is None or not job.batch.awaits_training:
        return None
    run_lifecycle.require_newest_origin(job.batch, due.origin, job.newest_origin)
    return job


def _train(env: Environment, due: ForecastTrainingDue, job: TrainingJob) -> tuple[Snapshot, TrainingResult]:
    champion = artifacts.read_champion(env, job.champion)
    settings = job.settings
    full = champion_challenger.needs_training(champion, due.origin, settings.retrain_days, job.drifted_at)
    inputs.refresh_history(env, due.chain, job.batch.stores, due.origin, all_days=full)
    snapshot = inputs.read_snapshot(env, due.chain, settings.country, job.batch, due.origin)
    if champion is None or full:
        return snapshot, champion_challenger.trained(champion, snapshot, due.origin)
    return snapshot, champion_challenger.refreshed(champion, snapshot, due.origin, settings.refresh_days)


def _keep(env: Environment, due: ForecastTrainingDue, snapshot: Snapshot, result: TrainingResult) -> None:
    """Store the champion with its snapshot, in object storage and then in the tables."""
    model = artifacts.write_champion(env, due.chain, due.batch, result)
    snapshot_name = artifacts.write_snapshot(env, due.chain, snapshot.with_columns(result.champion.columns))
    report = BatchReport(
        full_training=result.full_training,
        expected_wape=result.scores["wape"],
        corrections=len(snapshot.history.corrections),
    )
    with env.outbox.work("forecast") as work:
        lock_run(work, due.run)
        job = _load(work, due)
        if job is None:
            return
        insert_live_model(work, model)
        batch = replace(job.batch, model=model.id, snapshot=snapshot_name, code_version=model.code_version)
        update_batch(work, run_lifecycle.trained(replace(batch, report=report)))
        run = {"run": due.run, "chain": due.chain, "origin": due.origin}
        run_lifecycle.announce(work, ForecastTrained(**run, batch=due.batch, model=model.id))
    extra = {"chain": due.chain, "batch": due.batch, "full_training": result.full_training}
    log.logger().info("batch trained", extra=extra)


handler = entry.queue(ForecastTrainingDue, train_batch)
