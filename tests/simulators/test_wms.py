"""The simulated warehouse systems: signatures by published examples and openssl, pages, windows, stock, faults."""

import json
import subprocess
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.simulators import jushuitan, wangdian
from tests.simulators.jushuitan import Jushuitan
from tests.simulators.wangdian import Wangdian
from tests.simulators.wms import SignedWms, Wms

ITEMS: list[dict[str, Any]] = [
    {"code": f"F{number}", "name": f"面粉 {number}", "unit": "KG", "price": "3.50",
     "changed_at": f"2026-11-30T02:00:{number:02}.500000Z"}
    for number in range(5)
]  # fmt: skip
# 10:00:00 in Beijing is 02:00:00 in UTC.
WINDOW = ("2026-11-30 10:00:01", "2026-11-30 10:00:04")


def filled(system: SignedWms) -> None:
    system.add({"W1": "一号仓", "W2": "二号仓"}, ITEMS)
    system.books.add_codes("units", {"KG": "公斤"})


@pytest.fixture
def wdt() -> Iterator[Wangdian]:
    with Wangdian() as system:
        filled(system)
        yield system


@pytest.fixture
def jst() -> Iterator[Jushuitan]:
    with Jushuitan() as system:
        filled(system)
        yield system


def ask(system: Wangdian, call: str, **fields: str) -> Any:
    account = system.account
    form = {"sid": account.sid, "appkey": account.appkey, "timestamp": str(int(time.time())), **fields}
    form["sign"] = wangdian.sign(form, account.secret)
    return httpx.post(system.server + call, data=form, trust_env=False).json()


def query(system: Jushuitan, path: str, **biz: Any) -> Any:
    form = {
        "app_key": system.account.app_key, "access_token": system.account.token, "timestamp": str(int(time.time())),
        "charset": "utf-8", "version": "2", "biz": json.dumps(biz, ensure_ascii=False),
    }  # fmt: skip
    form["sign"] = jushuitan.sign(form, system.account.secret)
    return httpx.post(system.url + path, data=form, trust_env=False).json()


def md5_by_openssl(text: str) -> str:
    done = subprocess.run(["openssl", "md5"], input=text.encode(), capture_output=True, check=True)
    return done.stdout.decode().split()[-1]


# Signatures


def test_wangdian_signs_as_the_example_that_the_platform_published() -> None:
    fields = {
        "appkey": "test2-xx", "page_no": "0", "end_time": "2016-08-01 13:00:00", "start_time": "2016-08-01 12:00:00",
        "page_size": "40", "sid": "test2", "timestamp": "1470042310",
    }  # fmt: skip
    assert wangdian.sign(fields, "12345") == "ad4e6fe037ea6e3ba4768317be9d1309"


def test_wangdian_counts_characters() -> None:
    assert wangdian.sign({"name": "面粉"}, "s") == md5_by_openssl("04-name:0002-面粉s")


def test_jushuitan_signs_the_secret_and_the_sorted_fields_without_empty_ones() -> None:
    fields = {"version": "2", "app_key": "a", "biz": '{"名":1}', "charset": "", "sign": "of before"}
    assert jushuitan.sign(fields, "s") == md5_by_openssl('sapp_keyabiz{"名":1}version2')


def test_a_wrong_signature_and_an_old_one_are_refused(wdt: Wangdian, jst: Jushuitan) -> None:
    assert ask(wdt, "warehouse_query.php")["code"] == 0
    assert ask(wdt, "warehouse_query.php", timestamp="1470042310")["code"] == wangdian.BAD_SIGN
    wdt.account = wangdian.Account(secret="another")
    wrong = {"sid": wdt.account.sid, "appkey": wdt.account.appkey, "timestamp": str(int(time.time())), "sign": "0" * 32}
    assert httpx.post(wdt.server + "warehouse_query.php", data=wrong, trust_env=False).json()["code"] != 0
    assert query(jst, "/open/wms/partner/query")["code"] == 0
    form = {"app_key": jst.account.app_key, "version": "2", "sign": "0" * 32, "biz": "{}"}
    refused = httpx.post(jst.url + "/open/wms/partner/query", data=form, trust_env=False).json()
    assert refused["code"] == jushuitan.BAD_SIGN


# Pages and windows


def test_wangdian_pages_from_0_inside_a_window_of_local_time(wdt: Wangdian) -> None:
    window = {"start_time": WINDOW[0], "end_time": WINDOW[1], "page_size": "2"}
    pages = [ask(wdt, "goods_query.php", **window, page_no=str(page)) for page in range(3)]
    assert [[row["goods_no"] for row in page["goods_list"]] for page in pages] == [["F1", "F2"], ["F3", "F4"], []]
    assert pages[0]["total_count"] == 4
    assert pages[0]["goods_list"][0]["modified"] == "2026-11-30 10:00:01"


def test_jushuitan_pages_from_1_and_says_whether_more_come(jst: Jushuitan) -> None:
    window = {"modified_begin": WINDOW[0], "modified_end": WINDOW[1], "page_size": 3}
    pages = [query(jst, "/open/sku/query", **window, page_index=page)["data"] for page in (1, 2)]
    assert [[row["sku_id"] for row in page["datas"]] for page in pages] == [["F1", "F2", "F3"], ["F4"]]
    assert [page["has_next"] for page in pages] == [True, False]


