"""clients/javascript against the deployed stack: the tests of client.test.mjs, in Node."""

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from stack.stack import Stack
from tests.simulators.flaky_api import FlakyApi
from tests.support.paths import ROOT


@pytest.fixture
def control(api: FlakyApi) -> Iterator[str]:
    """An address that sets the faults of the gateway, and gives the headers that it has seen."""

    class Control(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            api.faults = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            seen, api.seen = api.seen, []
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(seen).encode())

        def log_message(self, *_: Any) -> None:
            """A test's output has no lines of requests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Control)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_client_works_in_node(stack: Stack, api: FlakyApi, control: str, tea_store: str) -> None:
    key = stack.place.keys["head_office"]
    names = {
        "ADDRESS": api.address,
        "CONTROL": control,
        "KEY_ID": key["id"],
        "SECRET": key["secret"],
        "STORE": tea_store,
    }
    done = subprocess.run(
        ["node", "--test", "--test-reporter", "spec", str(ROOT / "tests/clients/client.test.mjs")],
        env={"PATH": os.environ["PATH"], **names},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr
    assert "fail 0" in done.stdout
    assert "pass 12" in done.stdout, done.stdout[-1_000:]
