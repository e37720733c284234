"""All the SQL of forecasting.

The tables' `store_id` is a store's key, `chain:store`; to the rest of this folder a store is its id within its chain,
which has no colon.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from shared.contracts.ids import store_key
from shared.spine.db import Row, Transaction

CHAINS = "SELECT DISTINCT chain_id AS chain FROM store_places ORDER BY chain_id"
STORES = "SELECT store, timezone, currency FROM store_places WHERE chain_id = %s ORDER BY store_id"
PLACE = "SELECT region_id AS region FROM store_places WHERE store_id = %s"
SETTINGS = "SELECT settings FROM forecast_settings WHERE chain_id = %s"
KEEP_SETTINGS = """
    INSERT INTO forecast_settings (chain_id, settings) VALUES (%s, %s)
    ON DUPLICATE KEY UPDATE settings = VALUES(settings)"""

# One day of each store is read: MAX of them all would read two years.
NEWEST_PULLED = """
    SELECT p.store, (
        SELECT h.day FROM forecast_history h WHERE h.store_id = p.store_id AND h.source = 'orders'
        ORDER BY h.day DESC LIMIT 1) AS day
    FROM store_places p WHERE p.store_id IN %s"""
REVENUE = """
    SELECT business_day AS day, currency, revenue FROM daily_revenue
    WHERE store_id = %s AND business_day BETWEEN %s AND %s"""
CLOSINGS = """
    SELECT SUBSTRING_INDEX(store_id, ':', -1) AS store, weekday, day FROM store_closings
    WHERE chain_id = %s AND (weekday IS NOT NULL OR day BETWEEN %s AND %s)"""
KEEP_HISTORY = """
    INSERT INTO forecast_history (store_id, day, source, chain_id, currency, revenue) VALUES (%s, %s, %s, %s, %s, %s)
    ON DUPLICATE KEY UPDATE chain_id = VALUES(chain_id), currency = VALUES(currency), revenue = VALUES(revenue)"""
# 'import' sorts before 'orders': the first of a day is what counts.
HISTORY = """
    SELECT day, currency, revenue, source FROM forecast_history
    WHERE store_id = %s AND day BETWEEN %s AND %s ORDER BY day, source"""
# A row a day would take the client five times as long.
HISTORIES = """
    SELECT SUBSTRING_INDEX(store_id, ':', -1) AS store,
        JSON_ARRAYAGG(CONCAT_WS(' ', DATEDIFF(day, %s), source, currency, revenue)) AS days
    FROM forecast_history WHERE store_id IN %s AND day BETWEEN %s AND %s GROUP BY store_id ORDER BY store_id"""
NEWEST_DAY = "SELECT MAX(day) AS day FROM forecast_history WHERE chain_id = %s"
FIRST_DAY = "SELECT MIN(day) AS day FROM forecast_history WHERE chain_id = %s"
CORRECTIONS_OF_PART = 1 << 20  # more than a part has days; 4,096 parts' fit the column
KEEP_CORRECTION = """
    INSERT INTO forecast_corrections (source, number, chain_id, store_id, day, reason, was, became)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON DUPLICATE KEY UPDATE reason = VALUES(reason)"""
CORRECTIONS = """
    SELECT source, SUBSTRING_INDEX(store_id, ':', -1) AS store, day, reason, was, became FROM forecast_corrections
    WHERE chain_id = %s ORDER BY source DESC, number LIMIT 500"""

KEEP_PLAN = """
    INSERT INTO forecast_plans (id, chain_id, store_id, kind, first_day, last_day, note)
    VALUES (%s, %s, %s, %s, %s, %s, %s)"""
DROP_PLAN = "DELETE FROM forecast_plans WHERE id = %s AND chain_id = %s"
PLANS = """
    SELECT id, SUBSTRING_INDEX(store_id, ':', -1) AS store, kind, first_day, last_day, note FROM forecast_plans
    WHERE chain_id = %s AND last_day >= %s AND first_day <= %s ORDER BY first_day, id"""

EVERY_STORE = "*"  # sorts before any store: what is said of the store itself comes last
KEEP_WEATHER = """
    INSERT INTO forecast_weather (chain_id, name, store_id, day, value) VALUES (%s, %s, %s, %s, %s)
    ON DUPLICATE KEY UPDATE value = VALUES(value)"""
# One after another: DISTINCT would read every day of every store.
WEATHER_NAME = "SELECT name FROM forecast_weather WHERE chain_id = %s AND name > %s ORDER BY name LIMIT 1"
WEATHER = """
    SELECT name, day, value FROM forecast_weather
    WHERE chain_id = %s AND name IN %s AND store_id IN %s AND day BETWEEN %s AND %s AND value IS NOT NULL
    ORDER BY store_id, day, name"""
WEATHER_OF_STORE = """
    SELECT name, JSON_ARRAYAGG(CONCAT_WS(' ', DATEDIFF(day, %s), value)) AS days FROM forecast_weather
    WHERE chain_id = %s AND name IN %s AND store_id = %s AND day BETWEEN %s AND %s AND value IS NOT NULL
    GROUP BY name"""
DROP_WEATHER = "DELETE FROM forecast_weather WHERE chain_id = %s AND name = %s LIMIT 50000"

RUN_OF_EVENING = "SELECT id FROM forecast_runs WHERE chain_id = %s AND last_day = %s"
BEGIN_RUN = """
    INSERT INTO forecast_runs (id, chain_id, last_day, parts, last_sequence, drifted, begun_at)
    VALUES (%s, %s, %s, %s, %s, 0, %s)"""
BEGIN_PART = "INSERT INTO forecast_parts (run_id, part, chain_id, stores, status) VALUES (%s, %s, %s, %s, 'queued')"
RUN = (
    "SELECT id, chain_id AS chain, last_day, parts, last_sequence, drifted FROM forecast_runs WHERE id = %s FOR UPDATE"
)
MOVE_SEQUENCE = "UPDATE forecast_runs SET last_sequence = last_sequence + 1 WHERE id = %s"
END_RUN = "UPDATE forecast_runs SET ended_at = %s WHERE id = %s"
SET_DRIFTED = "UPDATE forecast_runs SET drifted = 1 WHERE id = %s"
RUNS = """
    SELECT r.id, r.last_day, r.parts, r.drifted, r.begun_at, r.ended_at,
        (SELECT COUNT(*) FROM forecast_parts p WHERE p.run_id = r.id AND p.status = 'forecast') AS done
    FROM forecast_runs r WHERE r.chain_id = %s ORDER BY r.last_day DESC LIMIT 60"""
REPORTS = """
    SELECT run_id AS run, part, status, stores, report FROM forecast_parts
    WHERE run_id IN %s AND status IN ('forecast', 'refused', 'failed') ORDER BY part"""
LATEST_DRIFT = "SELECT MAX(last_day) AS day FROM forecast_runs WHERE chain_id = %s AND drifted = 1"
NEWEST_EVENING = "SELECT MAX(last_day) AS day FROM forecast_runs WHERE chain_id = %s"
OVERDUE = "SELECT id, chain_id AS chain, last_day FROM forecast_runs WHERE ended_at IS NULL AND begun_at < %s"
PARTS = """
    SELECT part, stores, status, model_id, snapshot, code_version, forecast_hash, report
    FROM forecast_parts WHERE run_id = %s"""
PART = f"{PARTS} AND part = %s"
NEWEST_PART = """
    SELECT p.model_id, p.snapshot, p.code_version, r.last_day
    FROM forecast_runs r JOIN forecast_parts p ON p.run_id = r.id
    WHERE r.chain_id = %s AND p.status = 'forecast' AND LOCATE(CAST(%s AS BINARY), p.stores)
    ORDER BY r.last_day DESC LIMIT 1"""
SET_TRAINED = """
    UPDATE forecast_parts SET status = 'trained', model_id = %s, snapshot = %s, code_version = %s, report = %s
    WHERE run_id = %s AND part = %s AND status <> 'forecast'"""
SET_FORECAST = """
    UPDATE forecast_parts SET status = 'forecast', forecast_hash = %s, report = %s WHERE run_id = %s AND part = %s"""
QUEUE_AGAIN = """
    UPDATE forecast_parts SET model_id = NULL, status = IF(status = 'trained', 'queued', status)
    WHERE run_id = %s AND part = %s AND status IN ('trained', 'failed')"""
CLOSE_PART = "UPDATE forecast_parts SET status = %s, report = %s WHERE run_id = %s AND part = %s"

KEEP_MODEL = """
    INSERT INTO forecast_models (id, chain_id, part, trained_to, refreshed_to, data_hash, code_version, parameters,
        scores, object_key, live) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""
