"""Kingdee K3Cloud's WebAPI as a server on loopback: signatures, sessions, save, submit, audit, view, bill query.

Written from the official SDK (PyPI `kingdee.cdp.webapi.sdk`), whose requests its test sends, and from public documents.
The answer to a wrong signature (401) and the clock's tolerance are assumptions: no live tenant was seen.
"""

import hmac
import json
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from tests.simulators.http_system import Answer, HttpSystem, Request, changed_order, json_answer
from tests.simulators.kingdee_books import (
    AUDITED,
    CREATED,
    DRAFT,
    REOPENED,
    SUBMITTED,
    Bill,
    KingdeeBooks,
    Refused,
    Row,
    base_forms,
    price,
)
from tests.simulators.kingdee_forms import FORMS, NUMBERS, Form
from tests.simulators.kingdee_signature import Tenant, signature_headers

STUB = "/k3cloud/Kingdee.BOS.WebApi.ServicesStub."
SUFFIX = ".common.kdsvc"
TOLERANCE_SECONDS = 900
LARGEST_QUERY = 10_000
EDITABLE = (DRAFT, CREATED, REOPENED)
# From, to, and the text of the refusal.
STEPS = {
    "Submit": ((CREATED, REOPENED), SUBMITTED, "只有创建或重新审核状态的单据才能提交"),
    "Audit": ((SUBMITTED,), AUDITED, "只有审核中的单据才能审核"),
    "UnAudit": ((AUDITED,), REOPENED, "只有已审核的单据才能反审核"),
}
LOST, NO_RIGHT, FAILED, CONFLICT = 1, 2, 4, 13


