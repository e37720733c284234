"""Pages of another origin, with a guest token."""

from stack.gateway_event import Answer, Context, answer_of, event
from stack.mariadb import MariaDB
from tests.support.guests import ORDERS, TOKENS, code, guest_of, order_of
from tests.support.intake import rows_in
from tests.support.orders import Caller

# Pages of another origin


def preflight(server: Caller, method: str, path: str, origin: str = "https://shop.example") -> Answer:
    sent = {"host": "api", "origin": origin, "access-control-request-method": method}
    return answer_of(server.handler(event("OPTIONS", path, sent, b""), Context()))


def test_a_page_of_a_named_origin_uses_the_token(server: Caller, store: str) -> None:
    guest, token = guest_of(server, store, origins=["https://shop.example"])
    allowed = preflight(server, "POST", ORDERS)
    assert (allowed.status, allowed.text) == (204, "")
    assert allowed.headers["access-control-allow-origin"] == "https://shop.example"
    assert allowed.headers["access-control-allow-methods"] == "POST"
    headers = allowed.headers["access-control-allow-headers"].lower().split(", ")
    assert {"authorization", "content-type", "idempotency-key"} <= set(headers)
    assert "access-control-allow-credentials" not in allowed.headers
    placed = guest("POST", ORDERS, order_of(token), origin="https://shop.example")
    assert (placed.status, placed.headers["access-control-allow-origin"]) == (201, "https://shop.example")
    assert "location" in placed.headers["access-control-expose-headers"].lower()
    assert placed.headers["vary"] == "Origin"


def test_a_page_of_another_origin_is_refused(server: Caller, store: str, database: MariaDB) -> None:
    for origins in ([], ["https://shop.example"]):
        guest, token = guest_of(server, store, origins=origins)
        for origin in ("https://evil.example", "null", "http://shop.example", "https://shop.example.evil.example"):
            refused = guest("POST", ORDERS, order_of(token), origin=origin)
            assert code(refused) == (403, "origin_not_allowed")
    assert rows_in(database, "orders") == 0


def test_only_operations_for_guests_answer_a_preflight(call: Caller, server: Caller, store: str) -> None:
    for method, path in (("GET", f"/v1/stores/{store}/menu"), ("GET", f"{ORDERS}/x"), ("POST", f"{ORDERS}/x/cancel")):
        assert preflight(server, method, path).status == 204, path
    for method, path in (("GET", ORDERS), ("PUT", f"/v1/stores/{store}/menu"), ("POST", TOKENS), ("DELETE", ORDERS)):
        refused = preflight(server, method, path)
        assert code(refused) == (405, "method_not_allowed"), path
        assert "access-control-allow-origin" not in refused.headers
    signed = call("GET", ORDERS, headers={"origin": "https://shop.example"})
    assert "access-control-allow-origin" not in signed.headers
