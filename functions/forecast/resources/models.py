"""GET /v1/forecasts/models."""

from datetime import date
from typing import Any

from functions.forecast.resources.scope import READ, ChainQuery, require_chain
from functions.forecast.tables.models import read_models
from shared.contracts.ids import Ulid
from shared.contracts.models import Output
from shared.spine.http import Call, Reply


class ModelDocument(Output):
    """A model set. `trained_to` is the last day that its trees learned from, `refreshed_to` its weights."""

    id: Ulid
    batch: int
    trained_to: date
    refreshed_to: date
    data_hash: str
    code_version: str
    parameters: dict[str, Any]
    scores: dict[str, Any]
    live: bool


class ModelPage(Output):
    """The newest hundred."""

    models: list[ModelDocument]


def list_forecast_models(call: Call, query: ChainQuery) -> Reply:
    """The model sets, with their data and scores."""
    require_chain(call, READ, query.chain)
    with call.env.db.transaction() as transaction:
        models = read_models(transaction, query.chain)
    return Reply(ModelPage(models=[ModelDocument(**vars(model)) for model in models]))
