"""JSON lines, one per outcome with the ids, and metrics through Powertools for AWS Lambda."""

import sys
import traceback
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TextIO

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from pydantic_core import to_json

from shared.spine.settings import log_settings, trace_id

# What a line may carry about a piece of work; other things go into the line's own `extra`.
IDS = ("order", "store", "message_id", "client", "request", "subject", "function")
LEVELS = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}


class Logger:
    """Writes lines with the keys of Powertools' logger, which takes ten times as long for each."""

    def __init__(self) -> None:
        self.stream: TextIO = sys.stdout
        self._service, level = log_settings()
        self._least = LEVELS.get(level, LEVELS["INFO"])
        self._keys: dict[str, Any] = {}

    def append_keys(self, keys: Mapping[str, Any]) -> None:
        """Add keys to every following line."""
        self._keys.update(keys)

    def remove_keys(self, names: Iterable[str]) -> None:
        """Take keys off every following line."""
        for name in names:
            self._keys.pop(name, None)

    def get_current_keys(self) -> dict[str, Any]:
        """The keys of every line."""
        return dict(self._keys)

    def info(self, message: str, extra: Mapping[str, Any] | None = None) -> None:
        """Write a line about work that went well."""
        self._write("INFO", message, extra)

    def warning(self, message: str, extra: Mapping[str, Any] | None = None) -> None:
        """Write a line about a failure that the code deals with."""
        self._write("WARNING", message, extra)

    def error(self, message: str, extra: Mapping[str, Any] | None = None) -> None:
        """Write a line that a person must look at."""
        self._write("ERROR", message, extra)

    def _write(self, level: str, message: str, extra: Mapping[str, Any] | None) -> None:
        if LEVELS[level] < self._least:
            return
        caller = sys._getframe(2)  # noqa: SLF001 - as the standard library's logging finds it
        line = {
            "level": level,
            "location": f"{caller.f_code.co_name}:{caller.f_lineno}",
            "message": message,
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "service": self._service,
            **self._keys,
            **(extra or {}),
        }
        if trace := trace_id():
            line["xray_trace_id"] = trace
        # One write a line: threads that log at once do not mix theirs.
        self.stream.write(to_json(line, fallback=str).decode() + "\n")
        self.stream.flush()


@cache
def logger() -> Logger:
    """The environment's logger; its service is the concern, from POWERTOOLS_SERVICE_NAME."""
    return Logger()


@cache
def _metrics() -> Metrics:
    return Metrics()


def note(**ids: str | None) -> None:
    """Add ids to every following line of this invocation."""
    logger().append_keys({name: value for name, value in ids.items() if value is not None})


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
