"""/v1/sync/systems/{system}/flows: what moves between us and a system, with its last run."""

from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from functions.sync.adapters.registry import flows_of
from functions.sync.engine.plan_settings import changed_forms
from functions.sync.resources.access import READ, ChainQuery, FlowPath, SystemPath, locked_system, system_of
from functions.sync.states import Cause, Flow
from functions.sync.tables.flows import FlowRow, insert_flow, lock_flow, read_flows, update_flow
from functions.sync.tables.ledger import read_counts, read_has_documents
from functions.sync.tables.mail_senders import read_is_allowed
from functions.sync.tables.masters import read_item_counts
from functions.sync.tables.refused_records import read_refused_counts
from functions.sync.tables.sales import read_sale_counts
from shared.contracts.ids import first_id, moment_of
from shared.contracts.models import Input, Output
from shared.contracts.moments import Day
from shared.contracts.money import Currency
from shared.contracts.text import Id
from shared.kit.revision import require_match, require_no_match, tag_headers
from shared.spine.clock import EPOCH
from shared.spine.db import Row, Transaction
from shared.spine.errors import Rejected
from shared.spine.http import Call, Reply

FROM_FILES = {Flow.PULL_EMPLOYEES, Flow.PULL_TILL_SALES}
# Master data: a new flow reads all of it.
FROM_THE_BEGINNING = {Flow.PULL_EMPLOYEES, Flow.PULL_ITEMS, Flow.PULL_STOCK}

Quantity = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,12}(\.[0-9]{1,6})?$")]
Code = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Mail = Annotated[str, StringConstraints(pattern=r"^[!-?A-~]+@[A-Za-z0-9.-]+$", max_length=254)]


class FlowIn(Input):
    """A flow of a system. `per`: a sales document for each order, or for each store, business day and tender.

    A flow that has sent documents changes to the other form from the business day `per_from` on, which must be to come.

    A day is sent `grace_hours` after its end. Empty `stores` mean all stores of the chain.

    A reconciliation compares the last `days` after the `hour`, by the clock of the first store. It is mailed from
    `mail_from`, which SES must have verified and the operator must have allowed for the chain, to `mail_to`.

    With `files`, sales of a till and people come by files alone, and the system is not asked for them.

    Items go on the chain's `menu`, with prices in `currency`; by default that of its first store. The system owns the
    fields in `owned`: another value on the menu is set back.

    An item is sold out when its stock is not above `safety_stock`. `safety_by_item` is by the system's code.

    With `search_first` every document is searched for before it is sent: for the time after an older database was
    restored.
    """

    enabled: bool = True
    per: Literal["order", "day"] = "order"
    per_from: Annotated[Day | None, Field(strict=False)] = None
    grace_hours: Annotated[int, Field(ge=0, le=72)] = 3
    stores: Annotated[list[Id], Field(max_length=2_000)] = []
    days: Annotated[int, Field(ge=1, le=31)] = 3
    hour: Annotated[int, Field(ge=0, le=23)] = 6
    mail_from: Mail | None = None
    mail_to: Annotated[list[Mail], Field(max_length=50)] = []
    files: bool = False
    menu: Id | None = None
    currency: Currency | None = None
    owned: list[Literal["price", "tax_class", "name", "active"]] = ["price", "tax_class", "active"]
    safety_stock: Quantity = "0"
    safety_by_item: Annotated[dict[Code, Quantity], Field(max_length=2_000)] = {}
    search_first: bool = False


class DocumentCount(Output):
    """Documents that are not done. `cause` names the person who must act; `gross` is their sum in minor units.

    Flows that read count sales, items and records that are refused: their `goal` is `read`.
    """

    goal: str
    state: str
    cause: str | None
    reason: str | None
    documents: int
    oldest: datetime
    gross: int


class FlowDocument(Output):
    """A flow with its settings and its last run. `lag_seconds`: for how long no run has read all changes.

    A flow of files has no lag: nothing is read before a file is there.
    """

    flow: Flow
    enabled: bool
    settings: dict[str, Any]
    revision: int
    lag_seconds: int
    began_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    rows_read: int
    rows_changed: int
    open: list[DocumentCount] = []


class Flows(Output):
    """The flows of a system."""

    flows: list[FlowDocument]


