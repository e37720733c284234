"""Tryton's JSON-RPC over HTTP for tests: logs in and calls methods. The product has a client of its own.

Protocol: https://docs.tryton.org/latest/server/topics/pool.html and the answers of a server 8.2.
"""

import base64
import json
from datetime import date, datetime
from decimal import Decimal
from types import TracebackType
from typing import Any, Self

import httpx

Row = dict[str, Any]


class Fault(Exception):
    """An error that the server answered: its kind and its texts."""


class Client:
    """One session of one user. Decimals, days and times travel typed. Raises Fault."""

    def __init__(self, url: str, user: str, password: str, *, timeout: float = 120.0) -> None:
        self._http = httpx.Client(timeout=timeout, trust_env=False)
        self._url, self.context = url, Row()
        self.user, token, *_ = self.raw("common.db.login", [user, {"password": password}])
        credentials = base64.b64encode(f"{user}:{self.user}:{token}".encode()).decode()
        self._http.headers["Authorization"] = f"Session {credentials}"
        self.read_context()

    def read_context(self) -> None:
        """The context of the user's preferences: company, language."""
        self.context = self.raw("model.res.user.get_preferences", [True, {}])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def raw(self, method: str, parameters: list[Any]) -> Any:
        body = json.dumps({"id": 1, "method": method, "params": parameters}, default=_typed)
        reply = self._http.post(self._url, content=body, headers={"Content-Type": "application/json"})
        if reply.status_code != 200:
            raise Fault(reply.status_code, method, reply.text[:300])
        answer = json.loads(reply.content, object_hook=_untyped)
        if isinstance(answer, dict) and answer.get("error"):
            raise Fault(method, *answer["error"])
        return answer["result"] if isinstance(answer, dict) and "result" in answer else answer

    def call(self, method: str, *parameters: Any, **context: Any) -> Any:
        """model.NAME.METHOD; the context is the user's and this."""
        return self.raw(f"model.{method}", [*parameters, {**self.context, **context}])

    def insist(self, method: str, *parameters: Any) -> None:
        """Call a method and acknowledge the warnings that it raises, as a user who presses Yes."""
        try:
            self.call(method, *parameters)
        except Fault as fault:
            _, kind, details, *_ = fault.args
            if kind != "UserWarning":
                raise
            self.create("res.user.warning", {"user": self.user, "name": details[0], "always": False})
            self.insist(method, *parameters)

    def create(self, model: str, *rows: Row) -> list[int]:
        ids: list[int] = self.call(f"{model}.create", list(rows))
        return ids

    def ids(self, model: str, *domain: Any, limit: int | None = None) -> list[int]:
        ids: list[int] = self.call(f"{model}.search", list(domain), 0, limit, None)
        return ids

    def one(self, model: str, *domain: Any) -> int:
        """The first that fits. Raises IndexError."""
        return self.ids(model, *domain, limit=1)[0]

    def read(self, model: str, ids: list[int], *fields: str, **context: Any) -> list[Row]:
        rows: list[Row] = self.call(f"{model}.read", ids, list(fields), **context)
        return rows


def _typed(value: Any) -> Row:
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": str(value)}
    if isinstance(value, datetime):
        names = ("year", "month", "day", "hour", "minute", "second", "microsecond")
        return {"__class__": "datetime"} | {name: getattr(value, name) for name in names}
    if isinstance(value, date):
        return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
    raise TypeError(value)


def _untyped(row: Row) -> Any:
    kind = row.get("__class__")
    if kind == "Decimal":
        return Decimal(row["decimal"])
    if kind in ("date", "datetime"):
        values = {name: value for name, value in row.items() if name != "__class__"}
        return date(**values) if kind == "date" else datetime(**values)  # noqa: DTZ001 - the server's times are UTC
    return row
