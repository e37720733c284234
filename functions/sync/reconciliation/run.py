"""A reconciliation of one system: the last business days, from both systems' own answers, a day after the other."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from functions.sync.adapters.contract import CallFailed
from functions.sync.documents.day_sales import day_documents
from functions.sync.documents.document import MONEY_KINDS
from functions.sync.engine.batches import LEASE
from functions.sync.engine.plan import plan_settings
from functions.sync.engine.sales_plan import documents_of, orders_of_day
from functions.sync.engine.target import Target, read_target
from functions.sync.reconciliation.comparison import Comparison, Entry, compare
from functions.sync.reconciliation.entries import OurCodes, entry_of, entry_of_stored, our_codes
from functions.sync.reconciliation.report import mail_of
from functions.sync.states import Flow
from functions.sync.tables.flows import FlowRow, read_flow, update_position, update_run_begun, update_run_ended
from functions.sync.tables.ledger import read_by_keys
from functions.sync.tables.mail_senders import read_is_allowed
from functions.sync.tables.reconciliations import Reconciliation, insert_reconciliation
from functions.sync.tables.stores import ChainStore, read_stores
from functions.sync.tables.systems import lock_system, update_sequence
from shared.contracts.ids import first_id, moment_of, new_id, split_key
from shared.contracts.messages.sync import SyncDifferenceFound, system_subject
from shared.contracts.money import exponent
from shared.spine import log
from shared.spine.clock import midnight_of
from shared.spine.env import Environment
from shared.spine.errors import DumbwaiterError, Unavailable

DAYS, HOUR = 3, 6
# A run is not begun again by another worker meanwhile.
RUN_LEASE = timedelta(seconds=900)
MOST_NAMED = 1_000


@dataclass(frozen=True)
class _Scope:
    """The values that all days of a run share."""

    env: Environment
    target: Target
    stores: Mapping[str, ChainStore]
    settings: Mapping[str, Any]
    codes: OurCodes
    currency: str

    @property
    def chain(self) -> str:
        return self.target.system.chain


def reconcile_of(env: Environment, flow: FlowRow, until: datetime) -> bool:
    """Reconcile once a day, after the hour of the settings. Always ends: the next run of the timer looks again."""
    del until
    with env.db.transaction() as transaction:
        stores = read_stores(transaction, split_key(flow.system)[0])
    if not stores:
        return True
    local = env.clock().astimezone(ZoneInfo(next(iter(stores.values())).settings.timezone))
    is_early = local.hour < flow.settings.get("hour", HOUR)
    if is_early or moment_of(flow.position).date() >= local.date():
        return True
    reconcile_days(env, flow, local.date() - timedelta(days=flow.settings.get("days", DAYS)), local.date())
    return True


def reconcile_window(env: Environment, flow: FlowRow, until: datetime, *, days: tuple[date, date]) -> bool:
    """Reconcile the days that a person asked for. Raises `Unavailable` while another run works."""
    del until
    if reconcile_days(env, flow, *days) is None:
        raise Unavailable("not_compared", "another run works, or the system failed", retry_after=20)
    return True


def reconcile_days(env: Environment, flow: FlowRow, day_from: date, day_until: date) -> Reconciliation | None:
    """Compare the business days of a half-open window, mail the result, and store it. None while another run works.

    A run that is killed between both compares and mails again: a difference must not stay unread.
    """
    token, now = secrets.randbits(63), env.clock()
    with env.db.transaction() as transaction:
        if not update_run_begun(transaction, flow, token, now, now + RUN_LEASE):
            return None
    outcome = "failed"
    try:
        result, comparison = _compare_days(env, flow, day_from, day_until)
        result = replace(result, mailed_at=_mail(env, flow, result, comparison))
        _store(env, flow, token, result)
        outcome = "agrees" if not comparison.named and not comparison.differing else "differs"
    except CallFailed as failure:
        outcome = failure.reason[:64]
        log.logger().error("reconciliation failed", extra={"system": flow.system, "reason": failure.reason})
        return None
    finally:
        with env.db.transaction() as transaction:
            update_run_ended(transaction, flow, token, env.clock(), outcome)
    return result


def _compare_days(
    env: Environment, flow: FlowRow, day_from: date, day_until: date
) -> tuple[Reconciliation, Comparison]:
    scope = _scope(env, flow)
    comparison = Comparison()
    for count in range((day_until - day_from).days):
        day = day_from + timedelta(days=count)
        compare(_ours(scope, day), _theirs(scope, day), comparison)
    _explain(env, flow.system, comparison)
    return _result(env, flow, (day_from, day_until), comparison, scope.currency), comparison


def _scope(env: Environment, flow: FlowRow) -> _Scope:
    target = read_target(env, flow.system, env.clock() + LEASE)
    with env.db.transaction() as transaction:
        stores = read_stores(transaction, split_key(flow.system)[0])
        sales = read_flow(transaction, flow.system, Flow.PUSH_SALES)
    currency = next(iter(stores.values())).settings.currency
    return _Scope(env, target, stores, sales.settings if sales else {}, our_codes(target.codes), currency)


def _ours(scope: _Scope, day: date) -> list[Entry]:
    """Our documents of the day, made again from the orders. The ledger is not asked."""
    settings = plan_settings(dict(scope.settings))
    entries: list[Entry] = []
    for key, store in scope.stores.items():
        if not settings.covers(split_key(key)[1]):
            continue
        with scope.env.db.transaction() as transaction:
            orders = orders_of_day(transaction, scope.chain, key, day)
        if settings.per_day:
            documents = day_documents(key, day, orders, store.rules)
        else:
            made = [document for order in orders for document in documents_of(order, dict(scope.stores))]
            documents = [document for document in made if document.day == day]
        entries += [entry_of(document, scope.codes, scope.target.codes) for document in documents]
    return entries


def _theirs(scope: _Scope, day: date) -> list[Entry]:
    """The valid documents of the day by the outside system. A page that comes twice counts once."""
    digits = exponent(scope.currency)
    entries: dict[str, Entry] = {}
    for kind in MONEY_KINDS:
        for page in scope.target.adapter.read_documents(kind, day, day + timedelta(days=1)):
            for stored in page:
                if stored.state == "posted":
                    entries[f"{kind} {stored.id}"] = entry_of_stored(stored, scope.codes, digits)
    return list(entries.values())


def _explain(env: Environment, system: str, comparison: Comparison) -> None:
    """Where the ledger says why a document is not there, the difference says it too."""
    keys = {difference.key for difference in comparison.named[:MOST_NAMED] if len(difference.key) <= 27}  # noqa: PLR2004
    with env.db.transaction() as transaction:
        rows = {row.source_key: row for row in read_by_keys(transaction, system, keys)}
    for index, difference in enumerate(comparison.named[:MOST_NAMED]):
        row = rows.get(difference.key)
        if row and (row.cause or row.state != "done") and not difference.detail:
            text = f"{row.state}: {row.cause or ''} {row.reason or ''} {row.detail or ''}".strip()
            comparison.named[index] = difference._replace(detail=text)


def _result(
    env: Environment, flow: FlowRow, days: tuple[date, date], comparison: Comparison, currency: str
) -> Reconciliation:
    now = env.clock()
    return Reconciliation(
        system=flow.system,
        id=new_id(now),
        day_from=days[0],
        day_until=days[1],
        ended_at=now,
        documents=comparison.documents,
        cells=comparison.cells,
        differing_cells=len(comparison.differing),
        differing_documents=len(comparison.named),
        gross=comparison.gross,
        currency=currency,
        report=_report(comparison),
    )


def _report(comparison: Comparison) -> str:
    cells: Sequence[Any] = [
        {
            "store": cell.store,
            "day": cell.day,
            "tender": cell.tender,
            "here": here._asdict(),
            "there": there._asdict(),
        }
        for cell, (here, there) in sorted(comparison.differing.items())[:MOST_NAMED]
    ]
    documents = [difference._asdict() for difference in comparison.named[:MOST_NAMED]]
    return json.dumps({"cells": cells, "documents": documents}, default=str, ensure_ascii=False)


def _store(env: Environment, flow: FlowRow, token: int, result: Reconciliation) -> None:
    """Store the result, move the checkpoint, and announce a difference, in one transaction."""
    with env.outbox.work("sync") as work:
        insert_reconciliation(work, result)
        # A window of the past does not make the nightly run repeat days.
        position = max(flow.position, first_id(midnight_of(result.day_until)))
        update_position(work, flow, token, position, env.clock(), result.documents, result.differing_documents)
        if result.differing_documents or result.differing_cells:
            system = lock_system(work, flow.system)
            assert system is not None  # it was read in this run, and systems are never deleted
            update_sequence(work, flow.system, system.sequence + 1)
            data = SyncDifferenceFound(
                chain=system.chain,
                system=system.id,
                reconciliation=result.id,
                day_from=result.day_from,
                day_until=result.day_until,
                documents=result.differing_documents,
                cells=result.differing_cells,
                gross=result.gross,
            )
            work.announce(data, subject=system_subject(flow.system), sequence=system.sequence + 1)


def _mail(env: Environment, flow: FlowRow, result: Reconciliation, comparison: Comparison) -> datetime | None:
    """Mail the result: when it left. A mail that fails is logged: the result is stored, and the console shows it."""
    sender, to = flow.settings.get("mail_from"), flow.settings.get("mail_to")
    if not sender or not to:
        return None
    chain, system = split_key(flow.system)
    with env.db.transaction() as transaction:
        if not read_is_allowed(transaction, chain, sender):
            log.logger().error("the sender of a mail is not allowed", extra={"chain": chain, "sender": sender})
            return None
    days = result.day_from, result.day_until
    message = mail_of(sender, to, system, days, comparison, result.currency)
    try:
        env.aws.send_mail(sender, to, bytes(message))
    except DumbwaiterError as failure:
        log.logger().error("the mail of a reconciliation failed", extra={"error": str(failure)})
        return None
    return env.clock()
