"""People sign in at an OpenID provider by another hand (oidc-provider-mock), and no other browser does it for them."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest
import serverless_wsgi

from functions.people import api
from functions.people.provider import ask as ask_module
from shared.spine.env import Environment
from tests.support.people import Browser, new_person, signed_in
from tests.support.waiting import wait_until

REDIRECT = "http://localhost:9000/console/provider"


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The provider is a program of its own: its library warns, and a warning here is an error."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    program = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    issuer = f"http://localhost:{port}"
    try:
        wait_until(lambda: _answers(issuer), lambda: program.poll() is None)
        yield issuer
    finally:
        program.terminate()
        program.wait()


def _answers(issuer: str) -> bool:
    try:
        return httpx.get(f"{issuer}/.well-known/openid-configuration", trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture
def handler(another_env: Callable[..., Environment]) -> Any:
    """The API of people in the stage `local`, which may call this machine."""
    app = api.make_app(another_env(stage="local"))

    def handle(event: dict[str, Any], context: Any) -> Any:
        cookies = [part for part in event["headers"].get("cookie", "").split("; ") if part]
        return serverless_wsgi.handle_request(app, event | {"cookies": cookies}, context)

    return handle


@pytest.fixture
def set_up(url: str, provider: str, handler: Any) -> str:
    """The issuer, as the provider of the chain `demo`."""
    head = signed_in(url, "head_office")
    body = {
        "chain": "demo",
        "issuer": provider,
        "client": "console",
        "client_secret": "s3cret",
        "redirect_uri": REDIRECT,
    }
    local = Browser(handler, head.cookie.replace("__Host-", ""), head.csrf)
    answer = local("PUT", "/v1/identity-provider", body)
    assert answer.status == 200, answer.text
    assert "s3cret" not in answer.text
    return provider


def begin(handler: Any) -> tuple[Browser, str]:
    """(the browser with the state's cookie, the address at the provider)."""
    browser = Browser(handler)
    answer = browser("POST", "/v1/sessions/provider", {"chain": "demo"})
    assert answer.status == 201, answer.text
    browser.cookie = answer.headers["set-cookie"].partition(";")[0]
    return browser, answer.json["url"]


def at_provider(address: str, email: str, *, verified: bool = True) -> dict[str, str]:
    """Sign in at the provider: `state` and `code` of the address to which it sends the browser."""
    issuer = "{0.scheme}://{0.netloc}".format(urlsplit(address))
    claims = {"email": email, "email_verified": verified}
    httpx.put(f"{issuer}/users/{quote(email)}", json=claims, trust_env=False).raise_for_status()
    reply = httpx.post(address, data={"sub": email}, follow_redirects=False, trust_env=False)
    assert reply.status_code == 302, reply.text
    query = parse_qs(urlsplit(reply.headers["location"]).query)
    return {name: query[name][0] for name in ("state", "code")}


def end(browser: Browser, body: dict[str, str]) -> Any:
    return browser("POST", "/v1/sessions/provider/end", body)


def test_an_invited_person_signs_in_at_the_provider(set_up: str, handler: Any, url: str) -> None:
    email = new_person(url, "marketing")["email"]
    browser, address = begin(handler)
    assert address.startswith(f"{set_up}/")
    signed = end(browser, at_provider(address, email))
    assert signed.status == 201, signed.text
    assert signed.json["email"] == email
    browser.cookie = signed.headers["set-cookie"].partition(";")[0]
    assert browser("GET", "/v1/session").json["roles"] == [{"role": "marketing", "level": "chain", "scope": "demo"}]
    [session] = browser("GET", "/v1/sessions").json["sessions"]
    assert session["method"] == "provider"
    # The second time by the provider's own name of the person.
    again, address = begin(handler)
    assert end(again, at_provider(address, email)).status == 201


@pytest.mark.usefixtures("set_up")
def test_the_code_of_a_thief_is_worthless_in_another_browser(handler: Any, url: str) -> None:
    email = new_person(url, "head_office")["email"]
    _, address = begin(handler)
    answer = at_provider(address, email)
    assert end(Browser(handler), answer).json["code"] == "state_wrong"
    other, _ = begin(handler)
    assert end(other, answer).json["code"] == "state_wrong"
    # With the thief's own state the verifier and the nonce are other ones.
    own_state = other.cookie.partition("=")[2]
    stolen = end(other, answer | {"state": own_state})
    assert stolen.json["code"] in ("provider_refused", "provider_unavailable")
    assert "set-cookie" not in stolen.headers


@pytest.mark.usefixtures("set_up")
def test_a_sign_in_ends_once(handler: Any, url: str) -> None:
    email = new_person(url, "head_office")["email"]
    browser, address = begin(handler)
    answer = at_provider(address, email)
    assert end(browser, answer).status == 201
    assert end(browser, answer).json["code"] == "state_wrong"


@pytest.mark.parametrize("state", ["A" * 43, "", "é" * 43, "' OR 1=1"])
@pytest.mark.usefixtures("set_up")
def test_a_made_up_state_ends_nothing(handler: Any, state: str) -> None:
    browser, _ = begin(handler)
    assert end(browser, {"state": state, "code": "x"}).status in (401, 422)


@pytest.mark.usefixtures("set_up")
def test_who_was_not_invited_does_not_come_in(handler: Any, url: str) -> None:
    browser, address = begin(handler)
    assert end(browser, at_provider(address, "stranger@example.com")).json["code"] == "no_person"
    email = new_person(url, "head_office")["email"]
    browser, address = begin(handler)
    assert end(browser, at_provider(address, email, verified=False)).json["code"] == "no_person"
    rival = new_person(url, "head_office", chain="rival")["email"]
    browser, address = begin(handler)
    assert end(browser, at_provider(address, rival)).json["code"] == "no_person"


@pytest.mark.usefixtures("set_up")
def test_a_token_for_another_sign_in_is_refused(handler: Any, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider answers with a token that it made for another sign-in: the nonce is another one."""
    email = new_person(url, "head_office")["email"]
    tokens: list[dict[str, Any]] = []
    asked = ask_module.ask

    def watched(env: Any, address: str, form: Any = None, authorization: Any = None) -> Any:
        document = asked(env, address, form, authorization)
        if form is None:
            return document
        tokens.append(document)
        return tokens[0]

    monkeypatch.setattr("functions.people.resources.provider_sign_in.ask", watched)
    for expected in (201, 401):
        browser, address = begin(handler)
        assert end(browser, at_provider(address, email)).status == expected


def test_the_secret_is_stored_encrypted_and_the_provider_set_by_the_head_office_alone(
    set_up: str, handler: Any, url: str, query: Callable[[str], list[tuple[Any, ...]]]
) -> None:
    assert "s3cret" not in repr(query("SELECT * FROM identity_providers"))
    body = {"chain": "demo", "issuer": set_up, "client": "c", "client_secret": "x", "redirect_uri": REDIRECT}
    for role, chain in (("region:north", "demo"), ("marketing", "demo"), ("head_office", "rival")):
        browser = signed_in(url, role, chain=chain)
        local = Browser(handler, browser.cookie.replace("__Host-", ""), browser.csrf)
        assert local("PUT", "/v1/identity-provider", body).status == 403
        assert local("GET", "/v1/identity-provider?chain=demo").status == 403
        assert local("DELETE", "/v1/identity-provider?chain=demo").status == 403


@pytest.mark.parametrize(
    "issuer", ["http://169.254.169.254/", "http://127.0.0.1:1/", "https://localhost/", "file:///etc"]
)
def test_an_address_inside_is_not_asked(url: str, issuer: str) -> None:
    head = signed_in(url, "head_office")
    body = {
        "chain": "demo",
        "issuer": issuer,
        "client": "c",
        "client_secret": "x",
        "redirect_uri": "https://c.example.com/",
    }
    assert head("PUT", "/v1/identity-provider", body).status == 422


def test_a_chain_without_a_provider_has_none(handler: Any, env: Environment) -> None:
    del env
    assert Browser(handler)("POST", "/v1/sessions/provider", {"chain": "demo"}).status == 404
