"""Tryton's JSON-RPC: sessions, typed values and errors (docs.tryton.org, server, topics/user_errors and rpc)."""

import base64
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from functions.sync.adapters.contract import AccessRefused, CallFailed, InDoubt, NotSent
from functions.sync.adapters.replies import raise_failure
from functions.sync.outside.exchange import Exchange, HttpReply, HttpRequest

Row = dict[str, Any]
# Of a time without a zone: the server's times are UTC.
TIME_FIELDS = ("year", "month", "day", "hour", "minute", "second", "microsecond")
# Answers of which the transaction was rolled back for sure.
REFUSALS = {"UserError", "UserWarning", "ConcurrencyException"}


class RpcRefused(CallFailed):
    """The server rolled the call back. `reason` is the kind of its error; `name` is that of a warning."""

    def __init__(self, kind: str, detail: str, name: str = "") -> None:
        super().__init__(kind, detail)
        self.name = name


class Rpc:
    """One session. Each call is one transaction of the server."""

    def __init__(self, url: str, user: str, password: str, exchange: Exchange) -> None:
        self._url = url
        self._user = user
        self._password = password
        self._exchange = exchange
        self._session = ""
        self._user_id = 0
        self._context: Row = {}

    @property
    def company(self) -> int:
        """The id of the company of the user."""
        self._require_session()
        company: int = self._context["company"]
        return company

    @property
    def user_id(self) -> int:
        """The id of the user."""
        self._require_session()
        return self._user_id

    def read(
        self, model: str, domain: Sequence[Any], fields: Sequence[str], limit: int | None = None, **context: Any
    ) -> list[Row]:
        """Rows that match the domain, by id. `context` is added to that of the user."""
        parameters = (list(domain), 0, limit, [["id", "ASC"]], list(fields))
        rows: list[Row] = self.call(f"{model}.search_read", *parameters, safe=True, **context)
        return rows

    def pages(
        self, model: str, domain: Sequence[Any], fields: Sequence[str], size: int, **context: Any
    ) -> Iterator[list[Row]]:
        """Pages of rows that match the domain, by id."""
        last = 0
        while rows := self.read(model, [*domain, ["id", ">", last]], fields, size, **context):
            yield rows
            last = rows[-1]["id"]

    def call(self, method: str, *parameters: Any, safe: bool = False, **context: Any) -> Any:
        """The result of model.NAME.METHOD. Raises `RpcRefused` and as `Adapter`."""
        for _ in range(2):
            self._require_session()
            reply = self._send(f"model.{method}", [*parameters, self._context | context], safe=safe)
            if reply.status not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
                return _result(reply)
            self._session = ""
        raise NotSent("session_lost", "Tryton ended two sessions in a row.")

    def insist(self, method: str, ids: Sequence[int]) -> Any:
        """Call a method on records, and confirm the warnings that Tryton would show to a person."""
        for _ in range(5):
            try:
                return self.call(method, list(ids))
            except RpcRefused as refusal:
                if refusal.reason != "UserWarning":
                    raise
                warning = {"user": self._user_id, "name": refusal.name, "always": False}
                self.call("res.user.warning.create", [warning])
        raise InDoubt("warnings", "Tryton warned again and again.")

    def _require_session(self) -> None:
        if not self._session:
            self._log_in()

    def _log_in(self) -> None:
        reply = self._send("common.db.login", [self._user, {"password": self._password}], safe=True)
        if reply.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise AccessRefused("bad_login", "Tryton refused the user or the password.")
        try:
            answer = _result(reply)
            self._user_id, token = int(answer[0]), str(answer[1])
        except (InDoubt, RpcRefused, TypeError, ValueError, IndexError):
            raise NotSent("no_session", "Tryton's answer to the login has no session.") from None
        self._session = base64.b64encode(f"{self._user}:{self._user_id}:{token}".encode()).decode()
        self._context = _result(self._send("model.res.user.get_preferences", [True, {}], safe=True))

    def _send(self, method: str, parameters: list[Any], *, safe: bool) -> HttpReply:
        request = secrets.token_hex(8)
        body = json.dumps({"id": request, "method": method, "params": parameters}, default=_typed).encode()
        headers = {"content-type": "application/json"}
        if self._session:
            headers["authorization"] = f"Session {self._session}"
        [reply] = self._exchange([HttpRequest("POST", self._url, headers, body, safe)])
        raise_failure(reply)
        if reply.status == HTTPStatus.OK:
            _require_answer_to(request, reply)
        return reply


def _require_answer_to(request: str, reply: HttpReply) -> None:
    """An old answer to a search would say that a document is not there. Raises `InDoubt`."""
    try:
        answer = json.loads(reply.body)
    except ValueError:
        raise InDoubt("not_json", "The answer is no JSON.") from None
    if not isinstance(answer, dict) or answer.get("id") != request:
        raise InDoubt("answer_stale", "The answer is to another request.")


def _result(reply: HttpReply) -> Any:
    if reply.status != HTTPStatus.OK:
        raise InDoubt(f"http_{reply.status}", "Tryton failed.")
    try:
        answer = json.loads(reply.body, object_hook=_untyped)
    except ValueError:
        raise InDoubt("not_json", "The answer is no JSON.") from None
    if not isinstance(answer, dict):
        return answer
    error = answer.get("error")
    if not error:
        return answer.get("result")
    kind, *details = error if isinstance(error, list) else [str(error)]
    if kind not in REFUSALS:
        raise InDoubt("error", f"Tryton answered {kind}.")
    texts = details[0] if details and isinstance(details[0], list) else details
    name = str(texts[0]) if texts else ""
    raise RpcRefused(str(kind), " ".join(str(text) for text in texts)[:500], name)


def _typed(value: object) -> Mapping[str, Any]:
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": str(value)}
    if isinstance(value, datetime):
        moment = value.astimezone(UTC)
        return {"__class__": "datetime"} | {name: getattr(moment, name) for name in TIME_FIELDS}
    if isinstance(value, date):
        return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
    raise TypeError(f"Tryton's JSON has no form for {type(value).__name__}")


def _untyped(value: dict[str, Any]) -> Any:
    kind = value.get("__class__")
    if kind == "Decimal":
        return Decimal(value["decimal"])
    if kind == "date":
        return date(value["year"], value["month"], value["day"])
    if kind == "datetime":
        return datetime(**{name: value[name] for name in TIME_FIELDS}, tzinfo=UTC)
    return value
