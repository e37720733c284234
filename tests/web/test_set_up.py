"""What a person sets up in the console, in a real browser against the running stack."""

from pathlib import Path
from typing import Any

import pytest

from demo import examples
from ops.clients import Clients
from stack.keys import keys
from stack.stack import Stack
from tests.support.browser import journeys_of, walk
from tests.support.own_chain import OwnChain

SCRIPT = Path(__file__).parent / "set_up.mjs"


@pytest.fixture(scope="module")
def journey(stack: Stack, browser: str, own_chain: OwnChain) -> dict[str, Any]:
    other = f"{own_chain.id}-other"
    own_chain.call(
        "PUT", f"/v1/stores/{other}", examples.STORE | {"chain": own_chain.id, "name": "Other"}
    ).raise_for_status()
    clients = Clients(stack.db.owner.url, keys(stack.root).keyring)
    rights = ("menu:read", "orders:place")
    app = clients.create("app", [f"{right}@chain:{own_chain.id}" for right in rights], 1_000, ["mini_program:*"])
    writer = clients.create("menus", [f"menu:write@chain:{own_chain.id}"], 1_000, [])
    clients.close()
    return {
        "base": stack.place.http,
        "browser": browser,
        "chain": own_chain.id,
        "store": own_chain.store,
        "storeName": examples.STORE["name"],
        "other": other,
        "app": app,
        "writer": writer,
        "person": own_chain.person("Hedy Office", "head_office"),
        "manager": own_chain.person("Stella Manager", f"store_manager:{own_chain.store}"),
    }


@pytest.mark.parametrize("name", journeys_of(SCRIPT))
def test_set_up(name: str, journey: dict[str, Any]) -> None:
    walk(SCRIPT, name, journey)
