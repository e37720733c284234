"""What people enter over HTTP: plans, settings, history, a run out of turn."""

import gzip
import io
import zlib
from dataclasses import asdict
from datetime import date, timedelta

from functions.forecast import chain_settings, nightly_training, store
from functions.forecast.documents import (
    ChainQuery,
    CorrectionDocument,
    DaysQuery,
    ForecastSettings,
    ForecastSettingsIn,
    HistoryIn,
    ImportDocument,
    PlanDocument,
    PlanIn,
    PlanPage,
    PlanPath,
    RunBegun,
    RunIn,
    UploadDocument,
    UploadIn,
)
from functions.forecast.views import LATEST, require
from shared.auth import Place
from shared.db import Transaction
from shared.errors import Conflict, Misconfigured, NotFound, Rejected
from shared.http import Call, Reply
from shared.ids import new_id

EARLIEST = date(1990, 1, 1)
UPLOAD_SECONDS = 900
GZIP = b"\x1f\x8b"
MOST_UNZIPPED = 64 * 1024 * 1024
# As many as are read, checked and kept within the time that an HTTP call has.
MOST_DAYS = 250_000


def get_forecast_settings(call: Call, query: ChainQuery) -> Reply:
    """A chain's settings."""
    call.client.require("forecast:read", Place(query.chain, "", ""))
    with call.house.db.transaction() as transaction:
        return Reply(_settings(transaction, query.chain))


def put_forecast_settings(call: Call, query: ChainQuery, body: ForecastSettingsIn) -> Reply:
    """Replace them."""
    call.client.require("forecast:write", Place(query.chain, "", ""))
    with call.once() as (work, kept):
        store.keep_settings(work, query.chain, body.model_dump_json(exclude_none=True))
        kept.reply = _settings(work, query.chain).model_dump_json()
    return Reply(kept.reply)


def list_forecast_plans(call: Call, query: DaysQuery) -> Reply:
    """What was entered that touches these days."""
    call.client.require("forecast:read", Place(query.chain, "", ""))
    with call.house.db.transaction() as transaction:
        rows = store.plans(transaction, query.chain, query.since or EARLIEST, query.to or LATEST)
    return Reply(PlanPage(plans=[PlanDocument(**row) for row in rows]))


def enter_forecast_plan(call: Call, body: PlanIn) -> Reply:
    """A closure, opening, promotion, event or school holiday; the next night's forecast knows it."""
    _require_order(body.first_day, body.last_day)
    with call.once() as (work, kept):
        require(call, work, "forecast:write", body.chain, body.store)
        plan = PlanDocument(id=new_id(call.house.clock()), **body.model_dump(exclude={"chain"}))
        values = (plan.id, body.chain, plan.store, plan.kind, plan.first_day, plan.last_day, plan.note)
        store.keep_plan(work, values)
        kept.status, kept.reply = 201, plan.model_dump_json()
    return Reply(kept.reply, kept.status)


def drop_forecast_plan(call: Call, path: PlanPath, query: ChainQuery) -> Reply:
    """Take it back."""
    call.client.require("forecast:write", Place(query.chain, "", ""))
    with call.once() as (work, kept):
        if not store.drop_plan(work, query.chain, path.plan):
            raise NotFound("unknown_plan", "the chain has no such plan")
        kept.reply = PlanPage(plans=[]).model_dump_json()
    return Reply(kept.reply)


