"""Weather that people enter by store and day: learned from, filled by a stated rule, refused where it is none."""

import base64
import io
import json
import tracemalloc
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from functions.forecast import api
from functions.forecast.engine.data import covariates
from functions.forecast.engine.data.imputation import impute
from functions.forecast.engine.data.raw_inputs import weather_of
from functions.forecast.files import contents
from functions.forecast.tables import weather
from shared.spine.errors import Rejected
from tests.functions.forecast import chains
from tests.functions.forecast.nights import CHAIN, DAYS, FIRST, LAST, STORES, Chain, forecasts
from tests.support.orders import Caller, new_key

HEAD = "store_id,date,weather_rain\n"
RULE = "the store's mean of the last 28 days, if it has any; unknown from the first day that most stores lack"
TOLD_AHEAD = 10


def rainy(day: date) -> bool:
    return day.toordinal() % 3 == 0


def _rows_read(chain: Chain) -> int:
    """By the one connection of the functions, so far."""
    with chain.env.db.transaction() as transaction:
        return sum(int(row["Value"]) for row in transaction.rows("SHOW SESSION STATUS LIKE 'Handler_read_next'"))


def entered(call: Caller, csv: str) -> Any:
    return call("POST", "/v1/forecasts/weather", {"chain": CHAIN, "csv": csv})


def seen(call: Caller, store: str = "north") -> dict[str, dict[str, float]]:
    page = call("GET", f"/v1/forecasts/weather?chain={CHAIN}&store={store}&since={FIRST}").json
    return {day["day"]: day["weather"] for day in page["days"]}


def let_it_rain(chain: Chain, call: Caller) -> None:
    """On every third day, on which stores take six tenths; told of all past days and ten of those ahead."""
    chain.run("UPDATE orders SET paid = ROUND(0.6 * paid), total = paid WHERE MOD(TO_DAYS(business_day) - 365, 3) = 0")
    days = [FIRST + timedelta(days=n) for n in range(DAYS + TOLD_AHEAD)]
    reply = entered(call, HEAD + "".join(f"*,{day},{int(rainy(day))}\n" for day in days))
    assert (reply.status, reply.json) == (201, {"columns": ["weather_rain"], "days": 150, "notes": []}), reply.text


def test_rain_that_is_told_lowers_the_days_it_falls_on_and_days_not_told_of_are_named(
    chain: Chain, call: Caller
) -> None:
    let_it_rain(chain, call)
    sunny = next(day for day in (LAST + timedelta(days=n) for n in (1, 2, 3)) if rainy(day))  # over the first store
    assert entered(call, f"{HEAD}north,{sunny},0\n").status == 201
    chain.night(LAST)
    shares: dict[bool, list[float]] = {True: [], False: []}
    for store, day, _, mean, *_, words in forecasts(chain):
        if mean and (day - LAST).days <= TOLD_AHEAD:
            usual = (900 + 400 * STORES.index(store)) * chains.WEEK[day.weekday()] * 100
            wet = rainy(day) and (store, day) != ("north", sunny)
            shares[wet].append(mean / usual)
            assert not wet or "weather -" in words, (store, day, words)
    # A wet day is 0.6 of a dry one. Small models, of which some cannot see the weather, say so by half at least.
    assert np.mean(shares[True]) < 0.8 * np.mean(shares[False])
    assert max(shares[True]) < min(shares[False])
    [run] = call("GET", f"/v1/forecasts/runs?chain={CHAIN}").json["runs"]
    # Three stores of whose days 11 to 30 nobody said anything.
    assert run["imputed"] == [{"batch": 0, "column": "weather_rain", "rule": f"60 days: {RULE}"}]
    assert max(seen(call)) == str(LAST + timedelta(days=TOLD_AHEAD))
    again = call("GET", f"/v1/forecasts/runs/{run['id']}/reproduce?chain={CHAIN}").json
    assert again["same"]


def test_a_column_that_is_dropped_after_a_training_is_unknown_from_then_on_and_not_nought(
    chain: Chain, call: Caller
) -> None:
    let_it_rain(chain, call)
    chain.night(LAST)
    assert call("DELETE", f"/v1/forecasts/weather/weather_rain?chain={CHAIN}").json == {"columns": []}
    again = call("DELETE", f"/v1/forecasts/weather/weather_rain?chain={CHAIN}")
    assert (again.status, again.json["code"]) == (404, "unknown_weather")
    assert seen(call) == {}
    chain.night(LAST + timedelta(days=1))
    run, _ = call("GET", f"/v1/forecasts/runs?chain={CHAIN}").json["runs"]
    assert run["imputed"] == [{"batch": 0, "column": "weather_rain", "rule": f"90 days: {RULE}"}]