SEEN = "SELECT MAX(refreshed_to) AS day FROM forecast_models WHERE chain_id = %s AND live = 1"
RETIRE = "UPDATE forecast_models SET live = 0 WHERE chain_id = %s AND part = %s AND live = 1"
LIVE_MODEL = """
    SELECT id, trained_to, refreshed_to, object_key, parameters, scores FROM forecast_models
    WHERE chain_id = %s AND part = %s AND live = 1 ORDER BY id DESC LIMIT 1"""
MODEL = "SELECT id, object_key, parameters, scores FROM forecast_models WHERE id = %s"
MODELS = """
    SELECT id, part, trained_to, refreshed_to, data_hash, code_version, parameters, scores, live
    FROM forecast_models WHERE chain_id = %s ORDER BY id DESC LIMIT 100"""

KEEP_FORECAST = """
    INSERT INTO forecasts (store_id, day, origin, chain_id, model_id, mean, p10, p50, p90, champion, words, drivers)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON DUPLICATE KEY UPDATE model_id = VALUES(model_id), mean = VALUES(mean), p10 = VALUES(p10), p50 = VALUES(p50),
        p90 = VALUES(p90), champion = VALUES(champion), words = VALUES(words), drivers = VALUES(drivers)"""
NEWEST_ORIGIN = "SELECT MAX(origin) AS day FROM forecasts WHERE chain_id = %s AND origin <= %s"
FORECASTS = """
    SELECT SUBSTRING_INDEX(store_id, ':', -1) AS store, day, origin, model_id AS model, mean, p10, p50, p90, champion,
        words, drivers
    FROM forecasts WHERE chain_id = %s AND origin = %s {one_store} ORDER BY store_id, day"""
