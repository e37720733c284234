"""The address of the caller, also behind the CDN.

Behind the CDN each request comes from one of its edges. The CDN adds the viewer's address, and a secret by which we
know that it was the CDN: see web.yml. Anyone else can send the first header, and not the second.
"""

import hmac
from ipaddress import ip_address

from werkzeug.wrappers import Request

ORIGIN_HEADER = "X-Dumbwaiter-Origin"
VIEWER_HEADER = "X-Dumbwaiter-Viewer"


def address_of(request: Request, origin_secret: str) -> str:
    """The address of the viewer, or of the connection; empty if it is unknown. An empty secret trusts no header."""
    given = request.headers.get(ORIGIN_HEADER, "").encode("utf-8", "surrogatepass")
    if origin_secret and hmac.compare_digest(given, origin_secret.encode()):
        try:
            return str(ip_address(request.headers.get(VIEWER_HEADER, "").strip()))
        except ValueError:
            pass  # the CDN that sends none is older than this
    return request.remote_addr or ""
