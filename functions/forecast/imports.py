"""History of years before and weather, imported over HTTP from a file in the request or in object storage."""

from collections.abc import Container, Sequence
from dataclasses import asdict
from datetime import timedelta

from functions.forecast import store
from functions.forecast.documents import (
    MOST_BYTES,
    CorrectionDocument,
    FileIn,
    HistoryIn,
    ImportDocument,
    UploadDocument,
    UploadIn,
    WeatherIn,
    WeatherTaken,
)
from shared.contracts.ids import new_id
from shared.spine.db import Transaction
from shared.spine.errors import Misconfigured, NotFound, Rejected
from shared.spine.http import Call, Reply
from shared.spine.rights import Scope

UPLOAD_SECONDS = 900
SHOWN = 500  # corrections: a long file's would be more than a reply may hold


def import_forecast_history(call: Call, body: HistoryIn) -> Reply:
    """Take over a file of daily revenue, all of it or nothing; it stands above what orders say of the same days.

    At most 250,000 days in one file, which are what 340 stores have in two years.
    """
    from functions.forecast.files import contents  # noqa: PLC0415 - takes half a second to load

    call.client.require("forecast:write", Scope(body.chain))
    history = contents.history(_content(call, body), body.currency, call.env.clock().date())
    rows = [(each, day, "import", body.chain, body.currency, amount) for each, day, amount in contents.days(history)]
    with call.once() as (work, kept):
        _require_stores(work, body, history.stores)
        made = new_id(call.env.clock())
        store.keep_history(work, rows)
        store.keep_corrections(work, made, body.chain, history.corrections)
        shown = [CorrectionDocument(source=made, **asdict(each)) for each in history.corrections[:SHOWN]]
        counts = {"stores": len(history.stores), "days": len(rows), "mended": len(history.corrections)}
        kept.status, kept.reply = 201, ImportDocument(id=made, **counts, corrections=shown).model_dump_json()
    return Reply(kept.reply, kept.status)


def import_forecast_weather(call: Call, body: WeatherIn) -> Reply:
    """Take over a file of weather by store and day, all of it or nothing; it stands above what was said before.

    At most 250,000 numbers in one file, and six columns in a chain.
    """
    from functions.forecast.files import contents  # noqa: PLC0415 - as above

    call.client.require("forecast:write", Scope(body.chain))
    weather = contents.weather(_content(call, body))
    with call.once() as (work, kept):
        known = {row["store"] for row in store.stores(work, body.chain)}
        if not known:
            raise NotFound("unknown_chain", f"there is no chain {body.chain} with stores")
        for each in sorted({each for each, *_ in weather.rows} - {store.EVERY_STORE}):
            _require_known(each, known)
        contents.require_few([*{*store.weather_names(work, body.chain), *weather.columns}])
        rows = (
            (body.chain, name, each, day, value)
            for each, day, values in weather.rows
            for name, value in zip(weather.columns, values, strict=True)
        )
        store.keep_weather(work, rows)
        kept.status, kept.reply = (
            201,
            WeatherTaken(columns=list(weather.columns), days=len(weather.rows)).model_dump_json(),
        )
    return Reply(kept.reply, kept.status)


def open_forecast_upload(call: Call, body: UploadIn) -> Reply:
    """Where a file of history or weather that is too large for a request's body can be put."""
    call.client.require("forecast:write", Scope(body.chain))
    with call.once() as (_, kept):
        now = call.env.clock()
        made = new_id(now)
        url = call.env.aws.upload_address(
            call.env.settings.models_bucket, _key(body.chain, made), body.bytes, UPLOAD_SECONDS
        )
        ends = now + timedelta(seconds=UPLOAD_SECONDS)
        kept.status, kept.secret_until = 201, ends
        kept.reply = UploadDocument(upload=made, url=url, expires_at=ends).model_dump_json()
    return Reply(kept.reply, kept.status)


def _key(chain: str, upload: str) -> str:
    return f"{chain}/uploads/{upload}"


def _content(call: Call, body: FileIn) -> bytes:
    if body.upload is None:
        return body.parquet or (body.csv or "").encode()
    try:
        content = call.env.aws.get_object(call.env.settings.models_bucket, _key(body.chain, body.upload))
    except Misconfigured as failure:
        raise NotFound("unknown_upload", "nothing has been put there") from failure
    if len(content) > MOST_BYTES:  # S3 takes no more than the address was signed for; an emulator may
        raise Rejected("file_too_long", f"the file has {len(content):,} bytes; send at most {MOST_BYTES:,} at a time")
    return content


def _require_stores(transaction: Transaction, body: HistoryIn, stores: Sequence[str]) -> None:
    """Raises `NotFound` for a store that the chain has not, `Rejected` for one that sells in another currency."""
    sells_in = {row["store"]: row["currency"] for row in store.stores(transaction, body.chain)}
    for each in stores:
        _require_known(each, sells_in)
        if sells_in[each] != body.currency:
            raise Rejected(
                "wrong_currency", f"store {each} sells in {sells_in[each]}, and the file is in {body.currency}"
            )


def _require_known(of: str, stores: Container[str]) -> None:
    if of not in stores:
        raise NotFound("unknown_store", f"the chain has no store {of}")
