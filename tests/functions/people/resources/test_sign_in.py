"""Signing in: how many attempts there are, what an unknown address costs, and the second factor."""

import base64
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from functions.people import api
from functions.people.sign_in import totp
from functions.people.tables import people as people_table
from ops.people import People
from shared.kit import passwords
from shared.spine.db import Transaction
from shared.spine.env import Environment
from stack.gateway_event import Context, answer_of, event
from tests.functions.people.conftest import Moving
from tests.support.people import PASSWORD, Browser, new_person

Query = Callable[[str], list[tuple[Any, ...]]]
WRONG = "wrong"


def attempt(handler: Any, email: str, password: str = WRONG, address: str = "203.0.113.7") -> Any:
    """The status of one attempt from an address."""

    def from_address(event: dict[str, Any], context: Any) -> Any:
        event["requestContext"]["http"]["sourceIp"] = address
        return handler(event, context)

    return Browser(from_address)("POST", "/v1/sessions", {"email": email, "password": password})


@pytest.mark.parametrize("known", [True, False])
def test_the_sixth_attempt_waits_whether_the_account_exists_or_not(
    url: str,
    later: Any,
    clock: Moving,
    known: bool,  # noqa: FBT001
) -> None:
    email = new_person(url, "head_office")["email"] if known else "nobody@example.com"
    assert [attempt(later, email).status for _ in range(5)] == [401] * 5
    refused = attempt(later, email, PASSWORD)
    assert (refused.status, refused.json["code"], refused.headers["retry-after"]) == (429, "too_many_attempts", "30")
    clock.move(seconds=30)
    assert attempt(later, email, PASSWORD).status == (201 if known else 401)


def test_a_success_forgets_the_failures(url: str, later: Any) -> None:
    email = new_person(url, "head_office")["email"]
    for _ in range(3):
        assert [attempt(later, email).status for _ in range(4)] == [401] * 4
        assert attempt(later, email, PASSWORD).status == 201


def test_a_network_that_tries_many_accounts_waits(url: str, later: Any, query: Query) -> None:
    query("SELECT 1")
    email = new_person(url, "head_office")["email"]
    assert {attempt(later, f"a{number}@example.com").status for number in range(50)} == {401}
    assert attempt(later, email, PASSWORD).status == 429
    assert attempt(later, email, PASSWORD, address="203.0.113.8").status == 201


def test_attempts_at_once_are_counted_before_their_password_is_checked(
    url: str, monkeypatch: pytest.MonkeyPatch, query: Query
) -> None:
    email = new_person(url, "head_office")["email"]
    counted: list[int] = []
    fits = passwords.fits

    def watched(password: str, stored: str | None) -> bool:
        counted.append(query("SELECT MAX(failures) FROM sign_in_attempts")[0][0])
        return fits(password, stored)

    monkeypatch.setattr("functions.people.resources.sign_in.passwords.fits", watched)
    for _ in range(3):
        Browser().sign_in(email, "wrong")
    assert counted == [1, 2, 3]


