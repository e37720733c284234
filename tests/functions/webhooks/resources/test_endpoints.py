"""Endpoints: created, read, changed and deleted by the keys of their scope alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.simulators.webhook_receiver import Receiver
from tests.support.orders import Caller, an_order, open_store, paid
from tests.support.webhooks import Webhooks, manager

URL = "http://127.0.0.1:9/hook"


def test_the_secret_is_shown_once_and_nowhere_in_clear(
    webhooks: Webhooks, database: MariaDB, receiver: Receiver
) -> None:
    webhook = webhooks.create(receiver.url())
    assert webhook["secret"].startswith("whsec_")
    shown = webhooks.read(webhook["id"])
    assert "secret" not in shown
    assert shown == {name: value for name, value in webhook.items() if name != "secret"}
    with database.owner.connect() as connection, connection.cursor() as cursor:
        for table in ("webhook_secrets", "webhook_endpoints", "idempotency_keys", "secret_replies", "messages"):
            cursor.execute(f"SELECT * FROM {table}")
            assert webhook["secret"] not in repr(cursor.fetchall())


def test_a_repeated_creation_gives_the_same_endpoint_and_secret(webhooks: Webhooks) -> None:
    body = {"chain": "demo", "url": URL, "types": ["order.*"]}
    first, again = (webhooks.manage("POST", "/v1/webhooks", body, key="one") for _ in range(2))
    assert first.json == again.json
    assert len(webhooks.manage("GET", "/v1/webhooks?chain=demo").json["webhooks"]) == 1


@pytest.mark.parametrize(
    ("different", "code"),
    [
        ({"url": "http://10.0.0.1/"}, "url_refused"),
        ({"url": "https://user:pw@example.com/"}, "url_refused"),
        ({"url": "http://169.254.169.254/latest/meta-data"}, "url_refused"),
        ({"url": "gopher://127.0.0.1/"}, "url_refused"),
        ({"types": []}, "body_invalid"),
        ({"types": ["member.forgotten"]}, "body_invalid"),
        ({"types": ["*"]}, "body_invalid"),
        ({"stores": ["no-such-store"]}, "unknown_store"),
        ({"secret": "mine"}, "body_invalid"),
    ],
)
def test_a_wrong_endpoint_is_refused(webhooks: Webhooks, different: dict[str, Any], code: str) -> None:
    refused = webhooks.manage("POST", "/v1/webhooks", {"chain": "demo", "url": URL, "types": ["order.*"]} | different)
    assert refused.json["code"] == code
    assert webhooks.manage("GET", "/v1/webhooks?chain=demo").json["webhooks"] == []


def test_outside_of_stage_local_this_machine_is_refused(
    webhooks: Webhooks, env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(env, "settings", type(env.settings)(**vars(env.settings) | {"stage": "prod"}))
    for url in (URL, "https://127.0.0.1/", "https://localhost/", "https://[::1]/"):
        refused = webhooks.manage("POST", "/v1/webhooks", {"chain": "demo", "url": url, "types": ["order.*"]})
        assert (refused.status, refused.json["code"]) == (422, "url_refused")


def test_another_chain_sees_changes_and_hears_nothing(
    webhooks: Webhooks, env: Environment, database: MariaDB, call: Caller, store: str, receiver: Receiver
) -> None:
    webhook = webhooks.create(URL)
    rival = manager(env, database.owner.url, at="chain:rival")
    path = f"/v1/webhooks/{webhook['id']}"
    settings = {"url": URL, "types": ["order.*"]}
    for method, target, body in [
        ("GET", path, None),
        ("PUT", path, settings),
        ("DELETE", path, None),
        ("POST", f"{path}/secrets", {}),
        ("POST", f"{path}/tests", None),
        ("GET", f"{path}/deliveries", None),
        ("POST", f"{path}/redeliveries", {"failed_since": "2026-01-01T00:00:00Z"}),
    ]:
        assert rival(method, target, body).status == 404, (method, target)
    assert rival("GET", "/v1/webhooks?chain=demo").json == {"webhooks": []}
    assert rival("POST", "/v1/webhooks", {"chain": "demo", **settings}).status == 403
    theirs = Webhooks(rival, webhooks.inbox)
    made = rival("POST", "/v1/webhooks", {"chain": "rival", "url": receiver.url(), "types": ["order.*"]})
    assert made.status == 201
    call("POST", "/v1/orders", an_order(store, payments=paid(1325)))
    webhooks.pump()
    assert receiver.requests == []
    assert theirs.deliveries(made.json["id"]) == []


def test_a_key_of_one_store_manages_endpoints_of_that_store_alone(
    webhooks: Webhooks, env: Environment, database: MariaDB, call: Caller, store: str
) -> None:
    another = open_store(call)
    mine = manager(env, database.owner.url, at=f"store:demo:{store}")
    body = {"chain": "demo", "url": URL, "types": ["order.*"]}
    assert mine("POST", "/v1/webhooks", body).status == 403
    assert mine("POST", "/v1/webhooks", body | {"stores": [store, another]}).status == 403
    made = mine("POST", "/v1/webhooks", body | {"stores": [store]})
    assert made.status == 201
    of_chain, of_both = webhooks.create(URL), webhooks.create(URL, stores=[store, another])
    assert mine("GET", f"/v1/webhooks/{of_chain['id']}").status == 404
    assert mine("GET", f"/v1/webhooks/{of_both['id']}").status == 404
    listed = mine("GET", "/v1/webhooks?chain=demo").json["webhooks"]
    assert [webhook["id"] for webhook in listed] == [made.json["id"]]
    widened = {"url": URL, "types": ["order.*"], "stores": []}
    assert mine("PUT", f"/v1/webhooks/{made.json['id']}", widened).status == 403


def test_a_key_of_a_region_manages_endpoints_of_its_stores(
    env: Environment, database: MariaDB, call: Caller, store: str
) -> None:
    west = open_store(call, region="west")
    east = manager(env, database.owner.url, at="region:demo:east")
    body = {"chain": "demo", "url": URL, "types": ["order.*"]}
    assert east("POST", "/v1/webhooks", body | {"stores": [store]}).status == 201
    assert east("POST", "/v1/webhooks", body | {"stores": [west]}).status == 403


def test_an_endpoint_of_a_store_hears_of_that_store_alone(
    webhooks: Webhooks, call: Caller, store: str, receiver: Receiver
) -> None:
    another = open_store(call)
    webhooks.create(receiver.url(), stores=[another], types=["order.placed"])
    call("POST", "/v1/orders", an_order(store))
    order = call("POST", "/v1/orders", an_order(another, payments=paid(1325))).json["id"]
    webhooks.pump()
    assert [(r.message["type"], r.message["subject"]) for r in receiver.requests] == [
        ("order.placed", f"order/{order}")
    ]


def test_a_change_replaces_the_settings_and_follows_the_revision(webhooks: Webhooks, receiver: Receiver) -> None:
    webhook = webhooks.create(URL)
    path = f"/v1/webhooks/{webhook['id']}"
    tag = webhooks.manage("GET", path).headers["etag"]
    settings = {"url": receiver.url("/new"), "types": ["order.paid"], "guest": True, "description": "ERP"}
    changed = webhooks.manage("PUT", path, settings, headers={"If-Match": tag})
    assert changed.status == 200, changed.text
    assert {name: changed.json[name] for name in settings} == settings
    stale = webhooks.manage("PUT", path, settings | {"description": "CRM"}, headers={"If-Match": tag})
    assert (stale.status, stale.json["code"]) == (412, "changed")
    assert webhooks.read(webhook["id"])["description"] == "ERP"


def test_a_disabled_endpoint_gets_nothing_and_after_it_is_enabled_only_what_is_new(
    webhooks: Webhooks, receiver: Receiver, call: Caller, store: str
) -> None:
    webhook = webhooks.create(receiver.url(), types=["order.*"])
    listener = webhooks.create(receiver.url("/listener"), types=["webhook.disabled"])
    path = f"/v1/webhooks/{webhook['id']}"
    settings = {"url": receiver.url(), "types": ["order.*"]}
    stopped = webhooks.manage("PUT", path, settings | {"enabled": False}).json
    assert (stopped["status"], stopped["reason"]) == ("disabled", "by_request")
    call("POST", "/v1/orders", an_order(store))
    webhooks.pump()
    assert [(r.path, r.message["data"]["reason"]) for r in receiver.requests] == [("/listener", "by_request")]
    assert webhooks.deliveries(listener["id"])[0]["state"] == "delivered"
    assert webhooks.manage("POST", f"{path}/tests").json["code"] == "webhook_disabled"
    assert webhooks.manage("PUT", path, settings).json["status"] == "enabled"
    new = call("POST", "/v1/orders", an_order(store)).json["id"]
    webhooks.pump()
    assert [r.message["subject"] for r in receiver.requests[1:]] == [f"order/{new}"]


def test_a_deleted_endpoint_is_gone(webhooks: Webhooks, receiver: Receiver, call: Caller, store: str) -> None:
    webhook = webhooks.create(receiver.url())
    path = f"/v1/webhooks/{webhook['id']}"
    assert webhooks.manage("DELETE", path).status == 200
    call("POST", "/v1/orders", an_order(store))
    webhooks.pump()
    assert receiver.requests == []
    assert webhooks.manage("GET", path).status == 404


def test_a_chain_has_at_most_fifty_endpoints(webhooks: Webhooks) -> None:
    for _ in range(50):
        webhooks.create(URL)
    full = webhooks.manage("POST", "/v1/webhooks", {"chain": "demo", "url": URL, "types": ["order.*"]})
    assert (full.status, full.json["code"]) == (409, "too_many_webhooks")


def test_a_new_endpoint_hears_nothing_of_the_past(
    webhooks: Webhooks, receiver: Receiver, call: Caller, store: str
) -> None:
    order = call("POST", "/v1/orders", an_order(store)).json["id"]
    webhooks.create(receiver.url())
    call("POST", f"/v1/orders/{order}/fulfilment", {"status": "accepted"})
    webhooks.pump()
    assert receiver.accepted_by_subject() == {f"order/{order}": [2]}
    created_at = datetime.fromisoformat(receiver.requests[0].message["time"])
    assert datetime.now(UTC) - created_at < timedelta(minutes=5)
