"""Rows of an HR system's file → people."""

from datetime import date

import pytest

from functions.sync.records.csv_file import FileRefused, RowFault
from functions.sync.records.employee import COLUMNS, Employee, read_employee_file

HEADER = ",".join(COLUMNS)
ANA = "E1,Ana,W-1,cook,grill|pizza,40.00,full_time,2026-01-01,,true"


def people(*rows: str) -> list[Employee | RowFault]:
    rows_read = read_employee_file("\n".join((HEADER, *rows, "")).encode())
    return [row if isinstance(row, RowFault) else row[1] for row in rows_read]


def test_a_person_has_skills_and_a_contract() -> None:
    [ana] = people(ANA)
    assert isinstance(ana, Employee)
    assert (ana.id, ana.store, ana.role, ana.skills, ana.active) == ("E1", "W-1", "cook", ["grill", "pizza"], True)
    contract = ana.contract
    assert (contract.hours_per_week, contract.kind, contract.begins, contract.until) == (
        "40.00", "full_time", date(2026, 1, 1), None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (",Ana,W-1,cook,,,,,,true", "id"),
        ("E2,,W-1,cook,,,,,,true", "name"),
        ("E2,Bo,W-1,cook,,forty,,,,true", "hours_per_week"),
        ("E2,Bo,W-1,cook,,,,01.02.2026,,true", "contract_from"),
        ("E2,Bo,W-1,cook,,,,2026-02-01,2026-01-31,true", "contract_until"),
        ("E2,Bo,W-1,cook,,,,,,perhaps", "active"),
        ("E2,Bo", "columns"),
    ],
)
def test_a_faulty_row_is_refused_alone(row: str, column: str) -> None:
    fault, ana = people(row, ANA)
    assert isinstance(ana, Employee)
    assert isinstance(fault, RowFault)
    assert (fault.row, fault.column) == (2, column)


def test_a_file_without_a_column_is_refused() -> None:
    with pytest.raises(FileRefused, match="skills"):
        list(read_employee_file(HEADER.replace("skills,", "").encode()))
