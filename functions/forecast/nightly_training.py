"""every hour → where it is night, a forecast run of the chain begins, in batches of stores; batches that hang fail"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from functions.forecast.pipeline import run_lifecycle
from functions.forecast.tables.settings import read_settings
from functions.forecast.tables.stores import read_chains, read_stores
from shared.kit.isolation import Isolation
from shared.spine import entry
from shared.spine.env import Environment

NIGHT_HOURS = 4  # a run that missed its hour begins up to so many hours later


def begin_due_runs(env: Environment, until: datetime) -> None:
    """Begin the runs of all chains where it is night; a chain and origin has one run."""
    with env.db.transaction() as transaction:
        chains = read_chains(transaction)
    with Isolation() as isolation:
        for chain in chains:
            if env.clock() < until:
                with isolation.isolate(chain):
                    begin_run_at_night(env, chain)
        run_lifecycle.fail_overdue_batches(env, until, isolation)


def begin_run_at_night(env: Environment, chain: str) -> None:
    """Begin a run from the day that ended last, by the clock of the chain's first store."""
    with env.outbox.work("forecast") as work:
        settings = read_settings(work, chain)
        if settings is None:
            return
        now = env.clock()
        local = now.astimezone(ZoneInfo(settings.timezone))
        if settings.night_hour <= local.hour < settings.night_hour + NIGHT_HOURS:
            origin = local.date() - timedelta(days=1)
            stores = read_stores(work, chain)
            run_lifecycle.begin_run(work, chain, stores, settings.stores_per_batch, origin, now)


handler = entry.timer(begin_due_runs)
