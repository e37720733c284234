"""`make backtest` as people call it: files in; forecasts, scores and a page out; nothing seen of what came after."""

import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtest import __main__ as backtest
from backtest import baselines, peers, trial
from backtest.scores import DUMBWAITER
from functions.forecast.engine.data import history
from functions.forecast.engine.settings import Settings
from tests.functions.forecast.chains import FIRST, NEVER, SMALL, rows

DAYS = 220
ORIGINS = (FIRST + timedelta(days=150), FIRST + timedelta(days=185))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """As trained in a night, with few rows and rounds; the libraries beside it are another test's."""

    def small(**options: Any) -> Settings:
        few: dict[str, Any] = {"rows": SMALL.rows, "rounds": 10, "learning_rate": 0.3, "validation_days": (30,)}
        return Settings(**few | options)

    monkeypatch.setattr(trial, "Settings", small)
    monkeypatch.setattr(trial, "_libraries", lambda: False)


def run(folder: Path, history_rows: pd.DataFrame, name: str = "history.csv") -> tuple[int, Path]:
    file, out = folder / name, folder / f"out-{name}"
    _ = history_rows.to_parquet(file) if name.endswith("parquet") else history_rows.to_csv(file, index=False)
    return backtest.main(arguments(file, out)), out


def arguments(file: Path, out: Path, /, **changes: str) -> list[str]:
    origins = ",".join(day.isoformat() for day in ORIGINS)
    options = {"history": str(file), "origins": origins, "country": "US", "out": str(out), "threads": "1"}
    return [word for name, value in (options | changes).items() for word in (f"--{name}", value)]


def test_it_writes_forecasts_scores_and_a_page_that_needs_no_network(tmp_path: Path) -> None:
    history_rows = rows(4, DAYS)
    code, out = run(tmp_path, history_rows)
    assert code == 0
    forecasts = pd.read_csv(out / "forecasts.csv")
    assert list(forecasts) == ["store_id", "origin", "date", "mean", "p10", "p50", "p90", "lead_model"]
    assert len(forecasts) == 4 * len(ORIGINS) * 30
    report = json.loads((out / "scores.json").read_text())
    assert report["models"][DUMBWAITER]["accuracy_open_days"] == pytest.approx(
        _accuracy(history_rows, forecasts), abs=1e-3
    )
    assert set(report["models"]) == {DUMBWAITER, *baselines.NAMES}
    page = (out / "index.html").read_text()
    assert page.count("<svg") == 3
    assert "src=" not in page


def test_a_chain_of_three_has_three_plots_of_stores_and_none_that_is_empty(tmp_path: Path) -> None:
    file = tmp_path / "history.csv"
    rows(3, DAYS).to_csv(file, index=False)
    assert backtest.main(arguments(file, tmp_path / "out", origins=ORIGINS[0].isoformat())) == 0
    plots = (tmp_path / "out/index.html").read_text()
    assert plots.count('<g id="axes_') == 3 + 1 + 2, "stores, days ahead, intervals"


def _accuracy(history_rows: pd.DataFrame, forecasts: pd.DataFrame) -> float:
    """From the written file alone."""
    merged = forecasts.merge(history_rows, on=["store_id", "date"])
    merged["abs_error"] = (merged["mean"] - merged["revenue"]).abs()
    sums = merged.groupby(["store_id", "origin"])[["abs_error", "revenue"]].sum()
    return float((1 - sums["abs_error"] / sums["revenue"]).mean())


