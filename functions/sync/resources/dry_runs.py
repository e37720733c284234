"""/v1/sync/systems/{system}/dry-run: the documents that a day would send or cancel. Nothing is stored or sent."""

from collections.abc import Sequence

from functions.sync.documents.document import document_of
from functions.sync.engine.intents import Intent, changes_of
from functions.sync.engine.plan_settings import read_plan_settings
from functions.sync.engine.sales_plan import documents_of_day
from functions.sync.engine.target import same_codes
from functions.sync.engine.translation import CodeMissing, Codes, translated
from functions.sync.resources.access import READ, ChainQuery, SystemPath, system_of
from functions.sync.states import Flow
from functions.sync.tables.codes import read_codes
from functions.sync.tables.ledger import LedgerRow, read_groups
from functions.sync.tables.stores import read_stores
from shared.contracts.ids import store_key
from shared.contracts.models import Output
from shared.contracts.moments import Day
from shared.contracts.text import Id
from shared.spine.errors import NotFound
from shared.spine.http import Call, Reply

MOST = 500


class DryRunQuery(ChainQuery):
    """The business day of a store."""

    store: Id
    day: Day


class DryDocument(Output):
    """A document with its amounts in minor units. `missing` names the code without which it would wait."""

    key: str
    kind: str
    net: int
    tax: int
    gross: int
    missing: str | None = None


class DryRun(Output):
    """The documents that would be sent and cancelled, at most 500 of each, and the number that stays as it is."""

    send: list[DryDocument]
    cancel: list[DryDocument]
    unchanged: int


def show_dry_run(call: Call, path: SystemPath, query: DryRunQuery) -> Reply:
    """Show what a day of a store would send, before the first run. The settings of the flow count."""
    with call.env.db.transaction() as transaction:
        system = system_of(call, transaction, READ, query.chain, path.system)
        key = store_key(query.chain, query.store)
        stores = read_stores(transaction, query.chain)
        if key not in stores:
            raise NotFound("unknown_store", f"There is no store {query.store}.")
        settings = read_plan_settings(transaction, system.key)
        documents, groups = documents_of_day(transaction, query.chain, key, query.day, stores, settings)
        rows = read_groups(transaction, system.key, groups)
        codes = Codes(read_codes(transaction, system.key), same_codes(system.settings))
    changes = changes_of(documents, rows, Intent(system.key, Flow.PUSH_SALES, query.chain, call.env.clock()))
    send = [*changes.new, *changes.replaced]
    return Reply(
        DryRun(
            send=_documents(send, codes),
            cancel=_documents(changes.unwanted, None),
            unchanged=len(documents) - len(send),
        )
    )


def _documents(rows: Sequence[LedgerRow], codes: Codes | None) -> list[DryDocument]:
    return [
        DryDocument(
            key=row.source_key,
            kind=row.kind,
            net=row.net,
            tax=row.tax,
            gross=row.gross,
            missing=_missing(row, codes) if codes else None,
        )
        for row in rows[:MOST]
    ]


def _missing(row: LedgerRow, codes: Codes) -> str | None:
    try:
        translated(document_of(row.payload or ""), row.target_key, codes, None)
    except CodeMissing as missing:
        return f"{missing.kind} {missing.code}"
    return None
