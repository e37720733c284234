"""The flow `pull_employees`: people, stores, skills and contracts of an HR system → our table of employees.

The HR system owns all of it: nothing here is changed by people.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from functions.sync.adapters.contract import Adapter, BatchRefused
from functions.sync.adapters.sources import EmployeeSource, Page
from functions.sync.engine.translation import CodeMissing
from functions.sync.pulls.windows import Pull, pull_changes
from functions.sync.records.employee import Employee, employee_of
from functions.sync.records.faults import RecordFault
from functions.sync.records.our_codes import OurCodes
from functions.sync.tables.employees import (
    EmployeeRow,
    read_hashes,
    read_stores_known_now,
    update_store,
    upsert_employees,
)
from functions.sync.tables.flows import FlowRow
from shared.contracts.ids import split_key, store_key
from shared.contracts.text import IDENTIFIER
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.outbox import Work


def pull_employees_of(env: Environment, flow: FlowRow, until: datetime) -> bool:
    """Whether all work was done."""
    with env.db.transaction() as transaction:
        chain = split_key(flow.system)[0]
        for theirs, ours in read_stores_known_now(transaction, flow.system).items():
            update_store(transaction, flow.system, theirs, store_key(chain, ours))
    if flow.settings.get("files"):
        return True
    return pull_changes(env, flow, until, _read, _store_page)


def _read(adapter: Adapter, begin: datetime, end: datetime) -> Iterator[Page]:
    if not isinstance(adapter, EmployeeSource):
        raise BatchRefused("no_employees", "Systems of this kind have no people to read.")
    return adapter.read_employees(begin, end)


def _store_page(work: Work, pull: Pull, page: Page) -> int:
    people, refused = [], {}
    for document in page:
        try:
            people.append(employee_of(document))
        except RecordFault as fault:
            # The name of the field, and not its value: the table holds no personal data but the person's number.
            refused[str(document.get("id", ""))] = f"{fault.field}: {fault.detail}"
    pull.refuse(work, refused)
    pull.clear(work, [person.id for person in people])
    return store_employees(work, pull.flow.system, pull.codes, people, pull.env.clock())


def store_employees(
    transaction: Transaction, system: str, codes: OurCodes, people: Sequence[Employee], now: datetime
) -> int:
    """Store people who are new or have changed. Returns their number."""
    by_id = {person.id: person for person in people}
    known = read_hashes(transaction, system, by_id)
    changed = [person for person in by_id.values() if known.get(person.id) != person.content_hash()]
    upsert_employees(transaction, [_row(system, codes, person, now) for person in changed])
    return len(changed)


def _row(system: str, codes: OurCodes, person: Employee, now: datetime) -> EmployeeRow:
    chain, contract = split_key(system)[0], person.contract
    return EmployeeRow(
        system=system,
        employee=person.id,
        chain=chain,
        store=_store(chain, codes, person.store),
        their_store=person.store,
        name=person.name,
        role=person.role,
        skills=tuple(person.skills),
        hours_per_week=Decimal(contract.hours_per_week) if contract.hours_per_week else None,
        contract_kind=contract.kind,
        contract_from=contract.begins,
        contract_until=contract.until,
        active=person.active,
        payload_hash=person.content_hash(),
        changed_at=now,
    )


def _store(chain: str, codes: OurCodes, theirs: str) -> str | None:
    try:
        code = codes.our_code("stores", theirs)
    except CodeMissing:
        return None
    return store_key(chain, code) if re.fullmatch(IDENTIFIER, code) else None
