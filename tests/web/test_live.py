"""What comes by itself on a page of the console, in a real browser against the running stack."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo import examples
from stack.stack import Stack
from tests.support.browser import journeys_of, walk
from tests.support.own_chain import OwnChain
from tests.support.remote import Remote
from tests.support.waiting import on_this_machine

SCRIPT = Path(__file__).parent / "live.mjs"
# An announcement is on the page after at most so many seconds. Without live changes it takes a minute.
CHANGE_SECONDS = 3.0
JOBS = "dumbwaiter-local-timers_run_due_jobs"


@pytest.fixture(scope="module")
def control(stack: Stack, own_chain: OwnChain) -> Iterator[str]:
    remote = Remote(
        {
            "order": lambda: own_chain.place_order(payments=examples.ORDER["payments"])["id"],
            # The call that EventBridge makes each minute.
            "work_through_jobs": lambda: stack.emulator.client("lambda").invoke(FunctionName=JOBS, Payload=b"{}")[
                "StatusCode"
            ],
        }
    )
    yield remote.address
    remote.close()


@pytest.fixture(scope="module")
def journey(stack: Stack, browser: str, own_chain: OwnChain, control: str) -> dict[str, Any]:
    other = f"{own_chain.id}-other"
    settings = examples.STORE | {"chain": own_chain.id, "name": "Other"}
    own_chain.call("PUT", f"/v1/stores/{other}", settings).raise_for_status()
    return {
        "base": stack.place.console.removesuffix("/console"),  # the address that people open
        "browser": browser,
        "chain": own_chain.id,
        "store": own_chain.store,
        "storeName": examples.STORE["name"],
        "zone": examples.STORE["timezone"],
        "control": control,
        "changeSeconds": on_this_machine(CHANGE_SECONDS),
        "office": own_chain.person("Hedy Office", "head_office"),
        "manager": own_chain.person("Stella Manager", f"store_manager:{own_chain.store}"),
        "neighbour": own_chain.person("Nora Neighbour", f"store_manager:{other}"),
    }


@pytest.mark.parametrize("name", journeys_of(SCRIPT))
def test_live(name: str, journey: dict[str, Any]) -> None:
    walk(SCRIPT, name, journey)
