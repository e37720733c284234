"""People and their browsers, to write tests about sessions with."""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.people import api
from ops.people import People
from stack.gateway_event import Answer, Context, answer_of, event

PASSWORD = "correct horse battery"


@dataclass
class Browser:
    """Calls handlers with a cookie, as a browser does that shows our page."""

    handler: Any = api.handler
    cookie: str = ""
    csrf: str = ""
    context: Context = field(default_factory=Context)

    def __call__(
        self, method: str, target: str, body: Any = None, *, key: str | None = None, headers: Mapping[str, str] = {}
    ) -> Answer:
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        sent = {"host": "api", "sec-fetch-site": "same-origin"} | ({"cookie": self.cookie} if self.cookie else {})
        if content:
            sent["content-type"] = "application/json"
        if method != "GET":
            sent |= {"x-csrf-token": self.csrf, "idempotency-key": key or uuid.uuid4().hex}
        sent |= {name.lower(): value for name, value in headers.items()}
        return answer_of(self.handler(event(method, target, sent, content), self.context))

    def at(self, handler: Any) -> "Browser":
        """The same browser before the handler of another concern."""
        return Browser(handler, self.cookie, self.csrf, self.context)

    def sign_in(self, email: str, password: str = PASSWORD, **more: Any) -> Answer:
        answer = self.at(api.handler)("POST", "/v1/sessions", {"email": email, "password": password} | more)
        if answer.status == 201:
            [self.cookie] = re.findall(r"^([^;]+)", answer.headers["set-cookie"])
            self.csrf = answer.json["csrf"]
        return answer


def new_person(url: str, *roles: str, chain: str = "demo", password: str = PASSWORD) -> dict[str, str]:
    """A new person of the chain: {"id", "email", "password"}."""
    people = People(url)
    try:
        return people.add(chain, f"{uuid.uuid4().hex[:10]}@example.com", "Pat Person", roles, password)
    finally:
        people.close()


def signed_in(url: str, *roles: str, chain: str = "demo", handler: Any = api.handler) -> Browser:
    """The browser of a new person with these roles."""
    browser = Browser()
    answer = browser.sign_in(new_person(url, *roles, chain=chain)["email"])
    assert answer.status == 201, answer.text
    return browser.at(handler)
