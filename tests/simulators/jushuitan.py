"""聚水潭's open API as a server on loopback, from public sources: https://openweb.jushuitan.com/dev-doc

Codes of errors are assumptions, but for 0 (good) and 199 (too frequent).
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

LARGEST_PAGE = 50
LONGEST_WINDOW = timedelta(days=7)
TOLERANCE_SECONDS = 600
GOOD, BAD_SIGN, NO_TOKEN, BAD_REQUEST, FAILED, TOO_MANY = 0, 11, 100, 130, 140, 199


@dataclass(frozen=True)
class Account:
    """The application's key and secret, and the token of the company that uses it."""

    app_key: str = "jst-app-of-tests"
    secret: str = "jst-secret-of-tests"
    token: str = "jst-token-of-tests"


def sign(fields: Mapping[str, str], secret: str) -> str:
    """MD5 over the secret and then key and value of each field that is not empty, sorted by key."""
    pairs = "".join(key + value for key, value in sorted(fields.items()) if value and key != "sign")
    return hashlib.md5((secret + pairs).encode()).hexdigest()  # noqa: S324 - the platform's own choice


class Jushuitan(SignedWms):
    """`account.token` is the one token. Pages begin at 1 and have at most 50 rows; windows have at most 7 days."""

    def __init__(self, *, port: int = 0) -> None:
        super().__init__(port=port)
        self.account = Account()
        self._token_lost = False
        self._calls: dict[str, Callable[[Any], Row]] = {
            "/open/inventory/query": self._inventory,
            "/open/sku/query": self._skus,
            "/open/wms/partner/query": self._warehouses,
            "/open/jushuitan/otherinout/upload": self._upload,
            "/open/other/inout/query": self._query,
            "/open/jushuitan/otherinout/cancel": self._cancel,
            "/open/jushuitan/inventoryv2/upload": self._count,
            "/open/allocate/kc/upload": self._transfer,
            "/open/allocate/query": self._transfers,
        }

    def respond(self, request: Request) -> Answer:
        call = self._calls.get(request.path)
        if call is None or request.method != "POST":
            return Answer(404, b"Not found", kind="text/plain")
        form = request.form()
        try:
            self._check(form)
            return json_answer({"code": GOOD, "msg": "执行成功", "data": call(json.loads(form["biz"]))})
        except Refused as refused:
            return _failed(int(refused.code) if refused.code.isdigit() else FAILED, refused.detail)
        except (KeyError, TypeError, ValueError) as error:
            return _failed(BAD_REQUEST, f"参数错误: {error}")

    def _check(self, form: dict[str, str]) -> None:
        if form.get("app_key") != self.account.app_key or form.get("version") != "2":
            raise Refused(str(BAD_SIGN), "app_key或version错误")
        if not hmac.compare_digest(form.get("sign", ""), sign(form, self.account.secret)):
            raise Refused(str(BAD_SIGN), "签名错误")
        if form.get("access_token") != self.account.token or self._token_lost:
            raise Refused(str(NO_TOKEN), "access_token已过期")
        if abs(self.now() - int(form["timestamp"])) > TOLERANCE_SECONDS:
            raise Refused(str(BAD_SIGN), "timestamp过期")

    def _page(self, biz: Row, feed: str, field: str, shown: Callable[[Row], Row]) -> Row:
        begin, end = biz["modified_begin"], biz["modified_end"]
        if datetime.strptime(end, SECONDS) - datetime.strptime(begin, SECONDS) > LONGEST_WINDOW:  # noqa: DTZ007 - local
            raise Refused(str(BAD_REQUEST), "时间间隔不能超过7天")
        page, size = int(biz.get("page_index", 1)), int(biz.get("page_size", 30))
        if not 1 <= size <= LARGEST_PAGE or page < 1:
            raise Refused(str(BAD_REQUEST), f"page_size最大{LARGEST_PAGE}")
        count, rows = self.changed(feed, begin, end, page - 1, size)
        data: Row = {"page_index": page, "page_size": size, "data_count": count, "has_next": page * size < count}
        return data | {"page_count": -(-count // size), field: [shown(row) for row in rows]}

    def _inventory(self, biz: Row) -> Row:
        def shown(row: Row) -> Row:
            return {"sku_id": row["item"], "qty": float(row["quantity"]), "wms_co_id": row["store"],
                    "modified": local(row["changed_at"])}  # fmt: skip

        return self._page(biz, "levels", "inventorys", shown)

    def _skus(self, biz: Row) -> Row:
        def shown(row: Row) -> Row:
            return {"sku_id": row["code"], "name": row["name"], "sale_price": float(row.get("price", 0)),
                    "enabled": 1 if row.get("active", True) else 0, "modified": local(row["changed_at"])}  # fmt: skip

        return self._page(biz, "items", "datas", shown)

    def _warehouses(self, _: Row) -> Row:
        return {"datas": [{"wms_co_id": row["code"], "name": row["name"]} for row in self.books.codes("stores")]}

    def _upload(self, biz: Row) -> Row:
        kind = {"in": "receipt", "out": "wastage"}[biz["type"]]
        lines = [(row["sku_id"], str(row["qty"])) for row in biz["items"]]
        number = self.move(kind, biz["external_id"], str(biz["wms_co_id"]), lines)
        return {"io_id": number, "external_id": biz["external_id"]}

    def _query(self, biz: Row) -> Row:
        keys = biz["external_ids"]
        places = ", ".join("?" * len(keys))
        rows = self.books.rows(f"SELECT * FROM documents WHERE key IN ({places}) ORDER BY id", *keys)
        found = [
            {"io_id": row["id"], "external_id": row["key"], "qty": float(row["quantity"]), "wms_co_id": row["store"],
             "status": "Delete" if row["state"] == "cancelled" else "WaitConfirm"}
            for row in rows
        ]  # fmt: skip
        return {"datas": found}

    def _cancel(self, biz: Row) -> Row:
        """Operation 3, which is the default, makes documents void. A warehouse's document needs the warehouse."""
        if biz.get("operate_type", "3") != "3":
            raise Refused(str(BAD_REQUEST), "operate_type")
        for number in biz["io_ids"]:
            row = self.books.document(int(number))
            if row is None or row["store"] != biz.get("wms_co_id"):
                raise Refused(str(FAILED), f"单据{number}不存在")
            self.books.cancel(row["id"])
        return {}

    def _count(self, biz: Row) -> Row:
        """Of the same number the first upload counts."""
        known = self.books.rows("SELECT id FROM documents WHERE kind = 'count' AND key = ?", biz["so_id"])
        if biz.get("type") != "check" or not biz.get("is_confirm"):
            raise Refused(str(BAD_REQUEST), "type")
        lines = [(row["sku_id"], str(_whole(row["qty"]))) for row in biz["items"]]
        number = known[0]["id"] if known else self.move("count", biz["so_id"], str(biz["wms_co_id"]), lines)
        return {"data": {"so_id": biz["so_id"], "io_id": number, "msg": ""}}

    def _transfer(self, biz: list[Row]) -> Row:
        done = []
        for order in biz:
            lines = [(row["sku_id"], str(_whole(row["qty"]))) for row in order["items"]]
            source, to_store = str(order["go_co_id"]), str(order["link_co_id"])
            number = self.move("transfer", order["so_id"], source, lines, to_store=to_store)
            done.append({"so_id": order["so_id"], "io_id": str(number)})
        return {"datas": done}

    def _transfers(self, biz: Row) -> Row:
        """Two rows a transfer. That of the sending warehouse lacks the number of the uploader."""
        keys = biz["so_ids"]
        places = ", ".join("?" * len(keys))
        sql = f"SELECT * FROM documents WHERE kind = 'transfer' AND key IN ({places}) ORDER BY id"
        rows = []
        for row in self.books.rows(sql, *keys):
            items = [{"sku_id": line["item"], "qty": int(float(line["quantity"]))} for line in json.loads(row["lines"])]
            both = {"io_id": row["id"], "status": "Confirmed", "items": items}
            rows.append(both | {"type": "调拨出", "wms_co_id": row["store"], "so_id": None})
            rows.append(both | {"type": "调拨入", "wms_co_id": row["to_store"], "so_id": row["key"]})
        return {"datas": rows, "data_count": len(rows)}

    def forget_sessions(self) -> None:
        """The token is lost until the company has another."""
        self._token_lost = True

    def renew(self, token: str) -> None:
        """The company gives the application another token."""
        self.account, self._token_lost = Account(token=token), False

    def session_lost(self, request: Request) -> Answer:
        del request
        return _failed(NO_TOKEN, "access_token已过期")

    def too_many(self, seconds: float) -> Answer:
        del seconds
        return _failed(TOO_MANY, "请求过于频繁")

    def unavailable(self) -> Answer:
        return Answer(500, b"<html><body>Internal Server Error</body></html>", kind="text/html")


def _whole(quantity: Any) -> int:
    if not isinstance(quantity, int):
        raise Refused(str(BAD_REQUEST), "qty")
    return quantity


def _failed(code: int, message: str) -> Answer:
    body: dict[str, Any] = {"code": code, "msg": message, "data": None}
    return json_answer(body)
