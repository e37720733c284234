"""CSV files in object storage: a file for each document or cancellation, and answer files of the other side.

docs/guide/sync.md has the columns. A file has our key in its name, so that a second one would replace the first.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Any

from functions.sync.adapters.contract import (
    Accepted,
    AccessRefused,
    BatchRefused,
    CallFailed,
    InDoubt,
    Refused,
    Result,
    StoredDocument,
    TargetDocument,
)
from functions.sync.adapters.csv_documents import answer_of, cancellation_file, document_file, stored_of_file
from functions.sync.adapters.replies import raise_failure
from functions.sync.adapters.s3_signature import object_url, signed_headers
from functions.sync.documents.document import Kind
from functions.sync.outside.exchange import Exchange, HttpReply, HttpRequest
from functions.sync.states import Cause, Flow

CREDENTIALS = ("access_key", "secret_key")
# It has no answers about items, stock, people or sales of tills.
FLOWS = frozenset(flow for flow in Flow if not flow.startswith("pull_"))
REGION = "us-east-1"


def make(url: str, credentials: Mapping[str, str], settings: Mapping[str, Any], exchange: Exchange) -> "CsvFiles":
    """The adapter of a folder in a bucket. The setting `region` is the bucket's."""
    return CsvFiles(url, credentials, str(settings.get("region") or REGION), exchange)


class CsvFiles:
    """The files below one address. `documents/` and `cancellations/` are ours, `answers/` is the other side's."""

    batch = 20

    def __init__(self, url: str, credentials: Mapping[str, str], region: str, exchange: Exchange) -> None:
        self._url = url
        self._credentials = credentials
        self._region = region
        self._exchange = exchange

    def post(self, documents: Sequence[TargetDocument]) -> dict[str, Result]:
        """See `Adapter`."""
        results: dict[str, Result] = {}
        for document in documents:
            try:
                results[document.key] = self._write(document)
            except CallFailed:
                if not results:
                    raise
                break
        return results

    def find(self, kind: Kind, keys: Sequence[str]) -> list[StoredDocument]:
        """See `Adapter`."""
        found = []
        for key in keys:
            content = self._read(_document_name(kind, key))
            if content is not None:
                cancelled = self._read(_cancellation_name(kind, key)) is not None
                found.append(stored_of_file(content, key, kind, "cancelled" if cancelled else "posted"))
        return found

    def complete(self, stored: Sequence[StoredDocument]) -> dict[str, Result]:
        """A file is written whole."""
        return {document.key: Accepted(document.id) for document in stored}

    def cancel(self, kind: Kind, ids: Sequence[str]) -> dict[str, Result]:
        """See `Adapter`. The file of the document stays: the other side may have read it."""
        for key in ids:
            self._put(_cancellation_name(kind, key), cancellation_file(kind, key))
        return {key: Accepted(key) for key in ids}

    def read_documents(self, kind: Kind, day_from: date, day_until: date) -> Iterator[list[StoredDocument]]:
        """See `Adapter`. The other side writes an answer file for each day."""
        for count in range((day_until - day_from).days):
            day = day_from + timedelta(days=count)
            content = self._read(f"answers/{kind}/{day}.csv")
            if content is None:
                raise BatchRefused("no_answer_file", f"There is no answer file answers/{kind}/{day}.csv yet.")
            yield answer_of(content, kind, day)

    def _write(self, document: TargetDocument) -> Result:
        name, content = _document_name(document.kind, document.key), document_file(document)
        if self._put(name, content).status != HTTPStatus.PRECONDITION_FAILED:
            return Accepted(document.key)
        if self._read(name) == content:
            return Accepted(document.key)
        return Refused(Cause.DATA, "file_differs", f"There is a file {name} with another content.")

    def _put(self, name: str, content: bytes) -> HttpReply:
        reply = self._send("PUT", name, content)
        if reply.status not in (HTTPStatus.OK, HTTPStatus.PRECONDITION_FAILED):
            raise InDoubt(f"http_{reply.status}", "Object storage did not take the file.")
        return reply

    def _read(self, name: str) -> bytes | None:
        """The content of a file, if there is one."""
        reply = self._send("GET", name)
        if reply.status not in (HTTPStatus.OK, HTTPStatus.NOT_FOUND):
            raise InDoubt(f"http_{reply.status}", "Object storage did not give the file.")
        return reply.body if reply.status == HTTPStatus.OK else None

    def _send(self, method: str, name: str, body: bytes = b"") -> HttpReply:
        url, account = object_url(self._url, name), self._credentials
        # A file that is there stays as it is.
        once = {"if_none_match": "*", "content_type": "text/csv; charset=utf-8"} if method == "PUT" else {}
        headers = signed_headers(
            method, url, body, account["access_key"], account["secret_key"], self._region, datetime.now(UTC), **once
        )
        [reply] = self._exchange([HttpRequest(method, url, dict(headers), body, method == "GET")])
        raise_failure(reply)
        if reply.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise AccessRefused("access_denied", "Object storage refused the key, or its right to this folder.")
        return reply


def _document_name(kind: Kind, key: str) -> str:
    return f"documents/{kind}/{key}.csv"


def _cancellation_name(kind: Kind, key: str) -> str:
    return f"cancellations/{kind}/{key}.csv"
