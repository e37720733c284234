"""Nights of a chain: revenue pulled, sets trained or refreshed, days forecast and scored, whatever comes twice."""

import base64
import gzip
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from functions.forecast import api, nightly_forecast, nightly_training, score_forecasts, train_part
from functions.forecast.engine.data import covariates, history
from functions.forecast.engine.data.history import History
from functions.forecast.engine.data.snapshot import Snapshot
from functions.forecast.engine.models import champion_challenger as training
from functions.forecast.engine.models.model_set import ModelSet, train
from functions.forecast.pipeline import artifacts
from functions.forecast.score_forecasts import drifts
from stack.gateway_event import Context
from tests.functions.forecast import chains
from tests.functions.forecast.nights import CHAIN, FIRST, LAST, STORES, Chain, at, forecasts, sales
from tests.support.orders import Caller, new_key


def test_a_night_forecasts_thirty_days_of_every_store_however_often_its_messages_come(chain: Chain) -> None:
    assert chain.night(LAST, times=2) == ["forecast.training_due", "forecast.trained", "forecast.ready"]
    rows = forecasts(chain)
    assert [(store, day) for store, day, *_ in rows] == [
        (store, LAST + timedelta(days=n)) for store in STORES for n in range(1, 31)
    ]
    chain.begin(LAST)
    assert chain.messages() == [], "an evening has one run"
    assert forecasts(chain) == rows


def test_the_days_that_come_are_met_by_the_forecast(chain: Chain) -> None:
    """The chain's own rule: store n sells 900 + 400 n times the weekday's share, give or take 8 %."""
    chain.night(LAST)
    for store, day, _, mean, p10, p50, p90, _ in forecasts(chain):
        if store == "west" and day.weekday() == 0:
            assert (mean, p10, p50, p90) == (0, 0, 0, 0)
            continue
        truth = (900 + 400 * STORES.index(store)) * chains.WEEK[day.weekday()] * 100
        assert abs(mean - truth) < 0.2 * truth, (store, day)
        assert p10 < p50 < p90


def test_the_next_night_keeps_the_trees_and_the_fourteenth_trains_anew(chain: Chain) -> None:
    chain.night(LAST)
    chain.sell(sales(LAST + timedelta(days=1), 14))
    chain.night(LAST + timedelta(days=1))
    chain.night(LAST + timedelta(days=14))
    rows = chain.run("SELECT trained_to, refreshed_to, parameters, scores, live FROM forecast_models ORDER BY id")
    assert [row[1] for row in rows] == [LAST, LAST + timedelta(days=1), LAST + timedelta(days=14)]
    assert rows[1][0] == LAST
    assert [row[4] for row in rows] == [0, 0, 1]
    judged = json.loads(rows[2][3])
    won = judged["challenger"] <= judged["champion"]
    # A challenger saw nothing of the fortnight by which it was judged; who lost stays what it was.
    assert rows[2][0] == (LAST if not won else LAST + timedelta(days=14 - judged["held_days"]))
    assert json.loads(rows[2][2])["tried_on"] == (LAST + timedelta(days=14)).isoformat()