# While a night is at work, or where it refused a part, a store's newest may be of an evening before.
NEWEST_FORECASTS = """
    SELECT SUBSTRING_INDEX(store_id, ':', -1) AS store, day, origin, model_id AS model, mean, p10, p50, p90, champion,
        words, drivers
    FROM forecasts JOIN (
        SELECT store_id, MAX(origin) AS origin FROM forecasts
        WHERE chain_id = %s AND origin BETWEEN %s AND %s {one_store} GROUP BY store_id
    ) AS newest USING (store_id, origin) ORDER BY store_id, day"""
NEWEST_WITHIN = timedelta(days=7)

STORES_A_COMMIT = 50  # one each would take longer than the rest
SCORE = """
    INSERT INTO forecast_scores (store_id, day, origin, chain_id, model_id, horizon, revenue, miss, inside)
    SELECT f.store_id, f.day, f.origin, f.chain_id, f.model_id, DATEDIFF(f.day, f.origin), h.revenue,
        ABS(f.mean - h.revenue), h.revenue BETWEEN f.p10 AND f.p90
    FROM (
        SELECT d.store_id, d.day, d.revenue FROM forecast_history d
        LEFT JOIN forecast_scores s ON s.store_id = d.store_id AND s.day = d.day AND s.origin = {scored}
        WHERE d.store_id IN %s AND d.day BETWEEN %s AND %s AND d.revenue > 0 AND NOT d.revenue <=> s.revenue
            AND d.source = (
                SELECT MIN(o.source) FROM forecast_history o WHERE o.store_id = d.store_id AND o.day = d.day)
    ) AS h JOIN forecasts f ON f.store_id = h.store_id AND f.day = h.day
    WHERE f.origin {of}
    ON DUPLICATE KEY UPDATE revenue = VALUES(revenue), miss = VALUES(miss), inside = VALUES(inside)"""
