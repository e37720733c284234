"""The demo's ERP knows the demo's stores and pizzas, keeps its books, and leaves nothing running."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from demo.erp import STORE_CODES, base_data, erp, item_code
from demo.pizzaplace import STORES
from stack.mariadb import CannotStart
from tests.simulators.tryton_books import TrytonBooks
from tests.support.processes import mentioning


def items(url: str, user: str, secret: str) -> dict[str, Any]:
    with httpx.Client(base_url=url, trust_env=False) as client:
        token = client.post("/v1/session", json={"user": user, "secret": secret}).json()["token"]
        answer = client.get("/v1/items", params={"limit": 500}, headers={"Authorization": f"Bearer {token}"}).json()
    return {item["code"]: item for item in answer["items"]}


def test_the_simulated_erp_sells_each_size_of_each_pizza(tmp_path: Path) -> None:
    for _ in range(2):
        with erp(tmp_path) as system:
            found = items(system.url, system.user, system.secret)
        assert mentioning(str(tmp_path)) == []
    # The data set has 91 kinds of pizza by size, and there is tea; a medium Hawaiian costs 13.25.
    assert len(found) == 92
    assert found[item_code("hawaiian", "M")]["price"] == "13.25"


def test_tryton_sells_them_too_and_keeps_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = base_data()
    base["items"] = [item for item in base["items"] if "HAWAIIAN" in item["code"]]
    monkeypatch.setattr("demo.erp.base_data", lambda: base)  # Tryton takes 25 s for all of them
    for _ in range(2):
        with erp(tmp_path, "tryton") as system:
            assert system.url.endswith("/erp/rpc/")
        assert mentioning(str(tmp_path)) == []
    books = TrytonBooks(tmp_path / "tryton/erp.sqlite")
    assert books.price(item_code("hawaiian", "M")) == Decimal("13.25")
    assert books.stock("S1", item_code("hawaiian", "M")) == 100_000


def test_each_demo_store_has_its_code() -> None:
    assert STORE_CODES.keys() == STORES.keys()
    assert set(base_data()["codes"]["stores"]) == {"S1", "S2", "S3", "S4"}


def test_another_kind_of_erp_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="simulated, tryton"), erp(tmp_path, "sap"):
        pass
