"""Kingdee K3Cloud's WebAPI: signed calls and their envelopes, as its official SDK 8.2.0 sends them.

No live tenant was seen: the signature is held to the SDK's, the rest to public documents and a simulator.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from functions.sync.adapters.contract import AccessRefused, InDoubt, NotSent
from functions.sync.adapters.replies import raise_failure
from functions.sync.outside.exchange import Exchange, HttpReply, HttpRequest

STUB = "Kingdee.BOS.WebApi.ServicesStub.DynamicFormService."
SUFFIX = ".common.kdsvc"
# The SDK hides the client's key with this text.
SERVICE_KEY = b"0054f397c6234378b09ca7d3e5debce7"
CRASH = b"response_error:"
SESSION_LOST, NO_RIGHT, BUSY = 1, 2, 13
Row = dict[str, Any]


@dataclass(frozen=True)
class Account:
    """The account set, its user, and the application that signs for it. `app` is `ID_secret`."""

    account: str
    user: str
    app: str
    secret: str
    language: str = "2052"
    organisation: str = "0"


@dataclass(frozen=True)
class RowError:
    """An error of one bill of a call: `index` is its place there."""

    index: int
    field: str
    message: str


@dataclass(frozen=True)
class Outcome:
    """The outcome of a call for several bills: (id, number) and errors by their places."""

    code: int
    accepted: dict[int, tuple[str, str]]
    errors: dict[int, RowError]


def signed_headers(account: Account, path: str, stamp: str, nonce: str) -> dict[str, str]:
    """The headers of a signed request to a path. The body is not signed."""
    client_id, _, hidden = account.app.partition("_")
    decoded = base64.b64decode(hidden)
    key = base64.b64encode(bytes(left ^ right for left, right in zip(decoded, SERVICE_KEY, strict=False)))
    text = f"POST\n{quote(path, safe='')}\n\nx-api-nonce:{nonce}\nx-api-timestamp:{stamp}\n"
    data = f"{account.account},{account.user},{account.language},{account.organisation}"
    return {
        "X-Api-ClientID": client_id,
        "X-Api-Auth-Version": "2.0",
        "x-api-timestamp": stamp,
        "x-api-nonce": nonce,
        "x-api-signheaders": "x-api-timestamp,x-api-nonce",
        "X-Api-Signature": _signature(key, text),
        "X-Kd-Appkey": account.app,
        "X-Kd-Appdata": base64.b64encode(data.encode()).decode(),
        "X-Kd-Signature": _signature(account.secret.encode(), account.app + data),
    }


def _signature(key: bytes, text: str) -> str:
    return base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).hexdigest().encode()).decode()


class Api:
    """Calls of one account set. Each is signed, so that there is no session to keep."""

    def __init__(self, server: str, account: Account, exchange: Exchange) -> None:
        self._server = server.rstrip("/") + "/"
        self._account = account
        self._exchange = exchange

    def save(self, form: str, models: Sequence[Row]) -> Outcome:
        """Save bills. A part of them may be refused. Entries that a later save leaves out are kept."""
        data = {"NeedReturnFields": [], "IsDeleteEntry": "false", "ValidateFlag": "true", "Model": list(models)}
        return self._outcome("BatchSave", {"formid": form, "data": data})

    def step(self, name: str, form: str, ids: Sequence[str]) -> Outcome:
        """Submit, Audit, UnAudit or Delete bills by id."""
        return self._outcome(name, {"formid": form, "data": {"Ids": ",".join(ids)}})

    def query(self, form: str, keys: Sequence[str], where: str, order: str, limit: int) -> list[Row]:
        """Rows of a bill query: one for each entry. Its errors come in place of rows."""
        fields = {"FormId": form, "FieldKeys": ",".join(keys), "FilterString": where, "OrderString": order}
        answer = self._call("ExecuteBillQuery", {"data": {**fields, "StartRow": 0, "Limit": limit}}, safe=True)
        if answer and isinstance(answer[0], list) and answer[0] and isinstance(answer[0][0], dict):
            _raise_code(_outcome(answer[0][0]).code)
            raise InDoubt("query_refused", "Kingdee refused the query.")
        try:
            return [dict(zip(keys, row, strict=True)) for row in answer]
        except (TypeError, ValueError):
            raise InDoubt("answer_malformed", "The rows of the query are malformed.") from None

    def _outcome(self, operation: str, body: Row) -> Outcome:
        answer = self._call(operation, body)
        if not isinstance(answer, dict):
            raise InDoubt("answer_malformed", "The answer has no result.")
        outcome = _outcome(answer)
        if not outcome.accepted and outcome.code in (SESSION_LOST, NO_RIGHT):
            _raise_code(outcome.code)
        return outcome

    def _call(self, operation: str, body: Row, *, safe: bool = False) -> Any:
        url = f"{self._server}{STUB}{operation}{SUFFIX}"
        stamp = str(int(time.time()))
        headers = signed_headers(self._account, urlsplit(url).path, stamp, stamp)
        content = json.dumps(body, ensure_ascii=False).encode()
        request = HttpRequest("POST", url, headers | {"content-type": "application/json"}, content, safe)
        [reply] = self._exchange([request])
        return _json(reply)


def _json(reply: HttpReply) -> Any:
    raise_failure(reply)
    if reply.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise AccessRefused("bad_signature", "Kingdee refused the application, its secret or the user.")
    if reply.status != HTTPStatus.OK:
        raise InDoubt(f"http_{reply.status}", "Kingdee failed.")
    if reply.body.startswith(CRASH):
        raise InDoubt("response_error", "Kingdee answered with an error of its server.")
    try:
        return json.loads(reply.body)
    except ValueError:
        raise InDoubt("not_json", "The answer is no JSON.") from None


def _outcome(answer: Mapping[str, Any]) -> Outcome:
    status = (answer.get("Result") or {}).get("ResponseStatus")
    if not isinstance(status, dict):
        raise InDoubt("answer_malformed", "The answer has no status.")
    accepted = {int(e["DIndex"]): (str(e["Id"]), str(e["Number"])) for e in status.get("SuccessEntitys") or ()}
    errors = {
        int(e.get("DIndex") or 0): RowError(int(e.get("DIndex") or 0), str(e.get("FieldName") or ""), e["Message"])
        for e in status.get("Errors") or ()
    }
    return Outcome(int(status.get("MsgCode") or 0), accepted, errors)


def _raise_code(code: int) -> None:
    if code == SESSION_LOST:
        raise NotSent("session_lost", "Kingdee lost the session.")
    if code == NO_RIGHT:
        raise AccessRefused("not_allowed", "The user lacks a right in Kingdee.")
