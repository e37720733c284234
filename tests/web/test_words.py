"""Words of the console for names that other code gives: none is shown as a code, and none is left over."""

import re
from pathlib import Path

import pytest

from functions.console.alerts.kinds import BY_NAME
from functions.members.tags.registry import TAGS
from generate.openapi import OPERATIONS
from tests.support.paths import ROOT

VIEWS = ROOT / "web/console/views"
KINDS_OF_STORES = ("print_job", "printer", "agent_offline", "agent_copied", "timer")


def block(file: Path, name: str) -> set[str]:
    """The names in `name: { … }` of a file with texts."""
    text = file.read_text(encoding="utf-8")
    [found] = re.findall(rf"^  {name}: \{{(.*?)\}}", text, re.DOTALL | re.MULTILINE)
    return set(re.findall(r"(\w+): \"", found))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_of_alert_has_words(language: str) -> None:
    assert block(VIEWS / f"today/{language}.ts", "kinds") == {*BY_NAME, *KINDS_OF_STORES}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_tag_and_each_of_its_fixed_values_has_words(language: str) -> None:
    file = VIEWS / f"members/{language}.ts"
    assert block(file, "names") == set(TAGS)
    assert block(file, "values") == {value for tag in TAGS.values() for value in tag.values}


def test_words_of_the_audit_trail_are_of_operations_that_exist() -> None:
    """An operation without words is shown by its name, so a new one needs no words at once."""
    text = (VIEWS / "audit/operations.ts").read_text(encoding="utf-8")
    named = set(re.findall(r"^  (\w+): \[", text, re.MULTILINE))
    views = {operation.view.__name__ for operation in OPERATIONS}
    assert named <= views
    assert len(named) > 100