def test_what_came_after_an_origin_changes_nothing_of_its_forecasts(tmp_path: Path) -> None:
    history_rows = rows(3, DAYS).assign(promo=lambda table: (table.index % 9 == 0).astype(int))
    later, past_horizon = (history_rows["date"] > (ORIGINS[0] + timedelta(days=n)).isoformat() for n in (0, 30))
    changed_rows = history_rows.assign(
        revenue=history_rows["revenue"].where(~later, history_rows["revenue"] * 7 + 13),
        promo=history_rows["promo"].where(~past_horizon, 1 - history_rows["promo"]),
    )
    _, out = run(tmp_path, history_rows)
    _, out_other = run(tmp_path, changed_rows, "other.csv")
    mine, forecasts_of_changed = (pd.read_csv(folder / "forecasts.csv") for folder in (out, out_other))
    first = mine["origin"] == ORIGINS[0].isoformat()
    pd.testing.assert_frame_equal(mine[first], forecasts_of_changed[first])
    assert not mine[~first].equals(forecasts_of_changed[~first])


def test_a_file_that_ends_sooner_has_the_same_forecasts(tmp_path: Path) -> None:
    """Stores without rows on the days that they are closed, one of them on the origin."""
    history_rows = rows(3, DAYS)
    weekday = pd.to_datetime(history_rows["date"]).dt.day_of_week
    shut = (history_rows["store_id"] == "s1") & (weekday == ORIGINS[0].weekday())
    history_rows = history_rows[~shut]
    until_origin = (history_rows["date"] <= ORIGINS[0].isoformat()) | (history_rows["store_id"] == "s0")
    for name, part in (("whole", history_rows), ("cut", history_rows[until_origin])):
        part.to_csv(tmp_path / f"{name}.csv", index=False)
        assert backtest.main(arguments(tmp_path / f"{name}.csv", tmp_path / name, origins=ORIGINS[0].isoformat())) == 0
    complete, cut = (pd.read_csv(tmp_path / name / "forecasts.csv") for name in ("whole", "cut"))
    pd.testing.assert_frame_equal(complete, cut)


def test_parquet_and_columns_known_in_advance_are_read(tmp_path: Path) -> None:
    history_rows = rows(3, DAYS)
    history_rows["open"] = (pd.to_datetime(history_rows["date"]).dt.day_of_week != 6).astype(int)
    history_rows["revenue"] *= history_rows["open"]
    code, out = run(tmp_path, history_rows, "history.parquet")
    assert code == 0
    forecasts = pd.read_csv(out / "forecasts.csv", parse_dates=["date"])
    sunday = forecasts["date"].dt.day_of_week == 6
    assert (forecasts.loc[sunday, "mean"] == 0).all()
    assert (forecasts.loc[~sunday, "mean"] > 0).all()


def zipped(history_rows: pd.DataFrame, file: Path) -> None:
    history_rows.to_csv(file, index=False, compression="gzip")


def marked(history_rows: pd.DataFrame, file: Path) -> None:
    history_rows.to_csv(file, index=False, encoding="utf-8-sig")


def moments(history_rows: pd.DataFrame, file: Path) -> None:
    """Midnight in Tokyo, on store numbers that are numbers."""
    dates = pd.to_datetime(history_rows["date"]).dt.tz_localize("Asia/Tokyo")
    history_rows.assign(store_id=history_rows["store_id"].str[1:].astype(int), date=dates).to_parquet(file)


def cluttered(history_rows: pd.DataFrame, file: Path) -> None:
    """In another order, with columns that say the same of every day."""
    more = history_rows.assign(note="wet \N{SNOWMAN}", nothing=None)
    more[["note", "revenue", "nothing", "date", "store_id"]].to_csv(file, index=False)


def european(history_rows: pd.DataFrame, file: Path) -> None:
    """Excel's text of a German: UTF-16, semicolons, days before months, a decimal comma, empty rows at the end."""
    dates = pd.to_datetime(history_rows["date"]).dt.strftime("%d.%m.%Y")
    history_rows.assign(date=dates).to_csv(file, index=False, sep=";", decimal=",", encoding="utf-16")
    file.write_bytes(file.read_bytes() + ";;\n;;\n".encode("utf-16-le"))


def by_shift(history_rows: pd.DataFrame, file: Path) -> None:
    """Two rows a day, with groups of thousands."""
    half = history_rows.assign(revenue=(history_rows["revenue"] / 2).map("{:,.3f}".format))
    pd.concat([half, half]).to_csv(file, index=False)


