"""The console in a real browser, against the running stack."""

import re
from pathlib import Path
from typing import Any

import pytest

from stack.stack import Stack
from tests.support.browser import journeys_of, walk
from tests.support.own_chain import OwnChain
from tests.support.paths import ROOT

SCRIPT = Path(__file__).parent / "console.mjs"
# Markup, quotes, and letters that are written from right to left.
ODD_NAME = '<script>globalThis.stolen = 1</script> "O\'Neil" <img src=x onerror="stolen=1"> \u202eعلي שלום &amp; 李'
RIGHTS_OF_HEAD_OFFICE_ALONE = ("clients:manage", "people:manage", "audit:read", "webhooks:manage", "timers:read")


def titles_with(rights: tuple[str, ...]) -> list[str]:
    """The English titles of the views that need one of the rights."""
    texts = [file.read_text(encoding="utf-8") for file in (ROOT / "web/console/views").glob("*/view.ts")]
    needs = {re.findall(r'title: \{ en: "([^"]+)"', text)[0]: re.findall(r'right: "([^"]+)"', text) for text in texts}
    return [title for title, needed in needs.items() if set(needed) & set(rights)]


@pytest.fixture(scope="module")
def journey(stack: Stack, browser: str, own_chain: OwnChain) -> dict[str, Any]:
    return {
        "base": stack.place.http,
        "browser": browser,
        "chain": own_chain.id,
        "store": own_chain.store,
        "person": own_chain.person("Hedy Office", "head_office"),
        "manager": own_chain.person("Stella Manager", f"store_manager:{own_chain.store}"),
        "odd": own_chain.person(ODD_NAME, "head_office"),
        "careful": own_chain.person("Cara Careful", f"store_manager:{own_chain.store}"),
        "roaming": own_chain.person("Roy Roaming", f"store_manager:{own_chain.store}"),
        "locked": own_chain.person("Lou Locked", "head_office"),
        "hidden": titles_with(RIGHTS_OF_HEAD_OFFICE_ALONE),
        "busiest": "/today",
    }


@pytest.mark.parametrize("name", journeys_of(SCRIPT))
def test_console(name: str, journey: dict[str, Any]) -> None:
    walk(SCRIPT, name, journey)
