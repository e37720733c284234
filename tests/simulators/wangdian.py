"""旺店通企业版's open API as a server on loopback, from public sources: https://open.wangdian.cn/open/guide?path=guide_signsf

The signature is held to the platform's published example. Codes of errors are assumptions, but for 0 (good).
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.simulators.erp_books import Row
from tests.simulators.erp_rules import Refused
from tests.simulators.http_system import Answer, Request, json_answer
from tests.simulators.wms import SECONDS, SignedWms, local

BASE = "/openapi2/"
LARGEST_PAGE = 100
LONGEST_WINDOW = timedelta(days=30)
TOLERANCE_SECONDS = 300
TOO_MANY, BAD_SIGN, BAD_REQUEST, FAILED = 100, 1010, 1020, 2000


@dataclass(frozen=True)
class Account:
    """The seller's number, the application's key and its secret."""

    sid: str = "demo2"
    appkey: str = "demo2-ot"
    secret: str = "wdt-secret-of-tests"


def sign(fields: Mapping[str, str], secret: str) -> str:
    """MD5 over `LL-key:LLLL-value` joined by `;`, sorted by key, then the secret. Lengths are in characters."""
    pairs = ";".join(f"{len(key):02}-{key}:{len(value):04}-{value}" for key, value in sorted(fields.items()))
    return hashlib.md5((pairs + secret).encode()).hexdigest()  # noqa: S324 - the platform's own choice


class Wangdian(SignedWms):
    """`account` is the one seller. Pages begin at 0 and have at most 100 rows; windows have at most 30 days."""

    def __init__(self, *, port: int = 0) -> None:
        super().__init__(port=port)
        self.account = Account()
        self._calls: dict[str, Callable[[dict[str, str]], Row]] = {
            "stock_query.php": self._stock,
            "goods_query.php": self._goods,
            "warehouse_query.php": self._warehouses,
            "stockin_order_push.php": lambda form: self._push(form, "stockin_info", "receipt", "stockin_num"),
            "stockout_order_push.php": lambda form: self._push(form, "stockout_info", "wastage", "num"),
            "stock_transfer_push.php": self._transfer,
            "stock_transfer_query.php": self._transfers,
            "stockin_order_query.php": lambda form: self._orders(form, "receipt", "stockin_list"),
            "stockout_order_query.php": lambda form: self._orders(form, "wastage", "stockout_list"),
        }

    @property
    def server(self) -> str:
        return f"{self.url}{BASE}"

    def respond(self, request: Request) -> Answer:
        call = self._calls.get(request.path.removeprefix(BASE))
        if call is None or request.method != "POST":
            return Answer(404, b"Not found", kind="text/plain")
        form = request.form()
        try:
            self._check(form)
            return json_answer({"code": 0, "message": "ok", **call(form)})
        except Refused as refused:
            return _failed(int(refused.code) if refused.code.isdigit() else FAILED, refused.detail)
        except (KeyError, ValueError) as error:
            return _failed(BAD_REQUEST, f"参数错误: {error}")

    def _check(self, form: dict[str, str]) -> None:
        signature, fields = form.get("sign", ""), {key: value for key, value in form.items() if key != "sign"}
        known = fields.get("sid") == self.account.sid and fields.get("appkey") == self.account.appkey
        if not known or not hmac.compare_digest(signature, sign(fields, self.account.secret)):
            raise Refused(str(BAD_SIGN), "签名错误")
        if abs(self.now() - int(fields["timestamp"])) > TOLERANCE_SECONDS:
            raise Refused(str(BAD_SIGN), "timestamp过期")

    def _page(self, form: dict[str, str], feed: str) -> tuple[int, list[Row]]:
        begin, end = form["start_time"], form["end_time"]
        if datetime.strptime(end, SECONDS) - datetime.strptime(begin, SECONDS) > LONGEST_WINDOW:  # noqa: DTZ007 - local
            raise Refused(str(BAD_REQUEST), "时间跨度不能超过30天")
        size = int(form.get("page_size", "40"))
        if not 1 <= size <= LARGEST_PAGE:
            raise Refused(str(BAD_REQUEST), f"page_size不能超过{LARGEST_PAGE}")
        return self.changed(feed, begin, end, int(form.get("page_no", "0")), size)

    def _stock(self, form: dict[str, str]) -> Row:
        count, rows = self._page(form, "levels")
        stocks = [
            {"spec_no": row["item"], "warehouse_no": row["store"], "stock_num": f"{row['quantity']}",
             "modified": local(row["changed_at"])}
            for row in rows if form.get("warehouse_no", row["store"]) == row["store"]
        ]  # fmt: skip
        return {"total_count": count, "stocks": stocks}

    def _goods(self, form: dict[str, str]) -> Row:
        count, rows = self._page(form, "items")
        goods = [
            {"goods_no": row["code"], "goods_name": row["name"], "modified": local(row["changed_at"]),
             "deleted": "0" if row.get("active", True) else "1",
             "spec_list": [{"spec_no": row["code"], "spec_name": row["name"], "retail_price": row.get("price", "0")}]}
            for row in rows
        ]  # fmt: skip
        return {"total_count": count, "goods_list": goods}

    def _warehouses(self, _: dict[str, str]) -> Row:
        rows = [{"warehouse_no": row["code"], "name": row["name"]} for row in self.books.codes("stores")]
        return {"total_count": len(rows), "warehouses": rows}

    def _push(self, form: dict[str, str], field: str, kind: str, quantity: str) -> Row:
        order = json.loads(form[field])
        lines = [(row["spec_no"], str(row[quantity])) for row in order["goods_list"]]
        number = self.move(kind, order["outer_no"], order["warehouse_no"], lines)
        return {f"{field.partition('_')[0]}_no": f"{kind[0].upper()}K{number:08}"}

    def _transfer(self, form: dict[str, str]) -> Row:
        order = json.loads(form["transfer_info"])
        lines = [(row["spec_no"], str(row["num"])) for row in order["skus"]]
        to_store, source = order["to_warehouse_no"], order["from_warehouse_no"]
        number = self.move("transfer", order["outer_no"], source, lines, to_store=to_store)
        return {"transfer_no": f"TF{number:08}"}

    def _transfers(self, form: dict[str, str]) -> Row:
        rows = self.books.rows("SELECT * FROM documents WHERE kind = 'transfer' AND key = ?", form["api_outer_no"])
        found = [
            {"transfer_no": f"TF{row['id']:08}", "outer_no": row["key"], "from_warehouse_no": row["store"],
             "to_warehouse_no": row["to_store"], "goods_count": row["quantity"], "status": 90}
            for row in rows
        ]  # fmt: skip
        return {"total_count": len(found), "transfer_list": found}

    def _orders(self, form: dict[str, str], kind: str, field: str) -> Row:
        rows = self.books.rows("SELECT * FROM documents WHERE kind = ? AND key = ?", kind, form["outer_no"])
        orders = [
            {"outer_no": row["key"], "warehouse_no": row["store"], "goods_count": row["quantity"]} for row in rows
        ]
        return {"total_count": len(orders), field: orders}

    def session_lost(self, request: Request) -> Answer:
        del request
        return _failed(BAD_SIGN, "签名错误")

    def too_many(self, seconds: float) -> Answer:
        del seconds
        return _failed(TOO_MANY, "超过每分钟最大调用频率限制 请稍后重试")

    def unavailable(self) -> Answer:
        return Answer(502, b"<html><body>502 Bad Gateway</body></html>", kind="text/html")


def _failed(code: int, message: str) -> Answer:
    body: dict[str, Any] = {"code": code, "message": message}
    return json_answer(body)
