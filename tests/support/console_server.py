"""The portal over a build of one's own, and everything else of the running stack behind the same address."""

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from functions.portal.api import OPERATIONS
from functions.portal.resources import console
from shared.spine.env import Environment
from shared.spine.http import Api

PASSED_ON = ("cookie", "content-type", "idempotency-key", "x-csrf-token", "accept")
PASSED_BACK = ("content-type", "set-cookie", "retry-after")


@contextlib.contextmanager
def serve(built: Path, base: str, env: Environment) -> Iterator[str]:
    """The address of a server. `built`: a folder build/web. `base`: the running stack."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(console, "BUILT", built)
        portal = Api(env, "portal", OPERATIONS).app
        server = make_server("127.0.0.1", 0, _application(portal, base), threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def _application(portal: Callable[..., Iterable[bytes]], base: str) -> Callable[..., Iterable[bytes]]:
    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        if not request.path.startswith("/v1/"):
            return portal(environ, start_response)
        if request.path.startswith("/v1/live/"):
            return Response(status=404)(environ, start_response)  # no socket here: pages look again by themselves
        headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        target = base + request.full_path.rstrip("?")
        reply = httpx.request(request.method, target, content=request.get_data(), headers=headers, timeout=30)
        back = [(name, value) for name, value in reply.headers.multi_items() if name in PASSED_BACK]
        return Response(reply.content, reply.status_code, back)(environ, start_response)

    return application
