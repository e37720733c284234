"""Plans for the forecast, entered in the console in a real browser."""

from pathlib import Path
from typing import Any

import pytest

from stack.stack import Stack
from tests.support.browser import journeys_of, walk
from tests.support.own_chain import OwnChain

SCRIPT = Path(__file__).parent / "planning.mjs"


@pytest.fixture(scope="module")
def journey(stack: Stack, browser: str, own_chain: OwnChain) -> dict[str, Any]:
    return {
        "base": stack.place.http,
        "browser": browser,
        "store": own_chain.store,
        "person": own_chain.person("Hedy Office", "head_office"),
    }


@pytest.mark.parametrize("name", journeys_of(SCRIPT))
def test_planning(name: str, journey: dict[str, Any]) -> None:
    walk(SCRIPT, name, journey)
