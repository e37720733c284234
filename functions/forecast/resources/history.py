"""GET and POST /v1/forecasts/history."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from functions.forecast.resources.corrections import CorrectionDocument
from functions.forecast.resources.scope import READ, WRITE, StoreDaysQuery, days_asked, require_chain, require_store
from functions.forecast.resources.uploads import FileIn, read_file
from functions.forecast.tables.corrections import StoredCorrection, insert_corrections
from functions.forecast.tables.history import DailyRevenue, read_history, upsert_history
from functions.forecast.tables.stores import read_stores
from shared.contracts.ids import Ulid, new_id
from shared.contracts.models import Output
from shared.contracts.money import Currency
from shared.spine.db import Transaction
from shared.spine.errors import NotFound, Rejected
from shared.spine.http import Call, Reply

MOST_CORRECTIONS = 500  # the corrections of a long file would exceed the size of a reply


class HistoryIn(FileIn):
    """Columns store_id, date, revenue, and optionally currency. A day without a row is closed.

    `unit`: revenue is in minor units, such as 1250, or in major units with decimals, such as 12.50.
    `day_twice`: a store with two revenues on a day is refused, or its rows are added up.
    """

    currency: Currency
    unit: Literal["minor", "major"] = "minor"
    day_twice: Literal["refuse", "add"] = "refuse"


class HistoryDay(Output):
    """The valid revenue of a day; `source` is `import` or `orders`."""

    day: date
    currency: str
    revenue: int
    source: str


class HistoryPage(Output):
    """A day that is not listed is closed or unknown."""

    store: str
    days: list[HistoryDay]


class ImportDocument(Output):
    """The stores and days that were imported. `corrections` lists the first 500 of `corrected`.

    `notes` tell how the file was read, if it has other forms of numbers, dates or text than usual.
    """

    id: Ulid
    stores: int
    days: int
    corrected: int
    corrections: list[CorrectionDocument]
    notes: list[str] = []


def get_forecast_history(call: Call, query: StoreDaysQuery) -> Reply:
    """The revenue of a store by day, as the forecast uses it."""
    with call.env.db.transaction() as transaction:
        require_store(call, transaction, READ, query.chain, query.store)
        first_day, last_day = days_asked(transaction, query, call.env.clock().date())
        rows = read_history(transaction, query.chain, query.store, first_day, last_day)
    days: dict[date, HistoryDay] = {}
    for row in rows:
        days.setdefault(row.day, HistoryDay(**vars(row)))
    return Reply(HistoryPage(store=query.store, days=list(days.values())))


def import_forecast_history(call: Call, body: HistoryIn) -> Reply:
    """Import a file of daily revenue, all of it or nothing. It wins over the orders of the same days.

    A file has at most 250,000 days, which is two years of 340 stores.
    """
    from functions.forecast.files import contents  # noqa: PLC0415 - takes half a second to load

    require_chain(call, WRITE, body.chain)
    today = call.env.clock().date()
    options = {"add_rows": body.day_twice == "add", "major_units": body.unit == "major"}
    history = contents.history(read_file(call, body), body.currency, today, **options)
    days = [
        (store, DailyRevenue(day, body.currency, revenue, "import")) for store, day, revenue in contents.days(history)
    ]
    with call.once() as (work, stored):
        _require_stores(work, body, history.stores)
        import_id = new_id(call.env.clock())
        corrections = [StoredCorrection(import_id, **vars(correction)) for correction in history.corrections]
        upsert_history(work, body.chain, days)
        insert_corrections(work, body.chain, corrections)
        listed = [CorrectionDocument(**vars(correction)) for correction in corrections[:MOST_CORRECTIONS]]
        counts = {"stores": len(history.stores), "days": len(days), "corrected": len(corrections)}
        document = ImportDocument(id=import_id, **counts, corrections=listed, notes=list(history.notes))
        stored.status, stored.reply = 201, document.model_dump_json()
    return Reply(stored.reply, stored.status)


def _require_stores(transaction: Transaction, body: HistoryIn, store_ids: Sequence[str]) -> None:
    """Raises `NotFound` for a store that the chain does not have, `Rejected` for one with another currency."""
    currencies = {store.store: store.currency for store in read_stores(transaction, body.chain)}
    for store_id in store_ids:
        currency = currencies.get(store_id)
        if currency is None:
            raise NotFound("unknown_store", f"the chain has no store {store_id}")
        if currency != body.currency:
            detail = f"store {store_id} sells in {currency}, and the file is in {body.currency}"
            raise Rejected("wrong_currency", detail)
