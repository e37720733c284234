"""/v1/sync/systems/{system}/files: CSV files of a till or an HR system."""

from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from functions.sync.pulls.files import MOST_BYTES, object_key
from functions.sync.resources.access import READ, AsciiKey, ChainQuery, SystemPath, locked_system, system_of
from functions.sync.states import FileState, Flow
from functions.sync.tables.files import FileRow, insert_file, lock_file, read_files_page, update_file
from shared.contracts.ids import Ulid, new_id
from shared.contracts.messages.sales import SyncFileDropped, file_subject
from shared.contracts.models import Input, Output
from shared.contracts.text import printable
from shared.spine.errors import NotFound
from shared.spine.http import Call, Reply

UPLOAD_SECONDS = 900


class FilePath(SystemPath):
    """A file of a system."""

    file: Ulid


class FilesQuery(ChainQuery):
    """A page of files, the newest first. `before` is `next` of the page before."""

    before: AsciiKey = ""
    limit: Annotated[int, Field(ge=1, le=500)] = 50


class FileIn(Input):
    """A CSV file in UTF-8 with a header. `size` is in bytes."""

    flow: Literal["pull_till_sales", "pull_employees"]
    name: Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(printable)]
    size: Annotated[int, Field(ge=1, le=MOST_BYTES)]


class FileFault(Output):
    """A refused row of a file. Row 1 is the header."""

    row: int
    column: str
    detail: str


class FileDocument(Output):
    """A file. `records` were taken; `faults` are the first 1,000 refused rows. `reason`: why none was read."""

    file: str
    flow: str
    name: str
    size: int
    state: FileState
    reason: str | None
    records: int
    faults: list[FileFault]
    created_at: datetime
    ended_at: datetime | None


class FileUpload(Output):
    """PUT the file to `url` before `expires_at`, without further headers. Then say that it is dropped."""

    file: str
    url: str
    expires_at: datetime


class Files(Output):
    """Files of a system. `next` continues the list."""

    files: list[FileDocument]
    next: str | None = None


def open_file(call: Call, path: SystemPath, query: ChainQuery, body: FileIn) -> Reply:
    """Open the upload of a file."""
    with call.once() as (work, stored):
        system, now = locked_system(call, work, query.chain, path.system), call.env.clock()
        file = FileRow(system.key, new_id(now), body.flow, body.name, body.size, FileState.OPEN, now)
        insert_file(work, file)
        key = object_key(system.key, file.id)
        url = call.env.aws.upload_address(call.env.settings.drops_bucket, key, body.size, UPLOAD_SECONDS)
        expires_at = now + timedelta(seconds=UPLOAD_SECONDS)
        stored.status, stored.secret_until = HTTPStatus.CREATED, expires_at
        stored.reply = FileUpload(file=file.id, url=url, expires_at=expires_at).model_dump_json()
    return Reply(stored.reply, stored.status)


def drop_file(call: Call, path: FilePath, query: ChainQuery) -> Reply:
    """Say that the file was uploaded. It is read within seconds. A file is read once."""
    with call.once() as (work, stored):
        system = locked_system(call, work, query.chain, path.system)
        file = lock_file(work, system.key, path.file)
        if file is None:
            raise NotFound("unknown_file", f"The system has no file {path.file}.")
        if file.state == FileState.OPEN:
            file = replace(file, state=FileState.DROPPED)
            update_file(work, file)
            data = SyncFileDropped(chain=system.chain, system=system.id, file=file.id)
            work.announce(data, subject=file_subject(file.id), sequence=1)
        stored.status, stored.reply = HTTPStatus.ACCEPTED, _document(file).model_dump_json()
    return Reply(stored.reply, stored.status)


def list_files(call: Call, path: SystemPath, query: FilesQuery) -> Reply:
    """List the files of a system with the rows that were refused."""
    with call.env.db.transaction() as transaction:
        system = system_of(call, transaction, READ, query.chain, path.system)
        files = read_files_page(transaction, system.key, query.before, query.limit)
    following = files[-1].id if len(files) == query.limit else None
    return Reply(Files(files=[_document(file) for file in files], next=following))


def _document(file: FileRow) -> FileDocument:
    return FileDocument(
        file=file.id,
        flow=Flow(file.flow),
        name=file.name,
        size=file.size,
        state=file.state,
        reason=file.reason,
        records=file.records,
        faults=[FileFault(**fault) for fault in file.faults],
        created_at=file.created_at,
        ended_at=file.ended_at,
    )
