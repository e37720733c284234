"""The simulated ERP against its contract, over HTTP: what it takes, what it refuses, its totals, its faults."""

import contextlib
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.simulators.erp import Erp
from tests.simulators.erp_program import ErpProgram
from tests.simulators.faults import Fault, Seeded
from tests.support.waiting import wait_until

BASE: dict[str, Any] = {
    "codes": {
        "stores": {"S1": "North", "S2": "South"},
        "tenders": {"CASH": "Cash", "CARD": "Card"},
        "taxes": {"V6": "VAT 6 %"},
        "units": {"PC": "piece", "CASE": "case", "KG": "kilogram"},
    },
    "items": [
        {"code": "P1", "name": "Pizza", "unit": "PC", "price": "12.00"},
        {"code": "F1", "name": "Flour", "unit": "KG"},
    ],
    "conversions": [["P1", "CASE", "12"]],
}


class Client:
    """A client of the contract; it opens its session at the first call."""

    def __init__(self, erp: Erp | ErpProgram) -> None:
        self.erp = erp
        self.http = httpx.Client(base_url=erp.url, timeout=5, trust_env=False)
        self.login()

    def login(self) -> None:
        reply = self.http.post("/v1/session", json={"user": self.erp.user, "secret": self.erp.secret})
        self.http.headers["Authorization"] = f"Bearer {reply.json()['token']}"

    def post(self, *documents: Any) -> list[dict[str, Any]]:
        reply = self.http.post("/v1/documents", json={"documents": documents})
        assert reply.status_code == 200, reply.text
        results: list[dict[str, Any]] = reply.json()["results"]
        return results

    def pages(self, path: str, field: str, **query: Any) -> list[list[dict[str, Any]]]:
        pages, after = [], ""
        while after is not None:
            answer = self.http.get(path, params={**query, "after": after}).json()
            pages.append(answer[field])
            after = answer["next"]
        return pages


@pytest.fixture
def erp() -> Iterator[Erp]:
    with Erp() as erp:
        erp.base(BASE)
        yield erp


@pytest.fixture
def client(erp: Erp) -> Iterator[Client]:
    client = Client(erp)
    with contextlib.closing(client.http):
        yield client


def sale(key: str, /, **different: Any) -> dict[str, Any]:
    """2 pizzas at 12.00 with 6 % tax, less 1.00 with 0.06: 23.00 + 1.38 = 24.38."""
    lines = [
        {"type": "item", "item": "P1", "name": "Pizza", "quantity": "2", "unit": "PC",
         "net": "24.00", "tax": "1.44", "gross": "25.44", "tax_code": "V6"},
        {"type": "discount", "name": "Coupon", "net": "-1.00", "tax": "-0.06", "gross": "-1.06", "tax_code": "V6"},
    ]  # fmt: skip
    document = {
        "key": key, "kind": "sale", "store": "S1", "day": "2026-11-30", "currency": "CNY", "tender": None,
        "lines": lines, "payments": [{"tender": "CASH", "amount": "20.00"}, {"tender": "CARD", "amount": "4.38"}],
        "net": "23.00", "tax": "1.38", "gross": "24.38",
    }  # fmt: skip
    return document | different


def stock(kind: str, item: str, quantity: str, unit: str, **different: Any) -> dict[str, Any]:
    line = {"type": "item", "item": item, "quantity": quantity, "unit": unit}
    return {"key": f"{kind}-1", "kind": kind, "store": "S1", "day": "2026-11-30", "lines": [line]} | different


# Documents


def test_a_sale_is_in_the_books_and_in_the_totals(erp: Erp, client: Client) -> None:
    [first, second] = client.post(sale("a"), sale("b", day="2026-12-01"))
    assert (first["status"], second["status"]) == ("posted", "posted")
    assert erp.totals("sale") == {
        ("S1", "2026-11-30", None): (1, Decimal(2), Decimal("23.00"), Decimal("1.38"), Decimal("24.38")),
        ("S1", "2026-12-01", None): (1, Decimal(2), Decimal("23.00"), Decimal("1.38"), Decimal("24.38")),
    }
    assert erp.books.tender_totals("sale")["S1", "2026-11-30", "CARD"] == Decimal("4.38")
    assert erp.books.item_totals("sale")["S1", "2026-12-01", "P1"].gross == Decimal("25.44")


