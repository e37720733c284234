"""A person looks after timers, and plans jobs, in a real browser against a running stack."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo import examples
from demo.seed import DEMO_PEOPLE
from stack.stack import Stack
from tests.support.browser import journeys_of, walk
from tests.support.own_chain import OwnChain, open_chain
from tests.support.waiting import on_this_machine

SCRIPT = Path(__file__).parent / "timers.mjs"
ITEM: dict[str, Any] = examples.MENU["items"][0]
TIMER = "outbox_drop_old_keys"
# Of a person who has every right over every chain of the stage. The stack of the other tests has many chains.
OF_OPERATORS = ("a_paused_timer", "a_timer_runs_now", "a_schedule_changes", "a_timer_is_chosen")
# A change of another person is on the page after at most so many seconds. Without live changes it takes a minute.
CHANGE_SECONDS = 3.0
JOURNEYS = journeys_of(SCRIPT)


@pytest.fixture(scope="module")
def stage_of_one_chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("one-chain"), durable=False) as stack:
        yield stack


@pytest.mark.parametrize("name", [name for name in JOURNEYS if name.startswith(OF_OPERATORS)])
def test_an_operator(name: str, stage_of_one_chain: Stack, browser: str) -> None:
    place = stage_of_one_chain.place
    base = place.console.removesuffix("/console")  # the address that people open
    journey: dict[str, Any] = {"base": base, "browser": browser, "timer": TIMER}
    journey["changeSeconds"] = on_this_machine(CHANGE_SECONDS)
    operator = {"operator": place.people["head_office"], "operatorName": DEMO_PEOPLE["head_office"][0]}
    walk(SCRIPT, name, journey | operator)


@pytest.mark.parametrize("name", [name for name in JOURNEYS if not name.startswith(OF_OPERATORS)])
def test_a_person_of_one_chain_of_many(name: str, stack: Stack, own_chain: OwnChain, browser: str) -> None:
    open_chain(stack).close()
    reader = own_chain.person("Rea Reader", "head_office")
    names = {"storeName": examples.STORE["name"], "item": ITEM["id"], "itemName": ITEM["name"]}
    journey = {"base": stack.place.http, "browser": browser, "timer": TIMER, "reader": reader, "chain": own_chain.id}
    walk(SCRIPT, name, journey | names | {"store": own_chain.store})
