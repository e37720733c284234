"""An outside system of the chain `demo` for tests about sync: the simulated ERP, configured over our API."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from functions.stores import on_items_pulled, on_stock_pulled
from functions.sync import (
    api,
    pull_items,
    pull_stock,
    push_consumption,
    push_counts,
    push_receipts,
    push_sales,
    push_transfers,
    push_wastage,
    reconcile,
)
from functions.sync.tables.ledger import LedgerRow, read_page
from shared.spine.env import Environment
from stack.gateway_event import Context
from tests.support.orders import Caller, new_key

CHAIN = "?chain=demo"
ITEMS = ("hawaiian/S", "hawaiian/M", "hawaiian/L", "cola")
# Our code → that of the ERP.
TENDERS = {"cash": "CASH", "card": "CARD", "wechat": "WX", "unknown": "OTHER"}
RIGHTS = ["sync:manage", "sync:read", "stock:read", "stock:write"]
NO_FAILURES: dict[str, Any] = {"batchItemFailures": []}
PUSHES: dict[str, Any] = {
    "push_consumption": push_consumption,
    "push_counts": push_counts,
    "push_receipts": push_receipts,
    "push_transfers": push_transfers,
    "push_wastage": push_wastage,
}
# The timer of a flow, its consumer, and the type of its messages.
PULLS: dict[str, tuple[Any, Any, str]] = {
    "pull_items": (pull_items, on_items_pulled, "sync.items_pulled"),
    "pull_stock": (pull_stock, on_stock_pulled, "sync.stock_pulled"),
}


def base(store: str) -> dict[str, Any]:
    """The ERP's base data: what the codes of `Sync.map_codes` name."""
    codes = {
        "stores": [f"W-{store}"],
        "tenders": sorted(TENDERS.values()),
        "taxes": ["V6", "V13"],
        "units": ["PCS", "KGM"],
    }
    items = [
        {"code": erp_item(item), "name": item, "unit": "PCS", "tax_code": "V6", "active": True, "price": "1.00"}
        for item in ITEMS
    ]
    return {"codes": {kind: {code: code for code in names} for kind, names in codes.items()}, "items": items}


def erp_item(item: str) -> str:
    """The ERP's code of one of our items."""
    return f"I-{item.replace('/', '-')}"


@dataclass
class Sync:
    """Calls of an operator, and runs of the timers."""

    env: Environment
    url: str
    call: Caller = field(init=False)

    def __post_init__(self) -> None:
        self.call = Caller(api.handler, new_key(self.env, self.url, RIGHTS))

    def add_system(self, system_url: str, user: str, secret: str, *, name: str = "erp", **settings: Any) -> None:
        """An enabled REST system."""
        body = {"kind": "rest", "url": system_url, "credentials": {"user": user, "secret": secret}} | settings
        reply = self.call("PUT", f"/v1/sync/systems/{name}{CHAIN}", body)
        assert reply.status == 200, reply.text

    def map_codes(self, store: str, *, name: str = "erp", without: tuple[str, ...] = ()) -> None:
        """All codes that tests need, but those of the kinds `without`."""
        codes = {
            "stores": {store: f"W-{store}"},
            "items": {item: erp_item(item) for item in ITEMS},
            "tenders": TENDERS,
            "taxes": {"tax": "V6", "vat": "V6", "vat13": "V13"},
            "units": {"piece": "PCS", "kg": "KGM"},
        }
        for kind, by_ours in codes.items():
            if kind not in without:
                self.put_codes(kind, by_ours, name=name)

    def put_codes(self, kind: str, codes: Mapping[str, str | None], *, name: str = "erp") -> int:
        """Store codes. How many documents are sent again."""
        reply = self.call("PUT", f"/v1/sync/systems/{name}/codes/{kind}{CHAIN}", {"codes": dict(codes)})
        assert reply.status == 200, reply.text
        replayed: int = reply.json["replayed"]
        return replayed

    def begin(self, flow: str = "push_sales", *, name: str = "erp", **settings: Any) -> None:
        """Enable a flow."""
        reply = self.call("PUT", f"/v1/sync/systems/{name}/flows/{flow}{CHAIN}", settings)
        assert reply.status == 200, reply.text

    def push(self, runs: int = 1) -> None:
        """Run the timer of sales."""
        for _ in range(runs):
            push_sales.handler({}, Context())

    def push_stock(self, flow: str) -> None:
        """Run the timer of a flow of stock."""
        PUSHES[flow].handler({}, Context())

    def reconcile(self) -> dict[str, Any]:
        """Run the timer of reconciliations. The newest comparison."""
        reconcile.handler({}, Context())
        reply = self.call("GET", f"/v1/sync/systems/erp/reconciliations{CHAIN}")
        assert reply.status == 200, reply.text
        newest: dict[str, Any] = reply.json["reconciliations"][0]
        return newest

    def backfill(self, day: date, days: int = 1, *, name: str = "erp") -> int:
        """Look at business days again."""
        body = {"day_from": day.isoformat(), "day_until": (day + timedelta(days=days)).isoformat()}
        reply = self.call("POST", f"/v1/sync/systems/{name}/flows/push_sales/backfills{CHAIN}", body)
        assert reply.status == 202, reply.text
        count: int = reply.json["days"]
        return count

    def pull(self, flow: str) -> None:
        """Run the timer of items or of stock, and give its messages to the stores: each twice, the last ones first."""
        timer, consumer, kind = PULLS[flow]
        timer.handler({}, Context())
        kinds = (kind, "sync.store_items_pulled") if flow == "pull_items" else (kind,)
        with self.env.db.transaction() as transaction:
            rows = transaction.rows("SELECT body FROM messages WHERE type IN %(kinds)s ORDER BY id", {"kinds": kinds})
        bodies = [row["body"] for row in rows]
        for body in (*bodies, *reversed(bodies)):
            assert consumer.handler({"Records": [{"messageId": "m", "body": body}]}, Context()) == NO_FAILURES

    def rows(self, name: str = "erp") -> list[LedgerRow]:
        """The ledger."""
        with self.env.db.transaction() as transaction:
            return read_page(transaction, f"demo:{name}", "", 10_000)
