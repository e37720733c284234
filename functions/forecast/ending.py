"""How a part ends, and with the last one the run."""

import json
from datetime import date

from functions.forecast import store
from functions.forecast.gathering import HORIZON
from shared import log
from shared.environment import Environment
from shared.errors import Rejected
from shared.messages.forecast import ForecastReady, ForecastTrainingDue
from shared.outbox import Work

ENDED = ("forecast", "refused")


def refuse(house: Environment, due: ForecastTrainingDue, refusal: Rejected) -> None:
    """The part's history cannot be trained on: nothing is, and the run's report says why."""
    report = {"code": refusal.code, "detail": refusal.detail, "faults": [each.document() for each in refusal.faults]}
    log.logger().warning("part refused", extra={"chain": due.chain, "part": due.part, "error": str(refusal)})
    with house.outbox.work("forecast") as work:
        store.run(work, due.run)
        store.set_refused(work, due.run, due.part, json.dumps(report))
        end_run(work, due.run, due.chain, due.last_day, house)


def end_run(work: Work, run_id: str, chain: str, last_day: date, house: Environment) -> None:
    """Where all parts have ended; it is announced unless none could be forecast."""
    run, parts = store.run(work, run_id), store.parts(work, run_id)
    if run is None or any(part["status"] not in ENDED for part in parts):
        return
    store.end_run(work, run_id, house.clock())
    stores = sum(len(json.loads(part["stores"])) for part in parts if part["status"] == "forecast")
    if stores:
        ready = ForecastReady(run=run_id, chain=chain, last_day=last_day, days=HORIZON, stores=stores)
        work.announce(ready, subject=f"forecast/{run_id}", sequence=store.next_sequence(work, run))
