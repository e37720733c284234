"""History of years before, imported over HTTP from a file in the request or in object storage."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta

from functions.forecast import store
from functions.forecast.documents import CorrectionDocument, HistoryIn, ImportDocument, UploadDocument, UploadIn
from shared.auth import Place
from shared.db import Transaction
from shared.errors import Misconfigured, NotFound, Rejected
from shared.http import Call, Reply
from shared.ids import new_id

UPLOAD_SECONDS = 900
SHOWN = 500  # corrections: a long file's would be more than a reply may hold


def import_forecast_history(call: Call, body: HistoryIn) -> Reply:
    """Take over a file of daily revenue, all of it or nothing; it stands above what orders say of the same days.

    At most 250,000 days in one file, which are what 340 stores have in two years.
    """
    from functions.forecast import files  # noqa: PLC0415 - half a second that other calls need not wait for

    call.client.require("forecast:write", Place(body.chain, "", ""))
    history = files.history(_content(call, body), body.currency, call.house.clock().date())
    rows = [(each, day, "import", body.chain, body.currency, amount) for each, day, amount in files.days(history)]
    with call.once() as (work, kept):
        _require_stores(work, body, history.stores)
        made = new_id(call.house.clock())
        store.keep_history(work, rows)
        store.keep_corrections(work, made, body.chain, history.corrections)
        shown = [CorrectionDocument(source=made, **asdict(each)) for each in history.corrections[:SHOWN]]
        counts = {"stores": len(history.stores), "days": len(rows), "mended": len(history.corrections)}
        kept.status, kept.reply = 201, ImportDocument(id=made, **counts, corrections=shown).model_dump_json()
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


def _content(call: Call, body: HistoryIn) -> bytes:
    if body.upload is None:
        return body.parquet or (body.csv or "").encode()
    try:
        return call.house.aws.get_object(call.house.settings.models_bucket, _key(body.chain, body.upload))
    except Misconfigured as failure:
        raise NotFound("unknown_upload", "nothing has been put there") from failure


def _require_stores(transaction: Transaction, body: HistoryIn, stores: Sequence[str]) -> None:
    """Raises `NotFound` for a store that the chain has not, `Rejected` for one that sells in another currency."""
    sells_in = {row["store"]: row["currency"] for row in store.stores(transaction, body.chain)}
    for each in stores:
        if each not in sells_in:
            raise NotFound("unknown_store", f"the chain has no store {each}")
        if sells_in[each] != body.currency:
            raise Rejected(
                "wrong_currency", f"store {each} sells in {sells_in[each]}, and the file is in {body.currency}"
            )
