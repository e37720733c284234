"""Enrolment against a real HTTP server that loses replies and refuses."""

import json
import stat
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from dumbwaiter_agent.credentials import NotEnrolled, enrol, load, told_time


class HeadOffice(ThreadingHTTPServer):
    """One code, good once; `loses`: so many replies get lost after the code was used."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Desk)
        self.loses = 0
        self.used_by: str | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Desk(BaseHTTPRequestHandler):
    server: HeadOffice

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.path == "/v1/printing/enrolments"
        if request["code"] != "GOOD":
            self._answer(404, {"code": "code_unknown", "detail": "there is no such code"})
        elif self.server.used_by not in {None, request["key"]}:
            self._answer(409, {"code": "code_used", "detail": "another machine has used it"})
        else:
            self.server.used_by = request["key"]
            if self.server.loses:
                self.server.loses -= 1
                self.close_connection = True
                return
            self._answer(201, {"agent": "a1", "store": "s1", "relays": ["wss://one", "wss://two"], "new": 1})

    def _answer(self, status: int, document: dict[str, Any]) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(document).encode())

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def head_office() -> Iterator[HeadOffice]:
    with HeadOffice() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_code_becomes_an_identity_that_is_kept_for_its_owner_alone(head_office: HeadOffice, tmp_path: Path) -> None:
    made = enrol(tmp_path / "data", head_office.url, "GOOD", name="till")
    assert load(tmp_path / "data") == made
    assert (made.agent, made.store, made.relays, len(made.key)) == ("a1", "s1", ("wss://one", "wss://two"), 32)
    assert stat.S_IMODE((tmp_path / "data/agent.json").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["agent.json"]


def test_a_lost_reply_is_mended_by_the_same_command(head_office: HeadOffice, tmp_path: Path) -> None:
    head_office.loses = 1
    with pytest.raises(NotEnrolled, match="may be tried again"):
        enrol(tmp_path, head_office.url, "GOOD", name="till")
    assert enrol(tmp_path, head_office.url, "GOOD", name="till").agent == "a1"


def test_the_same_command_again_is_the_same_agent(head_office: HeadOffice, tmp_path: Path) -> None:
    first = enrol(tmp_path, head_office.url, "GOOD", name="till")
    with pytest.raises(NotEnrolled):
        enrol(tmp_path, head_office.url, "BAD", name="till")
    assert enrol(tmp_path, head_office.url, "GOOD", name="till") == first == load(tmp_path)


def test_a_code_is_good_for_one_machine(head_office: HeadOffice, tmp_path: Path) -> None:
    enrol(tmp_path / "one", head_office.url, "GOOD", name="till")
    with pytest.raises(NotEnrolled, match="409 code_used: another machine"):
        enrol(tmp_path / "two", head_office.url, "GOOD", name="till")
    with pytest.raises(NotEnrolled, match="404 code_unknown"):
        enrol(tmp_path / "two", head_office.url, "BAD", name="till")


def test_a_key_never_goes_over_an_open_line(tmp_path: Path) -> None:
    with pytest.raises(NotEnrolled, match="must be https"):
        enrol(tmp_path, "http://print.example.com", "GOOD", name="till")


def test_what_is_missing_or_damaged_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotEnrolled, match="dumbwaiter-agent enrol"):
        load(tmp_path)
    (tmp_path / "agent.json").write_text("{")
    with pytest.raises(NotEnrolled, match="enrol again"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("headers", "body", "time"),
    [
        ({"Date": "Thu, 01 Jan 1970 00:01:00 GMT"}, b"", 60.0),
        ({"Date": "Thu, 01 Jan 1970 00:01:00 GMT"}, b'{"time": 90.5}', 90.5),
        ({"Date": "Thu, 01 Jan 1970 00:01:00 GMT"}, b'{"time": "soon"}', 60.0),
        ({"Date": "some day"}, b"[]", None),
        ({}, b"", None),
    ],
)
def test_a_refusal_tells_the_time(headers: dict[str, str], body: bytes, time: float | None) -> None:
    assert told_time(headers, body) == time