@pytest.mark.parametrize("write", [zipped, marked, moments, cluttered, european, by_shift])
def test_a_file_is_read_as_programs_write_it(tmp_path: Path, write: Callable[[pd.DataFrame, Path], None]) -> None:
    history_rows = rows(3, DAYS)
    file = tmp_path / "any"
    write(history_rows, file)
    pd.DataFrame({"seats": [9, 9, 9], "store_id": ["0", "s1", "2"]}).to_csv(tmp_path / "stores.csv", index=False)
    _, plain = run(tmp_path, history_rows)
    options = {"stores": str(tmp_path / "stores.csv")} | ({"day-twice": "add"} if write is by_shift else {})
    assert backtest.main(arguments(file, tmp_path / "out", **options)) == 0
    mine, forecasts_of_plain = (pd.read_csv(folder / "forecasts.csv") for folder in (tmp_path / "out", plain))
    assert list(mine["date"]) == list(forecasts_of_plain["date"])
    assert (
        mine["store_id"].astype(str).str.removeprefix("s").tolist() == forecasts_of_plain["store_id"].str[1:].tolist()
    )
    np.testing.assert_allclose(mine["mean"], forecasts_of_plain["mean"], rtol=0.05)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"history": ""}, "HISTORY is not given"),
        ({"history": "nowhere.csv"}, "there is no file nowhere.csv"),
        ({"origins": ""}, "give origins as in ORIGINS=2016-12-23,2017-01-22"),
        ({"origins": "2023-02-29"}, "and not '2023-02-29'"),
        ({"origins": "2022-12-31"}, "the history reaches from 2023-01-02 to 2023-08-09; of that, 2022-12-31 must"),
        ({"origins": "2023-08-09"}, "and one after"),
        ({"country": "XX"}, "Country 'XX' has no public holidays here"),
        ({"horizon": "0"}, "HORIZON is 1 to 90 days, and not 0"),
        ({"out": __file__}, f"OUT is a folder, and {__file__} is none"),
        ({"out": ""}, "OUT is not given"),
        ({"stores": "nowhere.csv"}, "there is no file nowhere.csv"),
    ],
)
def test_what_is_asked_wrongly_is_said_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: dict[str, str], says: str
) -> None:
    file = tmp_path / "history.csv"
    rows(1, DAYS).to_csv(file, index=False)
    assert backtest.main(arguments(file, tmp_path / "out", **options)) == 2
    errors = capsys.readouterr().err
    assert says in errors
    assert errors.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"", bytes(range(256)), b"PAR1" + bytes(99) + b"PAR1", b"store_id,date,revenue\nn\xf6rd,2024-01-01,5\n",
        gzip.compress(rows(1, DAYS).to_csv(index=False).encode(), mtime=0)[:200],
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_said_to_be_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    file = tmp_path / "history.csv"
    file.write_bytes(content)
    assert backtest.main(arguments(file, tmp_path / "out")) == 2
    assert capsys.readouterr().err.startswith("history.csv is no CSV or Parquet that can be read")


def test_stores_that_are_there_twice_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, stores = tmp_path / "history.csv", tmp_path / "stores.csv"
    rows(1, DAYS).to_csv(file, index=False)
    stores.write_text("store_id,seats\ns0,20\ns0,30\n")
    assert backtest.main(arguments(file, tmp_path / "out", stores=str(stores))) == 2
    assert "each store once" in capsys.readouterr().err


def test_a_library_that_cannot_leaves_the_rest_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("theirs")

    monkeypatch.setattr(trial, "_libraries", lambda: True)
    monkeypatch.setattr(peers, "_auto_ets", fails)
    monkeypatch.setattr(peers, "_mlforecast", fails)
    code, out = run(tmp_path, rows(2, DAYS))
    assert code == 0
    assert "auto_ets has no forecast: theirs" in capsys.readouterr().err
    report = json.loads((out / "scores.json").read_text(), parse_constant=pytest.fail)
    assert report["models"]["auto_ets"]["accuracy_open_days"] is None
    assert report["models"][DUMBWAITER]["accuracy_open_days"] > 0.8


