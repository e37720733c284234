"""聚水潭's open API, by public sources. No account was seen: a simulator that is written from them is the judge.

Source: https://openweb.jushuitan.com/dev-doc
"""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from functions.sync.adapters.contract import (
    Accepted,
    AccessRefused,
    BatchRefused,
    InDoubt,
    NotSent,
    Refused,
    Result,
    StockLevel,
    StoredDocument,
    TargetDocument,
)
from functions.sync.adapters.numbered_pages import local_time
from functions.sync.adapters.replies import raise_failure
from functions.sync.adapters.single_posts import (
    INWARD,
    OUTWARD,
    accepted,
    parts_refused,
    stored,
)
from functions.sync.adapters.warehouse import Warehouse
from functions.sync.documents.document import Kind
from functions.sync.outside.exchange import Exchange, HttpRequest
from functions.sync.states import Cause, Flow

GOOD, BAD_SIGN, NO_TOKEN, TOO_MANY = 0, 11, 100, 199
# Of a document in or out: it is void. States of a document that no longer counts.
CANCEL, CANCELLED = "3", ("Cancelled", "Delete")
# The store of a warehouse that is neither for returns nor for seconds.
MAIN_STORE = 1
FORM = {"content-type": "application/x-www-form-urlencoded"}
CREDENTIALS = ("app_key", "secret", "token")
FLOWS = frozenset(
    {
        Flow.PULL_STOCK,
        Flow.PUSH_CONSUMPTION,
        Flow.PUSH_COUNTS,
        Flow.PUSH_RECEIPTS,
        Flow.PUSH_TRANSFERS,
        Flow.PUSH_WASTAGE,
    }
)


def sign(fields: Mapping[str, str], secret: str) -> str:
    """MD5 over the secret and then key and value of each field that is not empty, sorted by key."""
    pairs = "".join(key + value for key, value in sorted(fields.items()) if value)
    return hashlib.md5((secret + pairs).encode()).hexdigest()  # noqa: S324 - the platform's own choice


class Jushuitan(Warehouse):
    """The warehouses of one company. Its token ends: a person enters another one."""

    name, longest_window, page = "聚水潭", timedelta(days=7), 50
    level_names = ("wms_co_id", "sku_id")
    taken = frozenset({*INWARD, *OUTWARD, Kind.TRANSFER, Kind.COUNT})
    batch = 20

    def __init__(self, url: str, credentials: Mapping[str, str], exchange: Exchange) -> None:
        self._url = url.rstrip("/")
        self._credentials = credentials
        self._exchange = exchange

    def find(self, kind: Kind, keys: Sequence[str]) -> list[StoredDocument]:
        """See `Adapter`."""
        if kind == Kind.COUNT:
            # No call finds a count by our number. There is no need: of the same number the first one counts.
            return []
        if kind == Kind.TRANSFER:
            data = self._good("/open/allocate/query", {"so_ids": list(keys)})
            # A transfer is two rows. Only the one of the receiving warehouse has our number.
            rows = [row for row in _rows(data, "datas") if row.get("so_id")]
            return [_found(kind, keys, row, "so_id", _pieces(row)) for row in rows]
        data = self._good("/open/other/inout/query", {"external_ids": list(keys)})
        return [_found(kind, keys, row, "external_id", row.get("qty", 0)) for row in _rows(data, "datas")]

    def cancel(self, kind: Kind, ids: Sequence[str]) -> dict[str, Result]:
        """See `Adapter`. Only documents that move stock in or out are cancelled over the interface."""
        if kind not in INWARD | OUTWARD:
            return super().cancel(kind, ids)
        return {identity: self._cancelled(identity) for identity in ids}

    def _cancelled(self, identity: str) -> Result:
        number, _, warehouse = identity.partition("@")
        order = {"io_ids": [number], "operate_type": CANCEL} | ({"wms_co_id": warehouse} if warehouse else {})
        answer = self._call("/open/jushuitan/otherinout/cancel", order)
        if answer["code"] != GOOD:
            return Refused(Cause.RIGHTS, f"code_{answer['code']}", str(answer.get("msg", ""))[:500])
        return Accepted(identity, number)

    def _level(self, row: dict[str, Any]) -> StockLevel:
        return _level(row)

    def _stock_page(self, first: str, last: str, page: int) -> tuple[int, list[dict[str, Any]]]:
        window = {"modified_begin": first, "modified_end": last, "page_index": page + 1, "page_size": self.page}
        data = self._good("/open/inventory/query", window)
        return int(data.get("data_count", 0)), _rows(data, "inventorys")

    def _post(self, document: TargetDocument) -> Result:
        if document.kind not in (Kind.TRANSFER, Kind.COUNT):
            return self._moved(document)
        refusal = parts_refused(document)
        if refusal:
            return refusal
        if document.kind == Kind.TRANSFER:
            answer = self._call("/open/allocate/kc/upload", [_transfer(document)])
        else:
            answer = self._call("/open/jushuitan/inventoryv2/upload", _count(document))
        return accepted(document.key) if answer["code"] == GOOD else _refused(answer)

    def _moved(self, document: TargetDocument) -> Result:
        order = {
            "type": "in" if document.kind in INWARD else "out",
            "external_id": document.key,
            "wms_co_id": document.store,
            "remark": document.reference,
            "items": [{"sku_id": line.item, "qty": str(line.quantity)} for line in document.lines],
        }
        answer = self._call("/open/jushuitan/otherinout/upload", order)
        if answer["code"] != GOOD:
            return _refused(answer)
        number = str((answer.get("data") or {}).get("io_id", document.key))
        return Accepted(f"{number}@{document.store}", number)

    def _good(self, path: str, biz: Mapping[str, Any]) -> dict[str, Any]:
        answer = self._call(path, biz, safe=True)
        if answer["code"] != GOOD:
            raise BatchRefused(f"code_{answer['code']}", str(answer.get("msg", ""))[:500])
        data = answer.get("data")
        if not isinstance(data, dict):
            raise InDoubt("answer_malformed", "the answer has no data")
        return data

    def _call(self, path: str, biz: Mapping[str, Any] | list[dict[str, Any]], *, safe: bool = False) -> dict[str, Any]:
        account = self._credentials
        form = {
            "app_key": account["app_key"],
            "access_token": account["token"],
            "timestamp": str(int(time.time())),
            "charset": "utf-8",
            "version": "2",
            "biz": json.dumps(biz, ensure_ascii=False),
        }
        body = urlencode(form | {"sign": sign(form, account["secret"])}).encode()
        [reply] = self._exchange([HttpRequest("POST", self._url + path, FORM, body, safe)])
        raise_failure(reply)
        if reply.status != HTTPStatus.OK:
            raise InDoubt(f"http_{reply.status}", "聚水潭 failed.")
        return _checked(reply.body)


