"""The demo chain's ERP as a program beside the stack: the simulated one, or a real Tryton.

Both know the demo's stores and pizzas under codes of their own, so that mapping tables have work to do.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo import pizzaplace
from demo.pizzaplace import CURRENCY, STORES
from stack import children
from stack.addresses import CHECKOUT
from stack.mariadb import CannotStart

START_SECONDS = 300.0
STORE_CODES = {store: f"S{number}" for number, store in enumerate(STORES, 1)}
TENDERS = {"cash": ("CASH", "Cash"), "card": ("CARD", "Card")}
TAXES = {"V0": "Without tax", "V6": "VAT 6 %"}
TEA_CODE = "TEA"
STOCK = "100000"
# Module, first word of the line with the address, user and secret of each kind.
PROGRAMS = {
    "simulated": ("tests.simulators.erp", "ERP:", "sync", "erp-pass-1"),
    "tryton": ("tests.simulators.tryton", "Tryton:", "sync", "sync-pass-1-of-tests"),
}


@dataclass(frozen=True)
class Erp:
    """Where the ERP listens, and who sync is there. `kind` is simulated or tryton."""

    kind: str
    url: str
    user: str
    secret: str


def item_code(pizza: str, size: str) -> str:
    """The ERP has an item for each size of a pizza."""
    return f"{pizza}-{size}".upper()


def base_data() -> dict[str, Any]:
    """Stores, tenders, taxes, items with prices in text, and stock: what the ERP knows before the first sale."""
    items = [
        {
            "code": item_code(item["id"], size["id"]), "name": f"{item['name']} {size['id']}", "unit": "PC",
            "category": item["category"], "tax_code": "V0", "active": True, "currency": CURRENCY,
            "price": f"{size['price'] // 100}.{size['price'] % 100:02}",
        }
        for item in pizzaplace.menu()["items"]
        for size in item["sizes"]
    ]  # fmt: skip
    items.append(
        {
            "code": TEA_CODE, "name": "Tea", "unit": "PC", "category": "drink", "tax_code": "V0", "active": True,
            "currency": CURRENCY, "price": "4.00",
        }
    )  # fmt: skip
    codes = {
        "stores": {code: STORES[store][0] for store, code in STORE_CODES.items()},
        "tenders": dict(TENDERS.values()),
        "taxes": TAXES,
        "units": {"PC": "piece"},
    }
    levels = [
        {"store": store, "item": item["code"], "unit": "PC", "quantity": STOCK}
        for store in STORE_CODES.values()
        for item in items
    ]
    return {"codes": codes, "items": items, "levels": levels}


@contextmanager
def erp(root: Path, kind: str = "simulated") -> Iterator[Erp]:
    """The ERP, with its books in the folder; at the end it does not run. Raises CannotStart."""
    if kind not in PROGRAMS:
        raise CannotStart(f"ERP is {kind}. It must be one of: {', '.join(PROGRAMS)}.")
    module, word, user, secret = PROGRAMS[kind]
    base, log = root / "erp-base.json", root / "erp.log"
    base.write_text(json.dumps(base_data()), encoding="utf-8")
    command = [sys.executable, "-m", module, "--base", str(base), *_books(root, kind)]
    env = children.environment(PYTHONPATH=os.fspath(CHECKOUT))
    try:
        child = children.start(_record(root), command, env=env, cwd=CHECKOUT, log=log)
        yield Erp(kind, _address(child, log, word), user, secret)
    finally:
        with children.undisturbed():
            stop(root)


def stop(root: Path) -> None:
    """End the ERP, also one that a killed demo left."""
    children.stop(_record(root), patience=20)
    children.stop(root / "tryton/tryton.json", patience=10)  # if its program was killed


def _books(root: Path, kind: str) -> list[str]:
    return ["--root", str(root)] if kind == "tryton" else ["--file", str(root / "erp.sqlite")]


def _record(root: Path) -> Path:
    return root / "erp.json"


def _address(child: children.Child, log: Path, word: str) -> str:
    until = time.monotonic() + START_SECONDS
    while word not in (written := log.read_text(errors="replace")):
        if not child.alive() or time.monotonic() > until:
            raise CannotStart(f"The demo's ERP did not start; the end of {log}:\n{children.tail(log)}")
        time.sleep(0.05)
    return written.split(word)[1].split()[0]
