"""The SQL of printing but for its agents: how stores print, their printers, orders, jobs."""

from datetime import UTC, datetime

from shared.spine.db import Row


def with_utc(row: Row) -> Row:
    """The row with its times in UTC."""
    return {name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value for name, value in row.items()}
