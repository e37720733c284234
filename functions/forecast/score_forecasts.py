"""forecast.ready → each day's truth stands beside every forecast made for it; a drift is announced"""

import json
from datetime import timedelta

from functions.forecast import store
from shared.contracts.messages import Message
from shared.contracts.messages.forecast import ForecastDrifted, ForecastReady
from shared.spine import entry, log
from shared.spine.db import Row
from shared.spine.env import Environment

# Refunds move a day's revenue for a while. Some chains import a month's at its end: full trainings look further back.
SCORED_DAYS, SCORED_AT_TRAINING = 14, 60
DRIFT_DAYS = 14
LEAST_SCORES = 50
MOST_OVER, LEAST_INSIDE = 1.5, 0.6


def take(message: Message[ForecastReady], env: Environment) -> None:
    """Again is no harm: the same rows."""
    ready = message.data
    with env.db.transaction() as transaction:
        parts = store.parts(transaction, ready.run)
        newest = store.newest_day(transaction, ready.chain) or ready.last_day
    reports = [json.loads(part["report"] or "{}") for part in parts]
    trained = any(each.get("trained") or "challenger" in each for each in reports)
    first = ready.last_day - timedelta(days=SCORED_AT_TRAINING if trained else SCORED_DAYS)
    stores = [name for part in parts for name in json.loads(part["stores"])]
    for start in range(0, len(stores), store.STORES_A_COMMIT):
        some = stores[start : start + store.STORES_A_COMMIT]
        with env.db.transaction() as transaction:
            store.score(transaction, ready.chain, some, first, ready.last_day)
            if newest > ready.last_day:  # the forecast comes late: its first days are scored without it
                store.score_origin(transaction, ready.chain, some, ready.last_day, newest)
    _watch(env, ready, [part for part in parts if part["status"] == "forecast"])


def _watch(env: Environment, ready: ForecastReady, parts: list[Row]) -> None:
    """Whether the last two weeks were much worse than the sets' own past."""
    with env.outbox.work("forecast") as work:
        found = store.recent(work, ready.chain, ready.last_day - timedelta(days=DRIFT_DAYS - 1), ready.last_day)
        run = store.run(work, ready.run)
        if found["days"] < LEAST_SCORES or run is None or run["drifted"]:
            return
        expected = max(json.loads(part["report"])["missed"] for part in parts)
        missed, inside = found["miss"] / found["revenue"], float(found["inside"] / found["days"])
        if not drifts(float(missed), expected, inside):
            return
        store.set_drifted(work, ready.run)
        about = {"run": ready.run, "chain": ready.chain, "last_day": ready.last_day}
        told = ForecastDrifted(**about, missed=float(missed), expected=expected, inside=inside)
        work.announce(told, subject=f"forecast/{ready.run}", sequence=store.next_sequence(work, run))
    log.logger().warning("forecasts drift", extra={"chain": ready.chain, "missed": float(missed), "inside": inside})


def drifts(missed: float, expected: float, inside: float) -> bool:
    """`missed` and `expected` are sums of |y - f| / sums of y, `inside` the share of days between P10 and P90."""
    return missed > MOST_OVER * expected or inside < LEAST_INSIDE


handler = entry.queue(ForecastReady, take)
