"""docs/api/ names only paths, fields and codes that exist."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from generate.messages import message_types
from tests.support.compiled import ROOT

PAGES = sorted((ROOT / "docs/api").glob("*.md"))
SOURCES = ("functions", "shared", "demo")
# Values of examples, codes of pydantic, and codes that the source composes.
EXAMPLES = {"13800138000_3473", "weather_rain", "extra_forbidden", "string_pattern_mismatch", "path_invalid"}
FIELDS_OF_AN_ORDER = {"order.differences", "order.refunds"}
LONGEST_NAME = 40
MESSAGE_MODULES = ("orders", "bills", "printing", "members", "forecast")


def prose(page: Path) -> str:
    return re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)


@cache
def document() -> dict[str, dict[str, object]]:
    [path] = ROOT.glob("functions/*/openapi.json")
    loaded: dict[str, dict[str, object]] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


@cache
def words_of_the_code() -> frozenset[str]:
    texts = (path.read_text(encoding="utf-8") for source in SOURCES for path in (ROOT / source).rglob("*.py"))
    return frozenset(word for text in texts for word in re.findall(r"\w+", text))


def named_paths(page: Path) -> Iterator[str]:
    """Paths of operations; a query and the base are cut off."""
    for code in re.findall(r"`([^`\n]+)`", prose(page)):
        if path := re.search(r"(?:GET|PUT|POST|DELETE)[^`]* (/v1/[\w/{}-]+)", code):
            yield path[1]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.name))
def test_every_path_is_an_operation(page: Path) -> None:
    paths = {re.sub(r"\{\w+\}", "{}", path) for path in document()["paths"]}
    assert [path for path in named_paths(page) if re.sub(r"\{\w+\}", "{}", path) not in paths] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.name))
def test_every_name_is_one_of_the_code(page: Path) -> None:
    names = {name for name in re.findall(r"`([a-z][a-z0-9]*_[a-z0-9_]+)`", prose(page)) if len(name) <= LONGEST_NAME}
    assert sorted(names - words_of_the_code() - EXAMPLES) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.name))
def test_every_message_type_exists(page: Path) -> None:
    named = set(re.findall(r"`((?:order|print|printing|member|forecast)\.[a-z_]+)`", prose(page)))
    types = {model.type for module in MESSAGE_MODULES for model in message_types(module)}
    assert named - types - FIELDS_OF_AN_ORDER == set()
