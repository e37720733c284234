"""AWS calls without the SDK: signed as the SDK signs, and honest about failures."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.credentials
import httpx
import pytest
from botocore.config import Config
from hypothesis import given
from hypothesis import strategies as st

from shared.spine.aws.calls import service_address
from shared.spine.aws.sigv4 import Credentials, Signer, read_credentials
from shared.spine.env import Environment
from shared.spine.errors import Misconfigured, Unavailable
from stack.emulator import Emulator
from tests.simulators.gateway import Gateway
from tests.support.broker import Broker
from tests.support.queues import Inbox

NOW = datetime(2026, 3, 1, 12, 30, 5, tzinfo=UTC)
# No dot segments and no doubled slashes: those the SDK folds, and no address of ours has them.
PATH = st.from_regex(r"([A-Za-z0-9_~+@:=-]{1,8}(/([A-Za-z0-9_~+@:=-]|%3D){1,8})?)?", fullmatch=True)


@given(
    method=st.sampled_from(["GET", "POST", "DELETE"]),
    path=PATH,
    body=st.binary(max_size=200),
    token=st.sampled_from(["", "session/token=="]),
    header=st.text("abc XYZ;,=", min_size=1, max_size=30).map(str.strip).filter(bool),
)
def test_signatures_are_botocores(method: str, path: str, body: bytes, token: str, header: str) -> None:
    url = f"https://execute-api.eu-west-3.example.com/{path}"
    request = botocore.awsrequest.AWSRequest(method, url, {"x-amz-target": header}, body)
    keys = botocore.credentials.Credentials("AKIA", "secret/key", token or None)
    auth = botocore.auth.SigV4Auth(keys, "execute-api", "eu-west-3")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.auth, "get_current_datetime", lambda: NOW)
        auth.add_auth(request)
    signer = Signer("execute-api", "eu-west-3", Credentials("AKIA", "secret/key", token), NOW)
    ours = signer.sign(method, url, {"x-amz-target": header}, body)
    assert ours["authorization"] == request.headers["Authorization"]


@given(method=st.sampled_from(["GET", "PUT"]), key=st.from_regex(r"[A-Za-z0-9._-]{1,20}/[0-9A-Z]{1,8}", fullmatch=True))
def test_object_calls_are_signed_as_botocore_signs_for_s3(method: str, key: str) -> None:
    url, body = f"https://s3.eu-west-3.example.com/bucket/{key}", b"models" if method == "PUT" else b""
    keys = botocore.credentials.Credentials("AKIA", "secret/key", "token")
    request = botocore.awsrequest.AWSRequest(method, url, {}, body)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.auth, "get_current_datetime", lambda: NOW)
        botocore.auth.S3SigV4Auth(keys, "s3", "eu-west-3").add_auth(request)
    signer = Signer("s3", "eu-west-3", Credentials("AKIA", "secret/key", "token"), NOW)
    ours = signer.sign(method, url, {"x-amz-content-sha256": hashlib.sha256(body).hexdigest()}, body)
    assert ours["authorization"] == request.headers["Authorization"]


@given(size=st.integers(1, 10**9), seconds=st.integers(1, 3600), token=st.sampled_from(["", "to/k+en="]))
def test_upload_addresses_are_signed_as_botocore_signs_them(size: int, seconds: int, token: str) -> None:
    url = "https://s3.eu-west-3.example.com/bucket/demo/uploads/1"
    keys = botocore.credentials.Credentials("AKIA", "secret/key", token or None)
    request = botocore.awsrequest.AWSRequest("PUT", url, {"content-length": str(size)})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.auth, "get_current_datetime", lambda: NOW)
        botocore.auth.S3SigV4QueryAuth(keys, "s3", "eu-west-3", expires=seconds).add_auth(request)
    signer = Signer("s3", "eu-west-3", Credentials("AKIA", "secret/key", token), NOW)
    ours = signer.presign("PUT", url, {"content-length": str(size)}, seconds)
    assert parse_qs(urlsplit(ours).query) == parse_qs(urlsplit(str(request.url)).query)


@given(seconds=st.integers(1, 3600), token=st.sampled_from(["", "to/k+en="]))
def test_download_addresses_are_signed_as_botocore_signs_them(seconds: int, token: str) -> None:
    url = "https://s3.eu-west-3.example.com/bucket/demo/1.csv"
    keys = botocore.credentials.Credentials("AKIA", "secret/key", token or None)
    request = botocore.awsrequest.AWSRequest("GET", url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.auth, "get_current_datetime", lambda: NOW)
        botocore.auth.S3SigV4QueryAuth(keys, "s3", "eu-west-3", expires=seconds).add_auth(request)
    credentials = Credentials("AKIA", "secret/key", token)
    ours = Signer("s3", "eu-west-3", credentials, NOW).presign("GET", url, {}, seconds)
    assert parse_qs(urlsplit(ours).query) == parse_qs(urlsplit(str(request.url)).query)


def test_an_object_in_parts_is_there_when_it_ends_and_parts_that_are_not_known_are_for_a_person(
    env: Environment, emulator: Emulator
) -> None:
    emulator.client("s3").create_bucket(Bucket="parts")
    parts = [b"a" * 6_000_000, b"b" * 10]
    upload = env.aws.begin_upload("parts", "demo/1.csv")
    tags = [env.aws.put_part("parts", "demo/1.csv", upload, n, part) for n, part in enumerate(parts, 1)]
    with pytest.raises(Misconfigured):
        env.aws.get_object("parts", "demo/1.csv")
    env.aws.end_upload("parts", "demo/1.csv", upload, tags)
    assert httpx.get(env.aws.download_address("parts", "demo/1.csv", 60)).content == b"".join(parts)
    with pytest.raises(Misconfigured):
        env.aws.end_upload("parts", "demo/1.csv", "nothing", tags)


def test_an_object_is_read_as_it_was_put_and_a_missing_one_is_for_a_person(
    env: Environment, emulator: Emulator
) -> None:
    emulator.client("s3").create_bucket(Bucket="objects")
    content = bytes(range(256)) * 5_000
    env.aws.put_object("objects", "demo/models/1.zip", content)
    assert env.aws.get_object("objects", "demo/models/1.zip") == content
    assert emulator.client("s3").get_object(Bucket="objects", Key="demo/models/1.zip")["Body"].read() == content
    with pytest.raises(Misconfigured):
        env.aws.get_object("objects", "demo/models/2.zip")


def test_a_secret_is_read_and_a_missing_one_is_for_a_person(env: Environment) -> None:
    assert env.aws.secret("dumbwaiter/test/database")["dbname"] == "dumbwaiter"
    with pytest.raises(Misconfigured):
        env.aws.secret("dumbwaiter/test/nothing")


def test_a_topic_takes_a_batch_with_any_text_as_it_is(env: Environment, inbox: Inbox) -> None:
    texts = ["plain", 'quote " \\ & <tag> + %41 =', "中文 🍕 עברית", "tab\tand\nline"]
    entries = [(str(n), "order.placed", json.dumps({"n": n, "text": text})) for n, text in enumerate(texts)]
    taken = env.aws.publish(env.settings.events_topic, entries)
    assert taken == {"0", "1", "2", "3"}
    assert [message["text"] for message in sorted(inbox.take(), key=lambda m: int(m["n"]))] == texts


def test_a_broker_that_refuses_is_unavailable_and_a_cut_connection_is_opened_anew(
    env: Environment, another_env: Callable[..., Environment]
) -> None:
    broker = Broker(env.settings.aws_endpoint)
    try:
        aws = another_env(aws_endpoint=broker.url).aws
        entry = [("1", "order.placed", "{}")]
        for mode in ("refuse", "cut"):
            broker.mode = mode
            with pytest.raises(Unavailable):
                aws.publish(env.settings.events_topic, entry)
        broker.mode = "pass"
        assert aws.publish(env.settings.events_topic, entry) == {"1"}
    finally:
        broker.close()


def test_a_frame_is_pushed_and_a_connection_that_is_closed_says_so(
    env: Environment, another_env: Callable[..., Environment]
) -> None:
    gateway = Gateway(env.settings.aws_endpoint)
    try:
        aws = another_env(aws_endpoint=gateway.url, websocket_api="print").aws
        assert aws.push("L0SM9cOFvHcCIhw=", '{"text":"炒饭"}')
        assert gateway.take("L0SM9cOFvHcCIhw=") == [{"text": "炒饭"}]
        gateway.gone.add("L0SM9cOFvHcCIhw=")
        assert not aws.push("L0SM9cOFvHcCIhw=", "{}")
        aws.hang_up("L0SM9cOFvHcCIhw=")
        assert gateway.hung_up == ["L0SM9cOFvHcCIhw="]
        gateway.failing = True
        with pytest.raises(Unavailable):
            aws.push("another", "{}")
    finally:
        gateway.close()


def test_the_gateway_s_address_names_the_stage_in_the_cloud(env: Environment) -> None:
    cloud = replace(env.settings, aws_endpoint="", websocket_api="a1b2", region="eu-west-3", url_suffix="example.com")
    assert cloud.websocket_address == "https://a1b2.execute-api.eu-west-3.example.com/test"


def test_nobody_there_is_unavailable(another_env: Callable[..., Environment]) -> None:
    with pytest.raises(Unavailable):
        another_env(aws_endpoint="http://127.0.0.1:1").aws.secret("any")


@pytest.fixture
def credentials_endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str | None]]:
    """What SnapStart environments have: an endpoint that gives keys for half an hour; who asked with which token."""
    asked: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers["Authorization"])
            expires = (datetime.now(UTC) + timedelta(minutes=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
            keys = {"AccessKeyId": f"A{len(asked)}", "SecretAccessKey": "s", "Token": "t", "Expiration": expires}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(keys).encode())

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"http://127.0.0.1:{server.server_port}/keys?v=1")
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "the-token")
    yield asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_snapstart_environment_asks_for_keys_and_again_before_they_expire(
    another_env: Callable[..., Environment], credentials_endpoint: list[str | None]
) -> None:
    assert read_credentials().access_key == "A1"
    ahead = timedelta(0)
    aws = another_env(clock=lambda: datetime.now(UTC) + ahead).aws
    aws.secret("dumbwaiter/test/database")
    aws.secret("dumbwaiter/test/database")
    assert credentials_endpoint == ["the-token"] * 2
    ahead = timedelta(minutes=26)
    aws.secret("dumbwaiter/test/database")
    assert len(credentials_endpoint) == 3


@pytest.mark.parametrize("region", ["eu-central-1", "cn-north-1"])
@pytest.mark.parametrize("service", ["sqs", "sns", "s3", "secretsmanager", "events", "monitoring"])
@pytest.mark.parametrize("dual_stack", [False, True])
def test_addresses_are_botocore_s(
    env: Environment, monkeypatch: pytest.MonkeyPatch, service: str, region: str, *, dual_stack: bool
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    china = region.startswith("cn-")
    suffix = "api.amazonwebservices.com.cn" if china else "api.aws"
    settings = replace(
        env.settings,
        aws_endpoint="",
        region=region,
        url_suffix="amazonaws.com.cn" if china else "amazonaws.com",
        dual_stack_suffix=suffix if dual_stack else "",
    )
    client = boto3.client(
        "cloudwatch" if service == "monitoring" else service,  # type: ignore[call-overload]  # the stubs want a literal
        region_name=region,
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=Config(use_dualstack_endpoint=dual_stack),
    )
    assert service_address(settings, service) == client.meta.endpoint_url