# A day's scores stand, all of them, unless its revenue has moved since: of the last evening's forecast it is looked up.
SCORE_MOVED = SCORE.format(scored="d.day - INTERVAL 1 DAY", of="< f.day")
SCORE_ORIGIN = SCORE.format(scored="%s", of="= %s")
ACCURACY = """
    SELECT {name} AS name, COUNT(*) AS days, CAST(SUM(revenue) AS SIGNED) AS revenue,
        CAST(SUM(miss) AS SIGNED) AS miss, CAST(SUM(inside) AS SIGNED) AS inside
    FROM forecast_scores WHERE chain_id = %s AND day BETWEEN %s AND %s GROUP BY {by} ORDER BY {by}"""
BY_STORE = ACCURACY.format(name="SUBSTRING_INDEX(store_id, ':', -1)", by="store_id")
BY_HORIZON, BY_MODEL = (ACCURACY.format(name=by, by=by) for by in ("horizon", "model_id"))
RECENT = """
    SELECT COUNT(*) AS days, CAST(SUM(revenue) AS SIGNED) AS revenue, CAST(SUM(miss) AS SIGNED) AS miss,
        CAST(SUM(inside) AS SIGNED) AS inside
    FROM forecast_scores WHERE chain_id = %s AND day BETWEEN %s AND %s AND horizon <= 7"""


def chains(transaction: Transaction) -> list[str]:
    """Every chain that has stores."""
    return [row["chain"] for row in transaction.rows(CHAINS)]


def stores(transaction: Transaction, chain: str) -> list[Row]:
    """store, timezone and currency of each of the chain's stores."""
    return transaction.rows(STORES, (chain,))


def region(transaction: Transaction, chain: str, store: str) -> str | None:
    """The store's region, or None where the chain has no such store."""
    found = transaction.row(PLACE, (store_key(chain, store),))
    return found["region"] if found else None


def settings(transaction: Transaction, chain: str) -> dict[str, Any]:
    """What the chain has set, without defaults."""
    found = transaction.row(SETTINGS, (chain,))
    set_: dict[str, Any] = json.loads(found["settings"]) if found else {}
    return set_


def keep_settings(transaction: Transaction, chain: str, document: str) -> None:
    """Replace them."""
    transaction.execute(KEEP_SETTINGS, (chain, document))


def pulled_to(transaction: Transaction, chain: str, stores: Sequence[str]) -> dict[str, date | None]:
    """Of each store the newest day that orders told of."""
    rows = transaction.rows(NEWEST_PULLED, (_keys(chain, stores),)) if stores else []
    return {row["store"]: row["day"] for row in rows}


def revenue(transaction: Transaction, chain: str, store: str, first: date, last: date) -> list[Row]:
    """day, currency and revenue as orders publish them."""
    return transaction.rows(REVENUE, (store_key(chain, store), first, last))


def closings(transaction: Transaction, chain: str, first: date, last: date) -> list[Row]:
    """store, and a weekday (0 is Monday) or one of these days on which its opening hours have it closed."""
    return transaction.rows(CLOSINGS, (chain, first, last))


def keep_history(transaction: Transaction, rows: Iterable[tuple[str, date, str, str, str, int]]) -> None:
    """(store, day, source, chain, currency, revenue) each."""
    keyed = [(store_key(row[3], row[0]), *row[1:]) for row in rows]
    transaction.execute_many(KEEP_HISTORY, keyed)