class K3Cloud(HttpSystem):
    """`poison`: numbers of bills that are never saved. `forbidden`: operations without the right.

    `session_calls`: a session is lost after this many calls; 0 for never.
    """

    def __init__(self, tenant: Tenant | None = None, *, port: int = 0) -> None:
        super().__init__(port)
        self.tenant, self.books = tenant or Tenant(), KingdeeBooks()
        self.poison: set[str] = set()
        self.forbidden: set[str] = set()
        self.largest_query, self.session_calls = LARGEST_QUERY, 0
        self.now: Callable[[], float] = time.time
        self._sessions: dict[str, int] = {}
        self._busy = False
        self._operations: dict[str, Callable[[Row], Any]] = {
            "DynamicFormService.Save": self._save,
            "DynamicFormService.Draft": lambda call: self._save(call, DRAFT),
            "DynamicFormService.BatchSave": self._batch_save,
            "DynamicFormService.View": self._view,
            "DynamicFormService.Delete": self._delete,
            "DynamicFormService.ExecuteBillQuery": self._query,
            "DynamicFormService.QueryBusinessInfo": self._describe,
            **{f"DynamicFormService.{step}": self._step(step) for step in STEPS},
        }

    @property
    def server(self) -> str:
        """The address that a client is configured with."""
        return f"{self.url}/k3cloud/"

    def close(self) -> None:
        super().close()
        self.books.close()

    # Requests

    def respond(self, request: Request) -> Answer:
        operation = request.path.removeprefix(STUB).removesuffix(SUFFIX)
        if request.method != "POST" or operation == request.path:
            return Answer(404, b"Not found", kind="text/plain")
        if operation.startswith("AuthService."):
            return self._log_in(request.json())
        if "x-kd-signature" in request.headers and not self._is_signed(request):
            return Answer(401, "签名验证失败".encode(), kind="text/plain; charset=utf-8")
        session = self._session(request)
        if session is None:
            return self.session_lost(request)
        return self._cookie(self._operate(operation, request), session)

    def _operate(self, operation: str, request: Request) -> Answer:
        name = operation.rpartition(".")[2]
        try:
            self._allow(name)
            return json_answer(self._operations[operation](request.json()))
        except Refused as refused:
            return json_answer(_enveloped(name, _status([(refused, 0)], [], refused.code)))
        except (KeyError, TypeError, ValueError) as error:
            return self._crash(f"System.Exception: {error!r}")

    def _allow(self, name: str) -> None:
        if name in self.forbidden:
            raise Refused(f"没有权限:{name}", code=NO_RIGHT)

    def _log_in(self, login: Row) -> Answer:
        tenant = self.tenant
        expected = (tenant.account, tenant.user, tenant.password)
        if (login.get("acctID"), login.get("username"), login.get("password")) != expected:
            return json_answer({"LoginResultType": 0, "Message": "用户名或密码错误", "KDSVCSessionId": None})
        session = self._new_session()
        context = {"UserName": tenant.user, "DataCenterName": "demo", "UserLocale": "zh-CN"}
        answer = {"LoginResultType": 1, "Message": None, "Context": context, "KDSVCSessionId": session}
        return self._cookie(json_answer(answer), session)

    def _is_signed(self, request: Request) -> bool:
        stamp = request.headers.get("x-api-timestamp", "")
        if not stamp.isdigit() or abs(self.now() - int(stamp)) > TOLERANCE_SECONDS:
            return False
        expected = signature_headers(self.tenant, request.path, stamp, request.headers.get("x-api-nonce", ""))
        sent = {name: request.headers.get(name.lower(), "") for name in expected}
        return all(hmac.compare_digest(sent[name], value) for name, value in expected.items())

    def _session(self, request: Request) -> str | None:
        """The session of a request; a new one for a signed request that names none. None: it is lost."""
        session = request.headers.get("kdservice-sessionid") or _cookies(request).get("kdservice-sessionid", "")
        if not session:
            return self._new_session() if "x-kd-signature" in request.headers else None
        if session not in self._sessions or (self.session_calls and self._sessions[session] >= self.session_calls):
            self._sessions.pop(session, None)
            return None
        self._sessions[session] += 1
        return session

    def _new_session(self) -> str:
        session = secrets.token_hex(12)
        self._sessions[session] = 0
        return session

    def _cookie(self, answer: Answer, session: str) -> Answer:
        return replace(answer, headers={**answer.headers, "Set-Cookie": f"kdservice-sessionid={session}; path=/"})

    # Faults

    def forget_sessions(self) -> None:
        self._sessions.clear()

    def session_lost(self, request: Request) -> Answer:
        refused = Refused("会话信息已丢失 请重新登录", code=LOST)
        name = request.path.removesuffix(SUFFIX).rpartition(".")[2]
        return json_answer(_enveloped(name, _status([(refused, 0)], [], LOST)))

    def too_many(self, seconds: float) -> Answer:
        return Answer(429, b"Too many requests", {"Retry-After": str(int(seconds))}, kind="text/plain")

    def unavailable(self) -> Answer:
        return self._crash("System.Data.SqlClient.SqlException: Timeout expired")

    def _crash(self, text: str) -> Answer:
        return Answer(200, f"response_error:{text}".encode(), kind="text/plain; charset=utf-8")

    def partly(self, request: Request) -> Answer:
        self._busy = True
        try:
            return self.respond(request)
        finally:
            self._busy = False

    def results_changed(self, fault: str, answer: Answer) -> Answer:
        value = json.loads(answer.body) if answer.body.startswith(b'{"Result"') else {}
        status = (value.get("Result") or {}).get("ResponseStatus")
        if not status or fault not in ("reordered", "missing_result"):
            return answer
        status["SuccessEntitys"] = changed_order(status["SuccessEntitys"], fault)
        return replace(answer, body=json_answer(value).body)

    # Operations

    def _save(self, call: Row, status: str = CREATED) -> Row:
        return self._saved(call, [call["data"]["Model"]], status, single=True)

    def _batch_save(self, call: Row) -> Row:
        return self._saved(call, call["data"]["Model"], CREATED, single=False)

    def _saved(self, call: Row, models: list[Row], status: str, *, single: bool) -> Row:
        form, data = _form(call), call["data"]
        errors: list[tuple[Refused, int]] = []
        saved: list[tuple[Bill, int]] = []
        for index, model in enumerate(models):
            try:
                bill = self._save_one(form, data, model, status, busy=self._busy and index == 0)
                saved.append((bill, index))
                if str(data.get("IsAutoSubmitAndAudit", "")).lower() == "true":
                    self._advance(form, bill, "Submit")
                    self._advance(form, bill, "Audit")
            except Refused as refused:
                errors.append((refused, index))
        answer = _status(errors, saved, errors[0][0].code if errors else 0)
        if single and saved:
            answer |= {"Id": saved[0][0].id, "Number": saved[0][0].number}
        return {"Result": answer}

    def _save_one(self, form: Form, data: Row, model: Row, status: str, *, busy: bool = False) -> Bill:
        if busy:
            raise Refused("网络控制冲突 单据正在被其他用户操作", code=CONFLICT)
        head, entries = self._parsed(form, model)
        number = str(head.pop(form.number.lower(), "") or "")
        with self.books.lock:
            if identity := int(model.get(form.key) or 0):
                return self._update(form, data, self.books.find(form, id=identity), head, entries)
            if number in self.poison:
                raise Refused("金额校验不通过", "FAllAmount")
            if status != DRAFT:
                self._require(form, head, entries)
            bill = self.books.insert(form, number or f"AUTO{secrets.randbelow(10**8):08}", status, head, [])
            bill.entries = [self._numbered(form, entry, seq) for seq, entry in enumerate(entries, 1)]
            self.books.changed(form, bill)
            return bill

    def _update(self, form: Form, data: Row, bill: Bill, head: Row, entries: list[Row]) -> Bill:
        if bill.status not in EDITABLE and form.id.lower() not in base_forms():
            raise Refused("单据已提交或已审核 不允许修改")
        keep = str(data.get("IsDeleteEntry", "true")).lower() == "false"
        key = f"{form.entry}_FEntryID".lower()
        new = [entry for entry in entries if not entry.get("fentryid")]
        changed = {int(entry.pop("fentryid")): entry for entry in entries if entry.get("fentryid")}
        rows = [row | changed.get(row[key], {}) for row in bill.entries if keep or row[key] in changed]
        rows += [self._numbered(form, entry, len(rows) + 1 + place) for place, entry in enumerate(new)]
        for row in rows:
            price(form, row)
        self._require(form, bill.head | head, rows)
        bill.head, bill.entries = bill.head | head, rows
        self.books.changed(form, bill)
        return bill

    def _parsed(self, form: Form, model: Row) -> tuple[Row, list[Row]]:
        """Head and entries of a model: names in small letters, base data as numbers, no unknown fields."""
        head_names = {name.lower() for name in (*form.head, form.number)}
        entry_names = {name.lower() for name in form.fields} | {"fentryid"}
        head = {key.lower(): _plain(key, value) for key, value in model.items() if key.lower() in head_names}
        if "fdate" in head:
            head["fdate"] = _moment(str(head["fdate"]))
        rows: list[Row] = next(
            (value for key, value in model.items() if form.entry and key.lower() == form.entry.lower()), []
        )
        entries = [{k.lower(): _plain(k, v) for k, v in row.items() if k.lower() in entry_names} for row in rows]
        return head, entries

    def _require(self, form: Form, head: Row, entries: list[Row]) -> None:
        if form.entry and not entries:
            raise Refused("分录不能为空", form.entry)
        base, fields = {name.lower(): kind for name, kind in form.base.items()}, {name.lower() for name in form.fields}
        required = {name.lower() for name in form.required}
        for row, names in ((head, required - fields), *((entry, required & fields) for entry in entries)):
            for name in sorted(names | set(row)):
                value = row.get(name)
                known = name not in base or self.books.has(base[name], str(value))
                if value in (None, "") or not known:
                    if name in required:
                        raise Refused(f"字段“{name}”是必填项 或基础资料不存在:{value}", name)
                    row[name] = None  # an unknown number of a field that may be empty counts as empty
        if (
            form.id == "GL_VOUCHER"
            and abs(sum(_number(e.get("fdebit")) - _number(e.get("fcredit")) for e in entries)) > 1e-6
        ):
            raise Refused("借贷不平衡", "FDEBIT")

    def _numbered(self, form: Form, entry: Row, seq: int) -> Row:
        row = {f"{form.entry}_FEntryID".lower(): secrets.randbelow(10**9), f"{form.entry}_FSeq".lower(): seq, **entry}
        price(form, row)
        return row

    def _step(self, step: str) -> Callable[[Row], Row]:
        return lambda call: self._each(call, lambda form, bill: self._advance(form, bill, step))

    def _advance(self, form: Form, bill: Bill, step: str) -> None:
        before, after, refusal = STEPS[step]
        if bill.status not in before:
            raise Refused(f"{refusal}:{bill.number}")
        self.books.set_status(form, bill, after)

    def _delete(self, call: Row) -> Row:
        return self._each(call, self._deleted)

    def _deleted(self, form: Form, bill: Bill) -> None:
        if bill.status not in EDITABLE:
            raise Refused(f"单据已提交或已审核 不允许删除:{bill.number}")
        self.books.delete(form, bill)

    def _each(self, call: Row, work: Callable[[Form, Bill], None]) -> Row:
        """Do the work for each bill of `Numbers` or `Ids`; each fails by itself."""
        form, data = _form(call), call["data"]
        ids = [int(text) for text in str(data.get("Ids") or "").split(",") if text.strip()]
        targets: list[Row] = [{"id": value} for value in ids] or [
            {"number": value} for value in data.get("Numbers") or []
        ]
        errors: list[tuple[Refused, int]] = []
        done: list[tuple[Bill, int]] = []
        for index, target in enumerate(targets):
            try:
                with self.books.lock:
                    bill = self.books.find(form, **target)
                    work(form, bill)
                done.append((bill, index))
            except Refused as refused:
                errors.append((refused, index))
        return {"Result": _status(errors, done, errors[0][0].code if errors else 0)}

    def _view(self, call: Row) -> Row:
        form, data = _form(call), call["data"]
        bill = self.books.find(form, number=str(data.get("Number") or ""), id=int(data.get("Id") or 0))
        entries = [
            {name: value for name, value in entry.items() if not name.startswith(form.entry.lower())}
            for entry in bill.entries
        ]
        shown = {"Id": bill.id, "BillNo": bill.number, "DocumentStatus": bill.status, **bill.head, form.entry: entries}
        return {"Result": {"ResponseStatus": None, "Result": shown}}

    def _query(self, call: Row) -> list[list[Any]]:
        data = call["data"]
        if isinstance(data, str):  # SDKs of other languages send a text
            data = json.loads(data)
        form = _named(data["FormId"])
        keys = [key for key in data["FieldKeys"].split(",") if key.strip()]
        limit = min(int(data.get("Limit") or self.largest_query), self.largest_query)
        where, order = str(data.get("FilterString") or ""), str(data.get("OrderString") or "")
        return self.books.query(form, keys, where, order, int(data.get("StartRow") or 0), limit)

    def _describe(self, call: Row) -> Row:
        form = _named(call["data"]["FormId"])
        fields = [{"Key": name} for name in form.columns]
        return {"Result": {"ResponseStatus": {"IsSuccess": True}, "NeedReturnData": {"Id": form.id, "Entrys": fields}}}


