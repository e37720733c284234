"""The demo's round trip with its ERP: sales go there, are confirmed, and both sides are compared to the cent."""

import time
import uuid
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from demo import pizzaplace
from demo.erp import STORE_CODES, TEA_CODE, TENDERS, Erp, item_code
from demo.pizzaplace import CHAIN, CURRENCY
from stack.signed_requests import Caller
from stack.terminal import say

KINDS = {"simulated": ("rest", "secret"), "tryton": ("tryton", "password")}
# The system of the round trip before the year, and that of the days at its end.
TODAY, YEAR_END = "erp-today", "erp"
# Days at the end of 2015 that are sent. Tryton takes a few sales a second.
WINDOWS = {"simulated": "2015-12-01", "tryton": "2015-12-31"}
WINDOW_END = "2016-01-01"
PATIENCE_SECONDS = 300.0
OPEN_STATES = {"pending", "sending", "doubtful"}


class ErpFailed(Exception):
    """A call of the round trip was refused."""


def round_trip(head_office: Caller, erp: Erp, sell: Callable[[], object]) -> None:
    """Connect the ERP, sell something, and show the documents that the ERP confirmed."""
    try:
        _connect(head_office, erp, TODAY)
        sell()
        _run_timer(head_office)
        say(f"The ERP ({erp.kind}, {erp.url}) confirmed these sales:")
        for document in _settled(head_office, TODAY, at_least=1):
            say(f"  {document_line(document)}")
        # The year that is replayed now would take the ERP an hour.
        _call(head_office, "PUT", f"{TODAY}/flows/push_sales", {"enabled": False})
    except (ErpFailed, TimeoutError) as failure:
        say(f"No round trip with the ERP: {failure}")


def compare_year(head_office: Caller, erp: Erp) -> None:
    """Send the days at the end of the year, and compare both sides. Later orders are sent every five minutes."""
    first = WINDOWS[erp.kind]
    say(f"\nSending the sales from {first} on to the ERP ...")
    try:
        _connect(head_office, erp, YEAR_END)
        _call(head_office, "PUT", f"{YEAR_END}/flows/reconcile", {"days": 1})
        window = {"day_from": first, "day_until": WINDOW_END}
        _call(head_office, "POST", f"{YEAR_END}/flows/push_sales/backfills", window)
        _run_timer(head_office)
        sent = [document for document in _settled(head_office, YEAR_END, at_least=1) if document["day"] < WINDOW_END]
        say(f"The ERP confirmed {sum(document['state'] == 'done' for document in sent):,} of {len(sent):,} documents.")
        _call(head_office, "POST", f"{YEAR_END}/reconciliations", window)
        _show(_comparison(head_office))
    except (ErpFailed, TimeoutError) as failure:
        say(f"No comparison with the ERP: {failure}")


def _connect(head_office: Caller, erp: Erp, name: str) -> None:
    """Enter the ERP as a system with all codes, and begin its flow of sales."""
    kind, secret = KINDS[erp.kind]
    body = {"kind": kind, "url": erp.url, "credentials": {"user": erp.user, secret: erp.secret}}
    _call(head_office, "PUT", name, body)
    for codes_kind, codes in _codes().items():
        _call(head_office, "PUT", f"{name}/codes/{codes_kind}", {"codes": codes})
    _call(head_office, "PUT", f"{name}/flows/push_sales", {})


def _codes() -> dict[str, dict[str, str]]:
    items = {
        f"{item['id']}/{size['id']}": item_code(item["id"], size["id"])
        for item in pizzaplace.menu()["items"]
        for size in item["sizes"]
    }
    card = TENDERS["card"][0]
    return {
        "stores": STORE_CODES,
        "items": items | {"tea": TEA_CODE},
        "tenders": {name: code for name, (code, _) in TENDERS.items()} | {"wallet": card, "unknown": card},
        "units": {"piece": "PC"},
    }


def _run_timer(head_office: Caller) -> None:
    reply = head_office("POST", "/v1/timers/sync_push_sales/run", {"chain": CHAIN}, key=str(uuid.uuid4()))
    if reply.status_code != HTTPStatus.ACCEPTED:
        raise ErpFailed(reply.text)


def _settled(head_office: Caller, name: str, at_least: int) -> list[dict[str, Any]]:
    """The documents of the ledger, when none of them is under way. Raises TimeoutError."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        documents = list(_documents(head_office, name))
        under_way = any(document["state"] in OPEN_STATES for document in documents)
        if len(documents) >= at_least and not under_way:
            return documents
        time.sleep(1)
    raise TimeoutError(f"documents are still under way after {PATIENCE_SECONDS:.0f} s")


def _documents(head_office: Caller, name: str) -> Iterator[dict[str, Any]]:
    after = ""
    while after is not None:
        page = _call(head_office, "GET", f"{name}/documents", query=f"&limit=500&after={after}")
        yield from page["documents"]
        after = page["next"]


def _comparison(head_office: Caller) -> dict[str, Any]:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        found = _call(head_office, "GET", f"{YEAR_END}/reconciliations")["reconciliations"]
        if found and found[0]["day_until"] == WINDOW_END:
            newest: dict[str, Any] = found[0]
            return newest
        time.sleep(1)
    raise TimeoutError(f"no comparison after {PATIENCE_SECONDS:.0f} s")


def _show(comparison: dict[str, Any]) -> None:
    say(
        f"Both sides were compared from {comparison['day_from']} on: {comparison['documents']:,} documents, "
        f"{comparison['cells']:,} sums by store, day and tender. "
        f"The difference is {comparison['gross'] / 100:,.2f} {comparison['currency']}."
    )
    for document in comparison["differences"]["documents"][:10]:
        say(f"  {document}")


def document_line(document: dict[str, Any]) -> str:
    """One line of text for a document of the ledger. A bill that changed before it was sent has no number."""
    number = document["target_number"] or document["target_id"] or "not sent"
    amount = f"{document['gross'] / 100:,.2f} {CURRENCY}"
    reason = f": {document['detail']}" if document["detail"] else ""
    return f"{number:<14} {document['kind']} of {document['store']}, {amount}, {document['state']}{reason}"


def _call(head_office: Caller, method: str, path: str, body: Any = None, query: str = "") -> dict[str, Any]:
    """The reply's document. Raises `ErpFailed`."""
    key = None if method == "GET" else str(uuid.uuid4())
    reply = head_office(method, _target(path) + query, body, key=key)
    if reply.status_code >= HTTPStatus.BAD_REQUEST:
        raise ErpFailed(reply.text)
    document: dict[str, Any] = reply.json()
    return document


def _target(path: str) -> str:
    return f"/v1/sync/systems/{path}?chain={CHAIN}"
