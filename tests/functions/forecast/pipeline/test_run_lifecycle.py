"""Parts that meet a bug: the run goes on without them, says so, and takes them in when the bug is mended."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from itertools import product
from typing import Any

import pytest

from functions.forecast import nightly_forecast, nightly_training, score_forecasts, train_part
from functions.forecast.engine import predict
from functions.forecast.engine.data.snapshot import Snapshot
from functions.forecast.engine.models import champion_challenger as training
from functions.forecast.pipeline import artifacts, run_lifecycle
from functions.forecast.tables.runs import Run
from shared.contracts.ids import store_key
from shared.contracts.messages import read_message
from shared.contracts.messages.forecast import ForecastTrainingDue
from shared.spine import entry
from shared.spine.errors import Rejected
from stack.gateway_event import Context
from tests.functions.forecast.nights import CHAIN, LAST, STORES, Chain, at, forecasts, record, sales
from tests.support.orders import Caller

NEXT = LAST + timedelta(days=1)
BEGUN = datetime.combine(NEXT, time(9), UTC)
REFUSED = {
    "batch": 1,
    "code": "not_ended",
    "detail": "not done in ten hours: the log and the dead letters of forecast_train_part say why",
    "stores": ["south"],
}


def wakes(chain: Chain, moment: datetime) -> None:
    """The hourly timer."""
    with at(chain.env, moment):
        nightly_training.handler({}, Context())


def runs(call: Caller) -> list[dict[str, Any]]:
    documents: list[dict[str, Any]] = call("GET", f"/v1/forecasts/runs?chain={CHAIN}").json["runs"]
    return documents


def origins(call: Caller) -> dict[str, str]:
    return {day["store"]: day["origin"] for day in call("GET", f"/v1/forecasts?chain={CHAIN}").json["days"]}


def _by_part(chain: Chain) -> dict[int, dict[str, Any]]:
    return {message["data"]["batch"]: message for message in chain.messages()}


def stumbles(handler: Callable[..., Any], message: dict[str, Any]) -> None:
    """The record goes back to its queue."""
    assert handler({"Records": [record(message)]}, Context(milliseconds=900_000))["batchItemFailures"]


@pytest.fixture
def stuck(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A part a store; training meets a bug in the second one's, whose message this is."""
    chain.run("INSERT INTO forecast_settings VALUES (%s, %s)", (CHAIN, '{"stores_per_batch": 1}'))
    real = training.trained

    def buggy(champion: Any, snapshot: Snapshot, last_day: Any) -> training.TrainingResult:
        if snapshot.history.stores == ("south",):
            raise ZeroDivisionError
        return real(champion, snapshot, last_day)

    with monkeypatch.context() as patch:
        patch.setattr(training, "trained", buggy)
        chain.begin(LAST)
        due = chain.messages()
        for message in due:
            if message["data"]["batch"] == 1:
                stumbles(train_part.handler, message)
            else:
                chain.deliver(message)
        for message in chain.messages():
            chain.deliver(message)
    return next(message for message in due if message["data"]["batch"] == 1)


def test_a_run_that_hangs_on_one_part_is_ended_after_ten_hours_for_the_others(
    chain: Chain, call: Caller, stuck: dict[str, Any]
) -> None:
    del stuck
    wakes(chain, BEGUN + timedelta(hours=10))
    assert chain.messages() == [], "its message may still be tried"
    [run] = runs(call)
    assert (run["ended_at"], run["done"], run["failed"]) == (None, 2, [])
    for _ in range(2):
        wakes(chain, BEGUN + timedelta(hours=10, seconds=1))
    [ready] = chain.messages()
    assert (ready["type"], ready["data"]["stores"]) == ("forecast.ready", 2)
    [run] = runs(call)
    assert (run["ended_at"], run["done"], run["failed"]) == ("2025-05-26T19:00:01Z", 2, [REFUSED])
    chain.deliver(ready)
    assert set(origins(call)) == {"north", "west"}
    chain.night(NEXT)
    assert origins(call) == dict.fromkeys(STORES, str(NEXT)), "the next night is as ever"