def _cookies(request: Request) -> dict[str, str]:
    pairs = (pair.strip().partition("=") for pair in request.headers.get("cookie", "").split(";"))
    return {name: value for name, _, value in pairs}


def _form(call: Row) -> Form:
    return _named(str(call["formid"]))


def _named(name: str) -> Form:
    form = FORMS.get(name.lower())
    if form is None or not name:
        raise Refused(f"业务对象不存在:{name}", code=FAILED)
    return form


def _status(errors: Iterable[tuple[Refused, int]], done: Iterable[tuple[Bill, int]], code: int) -> Row:
    failed = [{"FieldName": e.field or None, "Message": e.message, "DIndex": index} for e, index in errors]
    good = [{"Id": bill.id, "Number": bill.number, "DIndex": index} for bill, index in done]
    status: Row = {"IsSuccess": not failed, "Errors": failed, "SuccessEntitys": good, "SuccessMessages": []}
    return {"ResponseStatus": status | ({"ErrorCode": 500} if failed else {}) | {"MsgCode": code}}


def _enveloped(operation: str, status: Row) -> Any:
    """The failure of a query comes in place of its rows."""
    return [[{"Result": status}]] if operation == "ExecuteBillQuery" else {"Result": status}


def _plain(key: str, value: Any) -> Any:
    """The number of base data: {"FNumber": "A"} and {"FNUMBER": "A"} are A. Quantities and prices become floats."""
    if key.lower() in NUMBERS and value not in (None, ""):
        try:
            return float(value)
        except ValueError as error:
            raise Refused(f"字段“{key}”的值不是数字:{value}", key) from error
    if isinstance(value, dict):
        return next((v for k, v in value.items() if k.lower() == "fnumber"), None)
    return value


def _moment(text: str) -> str:
    day, _, rest = text.replace(" ", "T").partition("T")
    return f"{day}T{rest or '00:00:00'}"


def _number(value: Any) -> float:
    return float(value or 0)
