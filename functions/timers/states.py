"""The statuses of alerts and of jobs."""

from enum import StrEnum


class AlertKind(StrEnum):
    """Why a timer needs a person."""

    LATE = "late"
    HANGING = "hanging"
    FAILING = "failing"
