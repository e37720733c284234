"""/v1/sync/systems/{system}/employees: people of an HR system."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from functions.sync.resources.access import READ, ChainQuery, SystemPath, system_of
from functions.sync.tables.employees import EmployeeRow, read_employees_page
from shared.contracts.ids import split_key, store_key
from shared.contracts.models import Output
from shared.contracts.text import Id
from shared.spine.http import Call, Reply


class EmployeesQuery(ChainQuery):
    """A page of people by id. `after` is `next` of the page before. The filters narrow it."""

    after: Annotated[str, Field(max_length=64)] = ""
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    store: Id | None = None
    active: bool | None = None


class EmployeeDocument(Output):
    """A person as the HR system has them. `store` is null while no code stands for `their_store`."""

    id: str
    name: str
    store: str | None
    their_store: str
    role: str
    skills: list[str]
    hours_per_week: str | None
    contract_kind: str | None
    contract_from: date | None
    contract_until: date | None
    active: bool
    changed_at: datetime


class Employees(Output):
    """People. `next` continues the list."""

    employees: list[EmployeeDocument]
    next: str | None = None


def list_employees(call: Call, path: SystemPath, query: EmployeesQuery) -> Reply:
    """List the people of an HR system with their stores, skills and contracts."""
    store = store_key(query.chain, query.store) if query.store else None
    with call.env.db.transaction() as transaction:
        system = system_of(call, transaction, READ, query.chain, path.system)
        rows = read_employees_page(transaction, system.key, query.after, query.limit, store, active=query.active)
    following = rows[-1].employee if len(rows) == query.limit else None
    return Reply(Employees(employees=[_document(row) for row in rows], next=following))


def _document(row: EmployeeRow) -> EmployeeDocument:
    return EmployeeDocument(
        id=row.employee,
        name=row.name,
        store=split_key(row.store)[1] if row.store else None,
        their_store=row.their_store,
        role=row.role,
        skills=list(row.skills),
        hours_per_week=str(row.hours_per_week) if row.hours_per_week is not None else None,
        contract_kind=row.contract_kind,
        contract_from=row.contract_from,
        contract_until=row.contract_until,
        active=row.active,
        changed_at=row.changed_at,
    )
