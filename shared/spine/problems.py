"""Problem documents by RFC 9457, with a code for programs."""

import json
from http import HTTPStatus
from typing import Any

from werkzeug.exceptions import HTTPException

from shared.contracts.models import Output
from shared.spine import log
from shared.spine.auth import SCHEME
from shared.spine.errors import DumbwaiterError, Misconfigured, Rejected
from shared.spine.unknown_routes import NoRoute

PROBLEM = "application/problem+json"
# (document as JSON, status, headers, media type).
ProblemReply = tuple[str, int, dict[str, str], str]
# Codes of problems that Werkzeug raises.
_ROUTING = {413: "body_too_large"}


class FaultDocument(Output):
    """One wrong value of a request: its path, a code for programs, a sentence for people."""

    path: str
    code: str
    detail: str
    stated: int | str | None = None
    expected: int | str | None = None


class Problem(Output):
    """Problem details by RFC 9457. `code` distinguishes problems of one status."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request: str | None = None
    errors: list[FaultDocument] | None = None


def answer_failure(failure: Exception) -> ProblemReply:
    """The problem document of a failure. A bug's says nothing of its cause."""
    if isinstance(failure, NoRoute):
        return _problem(failure.problem, failure.headers)
    if isinstance(failure, HTTPException):
        status = HTTPStatus(failure.code or 500)
        code = _ROUTING.get(failure.code or 0, "http")
        return _problem(Rejected(code, status.description or status.phrase, status=status), {})
    if isinstance(failure, DumbwaiterError):
        if failure.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.logger().error("refused", extra={"error": str(failure)})
        if not isinstance(failure, Misconfigured):
            return _problem(failure, {})
    else:
        log.bug(failure, "request failed")
    return _problem(DumbwaiterError("internal", "an error inside the API; its log has the request's id"), {})


def _problem(failure: DumbwaiterError, headers: dict[str, str]) -> ProblemReply:
    document: dict[str, Any] = {
        "type": f"urn:dumbwaiter:problem:{failure.code}",
        "title": failure.status.phrase,
        "status": int(failure.status),
        "detail": failure.detail,
        "code": failure.code,
        "request": log.request_id(),
    }
    if failure.faults:
        document["errors"] = [fault.document() for fault in failure.faults]
    if failure.retry_after:
        headers["Retry-After"] = str(failure.retry_after)
    if failure.status == HTTPStatus.UNAUTHORIZED:
        is_token = failure.code.startswith("token_")
        headers["WWW-Authenticate"] = 'Bearer error="invalid_token"' if is_token else SCHEME
    text = json.dumps(failure.extensions | document, ensure_ascii=False)
    return text, failure.status, headers, PROBLEM
