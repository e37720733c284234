"""Model sets: what each was trained on, how it scored, and where object storage has it."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from shared.spine.db import Row, Transaction

MODEL = """
    SELECT id, chain_id AS chain, batch, trained_to, refreshed_to, data_hash, code_version, parameters, scores,
        object_key, live FROM forecast_models"""
INSERT_MODEL = """
    INSERT INTO forecast_models (id, chain_id, batch, trained_to, refreshed_to, data_hash, code_version, parameters,
        scores, object_key, live)
    VALUES (%(id)s, %(chain)s, %(batch)s, %(trained_to)s, %(refreshed_to)s, %(data_hash)s, %(code_version)s,
        %(parameters)s, %(scores)s, %(object_key)s, %(live)s)"""
RETIRE_MODELS = "UPDATE forecast_models SET live = 0 WHERE chain_id = %(chain)s AND batch = %(batch)s AND live = 1"
SELECT_LIVE_MODEL = f"{MODEL} WHERE chain_id = %(chain)s AND batch = %(batch)s AND live = 1 ORDER BY id DESC LIMIT 1"
SELECT_MODEL = f"{MODEL} WHERE id = %(model)s"
SELECT_MODELS = f"{MODEL} WHERE chain_id = %(chain)s ORDER BY id DESC LIMIT 100"
SELECT_NEWEST_LEARNED_DAY = """
    SELECT MAX(refreshed_to) AS day FROM forecast_models WHERE chain_id = %(chain)s AND live = 1"""


@dataclass(frozen=True)
class StoredModel:
    """A model set; `trained_to` is the last day that its trees learned from, `refreshed_to` its weights."""

    id: str
    chain: str
    batch: int
    trained_to: date
    refreshed_to: date
    data_hash: str
    code_version: str
    parameters: dict[str, Any]
    scores: dict[str, Any]
    object_key: str
    live: bool


def insert_live_model(transaction: Transaction, model: StoredModel) -> None:
    """Insert a model set in place of the live one of its batch."""
    documents = {"parameters": json.dumps(model.parameters), "scores": json.dumps(model.scores)}
    transaction.execute(RETIRE_MODELS, {"chain": model.chain, "batch": model.batch})
    transaction.execute(INSERT_MODEL, vars(model) | documents)


def read_live_model(transaction: Transaction, chain: str, batch: int) -> StoredModel | None:
    """The champion of a batch."""
    row = transaction.row(SELECT_LIVE_MODEL, {"chain": chain, "batch": batch})
    return _model(row) if row else None


def read_model(transaction: Transaction, model_id: str) -> StoredModel | None:
    """The model set."""
    row = transaction.row(SELECT_MODEL, {"model": model_id})
    return _model(row) if row else None


def read_models(transaction: Transaction, chain: str) -> list[StoredModel]:
    """The newest hundred sets of the chain, live or not."""
    return [_model(row) for row in transaction.rows(SELECT_MODELS, {"chain": chain})]


def read_newest_learned_day(transaction: Transaction, chain: str) -> date | None:
    """The newest day that a live model set of the chain has learned from."""
    row = transaction.row(SELECT_NEWEST_LEARNED_DAY, {"chain": chain})
    return row["day"] if row else None


def _model(row: Row) -> StoredModel:
    return StoredModel(**(row | {name: json.loads(row[name]) for name in ("parameters", "scores")}))
