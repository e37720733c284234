"""A chain of 230 stores in a real browser: what needs a look comes first, and each store can be found."""

from pathlib import Path

import pytest

from stack.stack import Stack
from tests.support.browser import journeys_of, walk
from tests.support.own_chain import OwnChain, open_chain

SCRIPT = Path(__file__).parent / "many_stores.mjs"
STORES = 230
CITIES = ("Oslo", "Lyon", "Porto")
STORE = """
    INSERT INTO stores (id, chain_id, region_id, revision, settings, sold_out)
    SELECT %(id)s, chain_id, %(region)s, 1, JSON_SET(settings, '$.name', %(name)s, '$.city', %(city)s), sold_out
    FROM stores WHERE id = %(like)s"""
AGENT = """
    INSERT INTO print_agents (id, store_id, name, encrypted, enrolled_at, connection_id, connected_at, seen_at,
        silent_at, version, platform)
    VALUES (%(agent)s, %(id)s, 'till-1', '', UTC_TIMESTAMP(), %(agent)s, UTC_TIMESTAMP(), UTC_TIMESTAMP(),
        '2099-01-01', '0.1.0', 'linux')"""
PRINTING = "INSERT INTO print_stores (store_id, revision, routing, printing_agent) VALUES (%(id)s, 1, '{}', %(agent)s)"
PRINTER = """
    INSERT INTO print_printers (store_id, id, profile, state, paper, cover, error, reported_at, changed_at)
    VALUES (%(id)s, 'kitchen', '{}', %(state)s, %(paper)s, 'closed', 'none', UTC_TIMESTAMP(), UTC_TIMESTAMP())"""
STATEMENTS = (STORE, AGENT, PRINTING, PRINTER)


@pytest.mark.parametrize("name", journeys_of(SCRIPT))
def test_many_stores(name: str, stack: Stack, browser: str) -> None:
    own = open_chain(stack)
    _open_many(stack, own)
    journey = {"base": stack.place.http, "browser": browser, "chain": own.id, "store": own.store, "stores": STORES}
    walk(SCRIPT, name, journey | {"person": own.person("Hedy Office", "head_office")})
    own.close()


def _open_many(stack: Stack, own: OwnChain) -> None:
    """Store 17 has no paper, and store 130 not much; all others are well."""
    rows = [
        {
            "id": f"{own.id}:m{number:03}",
            "like": f"{own.id}:{own.store}",
            "region": "far-region" if number == STORES - 1 else "near-region",
            "name": f"Market {number}",
            "city": CITIES[number % len(CITIES)],
            "agent": f"ag_{own.id[-6:]}{number:03}",
            "state": "stopped" if number == 17 else "ready",
            "paper": {17: "out", 130: "low"}.get(number, "ok"),
        }
        for number in range(STORES)
    ]
    with stack.db.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        for statement in STATEMENTS:
            cursor.executemany(statement, rows)