def list_flows(call: Call, path: SystemPath, query: ChainQuery) -> Reply:
    """List the flows of a system with their last runs and the documents that are not done."""
    with call.env.db.transaction() as transaction:
        system = system_of(call, transaction, READ, query.chain, path.system)
        rows = read_flows(transaction, system.key)
        counts = [*read_counts(transaction, system.key), *_refused_counts(transaction, system.key)]
    documents = [_document(row, call.env.clock()) for row in rows]
    for document in documents:
        document.open = [DocumentCount(**count) for count in counts if count["flow"] == document.flow]
    return Reply(Flows(flows=documents))


def _refused_counts(transaction: Transaction, system: str) -> list[Row]:
    """Counts of the rows that reading flows could not take, in the form of counts of documents."""
    read = {"goal": "read", "state": "refused", "gross": 0}
    sales = [read | row | {"flow": Flow.PULL_TILL_SALES} for row in read_sale_counts(transaction, system)]
    items = [read | row | {"flow": Flow.PULL_ITEMS} for row in read_item_counts(transaction, system)]
    malformed = {"cause": Cause.DATA, "reason": "malformed"}
    records = [read | malformed | row for row in read_refused_counts(transaction, system)]
    return [*sales, *items, *records]


def put_flow(call: Call, path: FlowPath, query: ChainQuery, body: FlowIn) -> Reply:
    """Begin a flow, or replace its settings.

    A new flow begins with what changes from now on. People are read from the beginning.
    """
    now = call.env.clock()
    with call.once() as (work, stored):
        system = locked_system(call, work, query.chain, path.system)
        if body.enabled:
            _require_offered(system.kind, path.flow, files=body.files)
        _require_sender(work, query.chain, body.mail_from)
        before = lock_flow(work, system.key, path.flow)
        settings = _settings(work, system.key, path.flow, body, before, now)
        if before is None:
            require_no_match(call)
            begins = EPOCH if path.flow in FROM_THE_BEGINNING else now
            after = FlowRow(system.key, path.flow, body.enabled, settings, 1, first_id(begins))
            insert_flow(work, after, query.chain)
        else:
            require_match(call, before.revision)
            after = replace(before, enabled=body.enabled, settings=settings, revision=before.revision + 1)
            update_flow(work, after)
        stored.reply = _document(after, now).model_dump_json()
    return Reply(stored.reply, headers=tag_headers(after.revision))


def _settings(
    transaction: Transaction, system: str, flow: Flow, body: FlowIn, before: FlowRow | None, now: datetime
) -> dict[str, Any]:
    """The settings as they are stored. Raises `Conflict` for sales that would be sent in two forms."""
    settings = body.model_dump(mode="json", exclude={"enabled"})
    if flow != Flow.PUSH_SALES:
        return settings
    former, has_documents = before.settings if before else None, read_has_documents(transaction, system, flow)
    return settings | {"forms": changed_forms(former, body.per, body.per_from, now, has_documents=has_documents)}


def _require_offered(kind: str, flow: Flow, *, files: bool) -> None:
    """Raises `Rejected` for a flow that no system of the kind can have. Files come without a call of the system."""
    if flow not in flows_of(kind) and not (files and flow in FROM_FILES):
        offered = ", ".join(sorted(flows_of(kind)))
        raise Rejected("flow_not_offered", f"A system of the kind {kind} has no flow {flow}. It has: {offered}.")


def _require_sender(transaction: Transaction, chain: str, sender: str | None) -> None:
    """Raises `Rejected` (403) for an address that the operator has not allowed: it may be another chain's."""
    if sender and not read_is_allowed(transaction, chain, sender):
        detail = f"{chain} may not send mails from {sender}. The operator of the stage must allow it."
        raise Rejected("mail_sender_refused", detail, status=HTTPStatus.FORBIDDEN)


def _document(row: FlowRow, now: datetime) -> FlowDocument:
    reads_files = row.flow in FROM_FILES and row.settings.get("files")
    lag = timedelta() if reads_files else max(now - moment_of(row.position), timedelta())
    return FlowDocument(
        flow=Flow(row.flow),
        enabled=row.enabled,
        settings={name: value for name, value in row.settings.items() if name != "forms"},
        revision=row.revision,
        lag_seconds=int(lag.total_seconds()),
        began_at=row.began_at,
        ended_at=row.ended_at,
        outcome=row.outcome,
        rows_read=row.rows_read,
        rows_changed=row.rows_changed,
    )
