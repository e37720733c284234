"""Systems, flows and codes are configured over HTTP; credentials are never shown, and no chain reaches another."""

import json

import pytest

from functions.sync import api
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.simulators.erp import Erp
from tests.support.orders import Caller, an_order, new_key, paid
from tests.support.sync import CHAIN, Sync

ERP = f"/v1/sync/systems/erp{CHAIN}"


def test_credentials_are_stored_encrypted_and_never_shown(sync: Sync, database: MariaDB, erp: Erp) -> None:
    reply = sync.call("GET", ERP)
    assert reply.status == 200
    assert reply.json["has_credentials"]
    assert erp.secret not in reply.text
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT credentials FROM sync_systems")
        assert erp.secret.encode() not in cursor.fetchone()[0]


def test_stored_credentials_do_not_follow_to_another_address(sync: Sync) -> None:
    body = {"kind": "rest", "url": "http://127.0.0.1:9"}
    reply = sync.call("PUT", ERP, body)
    assert (reply.status, reply.json["code"]) == (422, "credentials_missing")


def test_settings_are_changed_without_the_credentials(sync: Sync, erp: Erp) -> None:
    body = {"kind": "rest", "url": erp.url, "enabled": False}
    reply = sync.call("PUT", ERP, body, headers={"If-Match": '"1"'})
    assert (reply.status, reply.json["enabled"], reply.json["has_credentials"]) == (200, False, True)
    assert sync.call("PUT", ERP, body, headers={"If-Match": '"1"'}).status == 412


def test_an_address_of_the_private_network_is_refused(sync: Sync) -> None:
    for url in ("http://169.254.169.254/latest", "https://10.1.2.3/", "ftp://127.0.0.1/"):
        body = {"kind": "rest", "url": url, "credentials": {"user": "u", "secret": "s"}}
        assert sync.call("PUT", f"/v1/sync/systems/other{CHAIN}", body).json["code"] == "url_refused"


def test_another_chain_sees_and_changes_nothing(sync: Sync, env: Environment, database: MariaDB) -> None:
    rival = Caller(api.handler, new_key(env, database.owner.url, ["sync:manage", "sync:read"], "chain:rival"))
    assert rival("GET", ERP).status == 403
    assert rival("POST", f"/v1/sync/systems/erp/replays{CHAIN}", {"cause": "data"}).status == 403
    assert rival("GET", "/v1/sync/systems/erp?chain=rival").status == 404
    assert sync.call("GET", ERP).status == 200


@pytest.mark.usefixtures("sync")
def test_a_reader_may_not_change(env: Environment, database: MariaDB) -> None:
    reader = Caller(api.handler, new_key(env, database.owner.url, ["sync:read"]))
    assert reader("GET", ERP).status == 200
    assert reader("PUT", f"/v1/sync/systems/erp/flows/push_sales{CHAIN}", {}).status == 403


def test_flows_show_their_last_run_and_the_parked_documents(sync: Sync, call: Caller, store: str) -> None:
    sync.put_codes("items", {"hawaiian/M": None})
    call("POST", "/v1/orders", an_order(store, payments=paid(1325)))
    sync.push()
    [flow] = sync.call("GET", f"/v1/sync/systems/erp/flows{CHAIN}").json["flows"]
    assert (flow["outcome"], flow["rows_changed"]) == ("finished", 1)
    assert flow["lag_seconds"] < 60
    [count] = flow["open"]
    assert (count["cause"], count["reason"], count["documents"], count["gross"]) == (
        "mapping",
        "no_code_items",
        1,
        1325,
    )


def test_a_dry_run_shows_the_documents_and_the_missing_codes_and_sends_nothing(
    sync: Sync, call: Caller, store: str, erp: Erp
) -> None:
    order = call("POST", "/v1/orders", an_order(store, payments=paid(1325))).json
    sync.put_codes("tenders", {"cash": None})
    dry_run = f"/v1/sync/systems/erp/dry-run{CHAIN}&store={store}&day={order['business_day']}"
    shown = sync.call("GET", dry_run).json
    assert [(document["gross"], document["missing"]) for document in shown["send"]] == [(1325, "tenders cash")]
    assert not erp.seen
    assert sync.rows() == []
    sync.put_codes("tenders", {"cash": "CASH"})
    sync.push()
    assert sync.call("GET", dry_run).json == {"send": [], "cancel": [], "unchanged": 1}


def test_the_ledger_is_listed_by_cause_and_replayed_by_key(sync: Sync, call: Caller, store: str, erp: Erp) -> None:
    call("POST", "/v1/orders", an_order(store, payments=paid(1325)))
    erp.books.close_period("2100-01-01")
    sync.push()
    page = sync.call("GET", f"/v1/sync/systems/erp/documents{CHAIN}&cause=rights").json
    [document] = page["documents"]
    assert (document["reason"], document["state"]) == ("closed_period", "parked")
    erp.books.close_period("2000-01-01")
    replays = f"/v1/sync/systems/erp/replays{CHAIN}"
    assert sync.call("POST", replays, {}).status == 422
    assert sync.call("POST", replays, {"key": document["key"]}).json == {"replayed": 1}
    sync.push()
    assert json.loads(sync.call("GET", f"/v1/sync/systems/erp/documents{CHAIN}&state=done").text)["documents"]