def test_a_challenger_that_is_worse_does_not_go_live(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    chain.night(LAST)
    [(champion,)] = chain.run("SELECT data_hash FROM forecast_models")
    later = LAST + timedelta(days=14)
    chain.sell(sales(LAST + timedelta(days=1), 14))

    def misled(past: History, *others: Any, **more: Any) -> ModelSet:
        """By a chain that sells a twentieth more every day."""
        return train(replace(past, revenue=past.revenue * 1.05 ** np.arange(past.days)), *others, **more)

    monkeypatch.setattr(training, "train", misled)
    chain.night(later)
    [(learned, refreshed_to, scores)] = chain.run(
        "SELECT data_hash, refreshed_to, scores FROM forecast_models WHERE live = 1"
    )
    assert (learned, refreshed_to) == (champion, later), "the champion, with weights and intervals of today"
    judged = json.loads(scores)
    assert judged["champion"] < 0.15
    assert judged["challenger"] > 0.2


def test_every_forecast_for_a_day_is_scored_when_the_day_has_come(chain: Chain) -> None:
    chain.night(LAST)
    tomorrow, next_day = LAST + timedelta(days=1), LAST + timedelta(days=2)
    sold = sales(tomorrow, 2)
    chain.sell(sold)
    chain.night(tomorrow)
    chain.night(next_day, times=2)
    rows = chain.run(
        "SELECT SUBSTRING_INDEX(store_id, ':', -1), day, horizon, revenue, miss, inside FROM forecast_scores"
        " ORDER BY 1, 2, 3"
    )
    assert {(store, day, cents) for store, day, _, cents, _, _ in rows} == set(sold)
    assert sorted((day, horizon) for store, day, horizon, *_ in rows if store == "north") == [
        (tomorrow, 1), (next_day, 1), (next_day, 2),
    ]  # fmt: skip
    said = {(store, day, (day - origin).days): row for store, day, origin, *row in forecasts(chain)}
    for store, day, horizon, cents, miss, inside in rows:
        mean, p10, _, p90, _ = said[store, day, horizon]
        assert (miss, inside) == (abs(mean - cents), int(p10 <= cents <= p90))


def test_a_month_that_is_told_at_its_end_is_scored_at_the_next_training(chain: Chain) -> None:
    chain.night(LAST)
    sold = sales(LAST + timedelta(days=1), 28)
    chain.sell(sold)
    chain.night(LAST + timedelta(days=28))
    assert set(chain.run("SELECT SUBSTRING_INDEX(store_id, ':', -1), day, revenue FROM forecast_scores")) == set(sold)


def test_a_day_whose_revenue_moved_is_scored_again_against_every_forecast(chain: Chain) -> None:
    tomorrow, next_day = LAST + timedelta(days=1), LAST + timedelta(days=2)
    chain.sell(sales(tomorrow, 3))
    for evening in (LAST - timedelta(days=1), LAST, tomorrow):
        chain.night(evening)
    scored = (
        "SELECT day, horizon, SUBSTRING_INDEX(store_id, ':', -1), revenue, miss, inside FROM forecast_scores"
        " WHERE day <= %s ORDER BY 1, 2, 3"
    )
    chain.run(
        "UPDATE forecast_scores SET inside = 2 WHERE store_id = 'demo:south'"
    )  # nobody has a reason to look again
    before = chain.run(scored, (tomorrow,))
    chain.run(
        "UPDATE orders SET refunded = refunded + 5000 WHERE store_id = 'demo:north' AND business_day = %s", (tomorrow,)
    )
    chain.night(next_day)
    after = chain.run(scored, (tomorrow,))
    said = {(store, day, (day - origin).days): row for store, day, origin, *row in forecasts(chain)}
    moved = [(row, again) for row, again in zip(before, after, strict=True) if row != again]
    assert [row[:3] for row, _ in moved] == [(tomorrow, 1, "north"), (tomorrow, 2, "north")]
    for (day, horizon, store, cents, *_), again in moved:
        mean, p10, _, p90, _ = said[store, day, horizon]
        left = cents - 5000
        assert again[3:] == (left, abs(mean - left), int(p10 <= left <= p90))


def test_a_drift_is_announced_once_and_trains_anew_after_a_week(chain: Chain) -> None:
    chain.night(LAST)
    chain.sell(sales(LAST + timedelta(days=1), 20, factor=0.4))
    told = [chain.night(LAST + timedelta(days=n)) for n in (8, 9)]
    assert "forecast.drifted" not in told[0], "24 days of three stores are too few to tell"
    for origin in (2, 3, 4, 5, 6, 7):
        chain.night(LAST + timedelta(days=origin))
    told = [chain.night(LAST + timedelta(days=n)) for n in (10, 11)]
    assert "forecast.drifted" in told[0] + told[1]
    parameters = chain.run("SELECT parameters FROM forecast_models ORDER BY id DESC LIMIT 1")
    chain.night(LAST + timedelta(days=12))
    [(after,)] = chain.run("SELECT parameters FROM forecast_models WHERE live = 1")
    assert json.loads(after)["tried_on"] > (LAST + timedelta(days=9)).isoformat(), parameters


@pytest.mark.parametrize(
    ("missed", "expected", "inside", "drifted"),
    [(0.14, 0.1, 0.8, False), (0.16, 0.1, 0.8, True), (0.1, 0.1, 0.59, True), (0.1, 0.1, 0.61, False)],
)
def test_a_drift_is_half_as_much_error_again_or_two_days_of_five_outside(
    missed: float, expected: float, inside: float, *, drifted: bool
) -> None:
    assert drifts(missed, expected, inside) is drifted


def test_a_chain_over_the_size_is_trained_in_parts_and_announced_once(chain: Chain, call: Caller) -> None:
    assert call("PUT", f"/v1/forecasts/settings?chain={CHAIN}", {"stores_at_once": 2}).status == 200
    chain.begin(LAST)
    first, second = chain.messages()
    chain.deliver(second)
    chain.deliver(first)
    trained = chain.messages()
    assert [message["type"] for message in trained] == ["forecast.trained"] * 2
    chain.deliver(trained[1])
    assert chain.messages() == [], "the run waits for its other part"
    chain.deliver(trained[0])
    [ready] = chain.messages()
    assert (ready["type"], ready["data"]["stores"], ready["data"]["days"]) == ("forecast.ready", 3, 30)
    assert len(forecasts(chain)) == 90


def test_a_past_forecast_is_made_again_bit_for_bit_though_history_has_moved_since(chain: Chain, call: Caller) -> None:
    chain.night(LAST)
    [(run,)] = chain.run("SELECT id FROM forecast_runs")
    chain.night(LAST + timedelta(days=1))
    chain.run("UPDATE forecast_history SET revenue = revenue + 1000")
    again = call("GET", f"/v1/forecasts/runs/{run}/again?chain={CHAIN}")
    assert again.status == 200, again.text
    [part] = again.json["parts"]
    assert (again.json["same"], part["kept"] == part["now"]) == (True, True)
    assert call("GET", f"/v1/forecasts/runs/{run}/again?chain={CHAIN}&part=0").json == again.json
    assert call("GET", f"/v1/forecasts/runs/{run}/again?chain={CHAIN}&part=1").json["code"] == "no_forecast"
    chain.run("UPDATE forecast_parts SET code_version = REPEAT('0', 64)")
    refused = call("GET", f"/v1/forecasts/runs/{run}/again?chain={CHAIN}")
    assert (refused.status, refused.json["code"]) == (409, "other_code")


def test_a_set_that_other_code_made_is_trained_anew(chain: Chain) -> None:
    chain.night(LAST)
    chain.run("UPDATE forecast_models SET parameters = REPLACE(parameters, %s, 'x')", (artifacts.code_version(),))
    chain.night(LAST + timedelta(days=1))
    assert chain.run("SELECT trained_to FROM forecast_models WHERE live = 1") == [(LAST + timedelta(days=1),)]


def test_a_part_that_other_code_trained_is_trained_again_before_it_is_forecast(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain.begin(LAST)
    chain.deliver(chain.messages()[0])
    [trained] = chain.messages()
    monkeypatch.setattr(artifacts, "code_version", lambda: "1" * 64)  # deployed in between
    chain.deliver(trained)
    [due] = chain.messages()
    assert (due["type"], forecasts(chain)) == ("forecast.training_due", [])
    chain.deliver(due)
    [trained] = chain.messages()
    chain.deliver(trained)
    assert [message["type"] for message in chain.messages()] == ["forecast.ready"]
    assert chain.run("SELECT code_version FROM forecast_parts") == [("1" * 64,)]
    assert len(forecasts(chain)) == 90


def test_a_history_that_no_rule_mends_is_refused_whole_and_the_reason_told(chain: Chain, call: Caller) -> None:
    chain.run(
        "INSERT INTO forecast_history VALUES ('demo:north', %s, 'import', %s, 'EUR', 1000)",
        (LAST - timedelta(days=3), CHAIN),
    )
    assert chain.night(LAST) == ["forecast.training_due"]
    [run] = call("GET", f"/v1/forecasts/runs?chain={CHAIN}").json["runs"]
    assert run["ended_at"]
    assert run["refused"] == [
        {
            "part": 0,
            "code": "currencies_mixed",
            "detail": "the history is in EUR, USD; send one currency at a time",
            "stores": list(STORES),
        }
    ]
    assert chain.run("SELECT COUNT(*) FROM forecast_models") == [(0,)]
    assert forecasts(chain) == []


def test_a_country_without_public_holidays_is_refused_where_it_is_set_and_named_by_the_night(
    chain: Chain, call: Caller
) -> None:
    refused = call("PUT", f"/v1/forecasts/settings?chain={CHAIN}", {"country": "XX"})
    assert (refused.status, refused.json["code"]) == (422, "country_unknown")
    chain.run("INSERT INTO forecast_settings VALUES (%s, %s)", (CHAIN, '{"country": "XX"}'))
    chain.night(LAST)
    [run] = call("GET", f"/v1/forecasts/runs?chain={CHAIN}").json["runs"]
    assert [each["code"] for each in run["refused"]] == ["country_unknown"]


def test_the_night_begins_at_the_chain_s_hour_and_not_at_another(chain: Chain) -> None:
    # 03:00 in New York is 07:00 UTC in May, and night lasts four hours.
    for hour, runs in ((6, 0), (7, 1), (10, 1), (11, 1)):
        with at(chain.env, datetime(2025, 5, 26, hour, 30, tzinfo=UTC)):
            nightly_training.handler({}, Context())
        assert chain.run("SELECT COUNT(*) FROM forecast_runs") == [(runs,)], hour
    assert chain.run("SELECT last_day FROM forecast_runs") == [(date(2025, 5, 25),)]


# Over HTTP


def test_a_store_s_forecast_says_what_drives_it(chain: Chain, call: Caller) -> None:
    chain.night(LAST)
    page = call("GET", f"/v1/forecasts?chain={CHAIN}&store=south").json
    assert (page["since"], page["origin"]) == (FIRST.isoformat(), LAST.isoformat())
    assert len(page["days"]) == 30
    for day in page["days"]:
        product = 1.0
        for factor in day["drivers"].values():
            product *= factor
        assert product == pytest.approx(day["mean"], rel=0.01), "usual times the factors is the mean"
    saturdays = [day for day in page["days"] if date.fromisoformat(day["day"]).weekday() == 5]
    assert all("Saturday +" in day["words"] for day in saturdays)
    file = call("GET", f"/v1/forecasts/export?chain={CHAIN}")
    assert file.text.splitlines()[0] == "store,day,origin,mean,p10,p50,p90,champion,words"
    assert len(file.text.splitlines()) == 91


def test_a_closure_that_was_entered_is_forecast_as_nothing_and_what_if_changes_nothing_that_is_kept(
    chain: Chain, call: Caller
) -> None:
    first, last = LAST + timedelta(days=3), LAST + timedelta(days=4)
    plan = {"chain": CHAIN, "store": "north", "kind": "closure"}
    days = {"first_day": first.isoformat(), "last_day": last.isoformat()}
    assert call("POST", "/v1/forecasts/plans", plan | days).status == 201
    chain.night(LAST)
    before = forecasts(chain)
    shut = [(store, day) for store, day, _, mean, *_ in before if mean == 0 and store != "west"]
    assert shut == [("north", first), ("north", last)]
    other = {"first_day": (LAST + timedelta(days=10)).isoformat(), "last_day": (LAST + timedelta(days=10)).isoformat()}
    tried = call("POST", "/v1/forecasts/what-ifs", plan | other)
    assert tried.status == 200, tried.text
    moved = [day["day"] for day in tried.json["days"] if day["mean"] != day["mean_if"]]
    assert moved == [other["first_day"]], "all other days are to the cent what was kept"
    monday = LAST + timedelta(days=1)
    opened = {"chain": CHAIN, "store": "west", "kind": "opening"} | {
        name: monday.isoformat() for name in ("first_day", "last_day")
    }
    [day] = [each for each in call("POST", "/v1/forecasts/what-ifs", opened).json["days"] if each["day"] == str(monday)]
    assert (day["mean"], day["mean_if"] > 0) == (0, True)
    refused = call("POST", "/v1/forecasts/what-ifs", plan | other | {"kind": "promotion"})
    assert refused.json["code"] == "never_seen"
    for behind, ahead, code in ((2, 1, "days_reversed"), (0, 0, "days_outside"), (31, 40, "days_outside")):
        days = {"first_day": str(LAST + timedelta(days=behind)), "last_day": str(LAST + timedelta(days=ahead))}
        assert call("POST", "/v1/forecasts/what-ifs", plan | days).json["code"] == code
    assert forecasts(chain) == before


def test_days_that_the_opening_hours_close_are_forecast_closed_unless_a_plan_opens_them(
    chain: Chain, call: Caller
) -> None:
    open_all = [{"opens": "11:00", "closes": "02:00"}]
    shut = LAST + timedelta(days=3)  # a Wednesday
    asleep = {
        "week": [[], *[open_all] * 6],
        "closed_on": [str(FIRST - timedelta(days=20)), str(FIRST), str(shut), str(LAST + timedelta(days=31))],
    }
    chain.run("UPDATE stores SET opening_hours = %s WHERE id = 'demo:north'", (json.dumps(asleep),))
    awake = {"week": [open_all] * 7, "closed_on": []}
    chain.run("UPDATE stores SET opening_hours = %s WHERE id = 'demo:west'", (json.dumps(awake),))
    mondays = [LAST + timedelta(days=n) for n in (1, 8, 15, 22, 29)]
    for kind, first, last in (("opening", 8, 8), ("opening", 22, 29), ("closure", 29, 30)):
        days = {"first_day": str(LAST + timedelta(days=first)), "last_day": str(LAST + timedelta(days=last))}
        plan = {"chain": CHAIN, "store": "north", "kind": kind} | days
        assert call("POST", "/v1/forecasts/plans", plan).status == 201
    chain.night(LAST)
    closed = {(store, day): words for store, day, _, mean, *_, words in forecasts(chain) if mean == 0}
    by_hours, entered = "closed, by its opening hours", "closed, as was entered"
    assert {day: words for (store, day), words in closed.items() if store == "north"} == {
        mondays[0]: by_hours, shut: by_hours, mondays[2]: by_hours,
        mondays[4]: entered, LAST + timedelta(days=30): entered,
    }  # fmt: skip
    # Hours say when a store opens, not that it does: the third store's Mondays go by its habit.
    assert {day: words for (store, day), words in closed.items() if store == "west"} == dict.fromkeys(
        mondays, "closed, as it usually is"
    )
    assert not [day for store, day in closed if store == "south"]
    kept = forecasts(chain)
    day = {"first_day": str(shut), "last_day": str(shut)}
    tried = call("POST", "/v1/forecasts/what-ifs", {"chain": CHAIN, "store": "north", "kind": "opening"} | day).json
    [opened] = [each for each in tried["days"] if each["mean"] != each["mean_if"]]
    assert (opened["day"], opened["mean"], opened["mean_if"] > 0) == (str(shut), 0, True)
    chain.run("UPDATE stores SET opening_hours = NULL")
    [(run,)] = chain.run("SELECT id FROM forecast_runs")
    assert call("GET", f"/v1/forecasts/runs/{run}/again?chain={CHAIN}").json["same"]
    assert forecasts(chain) == kept


def test_imported_history_stands_above_orders_and_bad_files_leave_nothing(chain: Chain, call: Caller) -> None:
    file = "store_id,date,revenue\nnorth,2024-12-30,50000\nnorth,2025-01-02,70000\nnorth,2025-01-06,-5\n"
    body = {"chain": CHAIN, "currency": "USD", "csv": file}
    taken = call("POST", "/v1/forecasts/history", body)
    assert taken.status == 201, taken.text
    assert [fix["reason"] for fix in taken.json["corrections"]] == ["negative_revenue"]
    rows = call("GET", f"/v1/forecasts/history?chain={CHAIN}&store=north&since=2024-12-01&to=2025-01-05").json["days"]
    # 31 December, 1, 3, 4 and 5 January have no row between the first and the last: closed.
    assert [(row["day"], row["revenue"]) for row in rows] == [
        ("2024-12-30", 50000), ("2024-12-31", 0), ("2025-01-01", 0), ("2025-01-02", 70000), ("2025-01-03", 0),
        ("2025-01-04", 0), ("2025-01-05", 0),
    ]  # fmt: skip
    packed = base64.b64encode(as_parquet(file.encode())).decode()
    again = call("POST", "/v1/forecasts/history", body | {"csv": None, "parquet": packed})
    assert (again.status, again.json["days"], again.json["mended"]) == (201, 7, 1), again.text
    for bad, code in [
        ("store_id,date\nnorth,2025-01-01\n", "columns_missing"),
        ("store_id,date,revenue\nnorth,soon,5\n", "date_unreadable"),
        ("store_id,date,revenue\nnorth,2025-01-01,12.50\n", "revenue_fractional"),
        ("store_id,date,revenue\nnorth,2025-01-01,5\nnorth,2025-01-01,6\n", "day_twice"),
        ("store_id,date,revenue\nnobody,2025-01-01,5\n", "unknown_store"),
    ]:
        refused = call("POST", "/v1/forecasts/history", body | {"csv": bad})
        assert (refused.status, refused.json["code"]) in ((422, code), (404, code))
    other = call("POST", "/v1/forecasts/history", body | {"currency": "EUR", "csv": file.replace("50000", "1")})
    assert (other.json["code"], other.json["detail"]) == (
        "wrong_currency", "store north sells in USD, and the file is in EUR",
    )  # fmt: skip
    assert chain.run("SELECT COUNT(*), MAX(revenue) FROM forecast_history WHERE source = 'import'") == [(7, 70_000)]


def test_an_import_that_mends_much_shows_some_of_it_and_says_how_much(chain: Chain, call: Caller) -> None:
    days = [date(2020, 1, 1) + timedelta(days=n) for n in range(700)]
    file = "store_id,date,revenue\n" + "".join(f"north,{day},-5\n" for day in days)
    taken = call("POST", "/v1/forecasts/history", {"chain": CHAIN, "currency": "USD", "csv": file}).json
    assert (taken["mended"], len(taken["corrections"]), taken["days"]) == (700, 500, 0)
    assert chain.run("SELECT COUNT(*) FROM forecast_corrections") == [(700,)]


def as_parquet(content: bytes) -> bytes:
    file = io.BytesIO()
    pd.read_csv(io.BytesIO(content), parse_dates=["date"]).to_parquet(file)
    return file.getvalue()


@pytest.mark.parametrize("pack", [lambda content: content, gzip.compress, as_parquet])
def test_a_file_too_large_for_a_request_is_put_into_object_storage_and_taken_from_there(
    chain: Chain, call: Caller, pack: Callable[[bytes], bytes]
) -> None:
    days = [date(2010, 1, 1) + timedelta(days=n) for n in range(6_000)]
    lines = [f"{store},{day},{1_000 + at}" for store in STORES for at, day in enumerate(days)]
    content = pack("\n".join(["store_id,date,revenue", *lines]).encode())
    place = call("POST", "/v1/forecasts/uploads", {"chain": CHAIN, "bytes": len(content)})
    assert place.status == 201, place.text
    body = {"chain": CHAIN, "currency": "USD", "upload": place.json["upload"]}
    assert call("POST", "/v1/forecasts/history", body).json["code"] == "unknown_upload"
    with urlopen(Request(place.json["url"], content, method="PUT")) as reply:  # noqa: S310 - the emulator's
        assert reply.status == 200
    taken = call("POST", "/v1/forecasts/history", body)
    assert (taken.status, taken.json["stores"], taken.json["days"]) == (201, 3, 18_000), taken.text
    kept = chain.run("SELECT SUM(revenue) FROM forecast_history WHERE source = 'import' AND store_id = 'demo:south'")
    assert kept == [(6_000 * 1_000 + 5_999 * 6_000 // 2,)]
    both = call("POST", "/v1/forecasts/history", body | {"csv": "store_id,date,revenue\n"})
    assert both.status == 422


def test_days_that_were_not_a_day_s_trade_are_left_out_with_their_reasons(chain: Chain, call: Caller) -> None:
    till_down, catering = LAST - timedelta(days=9), LAST - timedelta(days=5)
    chain.run(
        "UPDATE orders SET paid = 500, total = 500 WHERE store_id = 'demo:north' AND business_day = %s", (till_down,)
    )
    chain.run(
        "UPDATE orders SET paid = 30 * paid, total = 30 * total WHERE store_id = 'demo:north' AND business_day = %s",
        (catering,),
    )
    chain.night(LAST)
    found = call("GET", f"/v1/forecasts/corrections?chain={CHAIN}").json["corrections"]
    assert sorted((each["store"], each["day"], each["reason"], each["became"]) for each in found) == [
        ("north", str(till_down), "part_day", "unknown"), ("north", str(catering), "outlier", "unknown"),
    ]  # fmt: skip


def test_accuracy_is_one_less_the_misses_over_what_was_taken(chain: Chain, call: Caller) -> None:
    rows = [
        ("north", LAST, LAST - timedelta(days=1), CHAIN, "m" * 26, 1, 1000, 100, 1),
        ("north", LAST, LAST - timedelta(days=2), CHAIN, "n" * 26, 2, 1000, 300, 0),
        ("south", LAST, LAST - timedelta(days=1), CHAIN, "m" * 26, 1, 3000, 300, 1),
    ]
    for row in rows:
        chain.run("INSERT INTO forecast_scores VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)", row)
    page = call("GET", f"/v1/forecasts/accuracy?chain={CHAIN}&since={LAST}&to={LAST}").json
    # By store: 1 - 400/2000 and 1 - 300/3000; by horizon: 1 - 400/4000 and 1 - 300/1000.
    assert [(row["name"], row["accuracy"], row["inside"]) for row in page["stores"]] == [
        ("north", 0.8, 0.5), ("south", 0.9, 1.0),
    ]  # fmt: skip
    assert [(row["name"], row["accuracy"]) for row in page["horizons"]] == [("1", 0.9), ("2", 0.7)]
    assert [row["accuracy"] for row in page["models"]] == [0.9, 0.7]


def test_each_call_takes_its_right(chain: Chain) -> None:
    nobody = Caller(api.handler, new_key(chain.env, chain.database.owner.url, ["orders:read"]))
    reader = Caller(api.handler, new_key(chain.env, chain.database.owner.url, ["forecast:read"]))
    store_reader = Caller(
        api.handler, new_key(chain.env, chain.database.owner.url, ["forecast:read"], "store:demo:north")
    )
    for name in ("", "/export", "/models", "/runs", "/plans", "/settings", "/accuracy", "/corrections"):
        assert nobody("GET", f"/v1/forecasts{name}?chain={CHAIN}").status == 403
        assert reader("GET", f"/v1/forecasts{name}?chain={CHAIN}").status == 200
    assert store_reader("GET", f"/v1/forecasts?chain={CHAIN}&store=north").status == 200
    assert store_reader("GET", f"/v1/forecasts?chain={CHAIN}&store=south").status == 403
    assert store_reader("GET", f"/v1/forecasts?chain={CHAIN}").status == 403
    run = {"chain": CHAIN, "last_day": LAST.isoformat()}
    assert reader("POST", "/v1/forecasts/runs", run).status == 403


def test_a_run_can_be_begun_by_hand_once_an_evening(chain: Chain, call: Caller) -> None:
    run = {"chain": CHAIN, "last_day": LAST.isoformat()}
    assert call("POST", "/v1/forecasts/runs", run).status == 201
    assert call("POST", "/v1/forecasts/runs", run).json["code"] == "run_known"
    assert [message["type"] for message in chain.messages()] == ["forecast.training_due"]


def test_a_forecast_from_before_the_newest_is_not_made_by_models_that_have_seen_what_came(
    chain: Chain, call: Caller
) -> None:
    chain.night(LAST)
    for day, code in ((LAST - timedelta(days=1), "evening_past"), (LAST, "run_known")):
        reply = call("POST", "/v1/forecasts/runs", {"chain": CHAIN, "last_day": day.isoformat()})
        assert (reply.status, reply.json["code"]) == (409, code)


def test_a_night_that_learned_nothing_stands_in_no_earlier_one_s_way(chain: Chain, call: Caller) -> None:
    chain.night(LAST + timedelta(days=1_000))  # nothing was sold in the two years before
    reply = call("POST", "/v1/forecasts/runs", {"chain": CHAIN, "last_day": LAST.isoformat()})
    assert reply.status == 201, reply.text


def test_the_samples_in_events_are_taken(chain: Chain) -> None:
    del chain
    for module in (train_part, nightly_forecast, score_forecasts):
        name = module.__name__.rpartition(".")[2]
        event = json.loads(Path(f"events/forecast/{name}.json").read_text(encoding="utf-8"))
        assert module.handler(event, Context()) == {"batchItemFailures": []}


def test_orders_of_long_ago_that_are_taken_in_later_are_learned_from_at_the_next_training(chain: Chain) -> None:
    chain.night(LAST)
    before = FIRST - timedelta(days=40)
    chain.sell(sales(before, 40))
    for night, known in ((LAST + timedelta(days=1), FIRST), (LAST + timedelta(days=14), before)):
        chain.night(night)
        assert chain.run("SELECT MIN(day) FROM forecast_history WHERE store_id = 'demo:north'") == [(known,)]


def test_while_a_night_is_at_work_each_store_has_its_newest_forecast(chain: Chain, call: Caller) -> None:
    chain.run("INSERT INTO forecast_settings VALUES (%s, %s)", (CHAIN, '{"stores_at_once": 1}'))
    chain.night(LAST)
    chain.sell(sales(LAST + timedelta(days=1), 1))
    chain.begin(LAST + timedelta(days=1))
    chain.deliver(next(message for message in chain.messages() if message["data"]["part"] == 0))
    chain.deliver(chain.messages()[0])
    page = call("GET", f"/v1/forecasts?chain={CHAIN}").json
    origins = {day["store"]: day["origin"] for day in page["days"]}
    assert origins == {"north": str(LAST + timedelta(days=1)), "south": str(LAST), "west": str(LAST)}
    assert len(page["days"]) == 90
    assert page["origin"] == str(LAST + timedelta(days=1))


def test_stores_that_sell_in_another_currency_are_another_part(chain: Chain) -> None:
    chain.run("UPDATE stores SET settings = JSON_SET(settings, '$.currency', 'CHF') WHERE id = 'demo:south'")
    chain.run("UPDATE orders SET currency = 'CHF' WHERE store_id = 'demo:south'")
    chain.night(LAST)
    assert {store for store, *_ in forecasts(chain)} == set(STORES)


def test_what_if_of_a_store_without_a_past_is_not_found(chain: Chain, call: Caller) -> None:
    chain.open_stores(["yard"])
    chain.night(LAST)
    day = str(LAST + timedelta(days=3))
    asked = {"chain": CHAIN, "store": "yard", "kind": "closure", "first_day": day, "last_day": day}
    reply = call("POST", "/v1/forecasts/what-ifs", asked)
    assert (reply.status, reply.json["code"]) == (404, "no_forecast")


@pytest.mark.parametrize("zone", ["Etc/GMT+12", "Pacific/Kiritimati"])
def test_a_day_that_has_not_ended_for_the_chain_is_not_forecast_from(chain: Chain, call: Caller, zone: str) -> None:
    # At any moment one of the two has another date than UTC.
    chain.run("UPDATE stores SET settings = JSON_SET(settings, '$.timezone', %s)", (zone,))
    today = datetime.now(ZoneInfo(zone)).date()
    for day, status in ((today, 422), (today - timedelta(days=1), 201)):
        assert call("POST", "/v1/forecasts/runs", {"chain": CHAIN, "last_day": str(day)}).status == status, day


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
    monkeypatch.setattr(training, "missed", noted)
    training.trained(training.Champion(young, young.trained_to, ()), snapshot, past.last_day)
    assert judged == [past.last_day - timedelta(days=7)] * 2
