"""The work pages move a delivery, before the API has answered, as the API will."""

import json
import re
from typing import Any

from functions.delivery.states import RULES, Action, Role
from tests.support.paths import ROOT

MODEL = (ROOT / "web/work/model.ts").read_text(encoding="utf-8")
WORDS = {language: (ROOT / f"web/work/{language}.ts").read_text(encoding="utf-8") for language in ("en", "zh")}


def moves(name: str) -> dict[str, Any]:
    """A table of the page, as JSON."""
    [text] = re.findall(rf"export const {name} = (\{{.*?\n\}})", MODEL, re.DOTALL)
    document: dict[str, Any] = json.loads(re.sub(r",(\s*\})", r"\1", re.sub(r"(\w+):", r'"\1":', text)))
    return document


def test_the_moves_are_those_of_the_api() -> None:
    for name, of_goods in (("GOODS_MOVES", True), ("CARRIAGE_MOVES", False)):
        theirs = {
            action.value: {before.value: after.value for before, after in rule.moves.items()}
            for action, rule in RULES.items()
            if rule.is_of_goods == of_goods and rule.roles & {Role.PACKER, Role.COURIER}
        }
        assert moves(name) == theirs


def test_every_action_and_state_has_words() -> None:
    for text in WORDS.values():
        [actions] = re.findall(r"\n  actions: \{(.*?)\}", text, re.DOTALL)
        assert {*moves("GOODS_MOVES"), *moves("CARRIAGE_MOVES")} <= set(re.findall(r"(\w+): \"", actions))
        [steps] = re.findall(r"\n  steps: \{(.*?)\}", text, re.DOTALL)
        told = set(re.findall(r"(\w+): \"", steps))
        assert {action.value for action in Action} - {"set_off", "pick"} <= told