def test_the_same_key_twice_makes_two_documents_and_both_are_found(erp: Erp, client: Client) -> None:
    client.post(sale("a"), sale("a"), sale("b"))
    found = client.http.post("/v1/documents/find", json={"kind": "sale", "keys": ["a", "none"]}).json()["documents"]
    assert [document["key"] for document in found] == ["a", "a"]
    assert erp.books.copies("sale") == {"a": 2, "b": 1}


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"store": "S9"}, "unknown_store", "store"),
        ({"gross": "24.39"}, "amounts_differ", "gross"),
        ({"net": "23.01", "tax": "1.37"}, "amounts_differ", "net"),
        ({"payments": [{"tender": "CASH", "amount": "24.37"}]}, "amounts_differ", "payments"),
        ({"payments": [{"tender": "BEANS", "amount": "24.38"}]}, "unknown_tender", "payments[0].tender"),
        ({"payments": []}, "amounts_differ", "payments"),
        ({"tender": "BEANS"}, "unknown_tender", "tender"),
        ({"day": "30.11.2026"}, "malformed", "day"),
        ({"day": "20261130"}, "malformed", "day"),
        ({"net": 23.0}, "malformed", "net"),
        ({"gross": "24.381"}, "malformed", "gross"),
        ({"key": "x" * 65}, "malformed", "key"),
        ({"kind": "gift"}, "malformed", "kind"),
        ({"lines": []}, "malformed", "lines"),
        ({"day": "2026-10-31"}, "closed_period", "day"),
    ],
)
def test_a_wrong_document_is_refused_and_leaves_nothing(
    erp: Erp, client: Client, change: dict[str, Any], code: str, field: str
) -> None:
    erp.books.close_period("2026-10-31")
    [wrong, good] = client.post(sale("a", **change), sale("b"))
    assert (wrong["status"], wrong["code"], wrong["field"]) == ("refused", code, field)
    assert good["status"] == "posted"
    assert erp.books.copies("sale") == {"b": 1}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"item": "P9"}, "unknown_item"),
        ({"unit": "BOX"}, "unknown_unit"),
        ({"tax_code": "V9"}, "unknown_tax"),
        ({"gross": "25.45"}, "amounts_differ"),
        ({"quantity": 2}, "malformed"),
        ({"type": "song"}, "malformed"),
    ],
)
def test_a_wrong_line_is_refused_by_its_place(client: Client, change: dict[str, Any], code: str) -> None:
    document = sale("a")
    document["lines"][0] |= change
    [result] = client.post(document)
    assert result["code"] == code
    assert result["field"].startswith("lines[0]")


def test_a_credit_note_has_totals_of_its_own_and_positive_amounts(erp: Erp, client: Client) -> None:
    assert client.post(sale("r", kind="credit_note", refers_to="a"))[0]["status"] == "posted"
    assert erp.totals("credit_note")["S1", "2026-11-30", None].gross == Decimal("24.38")
    assert erp.totals("sale") == {}


def test_a_cancelled_document_stays_readable_and_leaves_the_totals(erp: Erp, client: Client) -> None:
    [result] = client.post(sale("a"))
    for _ in range(2):
        answer = client.http.post("/v1/documents/cancel", json={"ids": [result["id"], "999"]}).json()["results"]
        assert [entry["status"] for entry in answer] == ["cancelled", "refused"]
    [[document]] = client.pages("/v1/documents", "documents", kind="sale")
    assert (document["state"], document["key"]) == ("cancelled", "a")
    assert erp.totals("sale") == {}


def test_documents_are_read_by_id_inside_half_open_days(client: Client) -> None:
    days = ["2026-11-29", "2026-11-30", "2026-11-30", "2026-11-30", "2026-12-01"]
    client.post(*(sale(f"k{number}", day=day) for number, day in enumerate(days)))
    window = {"kind": "sale", "day_from": "2026-11-30", "day_to": "2026-12-01", "limit": 2}
    pages = client.pages("/v1/documents", "documents", **window)
    assert [[row["key"] for row in page] for page in pages] == [["k1", "k2"], ["k3"]]
    assert "lines" not in pages[0][0]
    assert len(client.pages("/v1/documents", "documents", **window, lines=1)[0][0]["lines"]) == 2


