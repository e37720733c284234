"""Cross-origin requests of guests' pages, by the fetch standard (https://fetch.spec.whatwg.org/#http-cors-protocol).

A page of another origin sends a guest token, never a cookie. A preflight request has no token, so its reply allows any
origin. The request itself is refused when its token does not name the origin: see `shared.spine.guest_tokens`.
"""

from werkzeug.wrappers import Request

REQUEST_HEADERS = "Authorization, Content-Type, Dumbwaiter-Epoch, Idempotency-Key, If-None-Match"
REPLY_HEADERS = "Dumbwaiter-Epoch, ETag, Idempotent-Replayed, Location, Retry-After"
# Seconds; Chrome takes at most two hours.
PREFLIGHT_CACHED_FOR = 7200


def asked_method(request: Request) -> str | None:
    """The method that a preflight request asks for; None for any other request."""
    if request.method != "OPTIONS" or "Origin" not in request.headers:
        return None
    return request.headers.get("Access-Control-Request-Method")


def preflight_headers(request: Request, method: str) -> dict[str, str]:
    """The headers that allow a page to send `method` with a guest token."""
    return {
        "Access-Control-Allow-Origin": request.headers["Origin"],
        "Access-Control-Allow-Methods": method,
        "Access-Control-Allow-Headers": REQUEST_HEADERS,
        "Access-Control-Max-Age": str(PREFLIGHT_CACHED_FOR),
        "Vary": "Origin",
    }


def reply_headers(request: Request) -> dict[str, str]:
    """The headers with which a page may read the reply to a request with a token. A refusal holds no data."""
    origin = request.headers.get("Origin")
    if origin is None or not is_bearer(request):
        return {}
    headers = {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": REPLY_HEADERS}
    return headers | {"Vary": "Origin"}


def is_bearer(request: Request) -> bool:
    """Whether the request has a token in place of a signature."""
    return request.headers.get("Authorization", "").startswith("Bearer ")
