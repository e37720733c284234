"""The five kinds of failure, told apart by what the caller should do.

`shared.spine.entry` maps them for queues, timers and sockets. `shared.spine.http` maps them to RFC 9457 problem
documents. Any other exception is a bug.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any


@dataclass(frozen=True)
class Fault:
    """One thing wrong with the input: `path` as in `lines[2].options[0]`, a machine-readable `code`, a sentence."""

    path: str
    code: str
    detail: str
    stated: int | str | None = None
    expected: int | str | None = None

    def document(self) -> dict[str, Any]:
        """As a member of a problem document, without what is not known."""
        return {name: value for name, value in vars(self).items() if value is not None}


class DumbwaiterError(Exception):
    """Base of the five; `code` is for machines, `detail` is a sentence for a person and holds no secret."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        status: HTTPStatus | None = None,
        faults: tuple[Fault, ...] = (),
        retry_after: int | None = None,
        members: dict[str, Any] | None = None,
    ) -> None:
        """`retry_after` in seconds; `members` are extension members of the problem document."""
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.status = status or self.status
        self.faults = faults
        self.retry_after = retry_after
        self.members = members or {}


class Rejected(DumbwaiterError):
    """Mend it and send it again; the same again can never succeed."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class NotFound(DumbwaiterError):
    """There is no such thing, or none that this caller may see."""

    status = HTTPStatus.NOT_FOUND


class Conflict(DumbwaiterError):
    """The thing is in another state than the request supposes: read it again."""

    status = HTTPStatus.CONFLICT


class Unavailable(DumbwaiterError):
    """The same again, later, may succeed."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


class Misconfigured(DumbwaiterError):
    """A person must act before the same can succeed."""