def test_a_run_that_ends_while_it_is_looked_at_is_left_alone(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    chain.night(LAST)
    ended = chain.run("SELECT id, ended_at FROM forecast_runs")
    seen_before = [Run(ended[0][0], CHAIN, LAST, drifted=False)]
    # The moment between the two transactions comes by itself too seldom to wait for.
    monkeypatch.setattr(run_lifecycle, "read_overdue", lambda *_: seen_before)
    wakes(chain, BEGUN + timedelta(hours=11))
    assert (chain.messages(), chain.run("SELECT id, ended_at FROM forecast_runs")) == ([], ended)


def test_a_part_that_was_given_up_is_trained_when_its_message_comes_again_and_announced(
    chain: Chain, call: Caller, stuck: dict[str, Any]
) -> None:
    wakes(chain, BEGUN + timedelta(hours=11))
    chain.messages()
    for _ in range(2):
        chain.deliver(stuck)
    [trained] = chain.messages()
    chain.deliver(trained)
    [ready] = chain.messages()
    assert (ready["type"], ready["data"]["stores"]) == ("forecast.ready", 3)
    chain.deliver(ready)
    [run] = runs(call)
    assert (run["done"], run["failed"]) == (3, [])
    assert origins(call) == dict.fromkeys(STORES, str(LAST))


def test_a_late_part_that_stumbles_over_its_forecast_is_named_and_holds_up_no_other(
    chain: Chain, call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain.run("INSERT INTO forecast_settings VALUES (%s, %s)", (CHAIN, '{"stores_per_batch": 1}'))
    chain.begin(LAST)
    due = _by_part(chain)
    wakes(chain, BEGUN + timedelta(hours=11))
    assert chain.messages() == []
    for part in (0, 1):
        chain.deliver(due[part])
    north, south = (message for _, message in sorted(_by_part(chain).items()))

    def buggy(*_: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(predict, "predict", buggy)
        stumbles(nightly_forecast.handler, south)
    chain.deliver(north)
    [ready] = chain.messages()
    assert (ready["type"], ready["data"]["stores"]) == ("forecast.ready", 1)
    [run] = runs(call)
    at_work = {batch["batch"]: batch["detail"].split()[-3] for batch in run["failed"]}
    assert (run["done"], at_work) == (1, {1: "forecast_nightly_forecast", 2: "forecast_train_part"})
    chain.deliver(south)
    [ready] = chain.messages()
    assert ready["data"]["stores"] == 2


def test_a_late_part_s_set_takes_no_newer_one_s_place(
    chain: Chain, call: Caller, stuck: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    wakes(chain, BEGUN + timedelta(hours=11))
    chain.messages()
    real = training.trained

    def slow(*arguments: Any) -> training.TrainingResult:
        monkeypatch.setattr(training, "trained", real)
        chain.night(NEXT)  # is begun and done meanwhile
        return real(*arguments)

    monkeypatch.setattr(training, "trained", slow)
    with pytest.raises(Rejected) as refusal:
        train_part.train_batch(read_message(json.dumps(stuck), ForecastTrainingDue), chain.env)
    assert refusal.value.code == "origin_past"
    live = chain.run("SELECT batch, refreshed_to FROM forecast_models WHERE live = 1 ORDER BY batch")
    assert live == [(part, NEXT) for part in range(3)]
    assert runs(call)[1]["failed"] == [REFUSED]


def test_a_part_that_was_given_up_is_refused_once_another_evening_s_run_has_begun(
    chain: Chain, call: Caller, stuck: dict[str, Any]
) -> None:
    wakes(chain, BEGUN + timedelta(hours=11))
    chain.night(NEXT)
    before = forecasts(chain), chain.run("SELECT id, live FROM forecast_models ORDER BY id")
    with pytest.raises(Rejected) as refusal:
        train_part.train_batch(read_message(json.dumps(stuck), ForecastTrainingDue), chain.env)
    assert str(refusal.value) == f"origin_past: the forecast of the chain from {NEXT} has begun since"
    assert (forecasts(chain), chain.run("SELECT id, live FROM forecast_models ORDER BY id")) == before
    assert runs(call)[1]["failed"] == [REFUSED]


@pytest.fixture
def stumbled(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The message of a part that is trained, that met a bug in its forecast, and that was given up."""
    chain.begin(LAST)
    chain.deliver(chain.messages()[0])
    [trained] = chain.messages()

    def buggy(*_: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(predict, "predict", buggy)
        stumbles(nightly_forecast.handler, trained)
    wakes(chain, BEGUN + timedelta(hours=11))
    assert chain.messages() == [], "nothing is ready"
    return trained


def test_a_part_that_stumbles_over_its_forecast_is_given_up_and_later_forecast_and_scored(
    chain: Chain, call: Caller, stumbled: dict[str, Any]
) -> None:
    [run] = runs(call)
    [failed] = run["failed"]
    assert (failed["detail"].split()[-3], failed["stores"]) == ("forecast_nightly_forecast", list(STORES))
    chain.deliver(stumbled)
    [ready] = chain.messages()
    assert len(forecasts(chain)) == 90
    # A fortnight that came as it was foretold: enough for a drift to be judged, by what the training had said.
    for day, back in product([LAST + timedelta(days=n) for n in range(1, 15)], (1, 2)):
        chain.run(
            "INSERT INTO forecast_scores SELECT store_id, day, %s, chain_id, model_id, %s, mean, 0, 1 FROM forecasts"
            " WHERE day = %s AND mean > 0",
            (day - timedelta(days=back), back, day),
        )
    ready["data"]["origin"] = str(LAST + timedelta(days=14))
    assert score_forecasts.handler({"Records": [record(ready)]}, Context()) == {"batchItemFailures": []}
    assert chain.messages() == []


def test_a_part_that_was_given_up_is_trained_and_forecast_by_the_code_that_mends_it(
    chain: Chain, call: Caller, stumbled: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(artifacts, "code_version", lambda: "1" * 64)
    announced = [stumbled]
    for kind in ("forecast.training_due", "forecast.trained", "forecast.ready"):
        assert runs(call)[0]["failed"], "it is named until it is forecast"
        chain.deliver(announced[0])
        announced = chain.messages()
        assert [message["type"] for message in announced] == [kind]
    assert (runs(call)[0]["failed"], len(forecasts(chain))) == ([], 90)


def test_a_forecast_that_comes_nights_late_is_scored_for_all_days_that_have_come(
    chain: Chain, stumbled: dict[str, Any]
) -> None:
    sold = sales(NEXT, 3)
    chain.sell(sold)
    for night in range(3):
        chain.night(NEXT + timedelta(days=night))
    chain.deliver(stumbled)
    [ready] = chain.messages()
    chain.deliver(ready)
    late = chain.run("SELECT store_id, day, revenue, horizon FROM forecast_scores WHERE origin = %s", (LAST,))
    assert {row[:3] for row in late} == {(store_key(CHAIN, store), day, cents) for store, day, cents in sold}
    assert {day - timedelta(days=horizon) for _, day, _, horizon in late} == {LAST}


def test_while_a_store_s_newest_night_failed_what_if_is_of_the_night_before(
    chain: Chain, call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    for night in (LAST - timedelta(days=1), LAST):
        chain.night(night)
    chain.sell(sales(NEXT, 1))
    chain.begin(NEXT)

    def buggy(*_: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(training, "refreshed", buggy)
        stumbles(train_part.handler, chain.messages()[0])
    wakes(chain, BEGUN + timedelta(hours=35))
    assert [run["failed"] != [] for run in runs(call)] == [True, False, False]
    day = str(LAST + timedelta(days=3))
    plan = {"chain": CHAIN, "store": "north", "kind": "closure", "first_day": day, "last_day": day}
    tried = call("POST", "/v1/forecasts/what-ifs", plan)
    assert (tried.status, tried.json["origin"]) == (200, str(LAST)), tried.text
    assert origins(call) == dict.fromkeys(STORES, str(LAST))


def test_a_chain_whose_night_cannot_begin_holds_up_no_other_and_no_run_s_end(
    chain: Chain, call: Caller, stuck: dict[str, Any]
) -> None:
    del stuck
    chain.run(
        "INSERT INTO stores (id, chain_id, region_id, revision, settings, sold_out) VALUES (%s, 'a', 'r', 1, %s, '[]')",
        ("a1", '{"timezone": "Mars/Olympus", "currency": "USD", "name": "x", "day_ends_at": "04:00"}'),
    )
    with pytest.raises(entry.Bug, match="ZoneInfoNotFoundError"):
        wakes(chain, BEGUN + timedelta(days=1))
    announced = [(message["type"], message["data"]["chain"]) for message in chain.messages()]
    assert sorted(set(announced)) == [("forecast.ready", CHAIN), ("forecast.training_due", CHAIN)]
    assert runs(call)[-1]["ended_at"] is not None


def test_a_run_that_cannot_be_ended_holds_up_no_other(
    chain: Chain, call: Caller, stuck: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    del stuck
    chain.run(
        "INSERT INTO forecast_runs (id, chain_id, origin, batches, last_sequence, drifted, begun_at)"
        " VALUES (%s, 'a', %s, 1, 1, 0, %s)",
        ("0" * 26, LAST, BEGUN - timedelta(days=1)),
    )
    chain.run(
        "INSERT INTO forecast_batches (run_id, batch, chain_id, stores, status) VALUES (%s, 0, 'a', '[]', 'queued')",
        ("0" * 26,),
    )
    fail = run_lifecycle.failed
    monkeypatch.setattr(run_lifecycle, "failed", lambda batch: 1 / 0 if batch.run == "0" * 26 else fail(batch))
    with pytest.raises(entry.Bug, match="ZeroDivisionError"):
        wakes(chain, BEGUN + timedelta(hours=11))
    assert [run["ended_at"] for run in runs(call)] == ["2025-05-26T20:00:00Z"]
