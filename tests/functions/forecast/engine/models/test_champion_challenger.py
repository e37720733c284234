"""The challenger is compared with the champion on days that neither has learned from."""

from datetime import date, timedelta

import numpy as np
import pytest

from functions.forecast.engine.data import covariates, history
from functions.forecast.engine.data.snapshot import Snapshot
from functions.forecast.engine.models import champion_challenger as training
from functions.forecast.engine.models.model_set import ModelSet, train
from tests.functions.forecast import chains


def test_a_champion_that_is_younger_than_the_days_held_back_is_not_judged_on_what_it_has_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    past = history.read(chains.rows(2, 100), chains.NEVER)
    calendar = covariates.build("US", past.stores, past.first_day, past.last_day + timedelta(days=30))
    snapshot = Snapshot(past, calendar, np.full((2, 30), np.nan, np.float32))
    young = train(past, snapshot.calendar, chains.SMALL, last_day=past.last_day - timedelta(days=7))
    judged: list[date] = []

    def noted(models: ModelSet, snapshot: Snapshot, origin: date) -> float:
        del models, snapshot
        judged.append(origin)
        return 0.0

    monkeypatch.setattr(training, "SETTINGS", chains.SMALL)
    monkeypatch.setattr(training, "wape", noted)
    training.trained(training.Champion(young, young.trained_to, ()), snapshot, past.last_day)
    assert judged == [past.last_day - timedelta(days=7)] * 2
