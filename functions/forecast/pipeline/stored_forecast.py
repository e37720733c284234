"""A forecast from a stored model set and snapshot: of a batch, of a past run once more, or with one more plan."""

from typing import Any

from functions.forecast.engine import predict
from functions.forecast.engine.models.model_set import Prediction
from functions.forecast.pipeline import artifacts, inputs
from functions.forecast.tables.batches import ForecastSource
from functions.forecast.tables.models import read_model
from functions.forecast.tables.plans import Plan
from shared.spine.env import Environment
from shared.spine.errors import Conflict, NotFound, Rejected


def predict_again(env: Environment, chain: str, source: ForecastSource) -> Prediction:
    """The forecast of a batch. Raises `NotFound` if its model set is not stored any more."""
    with env.db.transaction() as transaction:
        model = read_model(transaction, source.model)
    if model is None:
        raise NotFound("unknown_model", "the model set of the forecast is not stored any more")
    snapshot = artifacts.read_snapshot(env, chain, source.snapshot)
    return predict.predict(artifacts.read_model_set(env, model), snapshot, source.origin)


def hash_again(env: Environment, chain: str, source: ForecastSource) -> str:
    """The hash of a past forecast that is made once more. Raises `Conflict` if another code version made it."""
    if source.code_version != artifacts.code_version():
        version = source.code_version[:12]
        raise Conflict(
            "other_code_version", f"code version {version} made the forecast. Deploy that version to reproduce it."
        )
    return predict.forecast_hash(predict_again(env, chain, source))


def predict_with_plan(
    env: Environment, chain: str, source: ForecastSource, store: str, plan: Plan
) -> list[dict[Any, Any]]:
    """The rows of one store with one more plan; an event has the effect of the one with its name a year ago.

    Raises `Rejected` if another code version made the forecast, or the history has no such plan to learn from.
    """
    if source.code_version != artifacts.code_version():
        detail = "The newest forecast comes from an earlier release. Try again after tonight's run."
        raise Rejected("other_code_version", detail)
    with env.db.transaction() as transaction:
        model = read_model(transaction, source.model)
    if model is None:
        raise NotFound("unknown_model", "the model set of the forecast is not stored any more")
    models = artifacts.read_model_set(env, model)
    snapshot = artifacts.read_snapshot(env, chain, source.snapshot)
    if store not in snapshot.history.stores:
        raise NotFound("no_forecast", "the store has no forecast yet")
    planned = snapshot.with_plan(inputs.planned_days(plan), inputs.read_plans_year_ago(env, chain, plan.first_day))
    return predict.predict(models, planned, source.origin, store).rows.to_dict("records")