def test_a_line_changed_by_hand_changes_the_head(erp: Erp, client: Client) -> None:
    [result] = client.post(sale("a"))
    erp.books.change_line(int(result["id"]), 0, net="24.01", gross="25.45", quantity="3")
    total = erp.totals("sale")["S1", "2026-11-30", None]
    assert (total.quantity, total.net, total.gross) == (Decimal(3), Decimal("23.01"), Decimal("24.39"))


# Stock


def test_stock_follows_the_documents_and_a_cancelled_one_gives_it_back(erp: Erp, client: Client) -> None:
    receipt = client.post(stock("receipt", "P1", "2", "CASE"))[0]  # 24 pieces
    client.post(
        stock("consumption", "P1", "3", "PC"),
        stock("wastage", "P1", "1", "PC"),
        stock("transfer", "P1", "5", "PC", to_store="S2"),
    )
    assert (erp.books.stock("S1", "P1"), erp.books.stock("S2", "P1")) == (Decimal(15), Decimal(5))
    client.post(stock("count", "P1", "14", "PC"))
    assert erp.books.stock("S1", "P1") == 14
    client.http.post("/v1/documents/cancel", json={"ids": [receipt["id"]]})
    assert erp.books.stock("S1", "P1") == -10
    assert [(row["store"], row["quantity"]) for [row] in client.pages("/v1/stock", "levels", limit=1)[:2]] == [
        ("S2", "5"),
        ("S1", "-10"),
    ]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (stock("consumption", "F1", "1", "CASE"), "unknown_unit"),
        (stock("consumption", "F1", "-1", "KG"), "malformed"),
        (stock("transfer", "F1", "1", "KG"), "unknown_store"),
        (stock("transfer", "F1", "1", "KG", to_store="S1"), "malformed"),
    ],
)
def test_a_wrong_stock_document_is_refused(erp: Erp, client: Client, document: dict[str, Any], code: str) -> None:
    assert client.post(document)[0]["code"] == code
    assert erp.books.stock("S1", "F1") == 0


# Feeds


def test_tied_rows_are_paged_without_loss_and_both_bounds_hold(erp: Erp, client: Client) -> None:
    tied, later = "2026-11-30T02:00:00.000000Z", "2026-11-30T02:00:01.000000Z"
    erp.books.put("items", [{"code": f"T{n}", "changed_at": tied} for n in range(5)])
    erp.books.put("items", [{"code": "L1", "changed_at": later}])
    pages = client.pages("/v1/items", "items", changed_from=tied, changed_to=later, limit=2)
    assert [row["code"] for page in pages for row in page] == ["T0", "T1", "T2", "T3", "T4"]


def test_the_feeds_of_people_and_till_sales_and_the_codes_are_read(erp: Erp, client: Client) -> None:
    erp.base({"employees": [{"id": "E1", "name": "Ana"}], "sales": [{"number": "0007", "store": "S1"}]})
    assert client.pages("/v1/employees", "employees")[0][0]["name"] == "Ana"
    assert client.pages("/v1/sales", "sales")[0][0]["number"] == "0007"
    assert client.http.get("/v1/units").json()["units"][0] == {"code": "CASE", "name": "case"}
    assert client.http.get("/v1/codes?kind=taxes").json() == {"codes": [{"code": "V6", "name": "VAT 6 %"}]}


# Sessions, limits and faults


