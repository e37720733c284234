"""Files of whole segments, a part at a time into object storage: whatever the size, and gone on with after a stop."""

import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from functions.members import store_exports as exports
from functions.members.segments.matching import as_csv, as_parquet, listed, matching, page_of
from functions.members.store_exports import Export, Part
from shared.kit.isolation import Isolation
from shared.spine import log
from shared.spine.env import Environment
from shared.spine.errors import Misconfigured, Rejected

# S3 takes no part but the last that is smaller than 5 MiB.
PART_BYTES = 6 * 1024 * 1024
MEMBERS_AT_ONCE = 2_000
# Longer than the function may take.
HELD_FOR = timedelta(minutes=2)
MOST_BEGINNINGS = 3
# DuckDB would take most of what the machine has, not the function.
DUCKDB_MEMORY = "200MB"


def key_of(export: Export) -> str:
    """Its object."""
    return f"{export.chain}/{export.id}.{export.format}"


def export_segments(env: Environment, until: datetime) -> None:
    """Work on what was asked for, in turn, until `until`."""
    with Isolation() as isolation:
        while env.clock() < until and export_step(env, isolation):
            pass


def export_step(env: Environment, isolation: Isolation) -> bool:
    """A part of one export, or False where nobody waits. One that failed is leased, and comes again after that."""
    with env.db.transaction() as transaction:
        export = exports.lease(transaction, env.clock(), HELD_FOR)
    if export is None:
        return False
    with isolation.isolate(export.id):
        _step(env, export)
    return True


def _step(env: Environment, export: Export) -> None:
    try:
        STEPS[export.status](env, export)
    except Rejected as failure:
        _end(env, export, "failed", 0, str(failure))  # a tag that it names has been taken away
    except Misconfigured:
        # Object storage knows nothing of the upload: it has ended, unknown to us, or was given up for its age.
        with env.db.transaction() as transaction:
            exports.again(transaction, export)
        raise


def _begin(env: Environment, export: Export) -> None:
    if export.begun == MOST_BEGINNINGS:
        _end(env, export, "failed", 0, "begun too often")
        return
    upload = env.aws.begin_upload(env.settings.exports_bucket, key_of(export))
    with env.db.transaction() as transaction:
        exports.begin(transaction, export, upload, env.clock())


def _write(env: Environment, export: Export) -> None:
    part = _gather(env, export)
    number, bucket, key = len(export.parts) + 1, env.settings.exports_bucket, key_of(export)
    if export.format == "csv":
        tag = env.aws.put_part(bucket, key, export.upload, number, part.text.encode())
    else:
        tag = f"{key}.{number}"
        env.aws.put_object(bucket, tag, as_parquet(part.text))
    with env.db.transaction() as transaction:
        exports.advance(transaction, export, part, tag, env.clock())


def _gather(env: Environment, export: Export) -> Part:
    """The next members, as many as make a part."""
    with env.db.transaction() as transaction:
        found = matching(transaction, export.chain, export.where)
    texts = [as_csv([]) if export.format == "parquet" or not export.parts else ""]
    last, count, size, over = export.last_number, 0, 0, False
    while size < PART_BYTES and not over:
        page = page_of(found, last, MEMBERS_AT_ONCE)
        with env.db.transaction() as transaction:
            members = listed(transaction, export.chain, page)
        texts.append(as_csv(members, header=False))
        last, over = page[-1] if page else last, len(page) < MEMBERS_AT_ONCE
        count, size = count + len(members), size + len(texts[-1].encode())
    text = "".join(texts)
    return Part(last, count, text, len(text.encode()), over)


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
    """One file of all that was written; a part at a time is in memory."""
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
        while piece := opened.read(PART_BYTES):
            yield piece


def _finish(env: Environment, export: Export, tags: list[str], size: int) -> None:
    env.aws.end_upload(env.settings.exports_bucket, key_of(export), export.upload, tags)
    _end(env, export, "ended", size, "")


def _end(env: Environment, export: Export, status: str, size: int, why: str) -> None:
    with env.db.transaction() as transaction:
        exports.end(transaction, export, status, size, env.clock())
    about = {"export": export.id, "chain": export.chain, "members": export.members, "bytes": size, "why": why}
    log.logger().info(f"segment export {status}", extra=about)


STEPS: dict[str, Callable[[Environment, Export], None]] = {"waiting": _begin, "writing": _write, "closing": _close}
