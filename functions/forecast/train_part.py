"""forecast.training_due → the part's stores have a model set of today: trained anew, or refreshed"""

import json
from datetime import date
from typing import Any

from functions.forecast import chain_settings, ending, store
from functions.forecast.engine.data.snapshot import Snapshot
from functions.forecast.engine.models import champion_challenger as training
from functions.forecast.engine.models.champion_challenger import Champion, Night
from functions.forecast.pipeline import artifacts, inputs
from shared.contracts.ids import new_id
from shared.contracts.messages import Message
from shared.contracts.messages.forecast import ForecastTrained, ForecastTrainingDue
from shared.spine import entry, log
from shared.spine.db import Row
from shared.spine.env import Environment
from shared.spine.errors import Rejected


def take(message: Message[ForecastTrainingDue], env: Environment) -> None:
    """Begun again from the start after a failure; a part that is trained is left alone.

    Raises `Rejected` for one that was given up and whose evening is past: a set of today would look back at it.
    """
    due = message.data
    with env.db.transaction() as transaction:
        part = store.part(transaction, due.run, due.part)
        if part is None or not ending.awaits_training(part):
            return
        ending.require_evening(transaction, part, due)
        timezone = store.stores(transaction, due.chain)[0]["timezone"]
        settings = chain_settings.read(transaction, due.chain, timezone)
        row = store.live_model(transaction, due.chain, due.part)
        drifted_on = store.latest_drift(transaction, due.chain)
    stores = json.loads(part["stores"])
    champion = _champion(env, row)
    anew = training.needs_training(champion, due.last_day, settings.retrain_days, drifted_on)
    inputs.pull(env, due.chain, stores, due.last_day, whole=anew)
    try:
        snapshot = inputs.gather(env, due.run, due.part, due.chain, settings.country, stores, due.last_day)
        if champion is None or anew:
            night = training.trained(champion, snapshot, due.last_day)
        else:
            night = training.refreshed(champion, snapshot, due.last_day, settings.refresh_days)
    except Rejected as refusal:
        ending.refuse(env, due, refusal)
    else:
        _keep(env, due, snapshot, night)


def _champion(env: Environment, row: Row | None) -> Champion | None:
    """The live set, unless other code made it: then this code cannot run it."""
    parameters = json.loads(row["parameters"]) if row else {}
    if row is None or parameters["code_version"] != artifacts.code_version():
        return None
    models = artifacts.read_set(env, row["object_key"])
    return Champion(models, date.fromisoformat(parameters["tried_on"]), tuple(parameters["columns"]))


def _keep(env: Environment, due: ForecastTrainingDue, snapshot: Snapshot, night: Night) -> None:
    """The chosen set goes live with its snapshot; of one that lost the scores are kept."""
    now = env.clock()
    chosen, model_id = night.chosen, new_id(now)
    key = f"{due.chain}/models/{model_id}.zip"
    artifacts.keep_set(env, key, chosen.models)
    name = artifacts.keep_snapshot(env, due.chain, snapshot.with_columns(chosen.columns))
    report = {"trained": night.trained, "corrections": len(snapshot.history.corrections), **night.scores}
    with env.outbox.work("forecast") as work:
        run = store.run(work, due.run)
        part = store.part(work, due.run, due.part)
        if run is None or part is None or not ending.awaits_training(part):
            return
        ending.require_evening(work, part, due)
        row = _row(model_id, due, chosen, night.scores, key)
        store.keep_model(work, row, chain=due.chain, part=due.part, live=True)
        trained = (model_id, name, artifacts.code_version(), json.dumps(report), due.run, due.part)
        store.set_trained(work, trained)
        if part["status"] == "failed":
            ending.fail(work, due.run, part | {"status": "trained", "report": json.dumps(report)})
        told = ForecastTrained(run=due.run, chain=due.chain, last_day=due.last_day, part=due.part, model=model_id)
        work.announce(told, subject=f"forecast/{due.run}", sequence=store.next_sequence(work, run))
    log.logger().info("part trained", extra={"chain": due.chain, "part": due.part, "anew": night.trained})


def _row(
    model_id: str, due: ForecastTrainingDue, chosen: Champion, scores: dict[str, Any], key: str
) -> tuple[Any, ...]:
    models = chosen.models
    parameters = {
        "settings": models.settings.document(),
        "seed": models.seed,
        "tried_on": chosen.tried_on.isoformat(),
        "columns": chosen.columns,
        "code_version": artifacts.code_version(),
    }
    days = (models.trained_to, models.refreshed_to)
    version = artifacts.code_version()
    about = (models.data_hash, version, json.dumps(parameters), json.dumps(scores), key)
    return (model_id, due.chain, due.part, *days, *about)


handler = entry.queue(ForecastTrainingDue, take)
