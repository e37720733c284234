"""SQL of the table `saved_segments`. Names of people come by the view `person_roles`."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.spine.db import Row, Transaction

MOST = 200

_SAVED = "SELECT id, chain_id, name, expression, owner_id, made_at, changed_at FROM saved_segments"
SELECT_OF_CHAIN = f"{_SAVED} WHERE chain_id = %(chain)s ORDER BY name, id LIMIT {MOST}"
LOCK_SEGMENT = f"{_SAVED} WHERE id = %(id)s FOR UPDATE"
COUNT_OF_CHAIN = "SELECT COUNT(*) AS segments FROM saved_segments WHERE chain_id = %(chain)s"
INSERT_SEGMENT = """
    INSERT INTO saved_segments (id, chain_id, name, expression, owner_id, made_at, changed_at)
    VALUES (%(id)s, %(chain)s, %(name)s, %(where)s, %(owner)s, %(made_at)s, %(changed_at)s)"""
UPDATE_SEGMENT = """
    UPDATE saved_segments SET name = %(name)s, expression = %(where)s, changed_at = %(changed_at)s WHERE id = %(id)s"""
DELETE_SEGMENT = "DELETE FROM saved_segments WHERE id = %(id)s"
SELECT_NAMES = "SELECT DISTINCT person_id, name FROM person_roles WHERE person_id IN %(persons)s"


@dataclass(frozen=True)
class SavedSegment:
    """A segment of a chain under a name. `owner` is the client that made it."""

    id: str
    chain: str
    name: str
    where: str
    owner: str
    made_at: datetime
    changed_at: datetime


def read_saved_segments(transaction: Transaction, chain: str) -> list[SavedSegment]:
    """The saved segments of a chain by name, at most 200."""
    return list(map(_segment, transaction.rows(SELECT_OF_CHAIN, {"chain": chain})))


def lock_saved_segment(transaction: Transaction, segment: str) -> SavedSegment | None:
    """The segment, locked until the end of the transaction."""
    row = transaction.row(LOCK_SEGMENT, {"id": segment})
    return _segment(row) if row else None


def count_saved_segments(transaction: Transaction, chain: str) -> int:
    """How many saved segments the chain has."""
    row = transaction.row(COUNT_OF_CHAIN, {"chain": chain})
    return int(row["segments"]) if row else 0


def insert_saved_segment(transaction: Transaction, segment: SavedSegment) -> None:
    """Store a new segment. Raises `Duplicate` for a name that the chain has."""
    transaction.execute(INSERT_SEGMENT, vars(segment))


def update_saved_segment(transaction: Transaction, segment: SavedSegment) -> None:
    """Store another name or expression. Raises `Duplicate` for a name that the chain has."""
    transaction.execute(UPDATE_SEGMENT, vars(segment))


def delete_saved_segment(transaction: Transaction, segment: str) -> None:
    """Delete the segment."""
    transaction.execute(DELETE_SEGMENT, {"id": segment})


def read_names(transaction: Transaction, persons: Collection[str]) -> dict[str, str]:
    """The names of these people, by their ids. A disabled person has none."""
    if not persons:
        return {}
    rows = transaction.rows(SELECT_NAMES, {"persons": sorted(persons)})
    return {row["person_id"]: row["name"] for row in rows}


def _segment(row: Row) -> SavedSegment:
    return SavedSegment(
        row["id"],
        row["chain_id"],
        row["name"],
        row["expression"],
        row["owner_id"],
        row["made_at"].replace(tzinfo=UTC),
        row["changed_at"].replace(tzinfo=UTC),
    )