def history(transaction: Transaction, chain: str, store: str, first: date, last: date) -> list[Row]:
    """day, currency, revenue and source, ordered; of a day's sources the one that counts comes first."""
    return transaction.rows(HISTORY, (store_key(chain, store), first, last))


def histories(
    transaction: Transaction, chain: str, stores: Sequence[str], first: date, last: date
) -> dict[str, list[str]]:
    """By store, ordered: "days-since-first source currency revenue" of each day and source, in any order."""
    rows = transaction.rows(HISTORIES, (first, _keys(chain, stores), first, last)) if stores else []
    return {row["store"]: json.loads(row["days"]) for row in rows}


def newest_day(transaction: Transaction, chain: str) -> date | None:
    """The last day of which any revenue is known."""
    found = transaction.row(NEWEST_DAY, (chain,))
    return found["day"] if found else None


def first_day(transaction: Transaction, chain: str) -> date | None:
    """The first day of which any revenue is known."""
    found = transaction.row(FIRST_DAY, (chain,))
    return found["day"] if found else None


def keep_corrections(transaction: Transaction, source: str, chain: str, found: Iterable[Any], part: int = 0) -> None:
    """What was mended, under the import or run that did it; each part of a run has numbers of its own."""
    rows = [
        (source, number, chain, store_key(chain, each.store), each.day, each.reason, each.was[:64], each.became[:64])
        for number, each in enumerate(found, start=part * CORRECTIONS_OF_PART)
    ]
    if rows:
        transaction.execute_many(KEEP_CORRECTION, rows)


def corrections(transaction: Transaction, chain: str) -> list[Row]:
    """The newest 500."""
    return transaction.rows(CORRECTIONS, (chain,))


def keep_plan(transaction: Transaction, plan: str, chain: str, store: str | None, values: Sequence[Any]) -> None:
    """Of all stores for None; `values` are kind, first and last day, note."""
    transaction.execute(KEEP_PLAN, (plan, chain, store and store_key(chain, store), *values))


def drop_plan(transaction: Transaction, chain: str, plan: str) -> bool:
    """Whether there was one."""
    return bool(transaction.execute(DROP_PLAN, (plan, chain)))


def plans(transaction: Transaction, chain: str, first: date, last: date) -> list[Row]:
    """What people entered that touches these days."""
    return transaction.rows(PLANS, (chain, first, last))


def keep_weather(transaction: Transaction, rows: Iterable[tuple[str, str, str, date, float | None]]) -> None:
    """(chain, name, store or `*`, day, value) each."""
    keyed = ((chain, name, _said_of(chain, store), day, value) for chain, name, store, day, value in rows)
    transaction.execute_many(KEEP_WEATHER, keyed)


def weather_names(transaction: Transaction, chain: str) -> list[str]:
    """The columns that the chain has."""
    names: list[str] = []
    while found := transaction.row(WEATHER_NAME, (chain, names[-1] if names else "")):
        names.append(found["name"])
    return names


def weather(
    transaction: Transaction, chain: str, names: Sequence[str], stores: Sequence[str], first: date, last: date
) -> list[Row]:
    """name, day and value of a store, of `*`, or of both: of what is said of a day twice, its own comes last."""
    keys = tuple(_said_of(chain, store) for store in stores)
    return transaction.rows(WEATHER, (chain, tuple(names), keys, first, last)) if names and stores else []


def weather_of_store(
    transaction: Transaction, chain: str, names: Sequence[str], of: str, first: date, last: date
) -> dict[str, list[str]]:
    """By name: "days-since-first value" of each day, in any order; `of` is a store or `*`."""
    values = (first, chain, tuple(names), _said_of(chain, of), first, last)
    rows = transaction.rows(WEATHER_OF_STORE, values) if names else []
    return {row["name"]: json.loads(row["days"]) for row in rows}


