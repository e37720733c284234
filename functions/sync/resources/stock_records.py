"""/v1/sync/stock-records: wastage, counts, receipts and transfers that a store records, with or without a photo."""

import base64
from datetime import date, datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from functions.sync.recipes.stock_record import StockEntry, StockRecord
from functions.sync.recipes.units import UnitUnknown, in_item_unit
from functions.sync.resources.access import AsciiKey
from functions.sync.resources.recipes import Quantity
from functions.sync.tables.recipes import read_pantry
from functions.sync.tables.stock_records import (
    insert_record,
    lock_record,
    read_records_page,
    update_cancelled,
)
from functions.sync.tables.stores import ChainStore, read_stores
from shared.contracts.ids import Ulid, derived_id, split_key, store_key
from shared.contracts.messages.sync import StockCancelled, StockRecorded, record_subject
from shared.contracts.models import Input, Output, Query
from shared.contracts.moments import Day
from shared.contracts.stores import StoreReference, find_store
from shared.contracts.text import Id, printable
from shared.spine.clock import EPOCH
from shared.spine.db import Duplicate, Transaction
from shared.spine.errors import Conflict, NotFound, Rejected
from shared.spine.http import Call, Reply

WRITE, READ = "stock:write", "stock:read"
MOST_PHOTO = 5 * 1024 * 1024
MOST_QUANTITY = 10**12
UPLOAD_SECONDS = 900
Kind = Literal["wastage", "count", "receipt", "transfer"]
Text = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(printable)]


class PhotoIn(Input):
    """A photo. `sha256` is the hexadecimal hash of its bytes: no other file is taken."""

    type: Literal["image/jpeg", "image/png", "image/webp"]
    size: Annotated[int, Field(ge=1, le=MOST_PHOTO)]
    sha256: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]


class EntryIn(Input):
    """A quantity of a stock item in any of its units. A count may be 0."""

    item: Id
    quantity: Quantity
    unit: Id


class RecordIn(Input):
    """A record of a store. `reference` is the store's own: the same one twice is one record.

    `day` is the business day, by default the present one. A transfer goes `to_store`.
    """

    kind: Kind
    store: StoreReference
    reference: Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(printable)]
    entries: Annotated[list[EntryIn], Field(min_length=1, max_length=500)]
    to_store: Id | None = None
    day: Annotated[Day, Field(strict=False)] | None = None
    note: Text | None = None
    photo: PhotoIn | None = None


class Upload(Output):
    """PUT the photo to `url` with these `headers` before `expires_at`."""

    url: str
    headers: dict[str, str]
    expires_at: datetime


class EntryDocument(Output):
    """A quantity of a stock item."""

    item: str
    name: str
    quantity: str
    unit: str


class RecordDocument(Output):
    """A record. `state` is recorded or cancelled. `upload` is for the photo, in the reply to the record alone."""

    id: str
    kind: str
    store: str
    to_store: str | None
    day: date
    reference: str
    note: str | None
    state: str
    entries: list[EntryDocument]
    has_photo: bool
    created_at: datetime
    upload: Upload | None = None


class RecordPage(Output):
    """Records of a store by id. `next` continues the list."""

    records: list[RecordDocument]
    next: str | None


class RecordPath(Query):
    """A record by its id."""

    record: Ulid


class RecordsQuery(Query):
    """Records of a store of one kind: those after the id `after`."""

    store: StoreReference
    kind: Kind
    after: AsciiKey = ""
    limit: Annotated[int, Field(ge=1, le=500)] = 100


def add_record(call: Call, body: RecordIn) -> Reply:
    """Record wastage, a count, a receipt or a transfer. It goes to the chain's systems within minutes."""
    now = call.env.clock()
    with call.once() as (work, stored):
        scope = find_store(work, call.client, body.store)
        call.client.require(WRITE, scope)
        stores = read_stores(work, scope.chain)
        record = _record(work, body, stores[scope.key], stores, now)
        try:
            insert_record(work, record)
        except Duplicate:
            raise Conflict("record_exists", f"The store has a {body.kind} {body.reference} already.") from None
        data = StockRecorded(chain=scope.chain, store=scope.store, record=record.id, kind=record.kind, day=record.day)
        work.announce(data, subject=record_subject(record.id), sequence=1, store=scope.key)
        document = _document(record)
        document.upload = _upload(call, body.photo, record) if body.photo else None
        stored.status = HTTPStatus.CREATED
        if document.upload:
            stored.secret_until = document.upload.expires_at
        stored.reply = document.model_dump_json()
    return Reply(stored.reply, stored.status)


