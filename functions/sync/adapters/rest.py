"""A system with the REST interface of docs/develop/rest-system.md: batches of documents, found again by our key."""

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from pydantic_core import to_json

from functions.sync.adapters.contract import (
    Accepted,
    AccessRefused,
    BatchRefused,
    InDoubt,
    ItemPage,
    NotSent,
    Refused,
    Result,
    StockPage,
    StoredDocument,
    TargetDocument,
    TargetLine,
)
from functions.sync.adapters.page_records import records_of
from functions.sync.adapters.replies import raise_failure
from functions.sync.adapters.rest_records import item_record, moment_text, stock_level
from functions.sync.documents.document import MONEY_KINDS, Kind
from functions.sync.outside.exchange import Exchange, HttpReply, HttpRequest
from functions.sync.states import Cause, Flow

BATCH = 100
PAGE = 500
MAPPING_CODES = {"unknown_item", "unknown_store", "unknown_tender", "unknown_tax", "unknown_unit"}
RIGHTS_CODES = {"not_allowed", "closed_period"}
LATER_CODES = {"busy", "locked"}


class RestAdapter:
    """The documents of one system. `credentials` are `user` and `secret`."""

    batch = BATCH
    stock_kinds = frozenset(Kind) - frozenset(MONEY_KINDS)

    def __init__(self, url: str, credentials: Mapping[str, str], exchange: Exchange) -> None:
        self._url = url.rstrip("/")
        self._credentials = credentials
        self._exchange = exchange
        self._token = ""
        self._written: dict[str, bytes] = {}

    def prepare(self, documents: Sequence[TargetDocument]) -> None:
        """See `Preparing`."""
        self._written = {document.key: to_json(_document(document)) for document in documents}

    def post(self, documents: Sequence[TargetDocument]) -> dict[str, Result]:
        """See `Adapter`."""
        written = self._written
        parts = [written.get(document.key) or to_json(_document(document)) for document in documents]
        answer = self._call("POST", "/v1/documents", b'{"documents":[' + b",".join(parts) + b"]}")
        return {documents[index].key: result for index, result in _results(answer, len(documents)).items()}

    def find(self, kind: Kind, keys: Sequence[str]) -> list[StoredDocument]:
        """See `Adapter`."""
        request = secrets.token_hex(8)
        body = {"kind": kind, "keys": list(keys), "request": request}
        answer = self._call("POST", "/v1/documents/find", body, safe=True)
        if answer.get("request") != request:
            # An old answer would say that a document is not there, and it would be sent a second time.
            raise InDoubt("answer_stale", "the answer to a search is of another request")
        return [_stored(document) for document in _list(answer, "documents")]

    def complete(self, stored: Sequence[StoredDocument]) -> dict[str, Result]:
        """The interface has no drafts."""
        return {document.key: Accepted(document.id, document.number) for document in stored}

    def cancel(self, kind: Kind, ids: Sequence[str]) -> dict[str, Result]:
        """See `Adapter`."""
        del kind  # its ids are unique over all kinds
        answer = self._call("POST", "/v1/documents/cancel", {"ids": list(ids)})
        return {ids[index]: result for index, result in _results(answer, len(ids)).items()}

    def read_documents(self, kind: Kind, day_from: date, day_until: date) -> Iterator[list[StoredDocument]]:
        """See `Adapter`."""
        query = {"kind": kind, "day_from": day_from, "day_to": day_until, "limit": PAGE}
        for page in self.pages("/v1/documents", "documents", query):
            yield [_stored(document) for document in page]

    def read_items(self, changed_from: datetime, changed_until: datetime) -> Iterator[ItemPage]:
        """See `ItemSource`."""
        for page in self.pages("/v1/items", "items", _window(changed_from, changed_until)):
            yield records_of(page, item_record, "code")

    def read_stock(self, changed_from: datetime, changed_until: datetime) -> Iterator[StockPage]:
        """See `StockSource`."""
        for page in self.pages("/v1/stock", "levels", _window(changed_from, changed_until)):
            yield records_of(page, stock_level, "store", "item")

    def read_sales(self, changed_from: datetime, changed_until: datetime) -> Iterator[list[dict[str, Any]]]:
        """See `SalesSource`."""
        return self.pages("/v1/sales", "sales", _window(changed_from, changed_until))

    def read_employees(self, changed_from: datetime, changed_until: datetime) -> Iterator[list[dict[str, Any]]]:
        """See `EmployeeSource`."""
        return self.pages("/v1/employees", "employees", _window(changed_from, changed_until))

    def pages(self, path: str, name: str, query: Mapping[str, object]) -> Iterator[list[dict[str, Any]]]:
        """The pages of a list, from the first to the one without a next. Raises as `Adapter`."""
        after: str | None = ""
        while after is not None:
            parameters = {key: value for key, value in {**query, "after": after}.items() if value not in ("", None)}
            answer = self._call("GET", f"{path}?{urlencode(parameters)}", b"", safe=True)
            yield _list(answer, name)
            following = answer.get("next")
            if following is not None and following == after:
                raise InDoubt("page_repeated", f"{path} gave the same page as the next one")
            after = following

    def _call(self, method: str, path: str, body: Any, *, safe: bool = False) -> dict[str, Any]:
        """The JSON of an answer. A lost session is begun again once: the system did nothing without one."""
        for _ in range(2):
            if not self._token:
                self._token = self._log_in()
            reply = self._send(method, path, body, {"authorization": f"Bearer {self._token}"}, safe=safe)
            if reply.status != HTTPStatus.UNAUTHORIZED:
                return _checked(reply)
            self._token = ""
        raise NotSent("session_lost", "the system ended two sessions in a row")

    def _log_in(self) -> str:
        reply = self._send("POST", "/v1/session", self._credentials, {}, safe=True)
        if reply.status == HTTPStatus.UNAUTHORIZED:
            raise AccessRefused("bad_login", "the system refused the user or the secret")
        try:
            token = _checked(reply).get("token")
        except InDoubt as failure:
            raise NotSent(failure.reason, failure.detail) from None
        if not isinstance(token, str) or not token.isprintable():
            raise NotSent("no_session", "the answer to the login has no token")
        return token

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str], *, safe: bool) -> HttpReply:
        content = body if isinstance(body, bytes) else to_json(body)
        typed = headers | ({"content-type": "application/json"} if content else {})
        [reply] = self._exchange([HttpRequest(method, self._url + path, typed, content, safe)])
        return reply


