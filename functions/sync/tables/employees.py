"""SQL of the table `sync_employees`: people of an HR system, with their stores, skills and contracts."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from shared.spine.db import Row, Transaction

COLUMNS = """system_key, employee, chain_id, store_id, their_store, name, role, skills, hours_per_week, contract_kind,
    contract_from, contract_until, active, payload_hash, changed_at"""
SELECT_HASHES = """
    SELECT employee, payload_hash FROM sync_employees
    WHERE system_key = %(system)s AND employee IN %(employees)s AND store_id IS NOT NULL"""
SELECT_PAGE_OF_EMPLOYEES = f"""
    SELECT {COLUMNS} FROM sync_employees
    WHERE system_key = %(system)s AND employee > %(after)s AND (%(store)s IS NULL OR store_id = %(store)s)
        AND (%(active)s IS NULL OR active = %(active)s)
    ORDER BY employee LIMIT %(limit)s"""  # noqa: S608 - of a constant
# Stores of people for which no code was known, and for which one is known now.
SELECT_WITHOUT_STORE = """
    SELECT DISTINCT e.their_store, c.code FROM sync_employees e
    JOIN sync_codes c ON c.system_key = e.system_key AND c.kind = 'stores' AND c.target_code = e.their_store
    WHERE e.system_key = %(system)s AND e.store_id IS NULL LIMIT 1000"""
UPDATE_STORE = """
    UPDATE sync_employees SET store_id = %(store)s
    WHERE system_key = %(system)s AND their_store = %(their_store)s AND store_id IS NULL"""
UPSERT_EMPLOYEES = """
    INSERT INTO sync_employees (system_key, employee, chain_id, store_id, their_store, name, role, skills,
        hours_per_week, contract_kind, contract_from, contract_until, active, payload_hash, changed_at)
    VALUES (%(system)s, %(employee)s, %(chain)s, %(store)s, %(their_store)s, %(name)s, %(role)s, %(skills)s,
        %(hours_per_week)s, %(contract_kind)s, %(contract_from)s, %(contract_until)s, %(active)s, %(payload_hash)s,
        %(changed_at)s)
    ON DUPLICATE KEY UPDATE store_id = VALUES(store_id), their_store = VALUES(their_store), name = VALUES(name),
        role = VALUES(role), skills = VALUES(skills), hours_per_week = VALUES(hours_per_week),
        contract_kind = VALUES(contract_kind), contract_from = VALUES(contract_from),
        contract_until = VALUES(contract_until), active = VALUES(active), payload_hash = VALUES(payload_hash),
        changed_at = VALUES(changed_at)"""


@dataclass(frozen=True)
class EmployeeRow:
    """A person. `store` is our store's key, None while no code stands for `their_store`."""

    system: str
    employee: str
    chain: str
    store: str | None
    their_store: str
    name: str
    role: str
    skills: tuple[str, ...]
    hours_per_week: Decimal | None
    contract_kind: str | None
    contract_from: date | None
    contract_until: date | None
    active: bool
    payload_hash: bytes
    changed_at: datetime


def read_hashes(transaction: Transaction, system: str, employees: Collection[str]) -> dict[str, bytes]:
    """The hashes of people whose store is known, by their ids."""
    if not employees:
        return {}
    rows = transaction.rows(SELECT_HASHES, {"system": system, "employees": tuple(employees)})
    return {row["employee"]: bytes(row["payload_hash"]) for row in rows}


def read_employees_page(
    transaction: Transaction,
    system: str,
    after: str,
    limit: int,
    store: str | None = None,
    *,
    active: bool | None = None,
) -> list[EmployeeRow]:
    """People by id."""
    values = {"system": system, "after": after, "limit": limit, "store": store, "active": active}
    return [_employee(row) for row in transaction.rows(SELECT_PAGE_OF_EMPLOYEES, values)]


def upsert_employees(transaction: Transaction, employees: Sequence[EmployeeRow]) -> None:
    """Store people."""
    if employees:
        values = [vars(row) | {"skills": json.dumps(row.skills, ensure_ascii=False)} for row in employees]
        transaction.execute_many(UPSERT_EMPLOYEES, values)


def read_stores_known_now(transaction: Transaction, system: str) -> dict[str, str]:
    """Our codes of stores that people lack, by the code there."""
    rows = transaction.rows(SELECT_WITHOUT_STORE, {"system": system})
    return {row["their_store"]: row["code"] for row in rows}


def update_store(transaction: Transaction, system: str, their_store: str, store: str) -> int:
    """Give people of a store their store's key. Returns how many."""
    return transaction.execute(UPDATE_STORE, {"system": system, "their_store": their_store, "store": store})


def _employee(row: Row) -> EmployeeRow:
    return EmployeeRow(
        system=row["system_key"],
        employee=row["employee"],
        chain=row["chain_id"],
        store=row["store_id"],
        their_store=row["their_store"],
        name=row["name"],
        role=row["role"],
        skills=tuple(json.loads(row["skills"])),
        hours_per_week=row["hours_per_week"],
        contract_kind=row["contract_kind"],
        contract_from=row["contract_from"],
        contract_until=row["contract_until"],
        active=bool(row["active"]),
        payload_hash=bytes(row["payload_hash"]),
        changed_at=row["changed_at"].replace(tzinfo=UTC),
    )
