"""Passkeys of a device made from the specification: added, listed, removed, signed in with, and refused."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import serverless_wsgi

from functions.people import api
from functions.people.sign_in.totp import code_of, step_of
from shared.spine.env import Environment
from stack.gateway_event import Answer
from tests.functions.people.conftest import Moving
from tests.simulators.authenticator import Device, text_of
from tests.support.people import PASSWORD, Browser, new_person, signed_in

ORIGIN = "https://console.example.com"
PASSKEYS, SIGN_IN = "/v1/session/passkeys", "/v1/sessions/passkey"


@pytest.fixture
def person(url: str) -> dict[str, str]:
    return new_person(url, "store_manager:s1")


@pytest.fixture
def browser(person: dict[str, str]) -> Browser:
    """The browser of a person who is signed in."""
    browser = Browser()
    assert browser.sign_in(person["email"]).status == 201
    return browser


def send(browser: Browser, method: str, path: str, body: Any = None, origin: str = ORIGIN, **more: Any) -> Answer:
    return browser(method, path, body, headers={"Origin": origin}, **more)


def begin(browser: Browser, **more: Any) -> Any:
    answer = send(browser, "POST", f"{PASSKEYS}/begin", {"password": PASSWORD}, **more)
    assert answer.status == 201, answer.text
    return answer.json


def finish(browser: Browser, options: Any, credential: Any, name: str = "My laptop", **more: Any) -> Answer:
    body = {"name": name, "challenge": options["challenge"], "credential": credential}
    return send(browser, "POST", PASSKEYS, body, **more)


def add(browser: Browser, device: Device) -> Any:
    options = begin(browser)
    answer = finish(browser, options, device.create(options))
    assert answer.status == 201, answer.text
    return answer.json


def begin_sign_in(origin: str = ORIGIN, handler: Any = api.handler) -> tuple[Browser, Any]:
    """(the browser with the challenge's cookie, the options)."""
    browser = Browser(handler)
    answer = send(browser, "POST", SIGN_IN, origin=origin)
    assert answer.status == 201, answer.text
    browser.cookie = answer.headers["set-cookie"].partition(";")[0]
    return browser, answer.json


def end_sign_in(browser: Browser, credential: Any, origin: str = ORIGIN) -> Answer:
    return send(browser, "POST", f"{SIGN_IN}/end", {"credential": credential}, origin=origin)


def sign_in(device: Device, **more: Any) -> Answer:
    browser, options = begin_sign_in(**more)
    return end_sign_in(browser, device.get(options))


def refused(answer: Answer) -> None:
    assert (answer.status, answer.json["code"]) == (401, "passkey_refused"), answer.text


def test_a_person_adds_a_passkey_and_signs_in_with_it(browser: Browser, person: dict[str, str]) -> None:
    device = Device()
    added = add(browser, device)
    assert (added["name"], added["domain"], added["synced"]) == ("My laptop", "console.example.com", False)
    answer = sign_in(device)
    assert answer.status == 201, answer.text
    assert (answer.json["person"], answer.json["email"]) == (person["id"], person["email"])
    assert "HttpOnly" in answer.headers["set-cookie"]
    [listed] = browser("GET", PASSKEYS).json["passkeys"]
    assert listed["used_at"] is not None
    assert [each["method"] for each in browser("GET", "/v1/sessions").json["sessions"]] == ["passkey", "password"]


def test_the_options_ask_for_a_passkey_that_verifies_its_person(browser: Browser, person: dict[str, str]) -> None:
    device = Device()
    add(browser, device)
    options = begin(browser)
    assert options["rp"]["id"] == "console.example.com"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert [each["id"] for each in options["excludeCredentials"]] == [text_of(device.keys[0].id)]
    assert (options["user"]["name"], options["user"]["id"]) == (person["email"], text_of(person["id"].encode()))


def test_a_passkey_that_is_removed_opens_nothing(browser: Browser) -> None:
    device = Device()
    added = add(browser, device)
    assert send(browser, "DELETE", f"{PASSKEYS}/{added['id']}").status == 200
    assert browser("GET", PASSKEYS).json == {"passkeys": []}
    refused(sign_in(device))
    assert send(browser, "DELETE", f"{PASSKEYS}/{added['id']}").status == 404


def test_only_the_password_begins_a_passkey(browser: Browser) -> None:
    answer = send(browser, "POST", f"{PASSKEYS}/begin", {"password": "wrong"})
    assert (answer.status, answer.json["code"]) == (403, "password_wrong")


def test_a_challenge_is_good_once(browser: Browser) -> None:
    device, options = Device(), begin(browser)
    assert finish(browser, options, device.create(options)).status == 201
    refused(finish(browser, options, device.create(options)))
    waiting, asked = begin_sign_in()
    answer = device.get(asked, device.keys[0])
    assert end_sign_in(waiting, answer).status == 201
    refused(end_sign_in(waiting, answer))


def test_a_wrong_answer_uses_the_challenge_up(browser: Browser) -> None:
    options = begin(browser)
    refused(finish(browser, options, Device(origin="https://evil.example").create(options)))
    refused(finish(browser, options, Device().create(options)))


def test_a_challenge_belongs_to_its_session(browser: Browser, person: dict[str, str]) -> None:
    options = begin(browser)
    other = Browser()
    other.sign_in(person["email"])
    refused(finish(other, options, Device().create(options)))
    assert finish(browser, options, Device().create(options)).status == 201


def test_a_sign_in_ends_in_the_browser_that_began_it(browser: Browser) -> None:
    device = Device()
    add(browser, device)
    _, options = begin_sign_in()
    another, _ = begin_sign_in()
    refused(end_sign_in(another, device.get(options)))
    refused(end_sign_in(Browser(), device.get(options)))


def test_a_challenge_of_a_sign_in_adds_no_passkey(browser: Browser) -> None:
    _, asked = begin_sign_in()
    options = begin(browser) | {"challenge": asked["challenge"]}
    refused(finish(browser, options, Device().create(options)))


def test_a_challenge_lasts_five_minutes(person: dict[str, str], later: Any, clock: Moving) -> None:
    browser = Browser(later)
    answer = browser("POST", "/v1/sessions", {"email": person["email"], "password": PASSWORD})
    browser.cookie, browser.csrf = answer.headers["set-cookie"].partition(";")[0], answer.json["csrf"]
    device, options = Device(), begin(browser)
    clock.move(seconds=299)
    assert finish(browser, options, device.create(options)).status == 201
    waiting, asked = begin_sign_in(handler=later)
    clock.move(seconds=300)
    refused(end_sign_in(waiting, device.get(asked)))


def test_a_page_of_another_origin_gets_no_answer_that_counts(browser: Browser) -> None:
    device = Device()
    add(browser, device)
    waiting, options = begin_sign_in()
    device.origin = "https://evil.console.example.com"
    refused(end_sign_in(waiting, device.get(options)))
    # A proxy that writes its own origin into the request has no passkey for its domain.
    waiting, options = begin_sign_in("https://evil.example")
    device.origin = "https://evil.example"
    refused(end_sign_in(waiting, device.get(options, device.keys[0]), "https://evil.example"))


def test_a_device_that_verifies_nobody_is_refused(browser: Browser) -> None:
    options = begin(browser)
    refused(finish(browser, options, Device(verifies=False).create(options)))
    device = Device()
    add(browser, device)
    device.verifies = False
    refused(sign_in(device))


def test_a_copied_key_is_noticed_by_its_count(browser: Browser) -> None:
    device = Device()
    add(browser, device)
    assert sign_in(device).status == 201
    device.keys[0].count = 0
    refused(sign_in(device))


def test_a_synced_passkey_does_not_count(browser: Browser) -> None:
    device = Device(counts=False, synced=True)
    assert add(browser, device)["synced"] is True
    assert [sign_in(device).status, sign_in(device).status] == [201, 201]


def test_a_passkey_of_another_person_signs_nobody_else_in(browser: Browser, url: str) -> None:
    mine, theirs = Device(), Device()
    add(browser, mine)
    add(signed_in(url, "head_office", chain="rival"), theirs)
    waiting, options = begin_sign_in()
    forged = theirs.get(options) | {"id": mine.get(options)["id"]}
    refused(end_sign_in(waiting, forged))
    waiting, options = begin_sign_in()
    swapped = mine.get(options)
    swapped["response"]["userHandle"] = theirs.keys[0].user
    refused(end_sign_in(waiting, swapped))


def test_another_person_removes_no_passkey_of_mine(browser: Browser, url: str) -> None:
    added = add(browser, Device())
    other = signed_in(url, "head_office")
    assert send(other, "DELETE", f"{PASSKEYS}/{added['id']}").status == 404
    assert other("GET", PASSKEYS).json == {"passkeys": []}


def test_a_disabled_person_has_no_use_of_it(browser: Browser, head: Browser, person: dict[str, str]) -> None:
    device = Device()
    add(browser, device)
    changed = head("PATCH", f"/v1/people/{person['id']}", {"disabled": True}, headers={"If-Match": '"1"'})
    assert changed.status == 200, changed.text
    refused(sign_in(device))


def test_a_manager_removes_the_passkeys_of_a_lost_device(
    browser: Browser, head: Browser, person: dict[str, str]
) -> None:
    device = Device()
    add(browser, device)
    assert head("DELETE", f"/v1/people/{person['id']}/passkeys").json == {"removed": 1}
    refused(sign_in(device))


def test_the_same_passkey_is_not_added_twice(browser: Browser, url: str) -> None:
    device = Device()
    add(browser, device)
    other = signed_in(url, "head_office")
    options = begin(other)
    answer = device.create(options, device.keys[0])
    assert finish(other, options, answer).json["code"] == "passkey_exists"


def test_an_account_has_at_most_ten(browser: Browser) -> None:
    for _ in range(10):
        add(browser, Device())
    answer = send(browser, "POST", f"{PASSKEYS}/begin", {"password": PASSWORD})
    assert (answer.status, answer.json["code"]) == (409, "too_many_passkeys")


def test_a_repeated_request_adds_one(browser: Browser) -> None:
    options = begin(browser)
    answer = Device().create(options)
    first, second = (finish(browser, options, answer, key="k" * 32) for _ in range(2))
    assert (first.status, second.status) == (201, 201)
    assert first.json == second.json
    assert len(browser("GET", PASSKEYS).json["passkeys"]) == 1


def test_an_account_with_an_authenticator_sends_its_code(browser: Browser) -> None:
    secret = base64.b32decode(browser("POST", "/v1/session/totp", {"password": PASSWORD}).json["secret"])
    code = code_of(secret, step_of(datetime.now(UTC)))
    assert browser("POST", "/v1/session/totp/confirm", {"code": code}).status == 200
    answer = send(browser, "POST", f"{PASSKEYS}/begin", {"password": PASSWORD})
    assert (answer.status, answer.json["code"]) == (401, "code_needed")


def test_a_stage_with_a_domain_binds_to_it(person: dict[str, str], another_env: Callable[..., Environment]) -> None:
    app = api.make_app(another_env(console_domain="pages.example.com"))

    def handler(event: dict[str, Any], context: Any) -> Any:
        cookies = [part for part in event["headers"].get("cookie", "").split("; ") if part]
        return serverless_wsgi.handle_request(app, event | {"cookies": cookies}, context)

    browser = Browser()
    browser.sign_in(person["email"])
    own = browser.at(handler)
    assert begin(own, origin="https://evil.example")["rp"]["id"] == "pages.example.com"
