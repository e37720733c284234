"""Passkeys in a real browser with a virtual device, against the running stack."""

from pathlib import Path

import pytest

from stack.stack import Stack
from tests.support.browser import journeys_of, walk
from tests.support.own_chain import OwnChain

SCRIPT = Path(__file__).parent / "passkeys.mjs"


@pytest.mark.parametrize("name", journeys_of(SCRIPT))
def test_passkeys(name: str, stack: Stack, browser: str, own_chain: OwnChain) -> None:
    person = own_chain.person("Kay Passkey", "head_office")
    walk(SCRIPT, name, {"base": stack.place.console.removesuffix("/console"), "browser": browser, "person": person})
