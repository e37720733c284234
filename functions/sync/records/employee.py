"""A person of an outside HR system, from its API or from a row of a CSV file. Pure functions.

Phone numbers and addresses are not taken: the rota needs none.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from functions.sync.records.csv_file import RowFault, read_rows
from functions.sync.records.faults import RecordFault, checked
from shared.contracts.messages import Document
from shared.contracts.moments import Moment
from shared.contracts.text import printable

Word = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(printable)]
Hours = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,3}(\.[0-9]{1,2})?$")]
COLUMNS = (
    "id", "name", "store", "role", "skills", "hours_per_week", "contract_kind", "contract_from", "contract_until",
    "active",
)  # fmt: skip
ACTIVE = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


class Contract(Document):
    """A contract of employment. `until` is the last day, None for an open end."""

    hours_per_week: Hours | None = None
    kind: Annotated[str, StringConstraints(max_length=32), AfterValidator(printable)] | None = None
    begins: Annotated[date | None, Field(validation_alias="from")] = None
    until: Annotated[date | None, Field(validation_alias="to")] = None


class Employee(Document):
    """A person in the codes of the HR system."""

    id: Word
    name: Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(printable)]
    store: Annotated[str, StringConstraints(min_length=1, max_length=128), AfterValidator(printable)]
    role: Word
    skills: Annotated[list[Word], Field(max_length=50)] = []
    contract: Contract = Contract()
    active: bool = True
    changed_at: Moment | None = None

    def content_hash(self) -> bytes:
        """The hash of all but the time of the last change."""
        document = self.model_dump(mode="json", exclude={"changed_at"})
        return hashlib.sha256(json.dumps(document, sort_keys=True, ensure_ascii=False).encode()).digest()


def employee_of(document: dict[str, Any]) -> Employee:
    """The person of a document. Raises `RecordFault`."""
    employee = checked(Employee, document)
    begins, until = employee.contract.begins, employee.contract.until
    if begins and until and until < begins:
        raise RecordFault("contract_until", f"The contract ends on {until}, before it begins on {begins}.")
    return employee


def read_employee_file(content: bytes) -> Iterator[tuple[int, Employee] | RowFault]:
    """The people of a file with the numbers of their rows. Skills are separated by `|`. Raises `FileRefused`."""
    for row in read_rows(content, COLUMNS):
        if isinstance(row, RowFault):
            yield row
            continue
        number, values = row
        try:
            yield number, employee_of(_document(values))
        except RecordFault as fault:
            yield RowFault(number, _column(fault.field), fault.detail)


def _column(field: str) -> str:
    names = {"contract.from": "contract_from", "contract.to": "contract_until", "contract.kind": "contract_kind"}
    return names.get(field, field.removeprefix("contract.").partition(".")[0])


def _document(values: Mapping[str, str]) -> dict[str, Any]:
    active = ACTIVE.get(values["active"].strip().lower())
    if active is None:
        raise RecordFault("active", f"{values['active']!r} is neither true nor false.")
    return {
        "id": values["id"],
        "name": values["name"],
        "store": values["store"],
        "role": values["role"],
        "skills": [skill.strip() for skill in values["skills"].split("|") if skill.strip()],
        "contract": {
            "hours_per_week": values["hours_per_week"] or None,
            "kind": values["contract_kind"] or None,
            "from": values["contract_from"] or None,
            "to": values["contract_until"] or None,
        },
        "active": active,
    }