def _said_of(chain: str, of: str) -> str:
    """As the table has it: a store's key, or `*`."""
    return of if of == EVERY_STORE else store_key(chain, of)


def drop_weather(transaction: Transaction, chain: str, name: str) -> bool:
    """Whether there was such a column."""
    dropped = 0
    while found := transaction.execute(DROP_WEATHER, (chain, name)):
        dropped += found
    return dropped > 0


def begin_run(
    transaction: Transaction, run: str, chain: str, last_day: date, parts: Sequence[Sequence[str]], now: datetime
) -> bool:
    """Whether this evening's run had not begun; its parts are then queued. `Duplicate` where another begins it."""
    if transaction.row(RUN_OF_EVENING, (chain, last_day)):
        return False
    transaction.execute(BEGIN_RUN, (run, chain, last_day, len(parts), len(parts), now))
    transaction.execute_many(BEGIN_PART, [(run, n, chain, json.dumps(list(part))) for n, part in enumerate(parts)])
    return True


def run(transaction: Transaction, run_id: str) -> Row | None:
    """The run, locked."""
    return transaction.row(RUN, (run_id,))


def next_sequence(transaction: Transaction, run: Row) -> int:
    """Of the run's messages; the run is locked."""
    transaction.execute(MOVE_SEQUENCE, (run["id"],))
    run["last_sequence"] += 1
    return int(run["last_sequence"])


def end_run(transaction: Transaction, run_id: str, now: datetime) -> None:
    """All its parts have ended."""
    transaction.execute(END_RUN, (now, run_id))


def set_drifted(transaction: Transaction, run_id: str) -> None:
    """The chain needs a full training."""
    transaction.execute(SET_DRIFTED, (run_id,))


def latest_drift(transaction: Transaction, chain: str) -> date | None:
    """Last evening at which a drift was seen."""
    found = transaction.row(LATEST_DRIFT, (chain,))
    return found["day"] if found else None


def runs(transaction: Transaction, chain: str) -> list[Row]:
    """The newest sixty."""
    return transaction.rows(RUNS, (chain,))


def reports(transaction: Transaction, runs: Sequence[str]) -> list[Row]:
    """run, part, status, stores and report of the parts that have ended."""
    return transaction.rows(REPORTS, (tuple(runs),)) if runs else []


def newest_evening(transaction: Transaction, chain: str) -> date | None:
    """The newest from which a run has begun."""
    found = transaction.row(NEWEST_EVENING, (chain,))
    return found["day"] if found else None


def overdue(transaction: Transaction, begun_before: datetime) -> list[Row]:
    """id, chain and last_day of runs that have not ended."""
    return transaction.rows(OVERDUE, (begun_before,))


def part(transaction: Transaction, run_id: str, number: int) -> Row | None:
    """One part of a run."""
    return transaction.row(PART, (run_id, number))


def parts(transaction: Transaction, run_id: str) -> list[Row]:
    """All parts of a run."""
    return transaction.rows(PARTS, (run_id,))


def newest_part(transaction: Transaction, chain: str, store: str) -> Row | None:
    """model_id, snapshot, code_version and last_day of the store's newest forecast."""
    return transaction.row(NEWEST_PART, (chain, json.dumps(store)))


def set_trained(transaction: Transaction, values: Sequence[Any]) -> None:
    """model id, snapshot, code version, report, run, part."""
    transaction.execute(SET_TRAINED, values)


def set_forecast(transaction: Transaction, run_id: str, number: int, digest: str, report: str) -> None:
    """The part's forecasts are kept; `digest` names them."""
    transaction.execute(SET_FORECAST, (digest, report, run_id, number))


def queue_again(transaction: Transaction, run_id: str, number: int) -> None:
    """A part that is trained awaits training as if it were not; one that was given up stays so until it is forecast."""
    transaction.execute(QUEUE_AGAIN, (run_id, number))


