"""Rows of the database as records have them: MySQL has no time zones, and every time in it is UTC."""

from datetime import UTC, datetime

from shared.spine.db import Row


def with_utc(row: Row) -> Row:
    """The row with aware times."""
    return {name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value for name, value in row.items()}
