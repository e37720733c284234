"""JSON lines and metrics, through Powertools for AWS Lambda. One line per outcome, with the ids."""

import traceback
from functools import cache
from pathlib import Path

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

# What a line may carry about a piece of work; other things go into the line's own `extra`.
IDS = ("order", "store", "message_id", "client", "request", "subject", "function")


@cache
def logger() -> Logger:
    """The environment's logger; its service is the concern, from POWERTOOLS_SERVICE_NAME."""
    return Logger(use_rfc3339=True, utc=True)


@cache
def _metrics() -> Metrics:
    return Metrics()


def note(**ids: str | None) -> None:
    """Add ids to every following line of this invocation."""
    logger().append_keys(**{name: value for name, value in ids.items() if value is not None})


def forget() -> None:
    """Begin an invocation with no ids of the one before."""
    logger().remove_keys(IDS)


def measure(name: str, value: float, unit: MetricUnit) -> None:
    """Emit one metric (CloudWatch embedded metric format)."""
    metrics = _metrics()
    metrics.add_metric(name, unit, value)
    metrics.flush_metrics()


def bug(failure: BaseException, about: str) -> None:
    """Report an unexpected failure: its type and place, but not its text, which may quote SQL or a guest's data."""
    frames = traceback.extract_tb(failure.__traceback__)
    at = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    logger().error(about, extra={"bug": type(failure).__name__, "at": at[-12:]})


def request_id() -> str | None:
    """The id of the invocation at work, as callers are told it."""
    request: str | None = logger().get_current_keys().get("request")
    return request
