"""旺店通企业版's open API, by public sources. No account was seen: the signature is held to the published example.

Source: https://open.wangdian.cn/open/guide?path=guide_signsf
"""

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from functions.sync.adapters.contract import (
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
    stored,
)
from functions.sync.adapters.warehouse import Warehouse
from functions.sync.documents.document import Kind
from functions.sync.outside.exchange import Exchange, HttpRequest
from functions.sync.states import Cause, Flow

GOOD, TOO_MANY, BAD_SIGN = 0, 100, 1010
FORM = {"content-type": "application/x-www-form-urlencoded"}
CREDENTIALS = ("sid", "appkey", "secret")
FLOWS = frozenset({Flow.PULL_STOCK, Flow.PUSH_CONSUMPTION, Flow.PUSH_RECEIPTS, Flow.PUSH_TRANSFERS, Flow.PUSH_WASTAGE})


def sign(fields: Mapping[str, str], secret: str) -> str:
    """MD5 over `LL-key:LLLL-value` joined by `;`, sorted by key, then the secret. Lengths are in characters."""
    pairs = ";".join(f"{len(key):02}-{key}:{len(value):04}-{value}" for key, value in sorted(fields.items()))
    return hashlib.md5((pairs + secret).encode()).hexdigest()  # noqa: S324 - the platform's own choice


class Wangdian(Warehouse):
    """The warehouses of one seller. The url ends in /openapi2/."""

    name, longest_window, page = "旺店通", timedelta(days=30), 100
    level_names = ("warehouse_no", "spec_no")
    # Its counts overwrite the stock and are not found by our number: one that came twice would undo later moves.
    taken = frozenset({*INWARD, *OUTWARD, Kind.TRANSFER})
    batch = 20

    def __init__(self, url: str, credentials: Mapping[str, str], exchange: Exchange) -> None:
        self._url = url.rstrip("/") + "/"
        self._credentials = credentials
        self._exchange = exchange

    def find(self, kind: Kind, keys: Sequence[str]) -> list[StoredDocument]:
        """See `Adapter`."""
        return [found for key in keys for found in self._found(kind, key)] if kind in self.taken else []

    def _found(self, kind: Kind, key: str) -> Iterator[StoredDocument]:
        path, number, rows, warehouse = _SEARCHES[kind]
        for row in _rows(self._good(path, {number: key}), rows):
            if row.get("outer_no") != key:
                raise InDoubt("answer_stale", "the answer to a search has another document")
            yield stored(kind, key, key, str(row.get(warehouse)), row.get("goods_count", 0))

    def _level(self, row: dict[str, Any]) -> StockLevel:
        return _level(row)

    def _stock_page(self, first: str, last: str, page: int) -> tuple[int, list[dict[str, Any]]]:
        window = {"start_time": first, "end_time": last, "page_no": str(page), "page_size": str(self.page)}
        answer = self._good("stock_query.php", window)
        return int(answer.get("total_count", 0)), _rows(answer, "stocks")

    def _post(self, document: TargetDocument) -> Result:
        if document.kind == Kind.TRANSFER:
            return self._pushed("stock_transfer_push.php", "transfer_info", _transfer(document), document.key)
        name, quantity = ("stockin", "stockin_num") if document.kind in INWARD else ("stockout", "num")
        order = {
            "outer_no": document.key,
            "warehouse_no": document.store,
            "remark": document.reference,
            "goods_list": [{"spec_no": line.item, quantity: str(line.quantity)} for line in document.lines],
        }
        return self._pushed(f"{name}_order_push.php", f"{name}_info", order, document.key)

    def _pushed(self, path: str, field: str, order: Mapping[str, Any], key: str) -> Result:
        answer = self._call(path, {field: json.dumps(order, ensure_ascii=False)})
        if answer["code"] != GOOD:
            return Refused(Cause.DATA, f"code_{answer['code']}", str(answer.get("message", ""))[:500])
        return accepted(key)

    def _good(self, path: str, fields: Mapping[str, str]) -> dict[str, Any]:
        answer = self._call(path, fields, safe=True)
        if answer["code"] != GOOD:
            raise BatchRefused(f"code_{answer['code']}", str(answer.get("message", ""))[:500])
        return answer

    def _call(self, path: str, fields: Mapping[str, str], *, safe: bool = False) -> dict[str, Any]:
        account = self._credentials
        form = {"sid": account["sid"], "appkey": account["appkey"], "timestamp": str(int(time.time())), **fields}
        body = urlencode(form | {"sign": sign(form, account["secret"])}).encode()
        [reply] = self._exchange([HttpRequest("POST", self._url + path, FORM, body, safe)])
        raise_failure(reply)
        if reply.status != HTTPStatus.OK:
            raise InDoubt(f"http_{reply.status}", "旺店通 failed.")
        return _checked(reply.body)


# (call, name of our number in it, list of the answer, the warehouse in a row of it)
_IN = ("stockin_order_query.php", "outer_no", "stockin_list", "warehouse_no")
_OUT = ("stockout_order_query.php", "outer_no", "stockout_list", "warehouse_no")
_TRANSFERS = ("stock_transfer_query.php", "api_outer_no", "transfer_list", "from_warehouse_no")
_SEARCHES = dict.fromkeys(INWARD, _IN) | dict.fromkeys(OUTWARD, _OUT) | {Kind.TRANSFER: _TRANSFERS}


def _transfer(document: TargetDocument) -> dict[str, Any]:
    """A transfer that is approved at once."""
    return {
        "outer_no": document.key,
        "from_warehouse_no": document.store,
        "to_warehouse_no": document.to_store,
        "remark": document.reference,
        "transfer_type": 1,
        "autocheck": 1,
        "skus": [{"spec_no": line.item, "num": str(line.quantity)} for line in document.lines],
    }


def _checked(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
        code = int(answer["code"])
    except (ValueError, KeyError, TypeError):
        raise InDoubt("not_json", "The answer is no JSON with a code.") from None
    if code == TOO_MANY:
        raise NotSent("too_many_requests", "旺店通 asks for fewer requests.", 60.0)
    if code == BAD_SIGN:
        raise AccessRefused("bad_sign", "旺店通 refused the account or the signature.")
    return {**answer, "code": code}


def _rows(answer: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    rows = answer.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InDoubt("answer_malformed", f"the answer has no list {name}")
    return rows


def _level(row: Mapping[str, Any]) -> StockLevel:
    try:
        quantity = Decimal(str(row["stock_num"]))
        return StockLevel(
            str(row["warehouse_no"]), str(row["spec_no"]), None, quantity, local_time(row.get("modified"))
        )
    except (KeyError, InvalidOperation):
        raise InDoubt("answer_malformed", "a stock level of the answer is malformed") from None


def make(url: str, credentials: Mapping[str, str], settings: Mapping[str, Any], exchange: Exchange) -> Wangdian:
    """The adapter of one seller's warehouses."""
    del settings
    return Wangdian(url, credentials, exchange)
