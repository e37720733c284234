"""Signing in and out, and what a cookie opens."""

import hashlib
import re
from typing import Any

import pytest

from functions.people import api as people
from shared.spine.env import Environment
from shared.spine.sessions import SELECT_SESSION
from stack.mariadb import MariaDB
from tests.support import order_api
from tests.support.orders import Caller, an_order, new_key, paid
from tests.support.people import PASSWORD, Browser, new_person, signed_in


def query(database: MariaDB, statement: str) -> list[tuple[Any, ...]]:
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


@pytest.fixture
def url(env: Environment, database: MariaDB) -> str:
    del env
    return database.owner.url


def test_a_person_signs_in_and_sees_who_it_is(url: str) -> None:
    person = new_person(url, "head_office")
    browser = Browser()
    answer = browser.sign_in(person["email"])
    assert answer.status == 201, answer.text
    seen = browser("GET", "/v1/session")
    assert seen.status == 200
    assert seen.json == answer.json
    assert seen.json["person"] == person["id"]
    assert seen.json["roles"] == [{"role": "head_office", "level": "chain", "scope": "demo"}]
    assert "orders:read@chain:demo" in seen.json["rights"]


def test_the_cookie_is_for_this_host_over_tls_and_no_script_reads_it(url: str) -> None:
    answer = Browser().sign_in(new_person(url, "head_office")["email"])
    name, *attributes = answer.headers["set-cookie"].split("; ")
    assert re.fullmatch(r"__Host-dumbwaiter-session=[A-Za-z0-9_-]{43}", name)
    assert set(attributes) == {"Path=/", "Max-Age=604800", "HttpOnly", "SameSite=Strict", "Secure"}
    assert answer.headers["cache-control"] == "no-store"


def test_the_database_has_the_hash_of_the_token_alone(url: str, database: MariaDB) -> None:
    browser = signed_in(url, "head_office")
    token = browser.cookie.partition("=")[2]
    [(stored,)] = query(database, "SELECT token_hash FROM sessions")
    assert stored == hashlib.sha256(token.encode()).digest()


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(url: str) -> None:
    person = new_person(url, "head_office")
    wrong = Browser().sign_in(person["email"], "not the password")
    unknown = Browser().sign_in("nobody@example.com", PASSWORD)
    assert (wrong.status, unknown.status) == (401, 401)
    assert {**wrong.json, "request": None} == {**unknown.json, "request": None}
    assert "set-cookie" not in wrong.headers


def test_a_cookie_is_worthless_after_the_end_of_its_session(url: str) -> None:
    browser = signed_in(url, "head_office")
    stolen = browser.at(order_api.handler)
    assert stolen("GET", "/v1/stores").status == 200
    ended = browser("DELETE", "/v1/session")
    assert ended.status == 200
    assert "Max-Age=0" in ended.headers["set-cookie"]
    assert stolen("GET", "/v1/stores").status == 401
    assert browser("GET", "/v1/session").json["code"] == "session_ended"


def test_a_person_uses_what_api_clients_use(call: Caller, store: str, url: str, database: MariaDB) -> None:
    browser = signed_in(url, "head_office", handler=order_api.handler)
    placed = browser("POST", "/v1/orders", an_order(store, payments=paid(1325)), key="k1")
    assert placed.status == 201, placed.text
    again = browser("POST", "/v1/orders", an_order(store, payments=paid(1325)), key="k1")
    assert again.json["code"] == "key_reused"
    assert call("GET", f"/v1/orders/{placed.json['id']}").json["total"] == 1325
    entries = query(database, "SELECT actor, operation, path, store_id, status, fields FROM audit_entries ORDER BY id")
    [invitation, sign_in, entry] = entries
    assert invitation[:2] == ("command", "people.invite_person")
    assert sign_in[1] == "people.sign_in"
    assert entry[0].startswith("p-")
    assert entry[1:5] == ("orders.place_order", "/v1/orders", f"demo:{store}", 201)
    assert "1325" not in entry[5]


def test_a_store_manager_reaches_no_other_store(call: Caller, store: str, url: str) -> None:
    other = f"{store}x"
    call("PUT", f"/v1/stores/{other}", call("GET", f"/v1/stores/{store}").json["settings"])
    browser = signed_in(url, f"store_manager:{store}", handler=order_api.handler)
    assert [found["id"] for found in browser("GET", "/v1/stores").json["stores"]] == [store]
    assert browser("GET", f"/v1/stores/{other}").status in (403, 404)
    assert browser("GET", f"/v1/stores/{store}").status == 200


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"x-csrf-token": ""}, "csrf_wrong"),
        ({"x-csrf-token": "A" * 43}, "csrf_wrong"),
        ({"sec-fetch-site": "cross-site"}, "origin_not_allowed"),
        ({"sec-fetch-site": "same-site"}, "origin_not_allowed"),
        ({"sec-fetch-site": "none"}, "origin_not_allowed"),
    ],
)
def test_a_change_needs_the_page_of_this_origin(url: str, headers: dict[str, str], code: str) -> None:
    browser = signed_in(url, "head_office")
    refused = browser("DELETE", "/v1/session", headers=headers)
    assert (refused.status, refused.json["code"]) == (403, code)
    assert browser("GET", "/v1/session").status == 200


def test_a_cookie_beside_a_signature_counts_for_nothing(env: Environment, url: str) -> None:
    browser = signed_in(url, "head_office")
    without_rights = Caller(order_api.handler, new_key(env, url, ["orders:read"]))
    answer = without_rights("PUT", "/v1/stores/s1", {}, headers={"cookie": browser.cookie})
    assert answer.status in (403, 422)
    forged = Caller(people.handler, {"id": "k1", "secret": "unknown"})
    assert forged("GET", "/v1/session", headers={"cookie": browser.cookie}).json["code"] == "signature_wrong"


def test_a_session_is_found_by_its_key_and_its_roles_by_theirs(url: str, database: MariaDB) -> None:
    signed_in(url, "head_office")
    [(token_hash,)] = query(database, "SELECT HEX(token_hash) FROM sessions")
    select = SELECT_SESSION.replace("%(token_hash)s", f"0x{token_hash}")
    plan = query(database, f"EXPLAIN FORMAT = TRADITIONAL {select}")
    tables = {row[2]: row for row in plan if row[2] in ("s", "p", "a")}
    assert {name: "PRIMARY" in map(str, row) for name, row in tables.items()} == {"s": True, "p": True, "a": True}
