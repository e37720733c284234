"""A file in object storage → sales or people. A file is taken in steps, each with its place in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from functions.sync.engine.translation import CodeMissing
from functions.sync.pulls.employees import store_employees
from functions.sync.pulls.sales import store_sales, system_codes
from functions.sync.records.csv_file import FileRefused, RowFault
from functions.sync.records.employee import read_employee_file
from functions.sync.records.our_codes import OurCodes
from functions.sync.records.till_file import read_till_file
from functions.sync.states import FileState, Flow
from functions.sync.tables.files import FileRow, lock_file, read_file, update_file
from shared.spine.env import Environment
from shared.spine.errors import Misconfigured, Rejected, Unavailable
from shared.spine.outbox import Work

STEP = 200
MOST_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class _Content:
    """The records of a file with the numbers of their rows, and the rows that were refused."""

    records: Sequence[tuple[int, Any]]
    faults: Sequence[RowFault]
    store: Callable[[Work, OurCodes, Sequence[Any]], object]


def object_key(system: str, file_id: str) -> str:
    """The key of a file in the bucket: each system has a folder of its own."""
    return f"{system.replace(':', '/')}/{file_id}.csv"


def take_file(env: Environment, system: str, file_id: str, until: datetime) -> bool:
    """Take the records of a file that was dropped. Whether all were taken by `until`."""
    with env.db.transaction() as transaction:
        file = read_file(transaction, system, file_id)
    if file is None or file.state != FileState.DROPPED:
        return True
    try:
        content = _content(env, file)
    except FileRefused as refusal:
        _refuse(env, file, str(refusal))
        return True
    while file.records < len(content.records) or file.state == FileState.DROPPED:
        if env.clock() >= until:
            return False
        file = _take_step(env, file, content)
    return True


def _content(env: Environment, file: FileRow) -> _Content:
    try:
        content = env.aws.get_object(env.settings.drops_bucket, object_key(file.system, file.id))
    except Misconfigured:
        raise FileRefused("There is no file in object storage.") from None
    if len(content) > MOST_BYTES:  # S3 takes no more than the address was signed for; an emulator may
        raise FileRefused(f"The file has {len(content):,} bytes, and {MOST_BYTES:,} is the most.")
    if file.flow == Flow.PULL_EMPLOYEES:
        rows = list(read_employee_file(content))
        people = [row for row in rows if not isinstance(row, RowFault)]
        faults = [row for row in rows if isinstance(row, RowFault)]
        return _Content(
            people, faults, lambda work, codes, part: store_employees(work, file.system, codes, part, env.clock())
        )
    sales = read_till_file(content)
    return _Content(
        sales.sales, sales.faults, lambda work, codes, part: store_sales(work, file.system, codes, part, env.clock())
    )


def _take_step(env: Environment, before: FileRow, content: _Content) -> FileRow:
    """The file after the next `STEP` records. Raises `Unavailable` when another worker takes it too."""
    part = content.records[before.records : before.records + STEP]
    with env.outbox.work("sync") as work:
        locked = lock_file(work, before.system, before.id)
        if locked is None or locked.records != before.records or locked.state != FileState.DROPPED:
            raise Unavailable("file_busy", "another worker takes this file", retry_after=5)
        codes = system_codes(work, before.system)
        content.store(work, codes, [record for _, record in part])
        faults = [*before.faults, *_without_store(part, codes)]
        records, ended = before.records + len(part), before.records + len(part) >= len(content.records)
        after = replace(before, records=records, faults=tuple(faults))
        if ended:
            after = _ended(after, content, env.clock())
        update_file(work, after)
    return after


def _ended(file: FileRow, content: _Content, now: datetime) -> FileRow:
    faults = sorted([*file.faults, *(vars(fault) for fault in content.faults)], key=lambda fault: fault["row"])
    return replace(file, state=FileState.READ, faults=tuple(faults), ended_at=now)


def _without_store(part: Sequence[tuple[int, Any]], codes: OurCodes) -> list[dict[str, Any]]:
    """The rows whose store has no code. They are taken when it has one."""
    faults = []
    for number, record in part:
        try:
            codes.our_code("stores", record.store)
        except CodeMissing:
            faults.append(vars(RowFault(number, "store", f"There is no code for stores {record.store}.")))
    return faults


def _refuse(env: Environment, file: FileRow, reason: str) -> None:
    with env.db.transaction() as transaction:
        if lock_file(transaction, file.system, file.id) is None:
            raise Rejected("unknown_file", "The file is not known.")
        update_file(transaction, replace(file, state=FileState.REFUSED, reason=reason[:500], ended_at=env.clock()))
