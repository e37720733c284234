"""Totals of the next days over HTTP."""

import csv
import io
from datetime import date, timedelta

import pytest

from tests.functions.forecast.nights import CHAIN, LAST, STORES, Chain, sales
from tests.support.orders import Caller


def test_a_chain_and_each_of_its_stores_have_totals_of_7_and_30_days(chain: Chain, call: Caller) -> None:
    chain.night(LAST)
    page = call("GET", f"/v1/forecasts/totals?chain={CHAIN}").json
    assert page["origin"] == LAST.isoformat()
    assert [(row["store"], row["days"], row["stores"]) for row in page["totals"]] == [
        (None, 7, 3), (None, 30, 3), ("north", 7, 1), ("north", 30, 1), ("south", 7, 1), ("south", 30, 1),
        ("west", 7, 1), ("west", 30, 1),
    ]  # fmt: skip
    assert {(row["first_day"], row["last_day"]) for row in page["totals"] if row["days"] == 7} == {
        ((LAST + timedelta(days=1)).isoformat(), (LAST + timedelta(days=7)).isoformat())
    }
    days = call("GET", f"/v1/forecasts?chain={CHAIN}").json["days"]
    of_chain, of_stores = page["totals"][1], [row for row in page["totals"] if row["store"] and row["days"] == 30]
    assert of_chain["mean"] == pytest.approx(sum(row["mean"] for row in of_stores), abs=2)
    assert of_chain["mean"] == pytest.approx(sum(day["mean"] for day in days), rel=0.1)
    for row in page["totals"]:
        assert row["p10"] <= row["mean"] <= row["p90"]
    assert call("GET", f"/v1/forecasts/totals?chain={CHAIN}&store=south").json["totals"] == page["totals"][4:6]


def test_the_totals_of_a_past_origin_show_the_revenue_that_came_also_as_csv(chain: Chain, call: Caller) -> None:
    chain.night(LAST)
    path = f"chain={CHAIN}&origin={LAST}"
    assert {row["revenue"] for row in call("GET", f"/v1/forecasts/totals?{path}").json["totals"]} == {None}
    sold = sales(LAST + timedelta(days=1), 7)
    chain.sell(sold)
    chain.night(LAST + timedelta(days=7))
    expected = {store: sum(cents for name, _, cents in sold if store in (name, None)) for store in (None, *STORES)}
    totals = call("GET", f"/v1/forecasts/totals?{path}").json["totals"]
    assert {row["store"]: row["revenue"] for row in totals if row["days"] == 7} == expected
    assert {row["revenue"] for row in totals if row["days"] == 30} == {None}
    reply = call("GET", f"/v1/forecasts/totals/export?{path}")
    rows = list(csv.DictReader(io.StringIO(reply.text)))
    assert [(row["store"] or None, int(row["mean"])) for row in rows] == [(row["store"], row["mean"]) for row in totals]
    assert {row["store"] or None: row["revenue"] for row in rows if row["days"] == "7"} == {
        store: str(cents) for store, cents in expected.items()
    }


def test_batches_add_up_to_the_chain(chain: Chain, call: Caller) -> None:
    chain.run("INSERT INTO forecast_settings VALUES (%s, %s)", (CHAIN, '{"stores_per_batch": 1}'))
    chain.night(LAST)
    totals = call("GET", f"/v1/forecasts/totals?chain={CHAIN}").json["totals"]
    assert totals[0]["stores"] == 3
    assert totals[0]["mean"] == pytest.approx(sum(row["mean"] for row in totals[2:] if row["days"] == 7), abs=3)


def test_an_earlier_origin_has_its_own_totals_and_an_unknown_one_has_none(chain: Chain, call: Caller) -> None:
    chain.night(LAST)
    before = call("GET", f"/v1/forecasts/totals?chain={CHAIN}").json
    chain.sell(sales(LAST + timedelta(days=1), 1))
    chain.night(LAST + timedelta(days=1))
    assert call("GET", f"/v1/forecasts/totals?chain={CHAIN}&origin={LAST}").json == before
    assert call("GET", f"/v1/forecasts/totals?chain={CHAIN}").json["origin"] == str(LAST + timedelta(days=1))
    nothing = call("GET", f"/v1/forecasts/totals?chain={CHAIN}&origin={date(2020, 1, 1)}").json
    assert nothing["totals"] == []
    assert call("GET", f"/v1/forecasts/totals?chain={CHAIN}&store=nowhere").status == 404