def _transfer(document: TargetDocument) -> dict[str, Any]:
    """A transfer between the main stores of two warehouses, done at once."""
    return {
        "so_id": document.key,
        "go_co_id": document.store,
        "warehouse": MAIN_STORE,
        "link_co_id": document.to_store,
        "link_warehouse": MAIN_STORE,
        "remark": document.reference,
        "is_confirm": True,
        "items": _items(document),
    }


def _count(document: TargetDocument) -> dict[str, Any]:
    """A count of the items in it. It says what is there, and takes effect at once."""
    return {
        "so_id": document.key,
        "wms_co_id": document.store,
        "warehouse": str(MAIN_STORE),
        "type": "check",
        "is_confirm": True,
        "remark": document.reference,
        "items": _items(document),
    }


def _items(document: TargetDocument) -> list[dict[str, Any]]:
    return [{"sku_id": line.item, "qty": int(line.quantity)} for line in document.lines]


def _refused(answer: Mapping[str, Any]) -> Refused:
    return Refused(Cause.DATA, f"code_{answer['code']}", str(answer.get("msg", ""))[:500])


def _found(kind: Kind, keys: Sequence[str], row: Mapping[str, Any], number: str, quantity: object) -> StoredDocument:
    key, warehouse = str(row.get(number)), str(row.get("wms_co_id", ""))
    if key not in keys:
        raise InDoubt("answer_stale", "the answer to a search has another document")
    state = "cancelled" if row.get("status") in CANCELLED else "posted"
    return stored(kind, key, f"{row.get('io_id')}@{warehouse}", warehouse, quantity, state)


def _pieces(row: Mapping[str, Any]) -> Decimal:
    try:
        return sum((Decimal(str(item["qty"])) for item in _rows(row, "items")), Decimal(0))
    except (KeyError, InvalidOperation):
        raise InDoubt("answer_malformed", "a transfer of the answer is malformed") from None


def _checked(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
        code = int(answer["code"])
    except (ValueError, KeyError, TypeError):
        raise InDoubt("not_json", "The answer is no JSON with a code.") from None
    if code == TOO_MANY:
        raise NotSent("too_many_requests", "聚水潭 asks for fewer requests.", 60.0)
    if code in (BAD_SIGN, NO_TOKEN):
        raise AccessRefused("bad_login", "聚水潭 refused the signature, or the token has ended.")
    return {**answer, "code": code}


def _rows(data: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    rows = data.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InDoubt("answer_malformed", f"the answer has no list {name}")
    return rows


def _level(row: Mapping[str, Any]) -> StockLevel:
    try:
        quantity = Decimal(str(row["qty"]))
        return StockLevel(str(row["wms_co_id"]), str(row["sku_id"]), None, quantity, local_time(row.get("modified")))
    except (KeyError, InvalidOperation):
        raise InDoubt("answer_malformed", "a stock level of the answer is malformed") from None


def make(url: str, credentials: Mapping[str, str], settings: Mapping[str, Any], exchange: Exchange) -> Jushuitan:
    """The adapter of one company's warehouses."""
    del settings
    return Jushuitan(url, credentials, exchange)