def cancel_record(call: Call, path: RecordPath) -> Reply:
    """Take a record back. Its document in the chain's systems is cancelled."""
    with call.once() as (work, stored):
        record = lock_record(work, path.record)
        if record is None or record.chain not in call.client.chains:
            raise NotFound("unknown_record", f"There is no record {path.record}.")
        call.client.require(WRITE, find_store(work, call.client, record.store))
        if not record.is_cancelled:
            update_cancelled(work, record.id)
            chain, store = split_key(record.store)
            data = StockCancelled(chain=chain, store=store, record=record.id, kind=record.kind, day=record.day)
            work.announce(data, subject=record_subject(record.id), sequence=2, store=record.store)
        document = _document(record)
        document.state = "cancelled"
        stored.reply = document.model_dump_json()
    return Reply(stored.reply)


def list_records(call: Call, query: RecordsQuery) -> Reply:
    """List the records of a store."""
    with call.env.db.transaction() as transaction:
        scope = find_store(transaction, call.client, query.store)
        call.client.require(READ, scope)
        records = read_records_page(transaction, scope.key, query.kind, query.after, query.limit)
    following = records[-1].id if len(records) == query.limit else None
    return Reply(RecordPage(records=[_document(record) for record in records], next=following))


def _record(
    transaction: Transaction, body: RecordIn, store: ChainStore, stores: dict[str, ChainStore], now: datetime
) -> StockRecord:
    chain, _ = split_key(store.key)
    if (body.kind == "transfer") != (body.to_store is not None):
        raise Rejected("to_store_wrong", "A transfer, and nothing else, has a to_store.")
    if body.to_store and (
        store_key(chain, body.to_store) not in stores or store_key(chain, body.to_store) == store.key
    ):
        raise Rejected("to_store_wrong", f"There is no other store {body.to_store} in this chain.")
    record_id = derived_id(EPOCH, store.key, body.kind, body.reference)
    return StockRecord(
        id=record_id,
        chain=chain,
        store=store.key,
        kind=body.kind,
        day=body.day or store.day_of(now),
        reference=body.reference,
        entries=_entries(transaction, chain, body),
        created_at=now,
        to_store=body.to_store,
        note=body.note,
        photo=f"{chain}/stock/{record_id}" if body.photo else None,
        photo_hash=body.photo.sha256 if body.photo else None,
    )


def _entries(transaction: Transaction, chain: str, body: RecordIn) -> tuple[StockEntry, ...]:
    """Raises `Rejected` for an unknown item, a unit without a conversion, and for nothing of an item but in a count."""
    pantry = read_pantry(transaction, chain)
    entries = []
    for entry in body.entries:
        item, quantity = pantry.items.get(entry.item), Decimal(entry.quantity)
        if item is None:
            raise Rejected("unknown_item", f"There is no stock item {entry.item}.")
        try:
            in_unit = in_item_unit(quantity, entry.unit, item, pantry.units)
        except UnitUnknown as failure:
            raise Rejected("unknown_unit", str(failure)) from None
        if in_unit >= MOST_QUANTITY:
            raise Rejected("quantity_too_large", f"The quantity of {entry.item} is too large in {item.unit}.")
        if not quantity and body.kind != "count":
            raise Rejected("quantity_zero", f"The quantity of {entry.item} must be more than 0.")
        entries.append(StockEntry(item.id, item.name, round(in_unit, 6), item.unit))
    return tuple(entries)


def _upload(call: Call, photo: PhotoIn, record: StockRecord) -> Upload:
    """An address that takes this file alone: its size, type and hash are signed."""
    checksum = base64.b64encode(bytes.fromhex(photo.sha256)).decode()
    headers = {"content-type": photo.type, "x-amz-checksum-sha256": checksum}
    bucket, key = call.env.settings.drops_bucket, record.photo or ""
    url = call.env.aws.upload_address(bucket, key, photo.size, UPLOAD_SECONDS, headers)
    return Upload(url=url, headers=headers, expires_at=record.created_at + timedelta(seconds=UPLOAD_SECONDS))


def _document(record: StockRecord) -> RecordDocument:
    return RecordDocument(
        id=record.id,
        kind=record.kind,
        store=split_key(record.store)[1],
        to_store=record.to_store,
        day=record.day,
        reference=record.reference,
        note=record.note,
        state=record.state,
        entries=[
            EntryDocument(item=entry.item, name=entry.name, quantity=f"{entry.quantity.normalize():f}", unit=entry.unit)
            for entry in record.entries
        ],
        has_photo=record.photo is not None,
        created_at=record.created_at,
    )