def test_an_unknown_address_causes_the_same_statements_and_the_same_hash(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = new_person(url, "head_office")["email"]
    work: list[str] = []
    execute, fits = Transaction.execute, passwords.fits

    def watched(self: Transaction, statement: str, values: Any = ()) -> int:
        work.append(statement)
        return execute(self, statement, values)

    def watched_fits(password: str, stored: str | None) -> bool:
        work.append("hash")
        return fits(password, stored)

    Browser().sign_in(email, "wrong")  # an environment counts the accounts once in ten minutes
    monkeypatch.setattr(Transaction, "execute", watched)
    monkeypatch.setattr("functions.people.resources.sign_in.passwords.fits", watched_fits)
    Browser().sign_in(email, "wrong")
    known, work[:] = list(work), []
    Browser().sign_in("nobody@example.com", "wrong")
    assert work == known
    assert "hash" in known


def test_a_hash_of_old_parameters_is_replaced_at_the_next_sign_in(url: str, query: Query, env: Environment) -> None:
    person = new_person(url, "head_office")
    old = Argon2id(salt=b"0123456789abcdef", length=32, iterations=1, lanes=1, memory_cost=8_192)
    with env.db.transaction() as transaction:
        people_table.update_password(transaction, person["id"], old.derive_phc_encoded(PASSWORD.encode()))
    assert Browser().sign_in(person["email"]).status == 201
    assert query("SELECT password FROM people")[0][0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert Browser().sign_in(person["email"]).status == 201


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "none"}, {"content-type": "text/plain"}],
)
def test_no_other_page_signs_a_visitor_in(url: str, headers: dict[str, str]) -> None:
    body = {"email": new_person(url, "head_office")["email"], "password": PASSWORD}
    answer = Browser()("POST", "/v1/sessions", body, headers=headers)
    assert answer.status in (403, 415)
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(("origin", "status"), [("https://api", 201), ("https://evil.example", 403), ("null", 403)])
def test_a_browser_without_fetch_metadata_is_judged_by_its_origin(url: str, origin: str, status: int) -> None:
    person = new_person(url, "head_office")
    body = {"email": person["email"], "password": PASSWORD}

    sent = {"host": "api", "content-type": "application/json", "origin": origin}
    answer = answer_of(api.handler(event("POST", "/v1/sessions", sent, json.dumps(body).encode()), Context()))
    assert answer.status == status


def accounts_of(url: str, passwords_by_chain: dict[str, str]) -> None:
    """Accounts of one address, the oldest first."""
    table = People(url)
    try:
        for chain, password in passwords_by_chain.items():
            table.add(chain, "pat@example.com", "Pat", ["head_office"], password)
    finally:
        table.close()


def test_a_password_of_several_accounts_needs_the_chain(url: str, query: Query) -> None:
    accounts_of(url, {"demo": PASSWORD, "rival": PASSWORD, "third": "another long password"})
    asked = Browser().sign_in("pat@example.com")
    assert (asked.status, asked.json["code"], asked.json["chains"]) == (401, "chain_needed", ["demo", "rival"])
    assert query("SELECT SUM(failures) FROM sign_in_attempts") == [(0,)]
    assert Browser().sign_in("Pat@Example.com", chain="demo").json["chain"] == "demo"
    assert Browser().sign_in("pat@example.com", chain="rival").json["chain"] == "rival"
    assert Browser().sign_in("pat@example.com", "another long password").json["chain"] == "third"


@pytest.mark.parametrize("waits", [True, False], ids=["invited", "with a password"])
def test_no_chain_blocks_the_sign_in_of_another_by_an_older_account(
    url: str,
    query: Query,
    waits: bool,  # noqa: FBT001
) -> None:
    accounts_of(url, {"rival": "their own password", "demo": PASSWORD})
    if waits:
        query("UPDATE people SET password = NULL WHERE chain_id = 'rival'")
    assert Browser().sign_in("pat@example.com").json["chain"] == "demo"
    assert Browser().sign_in("pat@example.com", "wrong").status == 401
    assert Browser().sign_in("pat@example.com", chain="rival").status == 401


