"""The five kinds of failure, by the action that the caller should take.

`shared.spine.entry` maps them for queues, timers and sockets. `shared.spine.http` maps them to RFC 9457 problem
documents. Any other exception is a bug.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any


@dataclass(frozen=True)
class Fault:
    """One wrong value of the input: `path` as in `lines[2].options[0]`, a machine-readable `code`, a sentence."""

    path: str
    code: str
    detail: str
    stated: int | str | None = None
    expected: int | str | None = None

    def document(self) -> dict[str, Any]:
        """The fields of the fault in a problem document, without empty ones."""
        return {name: value for name, value in vars(self).items() if value is not None}


class DumbwaiterError(Exception):
    """Base of the five; `code` is for programs, `detail` is a sentence for a person and holds no secret."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        status: HTTPStatus | None = None,
        faults: tuple[Fault, ...] = (),
        retry_after: int | None = None,
        extensions: dict[str, Any] | None = None,
    ) -> None:
        """`retry_after` in seconds; `extensions` are further fields of the problem document."""
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.status = status or self.status
        self.faults = faults
        self.retry_after = retry_after
        self.extensions = extensions or {}


class Rejected(DumbwaiterError):
    """The request is wrong: correct it and send it again. The same request never succeeds."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class NotFound(DumbwaiterError):
    """The resource does not exist, or the caller may not see it."""

    status = HTTPStatus.NOT_FOUND


class Conflict(DumbwaiterError):
    """The resource has another state than the request assumes: read it again."""

    status = HTTPStatus.CONFLICT


class Unavailable(DumbwaiterError):
    """The same request may succeed later."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


class Misconfigured(DumbwaiterError):
    """A person must act before the same request can succeed."""
