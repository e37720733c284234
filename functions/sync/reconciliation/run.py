"""A reconciliation of one system: the last business days, from both systems' own answers, a day after the other."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from functions.sync.adapters.contract import CallFailed
from functions.sync.documents.document import Kind
from functions.sync.engine.batches import LEASE
from functions.sync.engine.plan_settings import FURTHEST_ZONE
from functions.sync.engine.target import Target, read_target
from functions.sync.reconciliation.comparison import Comparison, Entry, compare
from functions.sync.reconciliation.entries import OurCodes, entry_of, entry_of_stored, our_codes
from functions.sync.reconciliation.our_documents import SentFlows, documents_of, read_sent_flows
from functions.sync.reconciliation.report import mail_of
from functions.sync.tables.flows import FlowRow, update_position, update_run_begun, update_run_ended
from functions.sync.tables.ledger import read_by_keys
from functions.sync.tables.mail_senders import read_is_allowed
from functions.sync.tables.reconciliations import Reconciliation, insert_reconciliation
from functions.sync.tables.stores import ChainStore, read_stores
from functions.sync.tables.systems import lock_system, update_sequence
from shared.contracts.ids import first_id, moment_of, new_id, split_key
from shared.contracts.messages.sync import SyncDifferenceFound, SyncRunUnfinished, system_subject
from shared.contracts.money import exponent
from shared.spine import log
from shared.spine.clock import midnight_of
from shared.spine.env import Environment
from shared.spine.errors import DumbwaiterError, Unavailable

DAYS, HOUR = 3, 6
TIME_OVER = "time_over"
# A run is not begun again by another worker meanwhile.
RUN_LEASE = timedelta(seconds=900)
MOST_NAMED = 1_000


@dataclass(frozen=True)
class _Scope:
    """The values that all days of a run share."""

    env: Environment
    target: Target
    stores: Mapping[str, ChainStore]
    flows: SentFlows
    kinds: list[Kind]
    codes: OurCodes
    currency: str

    @property
    def chain(self) -> str:
        return self.target.system.chain


def reconcile_of(env: Environment, flow: FlowRow, until: datetime) -> bool:
    """Reconcile once a day, after the hour of the settings. Whether all days were compared by `until`.

    A run whose time was over goes on from the day that it had reached.
    """
    window = _nightly_window(env, flow)
    if window is None:
        return True
    if env.clock() >= until:
        return False
    reached = _reconcile_days(env, flow, window, until, moves=True)
    return reached is None or reached >= window[1]


def _nightly_window(env: Environment, flow: FlowRow) -> tuple[date, date] | None:
    """The half-open window of business days that are to be compared now, if there are any."""
    with env.db.transaction() as transaction:
        stores = read_stores(transaction, split_key(flow.system)[0])
        flows = read_sent_flows(transaction, flow.system)
    if not stores:
        return None
    now = env.clock()
    local = now.astimezone(ZoneInfo(next(iter(stores.values())).settings.timezone))
    end, compared = flows.due_until(stores, now), _compared_until(flow, now)
    if local.hour < flow.settings.get("hour", HOUR) or compared >= end:
        return None
    begin = end - timedelta(days=flow.settings.get("days", DAYS))
    return (max(begin, compared) if flow.outcome == TIME_OVER else begin), end


def _compared_until(flow: FlowRow, now: datetime) -> date:
    """The day before which the nightly runs have compared. One that is to come is no such day."""
    position = moment_of(flow.position)
    return position.date() if position <= now + FURTHEST_ZONE else date.min


def reconcile_window(env: Environment, flow: FlowRow, until: datetime, *, days: tuple[date, date]) -> bool:
    """Reconcile the days that a person asked for. Those for which no time is left are asked for by a message.

    Raises `Unavailable` while another run works.
    """
    # The nightly runs go on from their own day.
    reached = _reconcile_days(env, flow, days, until, moves=False)
    if reached is None:
        raise Unavailable("not_compared", "another run works, or the system failed", retry_after=20)
    if reached < days[1]:
        chain, system = split_key(flow.system)
        data = SyncRunUnfinished(chain=chain, system=system, flow=flow.flow, day_from=reached, day_until=days[1])
        with env.outbox.work("sync") as work:
            work.announce(data, subject=f"run/{new_id(env.clock())}", sequence=1)
    return True


def _reconcile_days(
    env: Environment, flow: FlowRow, window: tuple[date, date], until: datetime, *, moves: bool
) -> date | None:
    """Compare the business days of a half-open window until `until`, one at the least, mail the result, and store it.

    Returns the day before which all were compared; None while another run works. A run that is killed between both
    compares and mails again: a difference must not stay unread. The checkpoint goes to that day if the run `moves` it.
    """
    token, now = secrets.randbits(63), env.clock()
    with env.db.transaction() as transaction:
        if not update_run_begun(transaction, flow, token, now, now + RUN_LEASE):
            return None
    outcome = "failed"
    try:
        result, comparison = _compare_days(env, flow, window, until)
        result = replace(result, mailed_at=_mail(env, flow, result, comparison))
        _store(env, flow, token, result, first_id(midnight_of(result.day_until)) if moves else None)
        agrees = not comparison.named and not comparison.differing
        outcome = TIME_OVER if result.day_until < window[1] else "agrees" if agrees else "differs"
    except CallFailed as failure:
        outcome = failure.reason[:64]
        log.logger().error("reconciliation failed", extra={"system": flow.system, "reason": failure.reason})
        return None
    finally:
        with env.db.transaction() as transaction:
            update_run_ended(transaction, flow, token, env.clock(), outcome)
    return result.day_until


def _compare_days(
    env: Environment, flow: FlowRow, window: tuple[date, date], until: datetime
) -> tuple[Reconciliation, Comparison]:
    scope = _scope(env, flow)
    comparison = Comparison()
    day, end = window
    while day < end:
        compare(_ours(scope, day), _theirs(scope, day), comparison)
        day += timedelta(days=1)
        if env.clock() >= until:
            break
    _explain(env, flow.system, comparison)
    return _result(env, flow, (window[0], day), comparison, scope.currency), comparison


def _scope(env: Environment, flow: FlowRow) -> _Scope:
    target = read_target(env, flow.system, env.clock() + LEASE)
    with env.db.transaction() as transaction:
        stores = read_stores(transaction, split_key(flow.system)[0])
        flows = read_sent_flows(transaction, flow.system)
    currency = next(iter(stores.values())).settings.currency
    return _Scope(env, target, stores, flows, flows.kinds(target.adapter), our_codes(target.codes), currency)


def _ours(scope: _Scope, day: date) -> list[Entry]:
    """Our documents of the day."""
    entries: list[Entry] = []
    for key in scope.stores:
        with scope.env.db.transaction() as transaction:
            documents = list(documents_of(transaction, scope.flows, scope.kinds, scope.stores, key, day))
        entries += [entry_of(document, scope.codes, scope.target.codes) for document in documents]
    return entries


def _theirs(scope: _Scope, day: date) -> list[Entry]:
    """The valid documents of the day by the outside system. A page that comes twice counts once."""
    digits = exponent(scope.currency)
    entries: dict[str, Entry] = {}
    for kind in scope.kinds:
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


def _store(env: Environment, flow: FlowRow, token: int, result: Reconciliation, position: str | None) -> None:
    """Store the result, move the checkpoint to a position, and announce a difference, in one transaction."""
    with env.outbox.work("sync") as work:
        insert_reconciliation(work, result)
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
