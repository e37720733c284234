"""The champion stays if the challenger is worse on days that neither learned from."""

from datetime import date, timedelta

import numpy as np
import pytest

from functions.forecast.engine.data.covariates import Covariates
from functions.forecast.engine.data.history import History
from functions.forecast.engine.data.snapshot import Snapshot
from functions.forecast.engine.models import champion_challenger
from functions.forecast.engine.models.champion_challenger import Champion, needs_training, refreshed, trained, wape
from functions.forecast.engine.models.model_set import ModelSet
from functions.forecast.engine.models.train import train
from functions.forecast.engine.settings import HORIZON
from tests.functions.forecast.chains import SMALL, WEEK

FIRST, DAYS = date(2023, 1, 2), 140
ORIGIN = FIRST + timedelta(days=DAYS - 1)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(champion_challenger, "SETTINGS", SMALL)


def snapshot(days: int = DAYS) -> Snapshot:
    """Two stores with a weekday profile and a little noise."""
    rng = np.random.default_rng(2)
    revenue = 1_000 * WEEK[np.arange(days) % 7] * np.exp(rng.normal(0, 0.05, (2, days)))
    history = History(("a", "b"), FIRST, revenue)
    covariates = Covariates("US", history.stores, FIRST, days + HORIZON)
    return Snapshot(history, covariates, np.full((2, HORIZON), np.nan, np.float32))


def champion_of(days_ago: int) -> Champion:
    return Champion(None, ORIGIN - timedelta(days=days_ago), ())  # type: ignore[arg-type]


def test_a_full_training_is_due_by_age() -> None:
    assert needs_training(None, ORIGIN, 7, None)
    assert needs_training(champion_of(7), ORIGIN, 7, None)
    assert not needs_training(champion_of(6), ORIGIN, 7, None)


def test_a_drift_starts_a_full_training_a_week_after_the_last_one() -> None:
    assert needs_training(champion_of(7), ORIGIN, 30, drifted_on=ORIGIN)
    assert not needs_training(champion_of(6), ORIGIN, 30, drifted_on=ORIGIN)
    assert not needs_training(champion_of(9), ORIGIN, 30, drifted_on=ORIGIN - timedelta(days=3))


def test_the_first_training_uses_all_days() -> None:
    result = trained(None, snapshot(), ORIGIN)
    assert result.champion.models.trained_to == ORIGIN
    assert 0 < result.scores["wape"] < 0.1


def test_a_challenger_with_the_same_data_wins_and_a_worse_one_loses(monkeypatch: pytest.MonkeyPatch) -> None:
    first = trained(None, snapshot(), ORIGIN - timedelta(days=20)).champion
    second = trained(first, snapshot(), ORIGIN)
    winner = second.scores["challenger"] <= second.scores["champion"]
    assert (second.champion.models.trained_to == ORIGIN - timedelta(days=14)) is winner
    errors = {id(first.models): 0.1}
    monkeypatch.setattr(champion_challenger, "wape", lambda models, *_: errors.get(id(models), 0.5))
    champion = trained(first, snapshot(), ORIGIN).champion
    assert champion.models.trained_to == first.models.trained_to
    assert champion.full_training_at == ORIGIN


def test_a_refresh_waits_for_its_days() -> None:
    champion = trained(None, snapshot(130), ORIGIN - timedelta(days=10)).champion
    assert refreshed(champion, snapshot(), ORIGIN, 11).champion.models is champion.models
    assert refreshed(champion, snapshot(), ORIGIN, 10).champion.models.refreshed_to == ORIGIN


def test_wape_is_the_sum_of_errors_over_the_sum_of_revenue() -> None:
    models = trained(None, snapshot(130), ORIGIN - timedelta(days=10)).champion.models
    rows = models.forecast(snapshot().history, snapshot().covariates, ORIGIN - timedelta(days=10), 10)
    revenue = snapshot().history.revenue[:, 130:].ravel()
    expected = np.abs(revenue - rows["mean"].to_numpy()).sum() / revenue.sum()
    assert wape(models, snapshot(), ORIGIN - timedelta(days=10)) == pytest.approx(expected)
    assert wape(models, snapshot(), ORIGIN) == 0


def test_a_champion_that_is_younger_than_the_held_out_days_is_judged_on_days_after_its_training(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    last_training_day = ORIGIN - timedelta(days=7)
    young = train(snapshot().history, snapshot().covariates, SMALL, last_day=last_training_day)
    origins: list[date] = []

    def noted(_models: ModelSet, _snapshot: Snapshot, origin: date) -> float:
        origins.append(origin)
        return 0.0

    monkeypatch.setattr(champion_challenger, "wape", noted)
    trained(Champion(young, young.trained_to, ()), snapshot(), ORIGIN)
    assert origins == [last_training_day] * 2