@pytest.mark.parametrize(
    ("history_rows", "why"),
    [
        (rows(1, 40), "the history reaches from"),
        (rows(1, DAYS).rename(columns={"revenue": "sales"}), "lacks revenue"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], history_rows: pd.DataFrame, why: str
) -> None:
    code, out = run(tmp_path, history_rows)
    assert code == 2
    assert why in capsys.readouterr().err
    assert not out.exists()


def test_two_origins_at_once_have_the_forecasts_of_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.undo()  # a new process has the settings of a night
    file, outs = tmp_path / "history.csv", (tmp_path / "one", tmp_path / "two")
    rows(2, DAYS).to_csv(file, index=False)
    for threads, out in zip("12", outs, strict=True):
        assert backtest.main(arguments(file, out, threads=threads)) == 0
    assert "2 of 2 origins at once, in one thread each" in capfd.readouterr().err
    for name in ("forecasts.csv", "scores.json"):
        assert (outs[0] / name).read_bytes() == (outs[1] / name).read_bytes()


def test_baselines_by_hand() -> None:
    history_rows = pd.DataFrame({"store_id": "a", "date": pd.date_range("2024-01-01", periods=28).astype(str)})
    history_rows["revenue"] = [
        float(week * 100 + day) if (week, day) != (3, 2) else 0.0 for week in range(4) for day in range(7)
    ]
    past = history.read(history_rows, NEVER)
    opened, no_plan = np.ones((1, 9)), np.full((1, 9), np.nan)
    opened[0, 1] = 0
    forecasts = baselines.forecasts(past, 9, opened)
    np.testing.assert_allclose(forecasts["last_week"], [[300, 0, 0, 303, 304, 305, 306, 300, 301]])
    np.testing.assert_allclose(forecasts["mean_of_4_weekdays"][0, :3], [200, 0, 102])
    np.testing.assert_allclose(baselines.forecasts(past, 9, no_plan)["mean_of_4_weekdays"][0, :3], [150, 151, 76.5])


def test_what_came_with_the_day_is_not_known_ahead(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    history_rows = rows(2, DAYS)
    _, plain = run(tmp_path, history_rows)
    code, out = run(tmp_path, history_rows.assign(customers=history_rows["revenue"] / 9), "guests.csv")
    assert code == 0
    assert "customers" in capsys.readouterr().err
    assert (out / "forecasts.csv").read_bytes() == (plain / "forecasts.csv").read_bytes()
    assert json.loads((out / "scores.json").read_text())["conditions"]["not_used"] == ["customers"]


def test_a_store_that_opens_later_changes_no_other_s_forecast(tmp_path: Path) -> None:
    history_rows = rows(4, DAYS)
    late = history_rows[(history_rows["store_id"] != "s0") | (history_rows["date"] > ORIGINS[0].isoformat())]
    files = []
    for name, part in (("late", late), ("without", late[late["store_id"] != "s0"])):
        part.to_csv(tmp_path / f"{name}.csv", index=False)
        command = arguments(tmp_path / f"{name}.csv", tmp_path / name, origins=ORIGINS[0].isoformat())
        assert backtest.main(command) == 0
        files.append((tmp_path / name / "forecasts.csv").read_bytes())
    assert files[0] == files[1]


@pytest.mark.parametrize("horizon", ["1", "7"])
def test_a_short_horizon_is_forecast(tmp_path: Path, horizon: str) -> None:
    rows(2, DAYS).to_csv(tmp_path / "h.csv", index=False)
    assert backtest.main(arguments(tmp_path / "h.csv", tmp_path / "out", horizon=horizon)) == 0
    assert len(pd.read_csv(tmp_path / "out/forecasts.csv")) == 2 * len(ORIGINS) * int(horizon)


def test_a_page_is_made_of_stores_with_any_name_and_of_none_that_sold(tmp_path: Path) -> None:
    history_rows = rows(3, DAYS)
    history_rows["store_id"] = history_rows["store_id"].map({"s0": "a$\\b$", "s1": "渋谷店", "s2": "NA"})
    code, out = run(tmp_path, history_rows)
    assert code == 0
    page = (out / "index.html").read_text()
    assert "渋谷店" in page
    assert "a$\\b$" in page
    assert "NA" in set(pd.read_csv(out / "forecasts.csv", keep_default_na=False)["store_id"])
    shut = rows(1, DAYS)
    shut["open"] = (shut["date"] <= ORIGINS[0].isoformat()).astype(int)
    shut["revenue"] *= shut["open"]
    shut.to_csv(tmp_path / "shut.csv", index=False)
    assert backtest.main(arguments(tmp_path / "shut.csv", tmp_path / "shut", origins=ORIGINS[0].isoformat())) == 0
    assert "No store sold anything" in (tmp_path / "shut/index.html").read_text()


def test_a_day_told_as_closed_in_words_is_forecast_closed(tmp_path: Path) -> None:
    history_rows = rows(2, DAYS)
    sunday = pd.to_datetime(history_rows["date"]).dt.day_of_week == 6
    history_rows = history_rows.assign(
        open=np.where(sunday, "no", "yes"), revenue=history_rows["revenue"].where(~sunday, 0)
    )
    code, out = run(tmp_path, history_rows)
    assert code == 0
    forecasts = pd.read_csv(out / "forecasts.csv", parse_dates=["date"])
    assert (forecasts.loc[forecasts["date"].dt.day_of_week == 6, "mean"] == 0).all()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("store_id,date,revenue\n" + "s,2024-01-01,1,234\n" * 40, "is no CSV"),
        ("store_id;date;revenue\n" + "s;2024-01-01;19.034\n" * 40, "'19.034' can be 19034 or 19.034"),
        ("PK\x03\x04 xl/workbook.xml", "The file is an Excel workbook"),
        ("store_id,date,revenue\ns,2024-01-01,1\ns,2024-01-01,2\n", "set day_twice to add"),
        ("store_id,date,revenue\n" + "s" * 65 + ",2024-01-01,5\n", "has over 64 characters"),
    ],
)
def test_a_row_that_cannot_be_meant_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, says: str
) -> None:
    (tmp_path / "h.csv").write_text(content)
    assert backtest.main(arguments(tmp_path / "h.csv", tmp_path / "out")) == 2
    assert says in capsys.readouterr().err


