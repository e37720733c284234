"""Revisions of a resource as entity tags: `ETag`, `If-Match`, `If-None-Match` (RFC 9110, sections 8.8.3 and 13.1)."""

from collections.abc import Callable
from http import HTTPStatus

from pydantic import BaseModel
from werkzeug.datastructures import Headers

from shared.spine.errors import Conflict
from shared.spine.http import Call, Reply


def tag_headers(revision: int, detail: str = "") -> dict[str, str]:
    """The headers of a reply that shows this revision. `detail` identifies what changes without a new revision."""
    return {"ETag": _tag(revision, detail), "Cache-Control": "private, no-cache"}


def reply_unless_current(call: Call, revision: int, document: Callable[[], BaseModel], detail: str = "") -> Reply:
    """The document, or 304 without a body where `If-None-Match` names this revision and `detail`."""
    return reply_to_tag(call.headers, revision, document, detail)


def reply_to_tag(headers: Headers, revision: int, document: Callable[[], BaseModel], detail: str = "") -> Reply:
    """The same for a request without a signature; `headers` are its headers."""
    tags = [tag.strip().removeprefix("W/") for tag in headers.get("If-None-Match", "").split(",")]
    if "*" in tags or _tag(revision, detail) in tags:
        return Reply(status=HTTPStatus.NOT_MODIFIED, headers=tag_headers(revision, detail))
    return Reply(document(), headers=tag_headers(revision, detail))


def require_match(call: Call, revision: int) -> None:
    """Raises `Conflict` (412) where `If-Match` names another revision. A request without `If-Match` passes."""
    match = call.headers.get("If-Match")
    if match not in (None, "*", f'"{revision}"') and not match.startswith(f'"{revision}-'):
        raise revision_changed()


def require_no_match(call: Call) -> None:
    """Raises `Conflict` (412) where `If-Match` is sent for a resource that does not exist."""
    if "If-Match" in call.headers:
        raise revision_changed()


def revision_changed() -> Conflict:
    """The 412 of every resource with a revision."""
    detail = "The resource has another revision than If-Match. Read it again, then repeat the change."
    return Conflict("changed", detail, status=HTTPStatus.PRECONDITION_FAILED)


def _tag(revision: int, detail: str) -> str:
    return f'"{revision}-{detail}"' if detail else f'"{revision}"'
