"""Times of the database, which are UTC without saying so."""

from datetime import UTC, datetime
from typing import Any

from shared.spine.db import Row


def in_utc(row: Row) -> dict[str, Any]:
    """The row, its times with their zone."""
    return {name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value for name, value in row.items()}
