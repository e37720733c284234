"""Brings a database's schema up to date.

Migrations are numbered plain SQL in migrations/, applied once each by yoyo. Each says which concern owns its tables
and whether it runs before or after the deploy that needs it; `after_deploy` applies the latter too.
"""

import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pymysql
import yoyo

from shared.contracts.ids import first_id

MIGRATIONS = Path(__file__).parent.parent / "migrations"
MONTHS_AHEAD = 24
# Otherwise an UPDATE locks all rows that it looks at, and the gaps between them, until it ends.
ISOLATION = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"


def migrate(database_url: str, *, after_deploy: bool = True) -> list[str]:
    """Apply what is missing and make the monthly partitions ahead; the names of the migrations applied."""
    # yoyo opens further connections by the URL.
    backend = yoyo.get_backend(f"{database_url}{'&' if '?' in database_url else '?'}init_command={quote(ISOLATION)}")
    try:
        with backend.lock(timeout=60):
            due = backend.to_apply(yoyo.read_migrations(str(MIGRATIONS)))
            due = due.filter(lambda migration: after_deploy or not runs_after_deploy(Path(migration.path)))
            backend.apply_migrations(due)
    finally:
        backend.connection.close()
    make_partitions(database_url, datetime.now(UTC))
    return [migration.id for migration in due]


def runs_after_deploy(path: Path) -> bool:
    """Whether the migration's header says so. Raises ValueError for a migration without that line."""
    header = re.search(r"^-- run: (before|after) deploy$", path.read_text(), re.MULTILINE)
    if not header:
        raise ValueError(f"{path.name} lacks its line '-- run: before deploy' or '-- run: after deploy'")
    return header[1] == "after"


def make_partitions(database_url: str, now: datetime) -> None:
    """Split the last, open partition of `messages` so that each of the coming months has its own."""
    with open_database(database_url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT partition_name FROM information_schema.partitions"
            " WHERE table_schema = DATABASE() AND table_name = 'messages'"
        )
        present = {row[0] for row in cursor.fetchall()}
        coming = [month_after(now, number) for number in range(1, MONTHS_AHEAD + 1)]
        missing = [month for month in coming if f"before_{month:%Y_%m}" > max(present - {"later"}, default="")]
        if not missing:
            return
        ranges = [f"PARTITION before_{month:%Y_%m} VALUES LESS THAN ('{first_id(month)}')" for month in missing]
        cursor.execute(
            f"ALTER TABLE messages REORGANIZE PARTITION later INTO"
            f" ({', '.join(ranges)}, PARTITION later VALUES LESS THAN (MAXVALUE))"
        )


def month_after(now: datetime, number: int) -> datetime:
    """The first moment of the month that is `number` months after that of `now`."""
    months = now.year * 12 + now.month - 1 + number
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)


def open_database(database_url: str) -> "pymysql.connections.Connection[pymysql.cursors.Cursor]":
    """A connection by URL, for tools; functions use `shared.spine.db`."""
    parts = urlsplit(database_url)
    return pymysql.connect(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or 3306,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=parts.path.lstrip("/"),
        charset="utf8mb4",
        autocommit=True,
        init_command="SET SESSION time_zone='+00:00'",
    )
