"""A one-time code is traded for an identity once, whatever replies are lost."""

import json
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import Client

from functions.printing import api
from functions.printing.agents import enrolment
from functions.printing.resources import enrolment as enrolment_resource
from functions.printing.resources.enrolment import EnrolmentIn
from shared.spine.env import Environment
from shared.spine.http import Api
from stack.gateway_event import Answer, Context, answer_of, event
from stack.mariadb import MariaDB
from tests.functions.printing.conftest import Relay, key_of
from tests.support.orders import Caller, new_key


def new_agent_key() -> str:
    return urlsafe_b64encode(secrets.token_bytes(32)).decode()


@pytest.fixture
def printing(env: Environment, database: MariaDB) -> Caller:
    return Caller(api.handler, new_key(env, database.owner.url))


def enrol(code: str, key: str, **members: Any) -> Answer:
    """As an agent does it, without a signature."""
    body = json.dumps({"code": code, "key": key, "name": "till-1", "agent": "0.1.0", "protocol": 1} | members)
    headers = {"content-type": "application/json", "host": "api"}
    return answer_of(api.handler(event("POST", "/v1/printing/enrolments", headers, body.encode()), Context()))


@pytest.fixture
def code(relay: Relay, printing: Caller) -> Callable[[], str]:
    store = relay.store()

    def make() -> str:
        reply = printing("POST", "/v1/printing/codes", {"store": store})
        assert reply.status == 201, reply.text
        plain_code: str = reply.json["code"]
        return plain_code

    return make


def test_a_code_makes_an_agent_and_the_same_again_is_the_same_agent(code: Callable[[], str]) -> None:
    new_code, key = code(), new_agent_key()
    assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", new_code)
    first, again = enrol(new_code, key), enrol(new_code.lower().replace("-", " "), key)
    assert (first.status, again.status) == (201, 200)
    assert first.json == again.json
    assert set(first.json) == {"agent", "chain", "store", "relays"}


def test_a_code_is_refused_to_another_key(code: Callable[[], str], database: MariaDB) -> None:
    new_code = code()
    enrol(new_code, new_agent_key())
    stolen = enrol(new_code, new_agent_key())
    assert (stolen.status, stolen.json["code"]) == (409, "code_used")
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM print_agents")
        assert cursor.fetchall() == ((1,),)


def test_what_is_no_code_or_no_key_is_refused(code: Callable[[], str]) -> None:
    unknown = enrol("0000-0000", new_agent_key())
    assert (unknown.status, unknown.json["code"]) == (404, "code_unknown")
    short = enrol(code(), "A" * 43 + "!")
    assert (short.status, short.json["code"]) == (422, "key_malformed")


def test_a_code_is_good_for_a_day(
    code: Callable[[], str], env: Environment, another_env: Callable[..., Environment]
) -> None:
    new_code = code()
    late = another_env(clock=lambda: env.clock() + timedelta(hours=24, seconds=1))
    body = json.dumps({"code": new_code, "key": new_agent_key(), "name": "t"}).encode()
    client = Client(Api(late, "printing", api.OPERATIONS).app)
    expired = client.post("/v1/printing/enrolments", data=body, content_type="application/json")
    assert expired.json
    assert (expired.status_code, expired.json["code"]) == (410, "code_expired")


def test_codes_and_keys_are_not_kept_as_they_are(code: Callable[[], str], database: MariaDB) -> None:
    new_code = code()
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT * FROM print_enrolments")
        assert new_code.replace("-", "").encode() not in repr(cursor.fetchall()).encode()


def test_a_code_takes_the_right_to_enrol(relay: Relay, env: Environment, database: MariaDB) -> None:
    store = relay.store()
    for right, at, expected in [
        ("printing:enrol", f"store:demo:{store}", 201), ("printing:enrol", "store:demo:other", 403),
        ("printing:write", "chain:demo", 403),
    ]:  # fmt: skip
        new_code = Caller(api.handler, new_key(env, database.owner.url, [right], at))
        assert new_code("POST", "/v1/printing/codes", {"store": store}).status == expected


def test_an_agent_hears_that_its_store_has_another_one_as_soon_as_that_is_enrolled(relay: Relay) -> None:
    """From then on it lets go of its printers now and then, so that the new one can be checked."""
    store = relay.store()
    agent = relay.agent(store)
    assert agent.arrive()[0]["confirm"] is False
    with relay.env.db.transaction() as transaction:
        code, _ = enrolment.make_code(transaction, key_of(store), "head office", relay.now)
    body = EnrolmentIn(code=code, key=new_agent_key(), name="till-2")
    for _ in range(2):  # its first answer may have been lost
        enrolment_resource.enrol_agent(relay.env, "192.0.2.1", body)
    assert agent.heard() == [{"type": "reconnect", "within": 5}]
    assert agent.arrive()[0]["confirm"] is True