def import_forecast_history(call: Call, body: HistoryIn) -> Reply:
    """Take over a file of daily revenue, all of it or nothing; it stands above what orders say of the same days.

    At most 250,000 days in one file, which are what 340 stores have in two years.
    """
    import numpy as np  # noqa: PLC0415 - a third of a second that other calls need not wait for
    import pandas as pd  # noqa: PLC0415 - as numpy

    from functions.forecast.history import read  # noqa: PLC0415 - as numpy

    call.client.require("forecast:write", Place(body.chain, "", ""))
    try:
        table = pd.read_csv(io.BytesIO(_file(call, body)), dtype=str, keep_default_na=False)
    except (ValueError, pd.errors.ParserError) as failure:
        raise Rejected("not_csv", f"the file is no CSV: {failure}") from None
    history = read(table.assign(currency=body.currency), call.house.clock().date())
    places = np.argwhere(np.isfinite(history.revenue))
    if len(places) > MOST_DAYS:
        raise Rejected("file_too_long", f"{len(places):,} days; send at most {MOST_DAYS:,} in one file")
    amounts = history.revenue[places[:, 0], places[:, 1]]
    if (amounts != np.rint(amounts)).any():
        raise Rejected("revenue_fractional", "revenue is in minor units of the currency, as 1250 for 12.50")
    days = pd.date_range(history.first_day, history.last_day).date
    rows = [
        (history.stores[at], days[day], "import", body.chain, body.currency, int(amount))
        for (at, day), amount in zip(places, amounts, strict=True)
    ]
    with call.once() as (work, kept):
        for each in history.stores:
            require(call, work, "forecast:write", body.chain, each)
        made = new_id(call.house.clock())
        store.keep_history(work, rows)
        store.keep_corrections(work, made, body.chain, history.corrections)
        mended = [CorrectionDocument(source=made, **asdict(each)) for each in history.corrections]
        document = ImportDocument(id=made, stores=len(history.stores), days=len(rows), corrections=mended)
        kept.status, kept.reply = 201, document.model_dump_json()
    return Reply(kept.reply, kept.status)


def open_forecast_upload(call: Call, body: UploadIn) -> Reply:
    """Where a file of history that is too large for a request's body can be put."""
    call.client.require("forecast:write", Place(body.chain, "", ""))
    with call.once() as (_, kept):
        now = call.house.clock()
        made = new_id(now)
        url = call.house.aws.upload_address(
            call.house.settings.models_bucket, _key(body.chain, made), body.bytes, UPLOAD_SECONDS
        )
        document = UploadDocument(upload=made, url=url, expires_at=now + timedelta(seconds=UPLOAD_SECONDS))
        kept.status, kept.reply = 201, document.model_dump_json()
    return Reply(kept.reply, kept.status)


def _key(chain: str, upload: str) -> str:
    return f"{chain}/uploads/{upload}"


def _file(call: Call, body: HistoryIn) -> bytes:
    """The CSV's bytes. Raises `NotFound` or `Rejected` for an upload that is not there, or holds too much."""
    if body.upload is None:
        return (body.csv or "").encode()
    try:
        content = call.house.aws.get_object(call.house.settings.models_bucket, _key(body.chain, body.upload))
    except Misconfigured as failure:
        raise NotFound("unknown_upload", "nothing has been put there") from failure
    if not content.startswith(GZIP):
        return content
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            found = file.read(MOST_UNZIPPED + 1)
    except (OSError, EOFError, zlib.error) as failure:
        raise Rejected("not_gzip", f"the file begins as gzip and is none: {failure}") from None
    if len(found) > MOST_UNZIPPED:
        raise Rejected("file_too_long", f"the file holds more than {MOST_UNZIPPED:,} bytes")
    return found


def begin_forecast_run(call: Call, body: RunIn) -> Reply:
    """Forecast from that evening now, and not in the night."""
    call.client.require("forecast:write", Place(body.chain, "", ""))
    if body.last_day > call.house.clock().date():
        raise Rejected("day_in_future", "a forecast knows days that have ended")
    with call.once() as (work, kept):
        at_once = _settings(work, body.chain).stores_at_once
        stores = store.stores(work, body.chain)
        run = nightly_training.begin(work, body.chain, stores, at_once, body.last_day, call.house.clock())
        if run is None:
            raise Conflict("run_known", f"the forecast from {body.last_day} has been made, or is being made")
        kept.status, kept.reply = 201, RunBegun(id=run, last_day=body.last_day).model_dump_json()
    return Reply(kept.reply, kept.status)


def _settings(transaction: Transaction, chain: str) -> ForecastSettings:
    stores = store.stores(transaction, chain)
    if not stores:
        raise NotFound("unknown_chain", f"there is no chain {chain} with stores")
    return ForecastSettings(chain=chain, **chain_settings.read(transaction, chain, stores[0]["timezone"]).document())


def _require_order(first: date, last: date) -> None:
    if last < first:
        raise Rejected("days_reversed", "last_day is before first_day")
