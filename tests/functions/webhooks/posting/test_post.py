"""One POST: to the checked address, in a bounded time, without a redirect, over verified TLS."""

import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from functions.webhooks.posting import post as post_module
from functions.webhooks.posting.post import LONGEST_RETRY_AFTER, Outcome, PostError, Request, post
from tests.simulators.webhook_receiver import Answer, Receiver, closed_port
from tests.support.waiting import on_this_machine

BODY = b'{"subject": "order/1", "sequence": 1}'


def posted(url: str, *, local: bool = True) -> Outcome:
    return post(Request(url, {"webhook-id": "m1"}, BODY), local=local)


def answered(receiver: Receiver, answer: Answer) -> Outcome:
    receiver.answer = lambda _path, _message: answer
    return posted(receiver.url())


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> float:
    """A time limit of a second in place of ten."""
    monkeypatch.setattr(post_module, "SECONDS", 1.0)
    return 1.0


def test_the_request_arrives_as_it_is_signed(receiver: Receiver) -> None:
    outcome = posted(receiver.url("/a/b?c=d"))
    [received] = receiver.requests
    assert (outcome.status, outcome.error, outcome.accepted) == (200, None, True)
    assert (received.path, received.body) == ("/a/b?c=d", BODY)
    assert received.headers["webhook-id"] == "m1"
    assert received.headers["content-type"] == "application/json"
    assert received.headers["host"] == f"127.0.0.1:{receiver.port}"


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_a_success(receiver: Receiver, status: int) -> None:
    assert answered(receiver, Answer(status)).accepted


@pytest.mark.parametrize("status", [300, 301, 302, 307, 308, 400, 401, 404, 409, 410, 429, 500, 503])
def test_any_other_status_is_a_failure(receiver: Receiver, status: int) -> None:
    outcome = answered(receiver, Answer(status))
    assert (outcome.status, outcome.accepted, outcome.gone) == (status, False, status == 410)


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    with Receiver() as target:
        outcome = answered(receiver, Answer(307, {"Location": target.url("/stolen")}))
        assert outcome.status == 307
        assert target.connections == 0


def test_a_receiver_that_sends_no_status_is_left_in_time(receiver: Receiver, short: float) -> None:
    began_at = time.monotonic()
    outcome = answered(receiver, Answer(silence=5))
    assert outcome.error is PostError.TIMED_OUT
    assert time.monotonic() - began_at < on_this_machine(short * 2)


def test_a_receiver_that_sends_a_byte_now_and_then_is_left_in_time(receiver: Receiver, short: float) -> None:
    began_at = time.monotonic()
    outcome = answered(receiver, Answer(drip=0.1))
    assert outcome.error is PostError.TIMED_OUT
    assert time.monotonic() - began_at < on_this_machine(short * 2)


def test_a_body_without_an_end_does_not_hold_the_sender(receiver: Receiver) -> None:
    began_at = time.monotonic()
    outcome = answered(receiver, Answer(200, {"Content-Length": "1000000000"}))
    assert outcome.accepted
    assert time.monotonic() - began_at < on_this_machine(3)


def test_a_port_without_a_server_is_a_failed_connection() -> None:
    assert posted(f"http://127.0.0.1:{closed_port()}/").error is PostError.CONNECT_FAILED


def test_an_answer_that_is_not_http_is_malformed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        from threading import Thread  # noqa: PLC0415 - used once

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"220 mail.example.com ESMTP\r\n")

        thread = Thread(target=answer)
        thread.start()
        outcome = posted(f"http://127.0.0.1:{server.getsockname()[1]}/")
        thread.join()
    assert outcome.error is PostError.REPLY_MALFORMED


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("999999999", LONGEST_RETRY_AFTER),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("1e9", None),
    ],
)
def test_retry_after_is_read_in_both_forms_and_bounded(receiver: Receiver, header: str, seconds: float | None) -> None:
    assert answered(receiver, Answer(503, {"Retry-After": header})).retry_after == seconds


def test_a_name_that_changes_its_address_between_check_and_call_reaches_nothing_private(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name answers with a public address first and with this machine afterwards, as an attacker's server does."""
    resolved: list[str] = []
    connected: list[Any] = []

    def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        resolved.append(host)
        address = "8.8.8.8" if len(resolved) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def create_connection(address: tuple[str, int], timeout: float) -> socket.socket:
        del timeout
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket, "create_connection", create_connection)
    outcome = posted(f"https://rebind.attacker.com:{receiver.port}/", local=False)
    assert outcome.error is PostError.CONNECT_FAILED
    assert resolved == ["rebind.attacker.com"]
    assert connected == [("8.8.8.8", receiver.port)]
    assert posted(f"https://rebind.attacker.com:{receiver.port}/", local=False).error is PostError.URL_REFUSED
    assert receiver.connections == 0


def test_outside_of_stage_local_a_url_of_this_machine_is_refused_at_the_call(receiver: Receiver) -> None:
    for url in (receiver.url(), f"https://127.0.0.1:{receiver.port}/", f"https://localhost:{receiver.port}/"):
        assert posted(url, local=False).error is PostError.URL_REFUSED
    assert receiver.connections == 0


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A key and a certificate for the name localhost."""
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return key, certificate


@pytest.fixture
def tls_receiver(certificate: tuple[Path, Path]) -> Iterator[Receiver]:
    key, chain = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    with Receiver(context) as receiver:
        yield receiver


@pytest.fixture
def trusted(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))
    post_module._tls.cache_clear()
    yield
    post_module._tls.cache_clear()


def test_a_server_with_a_trusted_certificate_gets_the_message(tls_receiver: Receiver, trusted: None) -> None:
    del trusted
    assert posted(tls_receiver.url()).accepted
    assert [received.body for received in tls_receiver.requests] == [BODY]


def test_a_certificate_that_no_authority_signed_is_refused(tls_receiver: Receiver) -> None:
    post_module._tls.cache_clear()
    assert posted(tls_receiver.url()).error is PostError.TLS_FAILED
    assert tls_receiver.requests == []


def test_a_certificate_of_another_name_is_refused(tls_receiver: Receiver, trusted: None) -> None:
    del trusted
    assert posted(tls_receiver.url().replace("localhost", "127.0.0.1")).error is PostError.TLS_FAILED
    assert tls_receiver.requests == []