def test_the_hashes_are_bounded_and_as_many_for_each_address(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts_of(url, {f"chain{number}": f"long password {number}" for number in range(7)})
    alone = new_person(url, "head_office")["email"]
    hashes: list[str | None] = []
    fits = passwords.fits

    def watched(password: str, stored: str | None) -> bool:
        hashes.append(stored)
        return fits(password, stored)

    monkeypatch.setattr("functions.people.resources.sign_in.passwords.fits", watched)
    for email in ("pat@example.com", alone, "nobody@example.com"):
        hashes.clear()
        assert Browser().sign_in(email, "wrong").status == 401
        assert len(hashes) == 5, email


# The second factor


@pytest.fixture
def secret(url: str, later: Any, clock: Moving) -> tuple[str, bytes, Browser, list[str]]:
    """A person with an authenticator: (email, secret, browser, recovery codes)."""
    email = new_person(url, "head_office")["email"]
    browser = Browser(later)
    sign_in(browser, email)
    text = browser("POST", "/v1/session/totp", {"password": PASSWORD}).json["secret"]
    made = base64.b32decode(text)
    confirmed = browser("POST", "/v1/session/totp/confirm", {"code": code(made, clock.now)})
    assert confirmed.status == 200, confirmed.text
    return email, made, browser, confirmed.json["recovery_codes"]


def sign_in(browser: Browser, email: str, **more: Any) -> Any:
    answer = browser("POST", "/v1/sessions", {"email": email, "password": PASSWORD} | more)
    if answer.status == 201:
        browser.cookie, browser.csrf = answer.headers["set-cookie"].partition(";")[0], answer.json["csrf"]
    return answer


def code(secret: bytes, moment: datetime) -> str:
    return totp.code_of(secret, totp.step_of(moment))


Secret = tuple[str, bytes, Browser, list[str]]


def test_with_an_authenticator_each_sign_in_needs_a_code(later: Any, secret: Secret, clock: Moving) -> None:
    email, key, _, _ = secret
    assert sign_in(Browser(later), email).json["code"] == "code_needed"
    assert sign_in(Browser(later), email, code="000000").json["code"] == "code_wrong"
    clock.move(seconds=30)
    assert sign_in(Browser(later), email, code=code(key, clock.now)).status == 201


def test_a_code_that_was_seen_over_a_shoulder_opens_nothing(later: Any, secret: Secret, clock: Moving) -> None:
    email, key, _, _ = secret
    # The code that confirmed the authenticator counts, too.
    assert sign_in(Browser(later), email, code=code(key, clock.now)).json["code"] == "code_wrong"
    clock.move(seconds=30)
    seen = code(key, clock.now)
    assert sign_in(Browser(later), email, code=seen).status == 201
    assert sign_in(Browser(later), email, code=seen).json["code"] == "code_wrong"


def test_codes_cannot_be_tried_through(later: Any, secret: Secret) -> None:
    email, _, _, _ = secret
    statuses = [sign_in(Browser(later), email, code=f"{number:06}").status for number in range(6)]
    assert statuses == [401] * 5 + [429]


def test_a_recovery_code_is_good_once(later: Any, secret: Secret) -> None:
    email, _, _, codes = secret
    assert sign_in(Browser(later), email, code=codes[0].upper()).status == 201
    assert sign_in(Browser(later), email, code=codes[0]).json["code"] == "code_wrong"
    assert sign_in(Browser(later), email, code=codes[1]).status == 201


def test_a_left_page_does_not_remove_the_authenticator(secret: Secret, clock: Moving) -> None:
    _, key, browser, _ = secret
    clock.move(seconds=30)
    wrong = browser("POST", "/v1/session/totp/remove", {"password": "wrong", "code": code(key, clock.now)})
    assert wrong.json["code"] == "password_wrong"
    removal = {"password": PASSWORD, "code": "000000"}
    assert browser("POST", "/v1/session/totp/remove", removal).json["code"] == "code_wrong"
    removed = browser("POST", "/v1/session/totp/remove", {"password": PASSWORD, "code": code(key, clock.now)})
    assert removed.json == {"enabled": False, "recovery_codes": 0}


def test_the_secret_of_an_authenticator_is_stored_encrypted(secret: Secret, query: Query) -> None:
    _, key, _, codes = secret
    stored = repr(query("SELECT * FROM person_factors")) + repr(query("SELECT * FROM recovery_codes"))
    stored += repr(query("SELECT * FROM secret_replies")) + repr(query("SELECT reply FROM idempotency_keys"))
    for text in (key.decode("latin1"), totp.text_of(key), *codes):
        assert text not in stored


# Sessions


def test_a_session_ends_after_twelve_idle_hours_and_after_seven_days(url: str, later: Any, clock: Moving) -> None:
    email = new_person(url, "head_office")["email"]
    browser = Browser(later)
    sign_in(browser, email)
    clock.move(hours=11, minutes=59)
    assert browser("GET", "/v1/session").status == 200
    clock.move(hours=12)
    assert browser("GET", "/v1/session").status == 401
    sign_in(browser, email)
    for _ in range(15):
        clock.move(hours=11)
        last = browser("GET", "/v1/session").status
    assert last == 200
    clock.move(hours=3)
    assert browser("GET", "/v1/session").status == 401


def test_a_person_sees_and_ends_other_sessions(url: str) -> None:
    email = new_person(url, "head_office")["email"]
    phone, laptop, tablet = Browser(), Browser(), Browser()
    for browser in (phone, laptop, tablet):
        browser.sign_in(email)
    listed = laptop("GET", "/v1/sessions").json["sessions"]
    assert [entry["present"] for entry in listed] == [False, True, False]
    lost = listed[2]["id"]
    assert laptop("DELETE", f"/v1/sessions/{lost}").json == {"id": lost}
    assert phone("GET", "/v1/session").status == 401
    assert laptop("DELETE", "/v1/sessions").json == {"ended": 1}
    assert tablet("GET", "/v1/session").status == 401
    assert laptop("GET", "/v1/session").status == 200


def test_no_person_ends_the_session_of_another(url: str, head: Browser) -> None:
    other = Browser()
    other.sign_in(new_person(url, "head_office")["email"])
    [entry] = other("GET", "/v1/sessions").json["sessions"]
    assert head("DELETE", f"/v1/sessions/{entry['id']}").status == 404
    assert other("GET", "/v1/session").status == 200


def test_another_password_ends_the_other_sessions(url: str) -> None:
    email = new_person(url, "head_office")["email"]
    thief, owner = Browser(), Browser()
    thief.sign_in(email)
    owner.sign_in(email)
    change = {"password": PASSWORD, "new_password": "aubergine kiosk 3"}
    assert thief("POST", "/v1/session/password", change | {"password": "guess"}).status == 403
    short = owner("POST", "/v1/session/password", change | {"new_password": "short"})
    assert short.json["errors"][0]["code"] == "too_short"
    changed = owner("POST", "/v1/session/password", change, key="k")
    assert changed.json == {"ended": 1}
    assert owner("POST", "/v1/session/password", change, key="k").json == {"ended": 1}
    assert thief("GET", "/v1/session").status == 401
    assert Browser().sign_in(email).status == 401
    assert Browser().sign_in(email, "aubergine kiosk 3").status == 201


def test_the_old_cookie_is_not_the_new_one(url: str) -> None:
    person = new_person(url, "head_office")
    fixed = Browser(cookie=f"__Host-dumbwaiter-session={'A' * 43}")
    before = fixed.cookie
    fixed.sign_in(person["email"])
    assert fixed.cookie != before
    assert Browser(cookie=before)("GET", "/v1/session").status == 401


@pytest.mark.parametrize(
    "cookie",
    [
        "__Host-dumbwaiter-session=",
        "__Host-dumbwaiter-session=' OR 1=1 --",
        "__Host-dumbwaiter-session=" + "A" * 42,
        "__Host-dumbwaiter-session=" + "A" * 44,
        "__Host-dumbwaiter-session=" + "A" * 20_000,
        "x=" + "A" * 20_000,
        "__Host-dumbwaiter-session=" + "é" * 43,
        "__Host-dumbwaiter-session=\x00",
        "__host-dumbwaiter-session=" + "A" * 43,
        ";;;=;=" * 100,
    ],
)
def test_garbled_cookies_open_nothing_and_break_nothing(env: Environment, cookie: str) -> None:
    del env
    assert Browser(cookie=cookie)("GET", "/v1/session").status == 401


def test_two_cookies_of_the_name_open_nothing(head: Browser) -> None:
    both = Browser(cookie=f"{head.cookie}; __Host-dumbwaiter-session={'A' * 43}")
    assert both("GET", "/v1/session").status == 401
    assert head("GET", "/v1/session").status == 200
