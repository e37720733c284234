"""A chain gets a CLV model when enough members repeat, and a failure stops only its own chain."""

from datetime import timedelta
from typing import Any

import pytest

from functions.members.calculator import chain_rules
from functions.members.recalculation import clv_models
from functions.members.recalculation.backfills import BACKFILLS
from functions.members.recalculation.clv_models import fit_models
from tests.support.members import CHAIN, EVER, NOON, Town, an_order, at, bought, paid, tell, work_off


def test_a_chain_gets_a_model_when_enough_members_came_back(town: Town) -> None:
    orders = [
        an_order(f"m{n}", NOON - timedelta(days=7 * n % 300 + 40 * k), total=1000 + 100 * (n % 7))
        for n in range(160)
        for k in range(n % 4)
    ]
    tell([paid(order) for order in orders])
    with at(town.env, NOON):
        town.spread(["churn"])
        assert town.tags() == {}
        fit_models(town.env, EVER)
        chain_rules.rules_cache.clear(town.env)
        town.run("UPDATE tag_backfills SET starts_at = %s", (NOON,))
        work_off(town.env, BACKFILLS)
        fit_models(town.env, EVER)
    assert town.run("SELECT tags FROM tag_backfills") == [("churn future_value",)]
    members = {member for member, _ in town.tags()}
    assert len(members) == len({order["guest"]["member"] for order in orders})
    assert {tag for _, tag in town.tags()} == {"churn", "future_value"}


def test_a_chain_that_cannot_be_fitted_leaves_the_night_to_the_others(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    bought(town, "anna", 0)
    bought(town, "zed", 0, chain="other")
    fitted: list[str] = []

    def fit(_env: Any, chain: str) -> None:
        fitted.append(chain)
        raise ZeroDivisionError

    monkeypatch.setattr(clv_models, "fit_chain", fit)
    with pytest.raises(ZeroDivisionError):
        clv_models.fit_models(town.env, EVER)
    assert fitted == [CHAIN, "other"]
