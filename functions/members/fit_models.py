"""every night → how each chain's members come back is fitted anew, and used where it has moved"""

import json
from dataclasses import asdict
from datetime import datetime
from itertools import starmap

from functions.members import store_people as people
from functions.members import store_runs as runs
from functions.members.calculator.chain_rules import BACKFILL_AFTER, read_rules
from functions.members.clv.model import Model, Summary
from functions.members.facts.totals import Facts
from functions.members.recalculation.backfills import start
from shared.kit.isolation import Isolation
from shared.spine import entry, log
from shared.spine.env import Environment

MEMBERS_AT_ONCE = 1_000
# Ids are hashes, so the first of them are a sample like any other; more would not sharpen three digits.
MOST_MEMBERS = 50_000
# By less than this share a new model says the same: not worth making two tags of every member anew.
SAME_WITHIN = 0.05
TAGS = ("churn", "future_value")


def run(env: Environment, until: datetime) -> None:
    """Chain by chain; what is not begun by then is for the next night."""
    with env.db.transaction() as transaction:
        chains = runs.chains(transaction)
    with Isolation() as isolation:
        for chain in chains:
            if env.clock() < until:
                with isolation.isolate(chain):
                    fit_chain(env, chain)


def fit_chain(env: Environment, chain: str) -> None:
    """Fit, and where the model has moved keep it and begin a backfill of the tags that go by it."""
    from functions.members.clv.fit import fit  # noqa: PLC0415 - half a second that other tests of this module need not

    found = _summaries(env, chain)
    model = fit(found)
    log.logger().info("model fitted", extra={"chain": chain, "members": len(found), "found": model is not None})
    if model is None:
        return
    now = env.clock()
    with env.db.transaction() as transaction:
        before = read_rules(transaction, chain).model
        if before is None or moved(before, model):
            people.keep_model(transaction, chain, json.dumps(asdict(model)), len(found), now)
            start(transaction, chain, TAGS, now, BACKFILL_AFTER)


def moved(before: Model, after: Model) -> bool:
    """Whether any parameter is another by more than `SAME_WITHIN`."""
    pairs = zip(asdict(before).values(), asdict(after).values(), strict=True)
    return any(starmap(lambda old, new: abs(new - old) > SAME_WITHIN * old, pairs))


def _summaries(env: Environment, chain: str) -> list[Summary]:
    found: list[Summary] = []
    after = ""
    while len(found) < MOST_MEMBERS:
        with env.db.transaction() as transaction:
            today = read_rules(transaction, chain).today(env.clock()).day
            rows = list(people.read_days_after(transaction, chain, after, MEMBERS_AT_ONCE))
        facts = [Facts(row) for row in rows]
        found += [each.history.summary(today) for each in facts if each.history]
        if len(rows) < MEMBERS_AT_ONCE:
            break
        after = rows[-1]["id"]
    return found


handler = entry.timer(run)
