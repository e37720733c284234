"""The last run of each timer. Every timer notes its runs; the watcher reads them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from shared.spine.db import Database

UPSERT_RUN = """
    INSERT INTO timer_runs (name, ran_at) VALUES (%(name)s, %(ran_at)s)
    ON DUPLICATE KEY UPDATE ran_at = VALUES(ran_at)"""
INSERT_EXPECTED = "INSERT IGNORE INTO timer_runs (name, ran_at) VALUES (%(name)s, %(ran_at)s)"
SELECT_RUNS = "SELECT name, ran_at FROM timer_runs"


def note_run(db: Database, name: str, ran_at: datetime) -> None:
    """A timer has run."""
    with db.statements() as statements:
        statements.execute(UPSERT_RUN, {"name": name, "ran_at": ran_at})


def expect(db: Database, names: Iterable[str], now: datetime) -> None:
    """A timer that nothing is known of counts as run now: it may be new."""
    with db.transaction() as transaction:
        for name in names:
            transaction.execute(INSERT_EXPECTED, {"name": name, "ran_at": now})


def read_runs(db: Database) -> Mapping[str, datetime]:
    """The last run of each timer by the name of its function."""
    with db.statements() as statements:
        return {row["name"]: row["ran_at"].replace(tzinfo=UTC) for row in statements.rows(SELECT_RUNS)}