def close_part(transaction: Transaction, run_id: str, number: int, status: str, report: str) -> None:
    """The part has no forecast: `refused`, its history cannot be trained on; `failed`, it never ended."""
    transaction.execute(CLOSE_PART, (status, report, run_id, number))


def keep_model(transaction: Transaction, values: Sequence[Any], *, chain: str, part: int, live: bool) -> None:
    """A model set's row; a live one takes the place of the one before."""
    if live:
        transaction.execute(RETIRE, (chain, part))
    transaction.execute(KEEP_MODEL, (*values, live))


def models_have_seen(transaction: Transaction, chain: str) -> date | None:
    """The newest day that any live model set of the chain learned from."""
    found = transaction.row(SEEN, (chain,))
    return found["day"] if found else None


def live_model(transaction: Transaction, chain: str, part: int) -> Row | None:
    """The part's champion."""
    return transaction.row(LIVE_MODEL, (chain, part))


def model(transaction: Transaction, model_id: str) -> Row | None:
    """id, object_key, parameters, scores."""
    return transaction.row(MODEL, (model_id,))


def models(transaction: Transaction, chain: str) -> list[Row]:
    """The newest hundred sets, whether they went live or not."""
    return transaction.rows(MODELS, (chain,))


def keep_forecasts(transaction: Transaction, rows: Sequence[Sequence[Any]]) -> None:
    """In the columns' order of `KEEP_FORECAST`."""
    transaction.execute_many(KEEP_FORECAST, [(store_key(row[3], row[0]), *row[1:]) for row in rows])


def newest_origin(transaction: Transaction, chain: str, until: date) -> date | None:
    """The newest evening from which the chain was forecast."""
    found = transaction.row(NEWEST_ORIGIN, (chain, until))
    return found["day"] if found else None


def forecasts(transaction: Transaction, chain: str, origin: date, store: str | None = None) -> list[Row]:
    """Of one origin; without a `store`, of every store."""
    statement = FORECASTS.format(one_store="AND store_id = %s" if store else "")
    return transaction.rows(statement, (chain, origin, store_key(chain, store)) if store else (chain, origin))


def newest_forecasts(transaction: Transaction, chain: str, newest: date, store: str | None = None) -> list[Row]:
    """Each store's newest, of `newest` or of an evening in the week before."""
    statement = NEWEST_FORECASTS.format(one_store="AND store_id = %s" if store else "")
    values = (chain, newest - NEWEST_WITHIN, newest)
    return transaction.rows(statement, (*values, store_key(chain, store)) if store else values)


def score(transaction: Transaction, chain: str, stores: Sequence[str], first: date, last: date) -> None:
    """Every forecast made for those of these days whose revenue is new or moved, against it."""
    if stores:
        transaction.execute(SCORE_MOVED, (_keys(chain, stores), first, last))


def score_origin(transaction: Transaction, chain: str, stores: Sequence[str], origin: date, last: date) -> None:
    """The forecasts of one evening for the days up to `last`, against what came."""
    if stores:
        values = (origin, _keys(chain, stores), origin + timedelta(days=1), last, origin)
        transaction.execute(SCORE_ORIGIN, values)


def accuracy(transaction: Transaction, statement: str, chain: str, first: date, last: date) -> list[Row]:
    """name, days, revenue, miss, inside; `statement` is BY_STORE, BY_HORIZON or BY_MODEL."""
    return transaction.rows(statement, (chain, first, last))


def recent(transaction: Transaction, chain: str, first: date, last: date) -> Row:
    """days, revenue, miss and inside of forecasts up to a week ahead."""
    found = transaction.row(RECENT, (chain, first, last))
    assert found is not None  # an aggregate without GROUP BY has one row
    return found


def _keys(chain: str, stores: Sequence[str]) -> tuple[str, ...]:
    return tuple(store_key(chain, store) for store in stores)
