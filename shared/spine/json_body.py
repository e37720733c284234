"""The body of a request as JSON: RFC 8259 text in UTF-8, sent as application/json."""

from http import HTTPStatus
from typing import Any

import pydantic_core
from werkzeug.wrappers import Request

from shared.spine.errors import Rejected

JSON = "application/json"
# Names of UTF-8 and of its subset. RFC 8259 defines no charset for JSON, but many clients send one.
CHARSETS = {"utf-8", "utf8", "us-ascii"}


def read_json(request: Request) -> Any:
    """Raises `Rejected`: 415 for a body that is not UTF-8 JSON by its header or its bytes, 400 for malformed JSON."""
    if request.mimetype != JSON:
        raise Rejected("not_json", f"send Content-Type: {JSON}", status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    charset = request.mimetype_params.get("charset", "utf-8")
    if charset.lower() not in CHARSETS:
        raise _not_utf8("Content-Type names another charset than UTF-8")
    body = request.get_data()
    try:
        # NaN and Infinity are not JSON.
        return pydantic_core.from_json(body, allow_inf_nan=False)
    except ValueError as failure:
        _require_utf8(body)
        detail = f"the body is no JSON: {failure}"
        raise Rejected("not_json", detail, status=HTTPStatus.BAD_REQUEST) from None


def _require_utf8(body: bytes) -> None:
    try:
        body.decode()
    except UnicodeDecodeError as failure:
        raise _not_utf8(f"the body is not UTF-8 from byte {failure.start} on") from None


def _not_utf8(detail: str) -> Rejected:
    return Rejected("not_utf8", detail, status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