def test_weather_that_is_told_of_days_ahead_alone_teaches_nothing_and_is_left_out(chain: Chain, call: Caller) -> None:
    assert entered(call, f"{HEAD}*,{LAST + timedelta(days=1)},1\n").status == 201
    chain.night(LAST)
    [(parameters,)] = chain.run("SELECT parameters FROM forecast_models")
    assert json.loads(parameters)["columns"] == []
    [run] = call("GET", f"/v1/forecasts/runs?chain={CHAIN}").json["runs"]
    assert run["imputed"] == []


def test_a_store_s_own_weather_stands_above_its_chain_s_and_the_last_word_above_the_first(
    chain: Chain, call: Caller
) -> None:
    del chain
    assert entered(call, f"{HEAD}*,2025-03-01,1\n*,2025-03-02,2\n*,2025-03-03,3\n").status == 201
    table = pd.DataFrame({"store_id": ["north"] * 2, "date": [date(2025, 3, 1), date(2025, 3, 2)]})
    file = io.BytesIO()
    table.assign(weather_rain=[10.5, 20], weather_wind=[7, np.nan], note="x", revenue=1).to_parquet(file)
    packed = {"chain": CHAIN, "parquet": base64.b64encode(file.getvalue()).decode()}
    reply = call("POST", "/v1/forecasts/weather", packed)
    assert (reply.status, reply.json) == (201, {"columns": ["weather_rain", "weather_wind"], "days": 2, "notes": []}), (
        reply.text
    )
    assert seen(call) == {
        "2025-03-01": {"weather_rain": 10.5, "weather_wind": 7},
        "2025-03-02": {"weather_rain": 20},
        "2025-03-03": {"weather_rain": 3},
    }
    assert seen(call, "south") == {f"2025-03-0{n}": {"weather_rain": n} for n in (1, 2, 3)}
    # An empty number takes the store's own back.
    assert entered(call, f"{HEAD}north,2025-03-01,\nnorth,2025-03-02,-4e-1\n").status == 201
    assert seen(call)["2025-03-01"] == {"weather_rain": 1, "weather_wind": 7}
    assert seen(call)["2025-03-02"] == {"weather_rain": -0.4}