def test_a_session_is_needed_and_ends(erp: Erp, client: Client) -> None:
    wrong = client.http.post("/v1/session", json={"user": "sync", "secret": "guess"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (401, "bad_login")
    erp.session_seconds = 0
    client.login()
    lost = client.http.get("/v1/items")
    assert (lost.status_code, lost.json()["error"]["code"]) == (401, "session_expired")


def test_too_many_requests_a_second_are_told_when_to_come_again(erp: Erp, client: Client) -> None:
    erp.limit = 3
    replies = [client.http.get("/v1/units") for _ in range(30)]
    refused = [reply for reply in replies if reply.status_code == 429]
    assert refused
    assert refused[0].headers["Retry-After"] == "1"


@pytest.mark.parametrize(
    ("fault", "copies"),
    [("cut_before", 0), ("lost", 1), ("half", 1), ("session_lost", 0), ("too_many", 0), ("unavailable", 0),
     ("failed_after", 1), ("html", 0), ("html_after", 1), ("truncated", 1)],
)  # fmt: skip
def test_a_fault_spoils_the_answer_before_or_after_the_commit(
    erp: Erp, client: Client, fault: str, copies: int
) -> None:
    erp.fail([Fault(fault, "/v1/documents", 1)])
    try:
        reply = client.http.post("/v1/documents", json={"documents": [sale("a")]})
        good = reply.status_code == 200 and "results" in reply.json()
    except (httpx.TransportError, json.JSONDecodeError):
        good = False
    assert not good
    assert sum(erp.books.copies("sale").values()) == copies
    client.login()
    assert client.post(sale("b"))[0]["status"] == "posted", "the next request meets no fault"


def test_a_slow_answer_comes_after_the_commit(erp: Erp, client: Client) -> None:
    erp.fail([Fault("slow", seconds=0.5)])
    with pytest.raises(httpx.ReadTimeout):
        client.http.post("/v1/documents", json={"documents": [sale("a")]}, timeout=0.2)
    wait_until(lambda: erp.books.copies("sale") == {"a": 1})


def test_results_may_be_reordered_missing_or_partial(erp: Erp, client: Client) -> None:
    keys = "abcdef"
    erp.fail(["reordered", "missing_result", "partial"])
    reordered = client.post(*map(sale, keys))
    assert sorted(result["index"] for result in reordered) == list(range(6)) != [r["index"] for r in reordered]
    assert len(client.post(*map(sale, keys))) == 5
    partial = client.post(*map(sale, keys))
    assert [result.get("code", "") for result in partial] == ["busy", "", "", "", "", ""]
    assert erp.books.copies("sale") == {"a": 2} | dict.fromkeys("bcdef", 3)


def test_a_page_may_come_twice_and_rows_may_change_under_way(erp: Erp, client: Client) -> None:
    erp.books.put("items", [{"code": f"I{n}", "changed_at": f"2026-01-01T00:00:0{n}.000000Z"} for n in range(4)])
    window: dict[str, Any] = {"changed_to": "2026-02-01", "limit": 2}
    erp.fail([Fault("changed_page", "/v1/items"), Fault("duplicate_page", "/v1/items")])
    first = client.http.get("/v1/items", params=window).json()
    again = client.http.get("/v1/items", params={**window, "after": first["next"]}).json()
    assert again == first
    third = client.http.get("/v1/items", params={**window, "after": again["next"]}).json()
    assert [row["code"] for row in third["items"]] == ["I2", "I3"]
    assert [row["code"] for row in client.http.get("/v1/items", params=window).json()["items"]] == ["I1", "I2"]


def test_a_poisoned_key_is_refused_each_time(erp: Erp, client: Client) -> None:
    erp.poison = {"b"}
    assert [result["status"] for result in client.post(sale("a"), sale("b"))] == ["posted", "refused"]


def test_a_seed_gives_the_same_faults_again() -> None:
    def drawn(seed: int) -> list[str]:
        plan = Seeded(seed, 0.3)
        faults = [plan.next_fault("/v1/items") for _ in range(200)]
        return [fault.kind if fault else "" for fault in faults]

    assert drawn(7) == drawn(7) != drawn(8)
    assert 30 < sum(map(bool, drawn(7))) < 90


def test_a_fault_that_does_not_exist_is_named() -> None:
    with pytest.raises(ValueError, match="lots"):
        Fault("lots")


# As a program


def test_the_books_of_a_killed_program_are_whole_and_it_comes_back(tmp_path: Path) -> None:
    with ErpProgram(tmp_path, BASE) as erp:
        first, port = Client(erp), erp.port
        first.post(sale("a"))
        erp.kill()
        with contextlib.closing(first.http), pytest.raises(httpx.TransportError):
            first.post(sale("b"))
        assert erp.totals("sale")["S1", "2026-11-30", None].gross == Decimal("24.38")
        erp.start()
        assert erp.port == port
        second = Client(erp)
        with contextlib.closing(second.http):
            assert second.post(sale("b"))[0]["status"] == "posted"
        assert erp.books.copies("sale") == {"a": 1, "b": 1}


def test_a_program_has_the_faults_of_its_seed(tmp_path: Path) -> None:
    with ErpProgram(tmp_path, BASE, share=1, faults=["unavailable"]) as erp:
        assert httpx.get(f"{erp.url}/v1/units", trust_env=False).status_code == 500
