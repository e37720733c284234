"""A person sees other systems in a real browser, and sends one document again."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ops.clients import Clients
from shared.contracts.ids import new_id
from stack.keys import keys
from stack.signed_requests import Caller
from stack.stack import Stack
from tests.support.browser import journeys_of, walk
from tests.support.own_chain import OwnChain, open_chain

SCRIPT = Path(__file__).parent / "sync.mjs"
PARK = """
    INSERT INTO sync_documents (system_key, flow, source_key, revision, group_key, kind, store_id, day, goal, state,
        cause, reason, detail, payload_hash, currency, net, tax, gross, attempts, next_at, created_at)
    VALUES (%s, 'push_sales', %s, 1, %s, 'sale', %s, '2026-11-29', 'post', 'parked', 'mapping', 'no_code_items',
        'There is no code for items hawaiian.', %s, 'CNY', 1200, 72, 1272, 0, %s, %s)"""
AGREED = """
    UPDATE sync_flows SET began_at = %s, ended_at = %s, outcome = 'agrees'
    WHERE system_key = %s AND flow = 'reconcile'"""
COMPARE = """
    INSERT INTO sync_reconciliations (system_key, id, day_from, day_until, ended_at, documents, cells, differing_cells,
        differing_documents, gross, currency, report)
    VALUES (%s, %s, '2026-11-27', '2026-11-30', %s, 10, 5, 1, 1, 250, 'CNY', %s)"""


def cell(store: str) -> dict[str, Any]:
    """2.50 and one piece more here than there."""
    here = {"documents": 2, "quantity": "4", "net": 1000, "tax": 60, "gross": 1060}
    there = here | {"quantity": "3", "gross": 810}
    return {"store": store, "day": "2026-11-29", "tender": "cash", "here": here, "there": there}


def differing(store: str) -> dict[str, Any]:
    """A sale that the other side lacks."""
    return {
        "fault": "missing_there", "key": "S01K000000000000000000LOST", "kind": "sale", "store": store,
        "day": "2026-11-29", "reference": "till 4711", "gross_here": 250, "gross_there": None,
        "detail": "parked: mapping no_code_items",
    }  # fmt: skip


@pytest.fixture
def chain_with_erp(stack: Stack) -> OwnChain:
    """A chain with a system, a flow, a parked document and a comparison with a difference."""
    own = open_chain(stack)
    clients = Clients(stack.db.owner.url, keys(stack.root).keyring)
    key = clients.create("sync", [f"sync:manage@chain:{own.id}", f"sync:read@chain:{own.id}"], 1_000, [])
    clients.close()
    call = Caller(stack.place.http, key)
    body = {"kind": "rest", "url": "http://127.0.0.1:9/", "credentials": {"user": "u", "secret": "s"}}
    call("PUT", f"/v1/sync/systems/erp?chain={own.id}", body).raise_for_status()
    for flow in ("push_sales", "reconcile"):
        call("PUT", f"/v1/sync/systems/erp/flows/{flow}?chain={own.id}", {}).raise_for_status()
    call.http.close()
    now = datetime.now(UTC).replace(tzinfo=None)
    system, document = f"{own.id}:erp", new_id(datetime.now(UTC))
    store = f"{own.id}:{own.store}"
    with stack.db.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(PARK, (system, f"S{document}", document, store, bytes(32), now, now))
        report = json.dumps({"cells": [cell(own.store)], "documents": [differing(own.store)]})
        cursor.execute(AGREED, (now, now, system))
        cursor.execute(COMPARE, (system, new_id(datetime.now(UTC)), now, report))
    return own


@pytest.mark.parametrize("name", journeys_of(SCRIPT))
def test_a_person_at_other_systems(name: str, stack: Stack, chain_with_erp: OwnChain, browser: str) -> None:
    person = chain_with_erp.person("Syn Chron", "head_office")
    given = {"base": stack.place.http, "browser": browser, "person": person, "store": chain_with_erp.store}
    walk(SCRIPT, name, given)
    chain_with_erp.close()
