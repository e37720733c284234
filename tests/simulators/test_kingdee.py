"""The simulated K3Cloud, called by Kingdee's official SDK: signatures, partial results, states, queries."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.simulators.faults import Fault
from tests.simulators.kingdee import STUB, SUFFIX, K3Cloud
from tests.simulators.kingdee_signature import Tenant, signature_headers
from tests.support.kingdee_sdk import answered, official_client, official_headers

PATH = f"{STUB}DynamicFormService.Save{SUFFIX}"


def add_base(k3: K3Cloud) -> None:
    """Organisation, customers, goods and stores of the tests."""
    for form, names in {
        "ORG_Organizations": {"100": "总部"},
        "BD_Customer": {"CASH": "现金", "WECHAT": "微信"},
        "BD_Supplier": {"KITCHEN": "中央厨房"},
        "BD_UNIT": {"PCS": "个"},
        "BD_STOCK": {"S1": "一店", "S2": "二店"},
        "BD_Account": {"1001": "库存现金", "6001": "主营业务收入"},
        "BD_MATERIAL": {"P1": "披萨", "P2": "茶"},
    }.items():
        k3.books.add_base(form, names)


@pytest.fixture
def k3() -> Iterator[K3Cloud]:
    with K3Cloud() as k3:
        add_base(k3)
        yield k3


@pytest.fixture
def sdk(k3: K3Cloud) -> Any:
    return official_client(k3.server, k3.tenant)


def code(number: str) -> dict[str, str]:
    return {"FNumber": number}


def outstock(number: str, *lines: tuple[str, str, str], **different: Any) -> dict[str, Any]:
    """A sales delivery of lines (material, quantity, price with 6 % tax)."""
    entries = [
        {"FMaterialID": code(material), "FUnitID": code("PCS"), "FRealQty": quantity, "FStockID": code("S1"),
         "FTaxPrice": price, "FEntryTaxRate": 6}
        for material, quantity, price in lines or (("P1", "2", "10.60"),)
    ]  # fmt: skip
    model = {
        "FBillNo": number, "FDate": "2026-11-30", "FSaleOrgId": code("100"), "FStockOrgId": code("100"),
        "FCustomerID": code("CASH"), "FEntity": entries,
    }  # fmt: skip
    return model | different


def save(sdk: Any, *models: dict[str, Any], **envelope: Any) -> dict[str, Any]:
    status: dict[str, Any] = answered(sdk.BatchSave("SAL_OUTSTOCK", {"Model": list(models), **envelope}))["Result"]
    return dict(status["ResponseStatus"])


def query(sdk: Any, keys: str, where: str = "", **more: Any) -> Any:
    return answered(sdk.ExecuteBillQuery({"FormId": "SAL_OUTSTOCK", "FieldKeys": keys, "FilterString": where, **more}))


# Signatures


@pytest.mark.parametrize("now", [1_700_000_000, 1_795_999_999])
@pytest.mark.parametrize(
    "tenant",
    [Tenant(), Tenant(user="张三", organisation="101", language=1033), Tenant(app="998877_" + "Zz09" * 8, secret="s")],
)
def test_the_signature_is_that_of_the_official_sdk(tenant: Tenant, now: int) -> None:
    official = official_headers(f"https://erp.example.com{PATH}", tenant, now)
    ours = signature_headers(tenant, PATH, str(now), str(now))
    assert {name: official[name] for name in ours} == ours


@pytest.mark.parametrize(
    "different",
    [
        {"secret": "0" * 32},
        {"user": "admin"},
        {"account": "1"},
        {"app": "261234_" + "A" * 32},
        {"app": "2_" + "A" * 32},
    ],
)
def test_a_request_that_another_secret_signed_is_refused(k3: K3Cloud, different: dict[str, str]) -> None:
    sdk = official_client(k3.server, replace(k3.tenant, **different))  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="签名"):
        sdk.View("SAL_OUTSTOCK", {"Number": "A"})


def test_an_old_signature_is_refused(k3: K3Cloud) -> None:
    url = f"{k3.url}{PATH}"
    headers = official_headers(url, k3.tenant, k3.now() - 3600)
    assert httpx.post(url, json={}, headers=headers, trust_env=False).status_code == 401


def test_a_request_without_signature_or_session_has_lost_its_session(k3: K3Cloud) -> None:
    answer = httpx.post(f"{k3.url}{PATH}", json={}, trust_env=False).json()
    assert answer["Result"]["ResponseStatus"]["MsgCode"] == 1


def test_a_login_by_password_gives_a_session(k3: K3Cloud) -> None:
    tenant, login = k3.tenant, f"{STUB}AuthService.ValidateUser{SUFFIX}"
    right = {"acctID": tenant.account, "username": tenant.user, "password": tenant.password, "lcid": 2052}
    with httpx.Client(base_url=k3.url, trust_env=False) as client:
        assert client.post(login, json=right | {"password": "x"}).json()["LoginResultType"] == 0
        assert client.post(login, json=right).json()["LoginResultType"] == 1
        saved = client.post(PATH, json={"formid": "SAL_OUTSTOCK", "data": {"Model": outstock("A")}}).json()
    assert saved["Result"]["Number"] == "A"


# Save, submit, audit


def test_a_batch_is_saved_in_part_and_each_row_has_its_index(k3: K3Cloud, sdk: Any) -> None:
    nobody, no_number = outstock("B", FCustomerID=code("NOBODY")), outstock("N", ("P1", "two", "10.60"))
    status = save(sdk, outstock("A"), nobody, outstock("C"), outstock("A"), no_number)
    assert [(row["Number"], row["DIndex"]) for row in status["SuccessEntitys"]] == [("A", 0), ("C", 2)]
    assert [(row["FieldName"], row["DIndex"]) for row in status["Errors"]] == [
        ("fcustomerid", 1), ("FBillNo", 3), ("FRealQty", 4),
    ]  # fmt: skip
    assert status["IsSuccess"] is False
    assert k3.books.statuses("SAL_OUTSTOCK") == {"A": "A", "C": "A"}


def test_only_audited_bills_count_and_move_the_stock(k3: K3Cloud, sdk: Any) -> None:
    k3.books.set_stock("100", "S1", "P1", Decimal(10))
    save(sdk, outstock("A", ("P1", "2", "10.60"), ("P2", "1", "5.30")), outstock("B"))
    assert k3.books.totals("SAL_OUTSTOCK") == {}
    for step in ("Submit", "Audit"):
        assert answered(getattr(sdk, step)("SAL_OUTSTOCK", {"Numbers": ["A"]}))["Result"]["ResponseStatus"]["IsSuccess"]
    # 2 × 10.60 + 5.30 = 26.50; of that 6 % tax inside: 1.20 + 0.30.
    [total] = k3.books.totals("SAL_OUTSTOCK").values()
    assert total[1:] == (Decimal(3), Decimal("25.00"), Decimal("1.50"), Decimal("26.50"))
    assert k3.books.stock["S1", "P1"] == 8
    sdk.UnAudit("SAL_OUTSTOCK", {"Numbers": ["A"]})
    assert (k3.books.statuses("SAL_OUTSTOCK")["A"], k3.books.stock["S1", "P1"]) == ("D", Decimal(10))


def test_a_step_that_does_not_fit_the_state_is_refused_for_that_bill_alone(sdk: Any) -> None:
    save(sdk, outstock("A"), outstock("B"))
    sdk.Submit("SAL_OUTSTOCK", {"Numbers": ["A"]})
    status = answered(sdk.Audit("SAL_OUTSTOCK", {"Numbers": ["A", "B", "none"]}))["Result"]["ResponseStatus"]
    assert [row["Number"] for row in status["SuccessEntitys"]] == ["A"]
    assert [row["DIndex"] for row in status["Errors"]] == [1, 2]
    numbers = {row[1]: row[0] for row in query(sdk, "FID,FBillNo")}
    changes = [
        answered(sdk.Save("SAL_OUTSTOCK", {"IsDeleteEntry": "false", "Model": {"FID": numbers[number], "FNote": "x"}}))
        for number in ("A", "B")
    ]
    assert [change["Result"]["ResponseStatus"]["IsSuccess"] for change in changes] == [False, True], "A is audited"


def test_an_update_deletes_the_entries_that_it_leaves_out_unless_told_otherwise(sdk: Any) -> None:
    save(sdk, outstock("A", ("P1", "1", "10.60"), ("P2", "1", "5.30")))
    rows = query(sdk, "FID,FEntity_FEntryID", "FBillNo = 'A'", OrderString="FEntity_FSeq")
    change = {"FID": rows[0][0], "FEntity": [{"FEntryID": rows[0][1], "FRealQty": "3"}]}
    sdk.Save("SAL_OUTSTOCK", {"IsDeleteEntry": "false", "Model": change})
    assert query(sdk, "FMaterialID.FNumber,FRealQty", "FBillNo = 'A'") == [["P1", 3.0], ["P2", 1.0]]
    sdk.Save("SAL_OUTSTOCK", {"Model": change})
    assert query(sdk, "FMaterialID.FNumber,FAllAmount") == [["P1", 31.8]]


def test_a_saved_bill_may_stop_before_its_audit(k3: K3Cloud, sdk: Any) -> None:
    save(sdk, outstock("A"), IsAutoSubmitAndAudit="true")
    assert k3.books.statuses("SAL_OUTSTOCK") == {"A": "C"}
    sdk.Delete("SAL_OUTSTOCK", {"Numbers": ["A"]})
    assert k3.books.statuses("SAL_OUTSTOCK") == {"A": "C"}, "an audited bill is not deleted"


def test_a_voucher_must_balance(k3: K3Cloud, sdk: Any) -> None:
    def voucher(number: str, credit: str) -> Any:
        rows = [
            {"FEXPLANATION": "日营业款", "FACCOUNTID": code("1001"), "FDEBIT": "100.00"},
            {"FEXPLANATION": "日营业款", "FACCOUNTID": code("6001"), "FCREDIT": credit},
        ]
        model = {"FBillNo": number, "FDate": "2026-11-30", "FEntity": rows}
        return answered(sdk.Save("GL_VOUCHER", {"Model": model, "IsAutoSubmitAndAudit": "true"}))["Result"]

    assert voucher("V1", "99.99")["ResponseStatus"]["IsSuccess"] is False
    assert voucher("V2", "100.00")["ResponseStatus"]["IsSuccess"] is True
    assert k3.books.ledger() == {("2026-11-30", "1001"): Decimal(100), ("2026-11-30", "6001"): Decimal(-100)}


def test_transfer_receipt_and_wastage_move_the_stock(sdk: Any) -> None:
    goods = {"FMaterialID": code("P1"), "FUnitID": code("PCS")}
    head = {"FDate": "2026-11-30", "FStockOrgId": code("100")}
    received = goods | {"FRealQty": "10", "FStockID": code("S1")}
    transferred = goods | {"FQty": "4", "FSrcStockId": code("S1"), "FDestStockId": code("S2")}
    for form, model in (
        ("STK_InStock", {"FInStockEntry": [received], "FSupplierId": code("KITCHEN")}),
        ("STK_TransferDirect", {"FBillEntry": [transferred]}),
        ("STK_MisDelivery", {"FEntity": [goods | {"FQty": "1", "FStockID": code("S2")}]}),
    ):  # fmt: skip
        answer = answered(sdk.Save(form, {"Model": head | model, "IsAutoSubmitAndAudit": "true"}))
        assert answer["Result"]["ResponseStatus"]["IsSuccess"] is True, answer
    stock = answered(
        sdk.ExecuteBillQuery({"FormId": "STK_Inventory", "FieldKeys": "FStockId.FNumber,FMaterialId.FNumber,FBaseQty"})
    )
    assert sorted(stock) == [["S1", "P1", 6.0], ["S2", "P1", 3.0]]


# Queries


def test_a_query_joins_head_and_entries_only_when_an_entry_field_is_asked_for(sdk: Any) -> None:
    save(sdk, outstock("A", ("P1", "1", "10.60"), ("P2", "1", "5.30")), outstock("B"))
    assert query(sdk, "FBillNo,FDocumentStatus,FCustomerID.FName") == [["A", "A", "现金"], ["B", "A", "现金"]]
    assert query(sdk, "FBillNo,FMaterialID.FNumber") == [["A", "P1"], ["A", "P2"], ["B", "P1"]]
    assert query(sdk, "FBillNo", "FMaterialID.FNumber = 'P2'") == [["A"]]


def test_paging_by_key_inside_half_open_days_and_the_trap_of_closed_ones(k3: K3Cloud, sdk: Any) -> None:
    k3.largest_query = 2
    days = ["2026-11-29", "2026-11-30 09:00:00", "2026-11-30", "2026-11-30 23:59:59", "2026-12-01"]
    save(sdk, *(outstock(f"N{number}", FDate=day) for number, day in enumerate(days)))
    window, last, numbers = "FDate >= '2026-11-30' and FDate < '2026-12-01'", 0, []
    while rows := query(sdk, "FID,FBillNo", f"{window} and FID > {last}", OrderString="FID ASC", Limit=5000):
        last = rows[-1][0]
        numbers += [row[1] for row in rows]
    assert numbers == ["N1", "N2", "N3"]
    assert query(sdk, "FBillNo", "FDate <= '2026-11-30' and FBillNo in ('N2', 'N3')") == [["N2"]]


@pytest.mark.parametrize(
    ("form", "keys", "where", "code_"),
    [("NO_FORM", "FID", "", 4), ("SAL_OUTSTOCK", "FNope", "", 4), ("SAL_OUTSTOCK", "FID", "FID >", 4)],
)
def test_the_failure_of_a_query_comes_in_place_of_rows(sdk: Any, form: str, keys: str, where: str, code_: int) -> None:
    answer = answered(sdk.ExecuteBillQuery({"FormId": form, "FieldKeys": keys, "FilterString": where}))
    status = answer[0][0]["Result"]["ResponseStatus"]
    assert (status["IsSuccess"], status["MsgCode"]) == (False, code_)


def test_a_view_shows_the_state_of_a_bill(sdk: Any) -> None:
    save(sdk, outstock("A"))
    assert answered(sdk.View("SAL_OUTSTOCK", {"Number": "A"}))["Result"]["Result"]["DocumentStatus"] == "A"
    assert answered(sdk.View("SAL_OUTSTOCK", {"Number": "B"}))["Result"]["ResponseStatus"]["MsgCode"] == 10


# Faults


def test_a_lost_session_has_a_code_of_its_own_until_the_client_begins_again(k3: K3Cloud, sdk: Any) -> None:
    save(sdk, outstock("A"))
    k3.fail(["session_lost"])
    assert save(sdk, outstock("B"))["MsgCode"] == 1
    assert save(sdk, outstock("B"))["MsgCode"] == 1, "it still sends the old session"
    assert save(official_client(k3.server, k3.tenant), outstock("B"))["IsSuccess"] is True


def test_an_answer_is_lost_after_the_bill_was_saved(k3: K3Cloud, sdk: Any) -> None:
    k3.fail(["lost", "unavailable", Fault("partial", "BatchSave")])
    with pytest.raises(OSError, match=r"Connection|Remote"):
        save(sdk, outstock("A"))
    with pytest.raises(RuntimeError):
        save(sdk, outstock("B"))
    assert k3.books.statuses("SAL_OUTSTOCK") == {"A": "A"}
    status = save(sdk, outstock("C"), outstock("D"))
    assert (status["Errors"][0]["DIndex"], status["SuccessEntitys"][0]["Number"], status["MsgCode"]) == (0, "D", 13)


def test_results_may_be_reordered_or_lack_one(k3: K3Cloud, sdk: Any) -> None:
    k3.fail(["reordered", "missing_result"])
    indexes = [row["DIndex"] for row in save(sdk, *map(outstock, "ABCDEF"))["SuccessEntitys"]]
    assert sorted(indexes) == list(range(6)) != indexes
    assert len(save(sdk, *map(outstock, "GHI"))["SuccessEntitys"]) == 2
    assert len(k3.books.statuses("SAL_OUTSTOCK")) == 9


def test_a_poisoned_number_is_never_saved_and_rights_may_be_missing(k3: K3Cloud, sdk: Any) -> None:
    k3.poison, k3.forbidden = {"A"}, {"Audit"}
    assert [row["DIndex"] for row in save(sdk, outstock("A"), outstock("B"))["Errors"]] == [0]
    sdk.Submit("SAL_OUTSTOCK", {"Numbers": ["B"]})
    answer = answered(sdk.Audit("SAL_OUTSTOCK", {"Numbers": ["B"]}))["Result"]["ResponseStatus"]
    assert (answer["IsSuccess"], answer["MsgCode"]) == (False, 2)