def _window(changed_from: datetime, changed_until: datetime) -> dict[str, object]:
    return {"changed_from": moment_text(changed_from), "changed_to": moment_text(changed_until), "limit": PAGE}


def _checked(reply: HttpReply) -> dict[str, Any]:
    """The JSON object of a good answer. Raises as `Adapter`."""
    raise_failure(reply)
    if reply.status == HTTPStatus.FORBIDDEN:
        raise AccessRefused("not_allowed", "the user lacks a right in the system")
    if HTTPStatus.BAD_REQUEST <= reply.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        raise BatchRefused(f"http_{reply.status}", "the system refused the whole request")
    if reply.status != HTTPStatus.OK:
        raise InDoubt(f"http_{reply.status}", "the system failed")
    try:
        answer = json.loads(reply.body)
    except ValueError:
        raise InDoubt("not_json", "the answer is no JSON") from None
    if not isinstance(answer, dict):
        raise InDoubt("not_an_object", "the answer is no JSON object")
    return answer


def _document(document: TargetDocument) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "key": document.key,
        "kind": document.kind,
        "store": document.store,
        "day": document.day.isoformat(),
        "reference": document.reference,
        "refers_to": document.refers_to,
        "lines": [_line(line, with_amounts=document.kind in MONEY_KINDS) for line in document.lines],
    }
    if document.to_store:
        fields["to_store"] = document.to_store
    if document.kind in MONEY_KINDS:
        fields |= {
            "currency": document.currency,
            "tender": document.tender,
            "payments": [{"tender": tender, "amount": str(amount)} for tender, amount in document.payments],
            "net": str(document.net),
            "tax": str(document.tax),
            "gross": str(document.gross),
        }
    return fields


def _line(line: TargetLine, *, with_amounts: bool) -> dict[str, Any]:
    fields = {"type": line.type, "item": line.item, "name": line.name, "quantity": str(line.quantity)}
    if line.unit:
        fields["unit"] = line.unit
    if not with_amounts:
        return fields
    amounts = {"net": str(line.net), "tax": str(line.tax), "gross": str(line.net + line.tax)}
    return fields | amounts | {"tax_code": line.tax_code}


def _results(answer: Mapping[str, Any], count: int) -> dict[int, Result]:
    """Results by the place of the document in the request. A malformed entry is no result."""
    results: dict[int, Result] = {}
    for entry in _list(answer, "results"):
        index = entry.get("index")
        if isinstance(index, int) and 0 <= index < count:
            result = _result(entry)
            if result is not None:
                results[index] = result
    return results


def _result(entry: Mapping[str, Any]) -> Result | None:
    status = entry.get("status")
    if status in ("posted", "cancelled"):
        return Accepted(str(entry.get("id", "")), str(entry.get("number", "")))
    if status != "refused":
        return None
    code = str(entry.get("code", "refused"))[:64]
    return Refused(_cause(code), code, f"{entry.get('field', '')} {entry.get('detail', '')}".strip()[:500])


def _cause(code: str) -> Cause:
    if code in MAPPING_CODES:
        return Cause.MAPPING
    if code in RIGHTS_CODES:
        return Cause.RIGHTS
    if code in LATER_CODES:
        return Cause.RETRY
    return Cause.BUG if code == "malformed" else Cause.DATA


def _list(answer: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    entries = answer.get(name)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise InDoubt("answer_malformed", f"the answer has no list {name}")
    return entries


def _stored(entry: Mapping[str, Any]) -> StoredDocument:
    try:
        return StoredDocument(
            id=str(entry["id"]),
            number=str(entry.get("number") or ""),
            key=str(entry["key"]),
            kind=Kind(entry["kind"]),
            state=str(entry.get("state", "posted")),
            store=str(entry["store"]),
            day=date.fromisoformat(entry["day"]),
            tender=entry.get("tender"),
            net=Decimal(entry.get("net") or 0),
            tax=Decimal(entry.get("tax") or 0),
            gross=Decimal(entry.get("gross") or 0),
            quantity=Decimal(entry.get("quantity") or 0),
            payments=tuple((str(p["tender"]), Decimal(p["amount"])) for p in entry.get("payments") or ()),
        )
    except (KeyError, ValueError, TypeError, InvalidOperation):
        raise InDoubt("answer_malformed", "a document of the answer is malformed") from None


CREDENTIALS = ("user", "secret")
FLOWS = frozenset(Flow)


def make(url: str, credentials: Mapping[str, str], settings: Mapping[str, Any], exchange: Exchange) -> RestAdapter:
    """The adapter of a system with this interface."""
    del settings
    return RestAdapter(url, credentials, exchange)
