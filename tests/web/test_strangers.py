"""What web pages of others get from the emulator while it runs on a developer's machine: nothing."""

import base64
import http.client
import json
import os
import secrets
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from stack.emulator import Emulator
from tests.support.browser import BROWSERS

SCRIPT = Path(__file__).parent / "stranger.mjs"
LIST_SECRETS = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "secretsmanager.ListSecrets"}


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        content = b"<!doctype html><title>Somebody else's page</title>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def page() -> Iterator[str]:
    """Of a web server on another port of this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def secret(emulator: Emulator) -> str:
    name = f"of-the-env-{secrets.token_hex(4)}"
    emulator.client("secretsmanager").create_secret(Name=name, SecretString="x")
    return name


@pytest.fixture(scope="module")
def websocket(emulator: Emulator) -> str:
    """The path of an API that lets in whoever connects."""
    gateway = emulator.client("apigatewayv2")
    api = gateway.create_api(Name="open", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.type")
    gateway.create_stage(ApiId=api["ApiId"], StageName="local", AutoDeploy=True)
    return f"/_aws/execute-api/{api['ApiId']}/local"


def ask(
    emulator: Emulator, method: str = "POST", path: str = "/", body: str = "{}", **headers: str
) -> tuple[int, str, dict[str, str]]:
    """status, text and headers; `headers` by names with _ for -, over those of ListSecrets."""
    sent = LIST_SECRETS | {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=10)
    try:
        connection.request(method, path, body, sent)
        reply = connection.getresponse()
        return reply.status, reply.read().decode(), {name.lower(): value for name, value in reply.getheaders()}
    finally:
        connection.close()


def upgrade(emulator: Emulator, path: str, *lines: str) -> int:
    """The status of the answer to a WebSocket's opening handshake."""
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    head = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{emulator.port}", "Connection: Upgrade", "Upgrade: websocket"]
    head += [f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", *lines, "", ""]
    with socket.create_connection(("127.0.0.1", emulator.port), timeout=10) as connection:
        connection.sendall("\r\n".join(head).encode())
        return int(connection.recv(4096).split(b" ", 2)[1])


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:9"},
        {"Origin": "http://127.0.0.1"},
        {"Origin": "https://127.0.0.1:{port}"},
        {"Origin": "http://localhost:{port}"},
        {"Origin": "http://127.0.0.1:{port}.evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "http://127.0.0.1:{port}", "Sec_Fetch_Site": "cross-site"},
        {"Host": "evil.example:{port}"},
        {"Host": "evil.example:{port}", "Origin": "http://evil.example:{port}", "Sec_Fetch_Site": "same-origin"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "localhost.evil.example:{port}"},
        {"Host": "127.0.0.1:{port}@evil.example"},
        {"Host": ""},
    ],
)
def test_foreign_pages_and_foreign_names_are_refused(emulator: Emulator, secret: str, headers: dict[str, str]) -> None:
    headers = {name: value.format(port=emulator.port) for name, value in headers.items()}
    for method in ("POST", "OPTIONS"):
        status, text, sent = ask(emulator, method, **headers)
        assert status == 403, headers
        assert secret not in text
        assert not [name for name in sent if name.startswith("access-control-")]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": "localhost:{port}"},
        {"Host": "LOCALHOST"},
        {"Host": "[::1]:{port}"},
        {"Sec_Fetch_Site": "none"},
        {"Sec_Fetch_Site": "same-origin"},
        {"Origin": "http://127.0.0.1:{port}", "Sec_Fetch_Site": "same-origin"},
        {"Host": "localhost:{port}", "Origin": "http://localhost:{port}"},
    ],
)
def test_programs_and_own_pages_are_answered_and_nobody_else_may_read_it(
    emulator: Emulator, secret: str, headers: dict[str, str]
) -> None:
    status, text, sent = ask(emulator, **{name: value.format(port=emulator.port) for name, value in headers.items()})
    assert (status, secret in text) == (200, True)
    assert not [name for name in sent if name.startswith("access-control-")]


def test_websockets_are_for_programs_and_own_pages(emulator: Emulator, websocket: str) -> None:
    own = f"Origin: http://127.0.0.1:{emulator.port}"
    assert upgrade(emulator, websocket) == upgrade(emulator, websocket, own) == 101
    for line in ("Origin: https://evil.example", "Origin: null", "Sec-Fetch-Site: cross-site"):
        assert upgrade(emulator, websocket, line) == 403


def test_a_file_is_put_to_a_presigned_address_from_outside_of_a_browser(emulator: Emulator) -> None:
    bucket = emulator.client("s3")
    bucket.create_bucket(Bucket="strangers")
    url = bucket.generate_presigned_url("put_object", {"Bucket": "strangers", "Key": "a.csv"}, ExpiresIn=60)
    path = url.removeprefix(emulator.endpoint)
    assert ask(emulator, "PUT", path, "store_id", Content_Type="text/csv", X_Amz_Target="")[0] == 200
    assert bucket.get_object(Bucket="strangers", Key="a.csv")["Body"].read() == b"store_id"


def test_a_browser_shows_no_stranger_anything(emulator: Emulator, secret: str, page: str, websocket: str) -> None:
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        pytest.skip("No Chromium or Chrome was found: apt-get install chromium")
    variables = {
        "PAGE": page,
        "EMULATOR": emulator.endpoint,
        "SOCKET": f"ws{emulator.endpoint[4:]}{websocket}",
        "BROWSER": browser,
    }
    done = subprocess.run(
        ["node", SCRIPT], env=os.environ | variables, capture_output=True, text=True, check=False, timeout=90
    )
    assert done.returncode == 0, done.stdout + done.stderr
    got = json.loads(done.stdout)
    for where in ("beside", "elsewhere"):
        assert got[where] == {"simple": "unread", "preflight": "unread", "written": "sent", "websocket": "refused"}
    assert got["rebound"] == {"simple": "refused", "preflight": "refused"}
    # A page of the emulator's own reads all of it; nothing that a stranger sent was done.
    status, own = got["own"]
    assert (status, own["websocket"]) == (200, "opened")
    assert secret in own["preflight"]
    assert "by-a-stranger" not in own["simple"]


def follow(emulator: Emulator, path: str, **different: str) -> int:
    """The status for a person who follows a link of another page of this machine."""
    sent = {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    return ask(emulator, "GET", path, "", **sent | different)[0]


def test_a_person_follows_a_link_to_a_function_and_to_nothing_else(emulator: Emulator) -> None:
    """No API has this name: the emulator's own 404 shows that the request was let in."""
    path = "/_aws/execute-api/nobody/outlets/confirm/x"
    assert follow(emulator, path) == 404
    for different in (
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Mode": "cors"},
        {"Sec_Fetch_Dest": "iframe"},
        {"Host": "evil.example"},
    ):
        assert follow(emulator, path, **different) == 403, different
    assert follow(emulator, "/") == 403
    assert ask(emulator, "POST", path, "", Sec_Fetch_Site="same-site", Sec_Fetch_Mode="navigate")[0] == 403
