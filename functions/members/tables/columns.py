"""Values as the columns of members have them."""

from datetime import UTC, datetime

FIRST_MOMENT = datetime(1970, 1, 1)  # noqa: DTZ001 - columns hold UTC without a zone


def column_time(moment: datetime) -> datetime:
    """The moment in UTC, without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def aware(column: datetime) -> datetime:
    """The moment of a column, with its zone."""
    return column.replace(tzinfo=UTC)
