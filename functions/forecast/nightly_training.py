"""every hour → where it is night, a chain's forecast begins: stores in parts to train for; runs that hang are ended"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from functions.forecast import chain_settings, ending, store
from shared.contracts.ids import new_id
from shared.contracts.messages.forecast import ForecastTrainingDue
from shared.kit.isolation import Isolation
from shared.spine import entry, log
from shared.spine.db import Duplicate, Row
from shared.spine.env import Environment
from shared.spine.outbox import Work

# A night whose hour was missed is made up for so many hours.
NIGHT_HOURS = 4


def run(env: Environment, until: datetime) -> None:
    """Chain by chain; an evening's run begins once."""
    with env.db.transaction() as transaction:
        chains = store.chains(transaction)
    with Isolation() as isolation:
        for chain in chains:
            if env.clock() < until:
                with isolation.isolate(chain):
                    begin_where_night(env, chain)
        ending.give_up(env, until, isolation)


def begin_where_night(env: Environment, chain: str) -> None:
    """By the clock of the chain's first store, of the day that ended last."""
    with env.outbox.work("forecast") as work:
        stores = store.stores(work, chain)
        settings = chain_settings.read(work, chain, stores[0]["timezone"])
        local = env.clock().astimezone(ZoneInfo(stores[0]["timezone"]))
        if settings.night_hour <= local.hour < settings.night_hour + NIGHT_HOURS:
            begin(work, chain, stores, settings.stores_at_once, local.date() - timedelta(days=1), env.clock())


def begin(work: Work, chain: str, stores: Sequence[Row], at_once: int, last_day: date, now: datetime) -> str | None:
    """The run's id, or None where that evening's has begun already."""
    alike = _by_currency(stores)
    parts = [names[start : start + at_once] for names in alike for start in range(0, len(names), at_once)]
    run_id = new_id(now)
    try:
        if not store.begin_run(work, run_id, chain, last_day, parts, now):
            return None
    except Duplicate:
        return None
    for part in range(len(parts)):
        due = ForecastTrainingDue(run=run_id, chain=chain, last_day=last_day, part=part)
        work.announce(due, subject=f"forecast/{run_id}", sequence=part + 1)
    log.logger().info("forecast begins", extra={"chain": chain, "run": run_id, "parts": len(parts)})
    return run_id


def _by_currency(stores: Sequence[Row]) -> Iterable[list[str]]:
    """Sums in two currencies cannot be learned from together."""
    found: dict[str, list[str]] = {}
    for row in stores:
        found.setdefault(row["currency"], []).append(row["store"])
    return found.values()


handler = entry.timer(run)
