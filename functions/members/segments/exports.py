"""Exports: a segment of any size becomes one file in object storage, a chunk in each step.

A step that stops is run again when its lease ends.
"""

import tempfile
from collections.abc import Callable, Collection, Iterator
from datetime import timedelta
from pathlib import Path

from functions.members.segments.files import as_csv, as_parquet
from functions.members.segments.matching import matching, members_of_page, page_of
from functions.members.states import ExportStatus, move
from functions.members.tables.exports import (
    Export,
    ExportChunk,
    lease_next_export,
    update_begun,
    update_ended,
    update_progress,
    update_waiting,
)
from shared.kit.stepped_work import SteppedWork
from shared.spine import log
from shared.spine.env import Environment
from shared.spine.errors import Misconfigured, Rejected

# S3 refuses a part under 5 MiB, except the last one.
CHUNK_BYTES = 6 * 1024 * 1024
MEMBERS_AT_ONCE = 2_000
# Longer than the timeout of the function.
LEASE = timedelta(minutes=2)
MAX_BEGINNINGS = 3
# By default DuckDB uses most of the machine's memory, not of the function's.
DUCKDB_MEMORY = "200MB"


def key_of(export: Export) -> str:
    """The key of the file in object storage."""
    return f"{export.chain}/{export.id}.{export.format}"


def _claim(env: Environment, failed: Collection[str]) -> Export | None:
    """The next export, leased. A failed export keeps its lease, so it does not come again in the same run."""
    del failed
    with env.db.transaction() as transaction:
        return lease_next_export(transaction, env.clock(), LEASE)


def _name(export: Export) -> str:
    return export.id


def _step(env: Environment, export: Export) -> None:
    try:
        STEPS[export.status](env, export)
    except Rejected as failure:
        _end(env, export, ExportStatus.FAILED, 0, str(failure))  # a tag of the expression was removed
    except Misconfigured:
        # Object storage does not know the upload: it has ended without our row, or it was deleted for its age.
        move(export.status, ExportStatus.WAITING)
        with env.db.transaction() as transaction:
            update_waiting(transaction, export)
        raise


def _begin(env: Environment, export: Export) -> None:
    if export.begun == MAX_BEGINNINGS:
        _end(env, export, ExportStatus.FAILED, 0, "begun too often")
        return
    upload = env.aws.begin_upload(env.settings.exports_bucket, key_of(export))
    with env.db.transaction() as transaction:
        update_begun(transaction, export, upload, env.clock())


def _write(env: Environment, export: Export) -> None:
    chunk = _next_chunk(env, export)
    number, bucket, key = len(export.parts) + 1, env.settings.exports_bucket, key_of(export)
    if export.format == "csv":
        tag = env.aws.put_part(bucket, key, export.upload, number, chunk.text.encode())
    else:
        tag = f"{key}.{number}"
        env.aws.put_object(bucket, tag, as_parquet(chunk.text))
    status = move(export.status, ExportStatus.CLOSING if chunk.final else ExportStatus.WRITING)
    with env.db.transaction() as transaction:
        update_progress(transaction, export, status, chunk, tag, env.clock())


def _next_chunk(env: Environment, export: Export) -> ExportChunk:
    """The next members, until the text has `CHUNK_BYTES`."""
    with env.db.transaction() as transaction:
        bitmaps = matching(transaction, export.chain, export.where)
    texts = [as_csv([]) if export.format == "parquet" or not export.parts else ""]
    last, count, size, final = export.last_number, 0, 0, False
    while size < CHUNK_BYTES and not final:
        page = page_of(bitmaps, last, MEMBERS_AT_ONCE)
        with env.db.transaction() as transaction:
            members = members_of_page(transaction, export.chain, page)
        texts.append(as_csv(members, header=False))
        last, final = page[-1] if page else last, len(page) < MEMBERS_AT_ONCE
        count, size = count + len(members), size + len(texts[-1].encode())
    text = "".join(texts)
    return ExportChunk(last, count, text, len(text.encode()), final)


def _close(env: Environment, export: Export) -> None:
    if export.format == "csv":
        _finish(env, export, export.parts, export.bytes)
        return
    with tempfile.TemporaryDirectory() as folder:
        file = _merged(env, export, Path(folder))
        bucket, key = env.settings.exports_bucket, key_of(export)
        pieces = enumerate(_pieces(file), 1)
        tags = [env.aws.put_part(bucket, key, export.upload, number, piece) for number, piece in pieces]
        _finish(env, export, tags, file.stat().st_size)


def _merged(env: Environment, export: Export, folder: Path) -> Path:
    """One Parquet file of all chunks. One chunk at a time is in memory."""
    import duckdb  # noqa: PLC0415 - 60 MB that CSV need not load

    for number, part in enumerate(export.parts):
        (folder / f"{number:05}.part").write_bytes(env.aws.get_object(env.settings.exports_bucket, part))
    target = folder / "segment.parquet"
    limited = duckdb.connect(config={"memory_limit": DUCKDB_MEMORY, "threads": 1, "temp_directory": str(folder)})
    with limited as database:
        database.read_parquet(str(folder / "*.part")).write_parquet(str(target), compression="zstd")
    return target


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(CHUNK_BYTES):
            yield piece


def _finish(env: Environment, export: Export, tags: list[str], size: int) -> None:
    env.aws.end_upload(env.settings.exports_bucket, key_of(export), export.upload, tags)
    _end(env, export, ExportStatus.ENDED, size, "")


def _end(env: Environment, export: Export, status: ExportStatus, size: int, why: str) -> None:
    with env.db.transaction() as transaction:
        update_ended(transaction, export, move(export.status, status), size, env.clock())
    about = {"export": export.id, "chain": export.chain, "members": export.members, "bytes": size, "why": why}
    log.logger().info(f"segment export {status}", extra=about)


STEPS: dict[ExportStatus, Callable[[Environment, Export], None]] = {
    ExportStatus.WAITING: _begin,
    ExportStatus.WRITING: _write,
    ExportStatus.CLOSING: _close,
}
EXPORTS = SteppedWork[Export](claim=_claim, name=_name, step=_step)
