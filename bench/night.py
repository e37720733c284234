"""`python -m bench.night` → a chain's night, or a what-if, by the functions themselves, and what it took as JSON.

It runs in a process of its own, so that its peak memory is its own. The environment names the database and the object
storage. `night ORIGIN` runs every function of the night one after the other. `what-if DAY` tries a closure on that day.
"""

import json
import os
import resource
import sys
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any

from bench.figures import seconds
from functions.forecast import nightly_forecast, score_forecasts, train_part
from functions.forecast.pipeline import run_lifecycle
from functions.forecast.resources import what_ifs
from functions.forecast.resources.what_ifs import WhatIfIn
from functions.forecast.tables.settings import read_settings
from functions.forecast.tables.stores import read_stores
from shared.contracts.messages.forecast import ForecastReady, ForecastTrained, ForecastTrainingDue
from shared.spine.env import Environment, environment
from stack.gateway_event import Context
from stack.memory import resident_mb

CHAIN = "bench"
FUNCTIONS: dict[str, Callable[..., Any]] = {
    ForecastTrainingDue.type: train_part.handler,
    ForecastTrained.type: nightly_forecast.handler,
    ForecastReady.type: score_forecasts.handler,
}
ANNOUNCED = "SELECT id, body FROM messages WHERE type LIKE 'forecast.%%' AND id > %s ORDER BY id"


def main() -> None:
    """One line of JSON."""
    env = environment()
    command, argument = sys.argv[1:]
    day = date.fromisoformat(argument)
    figures = night(env, day) if command == "night" else what_if(env, day)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    figures |= {"processor": usage.ru_utime + usage.ru_stime, "peak": resident_mb(os.getpid(), "VmHWM")}
    print(json.dumps(figures))


def night(env: Environment, origin: date) -> dict[str, float]:
    """Seconds in each function, by the message that wakes it."""
    newest = _newest(env)
    with env.outbox.work("forecast") as work:
        settings = read_settings(work, CHAIN)
        assert settings is not None
        stores = read_stores(work, CHAIN)
        assert run_lifecycle.begin_run(work, CHAIN, stores, settings.stores_per_batch, origin, env.clock())
    durations: dict[str, float] = defaultdict(float)
    while messages := _announced(env, newest):
        newest = messages[-1]["id"]
        for message in messages:
            durations[message["type"]] += seconds(_deliver, message)
    return durations


def _deliver(message: dict[str, Any]) -> None:
    reply = FUNCTIONS[message["type"]]({"Records": [_record(message)]}, Context(milliseconds=900_000))
    assert reply == {"batchItemFailures": []}, reply


def what_if(env: Environment, day: date) -> dict[str, float]:
    """Seconds of the first in an environment and of the next, of the chain's first store."""
    with env.db.transaction() as transaction:
        store = read_stores(transaction, CHAIN)[0].store
    request = WhatIfIn(chain=CHAIN, store=store, kind="closure", first_day=day, last_day=day)
    return {name: seconds(what_ifs.answer, env, request) for name in ("first", "next")}


def _newest(env: Environment) -> str:
    messages = _announced(env, "")
    return str(messages[-1]["id"]) if messages else ""


def _announced(env: Environment, after: str) -> list[dict[str, Any]]:
    with env.db.transaction() as transaction:
        return [{**json.loads(row["body"]), "id": row["id"]} for row in transaction.rows(ANNOUNCED, (after,))]


def _record(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "messageId": "m", "receiptHandle": "r", "body": json.dumps(body),
        "attributes": {"ApproximateReceiveCount": "1"}, "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:bench",
    }  # fmt: skip


if __name__ == "__main__":
    main()