def test_pages_and_windows_have_limits(wdt: Wangdian, jst: Jushuitan) -> None:
    wide = {"start_time": "2026-10-01 00:00:00", "end_time": "2026-11-30 00:00:00"}
    assert ask(wdt, "stock_query.php", **wide)["code"] == wangdian.BAD_REQUEST
    near = {"start_time": WINDOW[0], "end_time": WINDOW[1], "page_size": "101"}
    assert ask(wdt, "stock_query.php", **near)["code"] == wangdian.BAD_REQUEST
    large = {"modified_begin": WINDOW[0], "modified_end": WINDOW[1], "page_size": 51}
    assert query(jst, "/open/inventory/query", **large)["code"] == jushuitan.BAD_REQUEST


# Stock


def test_wangdian_takes_a_number_once_and_moves_the_stock(wdt: Wangdian) -> None:
    received = {"outer_no": "R1", "warehouse_no": "W1", "goods_list": [{"spec_no": "F1", "stockin_num": "10"}]}
    wasted = {"outer_no": "O1", "warehouse_no": "W1", "goods_list": [{"spec_no": "F1", "num": "2.5"}]}
    assert ask(wdt, "stockin_order_push.php", stockin_info=json.dumps(received))["code"] == 0
    assert ask(wdt, "stockin_order_push.php", stockin_info=json.dumps(received))["code"] != 0
    assert ask(wdt, "stockout_order_push.php", stockout_info=json.dumps(wasted))["code"] == 0
    assert wdt.stock("W1", "F1") == Decimal("7.5")
    assert ask(wdt, "stockin_order_query.php", outer_no="R1")["total_count"] == 1
    day = {"start_time": "2000-01-01 00:00:00", "end_time": "2000-01-02 00:00:00"}
    assert ask(wdt, "stock_query.php", **day)["stocks"] == []


def test_jushuitan_takes_a_number_once_and_moves_the_stock(jst: Jushuitan) -> None:
    upload = "/open/jushuitan/otherinout/upload"
    first = {"type": "in", "external_id": "R1", "wms_co_id": "W2", "items": [{"sku_id": "F1", "qty": 10}]}
    assert query(jst, upload, **first)["code"] == 0
    assert query(jst, upload, **first)["code"] == jushuitan.FAILED
    assert query(jst, upload, **first | {"type": "out", "external_id": "O1"})["code"] == 0
    assert jst.stock("W2", "F1") == 0
    assert [
        row["external_id"] for row in query(jst, "/open/other/inout/query", external_ids=["R1"])["data"]["datas"]
    ] == ["R1"]


def test_an_unknown_item_is_refused_and_leaves_nothing(wdt: Wangdian) -> None:
    order = {"outer_no": "R9", "warehouse_no": "W1", "goods_list": [{"spec_no": "X", "stockin_num": "1"}]}
    assert ask(wdt, "stockin_order_push.php", stockin_info=json.dumps(order))["code"] == wangdian.FAILED
    assert ask(wdt, "stockin_order_query.php", outer_no="R9")["total_count"] == 0


# Faults


def test_too_frequent_calls_have_a_code_and_a_lost_token_stays_lost(wdt: Wangdian, jst: Jushuitan) -> None:
    wdt.fail(["too_many"])
    assert ask(wdt, "warehouse_query.php")["code"] == wangdian.TOO_MANY
    jst.fail(["too_many", "session_lost"])
    codes = [query(jst, "/open/wms/partner/query")["code"] for _ in range(3)]
    assert codes == [199, jushuitan.NO_TOKEN, jushuitan.NO_TOKEN]
    jst.renew("jst-token-2")
    assert query(jst, "/open/wms/partner/query")["code"] == 0


def test_the_generic_warehouse_takes_no_sales() -> None:
    with Wms() as wms, httpx.Client(base_url=wms.url, trust_env=False) as client:
        wms.base({"codes": {"stores": {"S1": "North"}, "units": {"KG": "kilogram"}}, "items": ITEMS})
        login = client.post("/v1/session", json={"user": wms.user, "secret": wms.secret}).json()
        line = {
            "type": "item",
            "item": "F1",
            "quantity": "2",
            "unit": "KG",
            "net": "7.00",
            "tax": "0.00",
            "gross": "7.00",
        }
        sale = {"key": "a", "kind": "sale", "store": "S1", "day": "2026-11-30", "currency": "CNY", "lines": [line]}
        sale |= {"net": "7.00", "tax": "0.00", "gross": "7.00", "payments": [{"tender": "CASH", "amount": "7.00"}]}
        wms.base({"codes": {"tenders": {"CASH": "Cash"}}})
        headers = {"Authorization": f"Bearer {login['token']}"}
        documents = [sale, sale | {"kind": "receipt"}]
        results = client.post("/v1/documents", json={"documents": documents}, headers=headers).json()["results"]
    assert [result.get("code") for result in results] == ["not_allowed", None]
