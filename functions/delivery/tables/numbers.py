"""SQL of the numbers of a store. Both statements read one store and some days by an index, and no further row."""

import json
from collections import Counter, defaultdict
from datetime import datetime

from functions.delivery.numbers.summary import Delays, Outcome
from functions.delivery.states import Carriage
from functions.delivery.tables.times import in_utc
from shared.contracts.store_settings import StoreSettings
from shared.spine.db import Row, Transaction

MOST_DELIVERIES = 20_000
SELECT_OUTCOMES = """
    SELECT d.carriage, d.times, d.wanted_from, d.wanted_until, d.created_at, d.refused_by, f.stars,
        f.complaint IS NOT NULL AS complained
    FROM deliveries d LEFT JOIN delivery_feedback f ON f.delivery_id = d.id
    WHERE d.store_id = %(store)s AND d.wanted_until >= %(since)s AND d.wanted_until < %(until)s
    ORDER BY d.wanted_until LIMIT %(limit)s"""
# Delays are counted in steps of a tenth of a decade of milliseconds, by the hours since the first moment.
SELECT_DELAYS = """
    SELECT FLOOR(TIMESTAMPDIFF(MINUTE, %(since)s, at) / 60) AS hour_number,
        IF(fetched_at IS NULL, NULL,
            FLOOR(10 * LOG10(GREATEST(TIMESTAMPDIFF(MICROSECOND, at, fetched_at) / 1000, 1)))) AS step,
        COUNT(*) AS messages
    FROM inbox_messages
    WHERE store_id = %(store)s AND at >= %(since)s AND at < %(until)s AND counts = 1
    GROUP BY hour_number, step"""
SELECT_CALENDAR = "SELECT settings FROM store_records WHERE store_id = %(store)s"


def read_outcomes(transaction: Transaction, store: str, since: datetime, until: datetime) -> list[Outcome]:
    """Deliveries of a store whose promise ends in these days, at most `MOST_DELIVERIES`."""
    values = {"store": store, "since": since, "until": until, "limit": MOST_DELIVERIES}
    return [_outcome(row) for row in transaction.rows(SELECT_OUTCOMES, values)]


def read_delays(transaction: Transaction, store: str, since: datetime, until: datetime) -> dict[int, Delays]:
    """Messages of a store's deliveries by the number of the hour since `since`."""
    rows = transaction.rows(SELECT_DELAYS, {"store": store, "since": since, "until": until})
    delays: defaultdict[int, Delays] = defaultdict(Delays)
    for row in rows:
        found = Delays(unfetched=row["messages"]) if row["step"] is None else _fetched(row)
        delays[int(row["hour_number"])] += found
    return dict(delays)


def read_calendar(transaction: Transaction, store: str) -> StoreSettings:
    """The settings of a store, which tell its time zone and when its day ends."""
    row = transaction.row(SELECT_CALENDAR, {"store": store})
    assert row is not None  # the store's scope was found
    return StoreSettings.model_validate_json(row["settings"])


def _fetched(row: Row) -> Delays:
    return Delays(Counter({int(row["step"]): int(row["messages"])}))


def _outcome(row: Row) -> Outcome:
    values = in_utc(row)
    times = {state: datetime.fromisoformat(text) for state, text in json.loads(row["times"]).items()}
    return Outcome(
        carriage=Carriage(row["carriage"]),
        times=times,
        wanted_until=values["wanted_until"],
        scheduled=values["wanted_from"] > values["created_at"],
        declines=len(json.loads(row["refused_by"])),
        stars=row["stars"],
        complained=bool(row["complained"]),
    )
