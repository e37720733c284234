"""The few AWS calls that functions make, without loading the SDK.

Importing botocore and making one client takes longer than everything else that happens in a cold start
(docs/decisions has the figures), so the calls on the way to a first reply are signed here. The signature is
checked against botocore's in the tests; tools that run outside of functions use boto3.
"""

import hashlib
import hmac
import http.client
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from xml.etree import ElementTree as ET

from shared.spine.clock import Clock
from shared.spine.errors import Misconfigured, Unavailable
from shared.spine.settings import Settings, container_credentials, environment_credentials

# A call on the way to a reply must not hold the caller longer than it would wait.
TIMEOUT_SECONDS = 2.0
# Model sets are megabytes, and no caller waits for them.
OBJECT_SECONDS = 20.0


@dataclass(frozen=True)
class Credentials:
    """Keys of the function's role; `expires` is None for keys that live as long as the environment."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str = field(repr=False)
    expires: datetime | None = None


def read_credentials() -> Credentials:
    """The role's keys, from the environment or, in SnapStart environments, from the credentials endpoint."""
    access_key, secret_key, token = environment_credentials()
    if access_key:
        return Credentials(access_key, secret_key, token)
    address, authorization = container_credentials()
    if not address:
        raise Misconfigured("credentials_missing", "the environment has no credentials of a role")
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}", headers={"Authorization": authorization})
        found = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError) as failure:
        raise Unavailable("credentials_unavailable", "the credentials endpoint did not answer") from failure
    finally:
        connection.close()
    expires = datetime.fromisoformat(found["Expiration"])
    return Credentials(found["AccessKeyId"], found["SecretAccessKey"], found["Token"], expires)


def sign(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    service: str,
    region: str,
    credentials: Credentials,
    now: datetime,
) -> dict[str, str]:
    """`headers` with AWS Signature Version 4 added (AWS General Reference, "Create a signed AWS API request")."""
    parts = urlsplit(url)
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    signed = {"host": parts.netloc, "x-amz-date": stamp} | {name.lower(): value for name, value in headers.items()}
    if credentials.token:
        signed["x-amz-security-token"] = credentials.token
    names = ";".join(sorted(signed))
    canonical = "\n".join(
        [
            method,
            quote(parts.path or "/", safe="/-_.~"),
            parts.query,
            *(f"{name}:{' '.join(signed[name].split())}" for name in sorted(signed)),
            "",
            names,
            hashlib.sha256(body).hexdigest(),
        ]
    )
    signature = _signature(canonical, stamp, scope, credentials)
    authorization = f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, SignedHeaders={names}, Signature="
    return signed | {"authorization": authorization + signature}


def presign(
    method: str,
    url: str,
    headers: Mapping[str, str],
    seconds: int,
    *,
    service: str,
    region: str,
    credentials: Credentials,
    now: datetime,
) -> str:
    """An address for one method and these headers, for so many seconds and whoever has it.

    The signature is in the query (Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters").
    """
    parts = urlsplit(url)
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    signed = {"host": parts.netloc} | dict(headers)
    names = ";".join(sorted(signed))
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{credentials.access_key}/{scope}",
        "X-Amz-Date": stamp,
        "X-Amz-Expires": str(seconds),
        "X-Amz-SignedHeaders": names,
    }
    if credentials.token:
        query["X-Amz-Security-Token"] = credentials.token
    text = urlencode(sorted(query.items()), quote_via=quote, safe="-_.~")
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    canonical = f"{method}\n{parts.path}\n{text}\n{lines}\n{names}\nUNSIGNED-PAYLOAD"
    return f"{url}?{text}&X-Amz-Signature={_signature(canonical, stamp, scope, credentials)}"


