"""How a part ends, and with the last one the run."""

import json
from datetime import date, datetime, timedelta

from functions.forecast import store
from functions.forecast.engine.settings import HORIZON
from shared.contracts.messages.forecast import ForecastReady, ForecastTrainingDue
from shared.kit.isolation import Isolation
from shared.spine import log
from shared.spine.db import Row, Transaction
from shared.spine.env import Environment
from shared.spine.errors import Rejected
from shared.spine.outbox import Work

ENDED = ("forecast", "refused", "failed")
# Where each try is killed, a part's message is among the dead letters after nine.
PATIENCE = timedelta(hours=10)
LATE = "not done in ten hours: the log and the dead letters of {} say why"
AT_WORK = {"queued": "forecast_train_part", "trained": "forecast_nightly_forecast"}


def awaits_training(part: Row) -> bool:
    """Also after it was given up: its message may come again, from the dead letters."""
    return part["status"] == "queued" or (part["status"] == "failed" and part["model_id"] is None)


def require_evening(transaction: Transaction, part: Row, due: ForecastTrainingDue) -> None:
    """Raises `Rejected` for a part that was given up where another evening's run has begun since."""
    newest = store.newest_evening(transaction, due.chain)
    if part["status"] == "failed" and newest and newest > due.last_day:
        raise Rejected("evening_past", f"the chain's forecast from {newest} has begun since")


def refuse(env: Environment, due: ForecastTrainingDue, refusal: Rejected) -> None:
    """The part's history cannot be trained on: nothing is, and the run's report says why."""
    report = {"code": refusal.code, "detail": refusal.detail, "faults": [each.document() for each in refusal.faults]}
    log.logger().warning("part refused", extra={"chain": due.chain, "part": due.part, "error": str(refusal)})
    with env.outbox.work("forecast") as work:
        store.run(work, due.run)
        store.close_part(work, due.run, due.part, "refused", json.dumps(report))
        end_run(work, due.run, due.chain, due.last_day, env)


def give_up(env: Environment, until: datetime, isolation: Isolation) -> None:
    """Parts that have not ended in time have failed: the other stores of their run are waited for no longer."""
    with env.db.transaction() as transaction:
        runs = store.overdue(transaction, env.clock() - PATIENCE)
    for run in runs:
        if env.clock() < until:
            with isolation.isolate(run["id"]):
                _give_up(env, run)


def _give_up(env: Environment, run: Row) -> None:
    with env.outbox.work("forecast") as work:
        store.run(work, run["id"])
        late = [part for part in store.parts(work, run["id"]) if part["status"] not in ENDED]
        for part in late:
            fail(work, run["id"], part)
        if not late:
            return
        end_run(work, run["id"], run["chain"], run["last_day"], env)
    failed = [part["part"] for part in late]
    log.logger().error("parts given up", extra={"chain": run["chain"], "run": run["id"], "parts": failed})


def fail(work: Work, run_id: str, part: Row) -> None:
    """The run does not wait for the part, and names it until it is forecast."""
    told = {"code": "not_ended", "detail": LATE.format(AT_WORK[part["status"]])}
    report = json.loads(part["report"] or "{}") | told  # of what is trained it has what a drift is judged by
    store.close_part(work, run_id, part["part"], "failed", json.dumps(report))


def end_run(work: Work, run_id: str, chain: str, last_day: date, env: Environment) -> None:
    """Where all parts have ended; it is announced unless none could be forecast, and again when a late one is."""
    run, parts = store.run(work, run_id), store.parts(work, run_id)
    if run is None or any(part["status"] not in ENDED for part in parts):
        return
    store.end_run(work, run_id, env.clock())
    stores = sum(len(json.loads(part["stores"])) for part in parts if part["status"] == "forecast")
    if stores:
        ready = ForecastReady(run=run_id, chain=chain, last_day=last_day, days=HORIZON, stores=stores)
        work.announce(ready, subject=f"forecast/{run_id}", sequence=store.next_sequence(work, run))
