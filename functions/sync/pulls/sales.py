"""The flow `pull_till_sales`: sales of a till → messages that ask order intake to place them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from functions.sync.adapters.contract import Adapter, BatchRefused
from functions.sync.adapters.sources import Page, SalesSource
from functions.sync.engine.target import same_codes
from functions.sync.engine.translation import CodeMissing
from functions.sync.pulls.windows import Pull, pull_changes
from functions.sync.records.faults import RecordFault
from functions.sync.records.our_codes import OurCodes
from functions.sync.records.till_sale import TillSale, head_of, minor, order_of, refunds_of, sale_of
from functions.sync.states import Cause, SaleState
from functions.sync.tables.codes import read_codes
from functions.sync.tables.flows import FlowRow
from functions.sync.tables.sales import SaleRow, lock_refused_sales, lock_sales, read_waiting, upsert_sales
from functions.sync.tables.systems import read_system
from shared.contracts.ids import split_key
from shared.contracts.messages.sales import SyncSalePulled, sale_subject
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.errors import NotFound, Rejected
from shared.spine.outbox import Work

PAGE = 200
MOST_REPLAYED = 1_000


def pull_till_sales_of(env: Environment, flow: FlowRow, until: datetime) -> bool:
    """Whether all work was done. Sales that waited for a code come first."""
    _send_waiting(env, flow, until)
    if flow.settings.get("files"):
        return True
    return pull_changes(env, flow, until, _read, _store_page)


def _read(adapter: Adapter, begin: datetime, end: datetime) -> Iterator[Page]:
    if not isinstance(adapter, SalesSource):
        raise BatchRefused("no_sales", "Systems of this kind have no sales to read.")
    return adapter.read_sales(begin, end)


def _store_page(work: Work, pull: Pull, page: Page) -> int:
    sales, refused = [], []
    for document in page:
        try:
            sales.append(sale_of(document))
        except RecordFault as fault:
            refused.append(_malformed(pull, document, fault))
    upsert_sales(work, refused)
    return store_sales(work, pull.flow.system, pull.codes, sales, pull.env.clock()) + len(refused)


def _malformed(pull: Pull, document: Mapping[str, Any], fault: RecordFault) -> SaleRow:
    """A sale that cannot be read, by what its number, store and time look like."""
    head = head_of(document, pull.flow.system)
    return SaleRow(
        system=pull.flow.system,
        key=head.key,
        revision=1,
        number=head.number,
        store=head.store,
        sold_at=head.sold_at or pull.env.clock(),
        currency="XXX",
        total=0,
        state=SaleState.REFUSED,
        payload_hash=bytes(32),
        payload=None,
        changed_at=pull.env.clock(),
        cause=Cause.DATA,
        reason="malformed",
        detail=f"{fault.field}: {fault.detail}"[:500],
    )


def system_codes(transaction: Transaction, system_key: str) -> OurCodes:
    """The codes of a system in ours. Raises `NotFound`."""
    system = read_system(transaction, system_key)
    if system is None:
        raise NotFound("unknown_system", f"There is no system {system_key}.")
    return OurCodes(read_codes(transaction, system_key), same_codes(system.settings))


def store_sales(work: Work, system: str, codes: OurCodes, sales: Sequence[TillSale], now: datetime) -> int:
    """Ask intake to place sales that are new or have changed. Returns their number."""
    by_key = {sale.key(system): sale for sale in sales}
    before = lock_sales(work, system, by_key)
    rows = []
    for key, sale in by_key.items():
        row = before.get(key)
        if row is None or row.payload_hash != sale.content_hash():
            rows.append(_sent(work, codes, _row(system, key, sale, row, now), sale))
    upsert_sales(work, rows)
    return len(rows)


def _row(system: str, key: str, sale: TillSale, before: SaleRow | None, now: datetime) -> SaleRow:
    return SaleRow(
        system=system,
        key=key,
        revision=before.revision + 1 if before else 1,
        number=sale.number,
        store=sale.store,
        sold_at=sale.sold_at,
        currency=sale.currency,
        total=minor(sale.total, sale, "total"),
        state=SaleState.SENT,
        payload_hash=sale.content_hash(),
        payload=sale.content(),
        changed_at=now,
    )


def _sent(work: Work, codes: OurCodes, row: SaleRow, sale: TillSale) -> SaleRow:
    """The row after its message was announced, or with the reason why none was."""
    chain, system = split_key(row.system)
    try:
        order, refunds = order_of(sale, system, codes), refunds_of(sale)
        data = SyncSalePulled(chain=chain, system=system, sale=row.key, order=order, refunds=refunds)
        work.announce(data, subject=sale_subject(row.key), sequence=row.revision)
    except CodeMissing as missing:
        detail = f"There is no code for {missing.kind} {missing.code}."
        return _refused(row, Cause.MAPPING, f"no_code_{missing.kind}", detail)
    except RecordFault as fault:
        return _refused(row, Cause.DATA, "malformed", f"{fault.field}: {fault.detail}")
    except Rejected as refusal:
        return _refused(row, Cause.DATA, refusal.code, refusal.detail)
    return row


def _refused(row: SaleRow, cause: Cause, reason: str, detail: str) -> SaleRow:
    return replace(row, state=SaleState.REFUSED, cause=cause, reason=reason[:64], detail=detail[:500])


def _send_waiting(env: Environment, flow: FlowRow, until: datetime) -> None:
    """Sales whose codes are known now."""
    after = ""
    while env.clock() < until:
        with env.outbox.work("sync") as work:
            rows = read_waiting(work, flow.system, after, PAGE)
            if not rows:
                return
            upsert_sales(work, _known_now(work, rows, system_codes(work, flow.system), env.clock()))
        after = rows[-1].key


def send_again(
    work: Work, system: str, now: datetime, *, key: str | None, cause: str | None, reason: str | None
) -> int:
    """Ask intake once more to place refused sales, at most `MOST_REPLAYED`. Returns how many were asked for."""
    rows = lock_refused_sales(work, system, MOST_REPLAYED, key=key, cause=cause, reason=reason)
    sent = _known_now(work, rows, system_codes(work, system), now) if rows else []
    upsert_sales(work, sent)
    return len(sent)


def _known_now(work: Work, rows: Sequence[SaleRow], codes: OurCodes, now: datetime) -> list[SaleRow]:
    sent = []
    for row in rows:
        sale = TillSale.model_validate_json(row.payload or "")
        waiting = replace(row, state=SaleState.SENT, cause=None, reason=None, detail=None, changed_at=now)
        after = _sent(work, codes, replace(waiting, revision=row.revision + 1), sale)
        if after.state == SaleState.SENT:
            sent.append(after)
    return sent