def test_a_file_of_stores_that_knows_none_of_them_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows(1, DAYS).to_csv(tmp_path / "h.csv", index=False)
    (tmp_path / "stores.csv").write_text("store_id,seats\nz,9\n")
    assert backtest.main(arguments(tmp_path / "h.csv", tmp_path / "out", stores=str(tmp_path / "stores.csv"))) == 2
    assert "no store of h.csv is in" in capsys.readouterr().err


def test_what_was_mended_or_filled_in_is_named(tmp_path: Path) -> None:
    history_rows = rows(2, DAYS)
    day = history_rows["date"].iloc[5]
    history_rows["revenue"] = history_rows["revenue"].where(history_rows["date"] != day, -3)
    # A column that never changed would not be used.
    promoted = np.arange(len(history_rows)) % 5 == 0
    history_rows["promo"] = np.where(history_rows["date"] > ORIGINS[0].isoformat(), np.nan, promoted)
    code, out = run(tmp_path, history_rows)
    assert code == 0
    report = json.loads((out / "scores.json").read_text())
    by_day = {(correction["day"], correction["reason"]) for correction in report["corrections"]}
    assert (day, "negative_revenue") in by_day
    assert report["corrections_in_all"] == len(report["corrections"])
    assert "none if not entered" in report["imputed"]["promo"]
    assert "negative_revenue" in (out / "index.html").read_text()