@pytest.mark.parametrize(
    ("file", "status", "code"),
    [
        ("store_id,date,rain\nnorth,2025-03-01,1\n", 422, "columns_missing"),
        ("date,weather_rain\n2025-03-01,1\n", 422, "columns_missing"),
        (HEAD, 422, "history_empty"),
        ("store_id,date,weather rain\nnorth,2025-03-01,1\n", 422, "weather_misnamed"),
        (f"store_id,date,weather_{'x' * 33}\nnorth,2025-03-01,1\n", 422, "weather_misnamed"),
        (f"store_id,date,{','.join(f'weather{n}' for n in range(7))}\nnorth,2025-03-01{',1' * 7}\n", 422,
         "weather_too_wide"),
        (f"{HEAD}north,2025-03-01,wet\n", 422, "weather_unreadable"),
        (f"{HEAD}north,2025-03-01,inf\n", 422, "weather_unreadable"),
        (f"{HEAD}north,2025-03-01,nan\n", 422, "weather_unreadable"),
        (f"{HEAD}north,2025-03-01,1e10\n", 422, "weather_unreadable"),
        (f"{HEAD}north,2025-03-01,{-(2**63)}\n", 422, "weather_unreadable"),
        (f"{HEAD}north,soon,1\n", 422, "date_unreadable"),
        (f"{HEAD}north,1989-12-31,1\n", 422, "date_too_early"),
        (f"{HEAD},2025-03-01,1\n", 422, "store_id_missing"),
        (f"{HEAD}north,2025-03-01,1\nnorth,2025-03-01T12:00,1\n", 422, "day_twice"),
        (f"{HEAD}north,2025-03-01,1\nnobody,2025-03-01,1\n", 404, "unknown_store"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_weather_is_refused_and_nothing_of_it_kept(
    chain: Chain, call: Caller, file: str, status: int, code: str
) -> None:
    refused = entered(call, file)
    assert (refused.status, refused.json["code"]) == (status, code), refused.text
    assert chain.run("SELECT COUNT(*) FROM forecast_weather") == [(0,)]


def test_what_cannot_be_read_is_told_in_short() -> None:
    with pytest.raises(Rejected) as refusal:
        contents.weather(f"{HEAD}north,2025-03-01,{'x' * 60_000}\n".encode())
    [fault] = refusal.value.faults
    assert max(len(refusal.value.detail), len(fault.detail)) < 200
    with pytest.raises(Rejected) as refusal:
        contents.weather(f"{HEAD}{'n' * 60_000},2025-03-01,1\n".encode())
    assert len(refusal.value.detail) < 250


def test_columns_that_nobody_asked_for_are_not_kept_in_memory() -> None:
    head = ",".join(["store_id", "date", "weather", *(f"guests_{n}" for n in range(250))])
    rows = [f"north,{FIRST + timedelta(days=n)},1{',' * 250}\n" for n in range(4_000)]
    content = f"{head}\n{''.join(rows)}".encode()
    tracemalloc.start()
    try:
        assert len(contents.weather(content).rows) == 4_000
        assert tracemalloc.get_traced_memory()[1] < 4 * len(content)
    finally:
        tracemalloc.stop()


def test_a_chain_without_stores_has_no_weather(chain: Chain) -> None:
    key = new_key(chain.env, chain.database.owner.url, ["forecast:write"], "chain:demmo")
    refused = Caller(api.handler, key)(
        "POST", "/v1/forecasts/weather", {"chain": "demmo", "csv": f"{HEAD}*,2025-03-01,1\n"}
    )
    assert (refused.status, refused.json["code"]) == (404, "unknown_chain")
    assert chain.run("SELECT COUNT(*) FROM forecast_weather") == [(0,)]


def test_what_is_said_of_the_chain_is_read_once_and_its_names_without_its_days(chain: Chain, call: Caller) -> None:
    days = [FIRST + timedelta(days=n) for n in range(DAYS)]
    file = "store_id,date,weather_a,weather_b\n" + "".join(f"*,{day},1,2\n" for day in days)
    assert entered(call, file).status == 201
    calendar = covariates.build("US", STORES, FIRST, LAST)
    before = _rows_read(chain)
    with chain.env.db.transaction() as transaction:
        stored = weather.read_weather_of_stores(transaction, CHAIN, STORES, FIRST, LAST)
    assert _rows_read(chain) - before < 3 * DAYS, "two numbers a day, and little besides"
    columns_read = {name: weather_of(days, FIRST, calendar) for name, days in stored.items()}
    assert {name: values.mean() for name, values in columns_read.items()} == {"weather_a": 1, "weather_b": 2}


def test_a_file_holds_a_quarter_of_a_million_numbers_and_no_more() -> None:
    head, days = "store_id,date,weather_a,weather_b\n", [FIRST + timedelta(days=n) for n in range(1_001)]
    rows = [f"s{store},{day},1,2\n" for day in days for store in range(125)]
    columns_read = contents.weather((head + "".join(rows[:125_000])).encode())
    assert (len(columns_read.rows), columns_read.rows[-1]) == (125_000, ("s124", FIRST + timedelta(days=999), [1, 2]))
    with pytest.raises(Rejected) as refusal:
        contents.weather((head + "".join(rows)).encode())
    assert refusal.value.code == "file_too_long"
    with pytest.raises(Rejected) as refusal:  # before they are read
        contents.weather(f"store_id,date,{','.join(f'weather{n}' for n in range(7))}\n".encode())
    assert refusal.value.code == "weather_too_wide"


def test_a_chain_has_six_columns_whichever_files_they_came_in(chain: Chain, call: Caller) -> None:
    columns = ",".join(f"weather_{n}" for n in range(6))
    assert entered(call, f"store_id,date,{columns}\n*,2025-03-01{',1' * 6}\n").status == 201
    assert entered(call, "store_id,date,weather_0\n*,2025-03-02,1\n").status == 201
    refused = entered(call, f"{HEAD}*,2025-03-01,1\n")
    assert (refused.status, refused.json["code"]) == (422, "weather_too_wide")
    assert call("DELETE", f"/v1/forecasts/weather/weather_0?chain={CHAIN}").status == 200
    assert entered(call, f"{HEAD}*,2025-03-01,1\n").status == 201
    page = call("GET", f"/v1/forecasts/weather?chain={CHAIN}&store=north").json
    assert page["columns"] == ["weather_1", "weather_2", "weather_3", "weather_4", "weather_5", "weather_rain"]
    reader = Caller(api.handler, new_key(chain.env, chain.database.owner.url, ["forecast:read"], "store:demo:north"))
    assert entered(reader, f"{HEAD}north,2025-03-01,2\n").status == 403
    assert reader("DELETE", f"/v1/forecasts/weather/weather_1?chain={CHAIN}").status == 403
    assert reader("GET", f"/v1/forecasts/weather?chain={CHAIN}&store=north").status == 200
    assert reader("GET", f"/v1/forecasts/weather?chain={CHAIN}&store=south").status == 403


def test_a_day_ahead_is_filled_with_the_mean_of_four_weeks_and_left_unknown_where_they_are() -> None:
    values = np.full((2, 40), np.nan, np.float32)
    values[0, :12], values[0, [12, 37]] = 99, (1, 2)  # before the four weeks; within
    values[1, :12] = 5
    values[1, 39] = 6
    imputed_values, rule = impute("weather_rain", values, np.ones((2, 38), bool))
    assert rule == RULE
    # Days 10 to 37 are the last 28: of the first store 99, 99, 1 and 2 are known, of the second 5 and 5.
    np.testing.assert_array_equal(imputed_values[:, 38:], [[50.25, 50.25], [5, 6]])
    np.testing.assert_array_equal(imputed_values[:, :38], values[:, :38])
    values[1, :12] = np.nan
    np.testing.assert_array_equal(impute("weather_rain", values, np.ones((2, 38), bool))[0][1, 38:], [np.nan, 6])
