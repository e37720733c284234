"""The CLV model of a chain, fitted on its members. A model that differs starts a backfill of the tags that use it."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from itertools import starmap

from functions.members.calculator.chain_rules import read_rules
from functions.members.clv.model import Model, Summary
from functions.members.recalculation.backfills import start_backfill
from functions.members.tables.chain_settings import upsert_model
from functions.members.tables.facts import MemberFacts, read_facts_after
from functions.members.tables.members import read_chains
from shared.kit.isolation import Isolation
from shared.spine import log
from shared.spine.env import Environment

MEMBERS_AT_ONCE = 1_000
# Ids are hashes, so the first members are a random sample. More members do not change the first three digits.
SAMPLE_SIZE = 50_000
# A model whose parameters changed by less is not stored: two tags of every member would be computed again.
TOLERANCE = 0.05
CLV_TAGS = ("churn", "future_value")


def fit_models(env: Environment, until: datetime) -> None:
    """Fit chain by chain. Chains that are not begun by `until` wait for the next night."""
    with env.db.transaction() as transaction:
        chains = read_chains(transaction)
    with Isolation() as isolation:
        for chain in chains:
            if env.clock() < until:
                with isolation.isolate(chain):
                    fit_chain(env, chain)


def fit_chain(env: Environment, chain: str) -> None:
    """Fit the chain's model. If it differs from the stored one, store it and start a backfill."""
    from functions.members.clv.fit import fit  # noqa: PLC0415 - half a second that other tests of this module need not

    summaries = list(_summaries(env, chain))
    model = fit(summaries)
    about = {"chain": chain, "members": len(summaries), "fitted": model is not None}
    log.logger().info("model fitted", extra=about)
    if model is None:
        return
    now = env.clock()
    with env.db.transaction() as transaction:
        before = read_rules(transaction, chain).model
        if before is None or differs(before, model):
            upsert_model(transaction, chain, json.dumps(asdict(model)), len(summaries), now)
            start_backfill(transaction, chain, CLV_TAGS, now)


def differs(before: Model, after: Model) -> bool:
    """Whether a parameter changed by more than `TOLERANCE`."""
    pairs = zip(asdict(before).values(), asdict(after).values(), strict=True)
    return any(starmap(lambda old, new: abs(new - old) > TOLERANCE * old, pairs))


def _summaries(env: Environment, chain: str) -> Iterator[Summary]:
    with env.db.transaction() as transaction:
        today = read_rules(transaction, chain).today(env.clock()).day
    for member in _sample(env, chain):
        if member.facts.history:
            yield member.facts.history.summary(today)


def _sample(env: Environment, chain: str) -> Iterator[MemberFacts]:
    after = ""
    for _ in range(SAMPLE_SIZE // MEMBERS_AT_ONCE):
        with env.db.transaction() as transaction:
            members = read_facts_after(transaction, chain, ("days",), after, MEMBERS_AT_ONCE)
        yield from members
        if len(members) < MEMBERS_AT_ONCE:
            return
        after = members[-1].member_id