def _signature(canonical: str, stamp: str, scope: str, credentials: Credentials) -> str:
    to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{credentials.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.new(key, to_sign.encode(), "sha256").hexdigest()


def service_address(settings: Settings, service: str) -> str:
    """The address of a service. A VPC without NAT reaches the names that also have IPv6; S3 has a name of its own."""
    if settings.aws_endpoint:
        return settings.aws_endpoint
    if not settings.dual_stack_suffix:
        return f"https://{service}.{settings.region}.{settings.url_suffix}"
    if service == "s3":
        return f"https://s3.dualstack.{settings.region}.{settings.url_suffix}"
    return f"https://{service}.{settings.region}.{settings.dual_stack_suffix}"


class Aws:
    """Signed calls over one kept-alive connection per service."""

    def __init__(self, settings: Settings, clock: Clock, read: Callable[[], Credentials] = read_credentials) -> None:
        self._settings = settings
        self._clock = clock
        self._read = read
        self._credentials: Credentials | None = None
        self._connections: dict[str, http.client.HTTPConnection] = {}

    def secret(self, name: str) -> dict[str, Any]:
        """The JSON of a secret. Raises `Unavailable`, or `Misconfigured` where the role may not read it."""
        reply = self._json("secretsmanager", "secretsmanager.GetSecretValue", {"SecretId": name}, "1.1")
        secret: dict[str, Any] = json.loads(reply["SecretString"])
        return secret

    def publish(self, topic: str, entries: Sequence[tuple[str, str, str]]) -> set[str]:
        """Publish at most ten (id, type, body) to an SNS topic; the ids that the topic took.

        Raises `Unavailable` when the topic did not answer, in which case it may or may not have taken them.
        """
        form: list[tuple[str, str]] = [("Action", "PublishBatch"), ("Version", "2010-03-31"), ("TopicArn", topic)]
        for number, (entry_id, message_type, body) in enumerate(entries, start=1):
            entry = f"PublishBatchRequestEntries.member.{number}"
            attribute = f"{entry}.MessageAttributes.entry.1"
            form += [(f"{entry}.Id", entry_id), (f"{entry}.Message", body), (f"{attribute}.Name", "type")]
            form += [(f"{attribute}.Value.DataType", "String"), (f"{attribute}.Value.StringValue", message_type)]
        headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
        reply = ET.fromstring(self._post("sns", headers, urlencode(form).encode()))  # noqa: S314 - AWS wrote it
        return {found.text or "" for found in reply.iterfind(".//{*}Successful/{*}member/{*}Id")}

    def send(self, queue_url: str, body: str, attributes: Mapping[str, str]) -> None:
        """Put one message with string attributes into an SQS queue."""
        described = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        message = {"QueueUrl": queue_url, "MessageBody": body, "MessageAttributes": described}
        self._json("sqs", "AmazonSQS.SendMessage", message, "1.0")

    def postpone(self, queue_arn: str, received: Sequence[tuple[str, int]]) -> None:
        """Let SQS give received messages again after so many seconds: (receipt handle, seconds) each."""
        account, name = queue_arn.split(":")[-2:]
        entries = [
            {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": seconds}
            for number, (handle, seconds) in enumerate(received)
        ]
        for start in range(0, len(entries), 10):
            change = {"QueueUrl": f"{self._address('sqs')}/{account}/{name}", "Entries": entries[start : start + 10]}
            self._json("sqs", "AmazonSQS.ChangeMessageVisibilityBatch", change, "1.0")

    def push(self, connection: str, text: str) -> bool:
        """Send a text frame over a connection of the WebSocket API; False where it is closed."""
        return self._manage("POST", connection, text.encode()) != HTTPStatus.GONE

    def hang_up(self, connection: str) -> None:
        """Close a connection of the WebSocket API."""
        self._manage("DELETE", connection, b"")

    def _manage(self, method: str, connection: str, body: bytes) -> int:
        """The status of a call of the @connections API: 2xx, or 410 for a connection that is closed."""
        url = f"{self._settings.websocket_address}/@connections/{quote(connection, safe='')}"
        status, reply, _ = self._signed(method, "execute-api", url, {}, body)
        if status != HTTPStatus.GONE and status >= HTTPStatus.MULTIPLE_CHOICES:
            raise _refused("execute-api", status, reply)
        return status

    def put_object(self, bucket: str, key: str, content: bytes) -> None:
        """Keep an object of S3; the same key replaces it."""
        self._object("PUT", self._object_url(bucket, key), content)

    def get_object(self, bucket: str, key: str) -> bytes:
        """An object of S3. Raises `Misconfigured` where there is none, or the role may not read it."""
        return self._object("GET", self._object_url(bucket, key), b"")[0]

    def begin_upload(self, bucket: str, key: str) -> str:
        """The id of an upload in parts; nobody sees the object before `end_upload`."""
        reply, _ = self._object("POST", f"{self._object_url(bucket, key)}?uploads=", b"")
        return ET.fromstring(reply).findtext("{*}UploadId") or ""  # noqa: S314 - AWS wrote it

    def put_part(self, bucket: str, key: str, upload: str, number: int, content: bytes) -> str:
        """The entity tag of a part, from 1; each but the last has 5 MiB at least. The same number replaces it."""
        query = urlencode({"partNumber": number, "uploadId": upload}, quote_via=quote, safe="-_.~")
        return self._object("PUT", f"{self._object_url(bucket, key)}?{query}", content)[1]

    def end_upload(self, bucket: str, key: str, upload: str, tags: Sequence[str]) -> None:
        """The parts become the object. Raises `Misconfigured` where the upload or a part is not known."""
        parts = [f"<Part><PartNumber>{n}</PartNumber><ETag>{tag}</ETag></Part>" for n, tag in enumerate(tags, 1)]
        body = f"<CompleteMultipartUpload>{''.join(parts)}</CompleteMultipartUpload>".encode()
        url = f"{self._object_url(bucket, key)}?uploadId={quote(upload, safe='-_.~')}"
        reply, _ = self._object("POST", url, body)
        # S3 may say 200 first and find out afterwards.
        if ET.fromstring(reply).tag.endswith("Error"):  # noqa: S314 - AWS wrote it
            raise _refused("s3", HTTPStatus.OK, reply)

    def download_address(self, bucket: str, key: str, seconds: int) -> str:
        """Where somebody without keys may get an object, for so many seconds."""
        now = self._clock()
        return presign(
            "GET", self._object_url(bucket, key), {}, seconds,
            service="s3", region=self._settings.region, credentials=self._current_credentials(now), now=now,
        )  # fmt: skip

    def upload_address(self, bucket: str, key: str, size: int, seconds: int) -> str:
        """Where somebody without keys may put an object of `size` bytes, for so many seconds."""
        now = self._clock()
        return presign(
            "PUT", self._object_url(bucket, key), {"content-length": str(size)}, seconds,
            service="s3", region=self._settings.region, credentials=self._current_credentials(now), now=now,
        )  # fmt: skip

    def _object_url(self, bucket: str, key: str) -> str:
        return f"{self._address('s3')}/{bucket}/{quote(key, safe='/-_.~')}"

    def _object(self, method: str, url: str, body: bytes) -> tuple[bytes, str]:
        """(body, entity tag) of what S3 answers."""
        # S3 alone wants the body's hash as a header too.
        status, reply, tag = self._signed(
            method, "s3", url, {"x-amz-content-sha256": hashlib.sha256(body).hexdigest()}, body
        )
        if status != HTTPStatus.OK:
            raise _refused("s3", status, reply)
        return reply, tag

    def close(self) -> None:
        """Give the connections back."""
        while self._connections:
            self._connections.popitem()[1].close()

    def call(self, service: str, target: str, question: Mapping[str, Any], version: str) -> dict[str, Any]:
        """The answer of a service with JSON, where no method of its own is worth it. `target` names the operation."""
        return self._json(service, target, question, version)

    def _json(self, service: str, target: str, document: Mapping[str, Any], version: str) -> dict[str, Any]:
        headers = {"content-type": f"application/x-amz-json-{version}", "x-amz-target": target}
        reply: dict[str, Any] = json.loads(self._post(service, headers, json.dumps(document).encode()))
        return reply

    def _post(self, service: str, headers: Mapping[str, str], body: bytes) -> bytes:
        status, reply, _ = self._signed("POST", service, f"{self._address(service)}/", headers, body)
        if status != HTTPStatus.OK:
            raise _refused(service, status, reply)
        return reply

    def _signed(
        self, method: str, service: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes, str]:
        """(status, body, entity tag) of anything but "come again". Raises `Unavailable` for that."""
        now = self._clock()
        signed = sign(
            method, url, headers, body,
            service=service, region=self._settings.region, credentials=self._current_credentials(now), now=now,
        )  # fmt: skip
        try:
            status, reply, tag = self._exchange(method, service, url, signed, body)
        except (OSError, http.client.HTTPException) as failure:
            self._connections.pop(service).close()
            raise Unavailable("aws_unreachable", f"{service} did not answer: {type(failure).__name__}") from failure
        if (
            status >= HTTPStatus.INTERNAL_SERVER_ERROR
            or status == HTTPStatus.TOO_MANY_REQUESTS
            or (status >= HTTPStatus.BAD_REQUEST and b"Throttl" in reply[:500])
        ):
            raise Unavailable("aws_unavailable", f"{service} answered {status}")
        return status, reply, tag

    def _address(self, service: str) -> str:
        return service_address(self._settings, service)

    def _exchange(
        self, method: str, service: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes, str]:
        path = url.removeprefix("{0.scheme}://{0.netloc}".format(urlsplit(url)))
        kept = service in self._connections
        connection = self._connections.setdefault(service, _connect(url, service))
        try:
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            # The other side may close an idle connection at any moment; that says nothing about a fresh one.
            if not kept:
                raise
            connection.close()
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
        return response.status, response.read(), response.headers.get("ETag", "")

    def _current_credentials(self, now: datetime) -> Credentials:
        held = self._credentials
        if held is None or (held.expires and held.expires - now < timedelta(minutes=5)):
            held = self._credentials = self._read()
        return held


def _refused(service: str, status: int, reply: bytes) -> Misconfigured:
    said = reply[:200].decode(errors="replace")
    return Misconfigured("aws_refused", f"{service} refused with {status}: {said}")


def _connect(url: str, service: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.netloc, timeout=OBJECT_SECONDS if service == "s3" else TIMEOUT_SECONDS)
