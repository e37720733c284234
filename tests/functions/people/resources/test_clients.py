"""API keys over HTTP: made, rotated, revoked; a secret shown once; never more than the maker has."""

from collections.abc import Callable
from typing import Any

import pytest

from functions.people import api
from shared.spine.env import Environment
from tests.support import order_api
from tests.support.orders import Caller, new_key, open_store
from tests.support.people import Browser, signed_in

Query = Callable[[str], list[tuple[Any, ...]]]


def a_key(*grants: str, sources: tuple[str, ...] = ("till:*",), **more: Any) -> dict[str, Any]:
    return {"chain": "demo", "name": "Till", "grants": list(grants), "sources": list(sources)} | more


def test_a_key_is_made_used_rotated_and_revoked(head: Browser, store: str) -> None:
    made = head("POST", "/v1/clients", a_key("menu:read@chain:demo"))
    assert made.status == 201, made.text
    key = {"id": made.json["id"], "secret": made.json["secret"]}
    assert Caller(order_api.handler, key)("GET", f"/v1/stores/{store}").status == 200
    assert "secret" not in head("GET", f"/v1/clients/{key['id']}").json
    rotated = head("POST", f"/v1/clients/{key['id']}/secrets")
    assert rotated.status == 201
    new = {"id": key["id"], "secret": rotated.json["secret"]}
    assert Caller(api.handler, new)("GET", "/v1/clients?chain=demo").status == 403
    assert head("DELETE", f"/v1/clients/{key['id']}").json["revoked_at"]
    assert head("POST", f"/v1/clients/{key['id']}/secrets").json["code"] == "client_revoked"


def test_a_revoked_key_is_refused_by_an_environment_that_has_not_seen_it(
    head: Browser, another_env: Callable[..., Environment]
) -> None:
    made = head("POST", "/v1/clients", a_key("menu:read@chain:demo")).json
    head("DELETE", f"/v1/clients/{made['id']}")
    app = order_api.make_app(another_env())
    import serverless_wsgi  # noqa: PLC0415

    def handler(event: dict[str, Any], context: Any) -> Any:
        return serverless_wsgi.handle_request(app, event | {"cookies": []}, context)

    assert Caller(handler, made)("GET", "/v1/stores").status == 401


def test_the_same_request_shows_the_same_secret_and_the_database_never_does(head: Browser, query: Query) -> None:
    first = head("POST", "/v1/clients", a_key("menu:read@chain:demo"), key="k")
    assert head("POST", "/v1/clients", a_key("menu:read@chain:demo"), key="k").json == first.json
    stored = "".join(repr(query(f"SELECT * FROM {table}")) for table in ("api_clients", "api_client_secrets"))
    stored += repr(query("SELECT * FROM secret_replies")) + repr(query("SELECT reply FROM idempotency_keys"))
    stored += repr(query("SELECT * FROM audit_entries"))
    assert first.json["secret"] not in stored


@pytest.mark.parametrize(
    ("key", "field"),
    [
        (a_key("menu:read"), "grants"),
        (a_key("menu:eat@chain:demo"), "grants"),
        (a_key("menu:read@chain:rival"), "grants[0]"),
        (a_key("orders:place@chain:demo", sources=()), "sources"),
        (a_key("menu:read@chain:demo", sources=("oven:*",)), "sources"),
        (a_key(), "grants"),
        (a_key("menu:read@chain:demo", requests_per_second=0), "requests_per_second"),
        (a_key("menu:read@chain:demo", requests_per_second=100_000), "requests_per_second"),
    ],
)
def test_what_is_no_key_is_refused_by_its_field(head: Browser, key: dict[str, Any], field: str) -> None:
    answer = head("POST", "/v1/clients", key)
    assert (answer.status, answer.json["errors"][0]["path"]) == (422, field)


def test_a_maker_gives_only_what_it_has(env: Environment, url: str, call: Caller) -> None:
    near, far = (open_store(call, region=region) for region in ("north", "south"))
    rights = ["clients:manage", "orders:place", "orders:read"]
    of_region = Caller(api.handler, new_key(env, url, rights, "region:demo:north", sources=["till:*"]))
    assert of_region("POST", "/v1/clients", a_key(f"orders:place@store:demo:{near}")).status == 201
    for refused in (
        a_key(f"orders:place@store:demo:{far}"),
        a_key("orders:place@chain:demo"),
        a_key(f"menu:write@store:demo:{near}"),
        a_key(f"orders:place@store:demo:{near}", sources=("*:*",)),
        a_key(f"orders:write@store:demo:{near}"),
    ):
        assert of_region("POST", "/v1/clients", refused).json["code"] == "grant_not_allowed", refused
    without = Caller(api.handler, new_key(env, url, ["orders:place"], sources=["till:*"]))
    assert without("POST", "/v1/clients", a_key(f"orders:place@store:demo:{near}")).status == 403


def test_keys_beyond_the_own_rights_are_not_seen(env: Environment, url: str, head: Browser) -> None:
    rival = new_key(env, url, ["menu:read"], "chain:rival")["id"]
    strong = head("POST", "/v1/clients", a_key("members:forget@chain:demo")).json["id"]
    weak = head("POST", "/v1/clients", a_key("menu:read@chain:demo")).json["id"]
    maker = Caller(api.handler, new_key(env, url, ["clients:manage", "menu:read"], sources=["*:*"]))
    seen = {client["id"] for client in maker("GET", "/v1/clients?chain=demo&limit=200").json["clients"]}
    assert weak in seen
    assert not seen & {strong, rival}
    for client in (strong, rival):
        assert maker("GET", f"/v1/clients/{client}").status == 404
        assert maker("POST", f"/v1/clients/{client}/secrets").status == 404
        assert maker("DELETE", f"/v1/clients/{client}").status == 404
    assert head("GET", f"/v1/clients/{rival}").status == 404
    assert maker("GET", "/v1/clients?chain=rival").status == 403


def test_pages_of_keys_follow_each_other(head: Browser) -> None:
    made = {head("POST", "/v1/clients", a_key("menu:read@chain:demo")).json["id"] for _ in range(5)}
    found: list[str] = []
    cursor = ""
    while True:
        page = head("GET", f"/v1/clients?chain=demo&limit=2{cursor}").json
        found += [client["id"] for client in page["clients"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert sorted(found) == sorted(made)


def test_a_store_manager_makes_no_keys(url: str, store: str) -> None:
    manager = signed_in(url, f"store_manager:{store}")
    assert manager("POST", "/v1/clients", a_key(f"menu:read@store:demo:{store}")).status == 403
    assert manager("GET", "/v1/clients?chain=demo").status == 403
