"""docs/guide/ shows expressions and requests that the API accepts, and small pictures."""

import json
import re
from pathlib import Path

import pytest

from functions.members.segments.expression import parse
from functions.members.tags.registry import TAGS
from tests.support.compiled import ROOT

GUIDE = ROOT / "docs/guide"
# A page with a picture loads at once.
LARGEST_PICTURE = 200_000
VOCABULARY = {name: tag.values for name, tag in TAGS.items()}


def expressions() -> list[str]:
    table = (GUIDE / "segments.md").read_text(encoding="utf-8").partition("| Expression |")[2].partition("\n\n")[0]
    return re.findall(r"\| `([^`]+)` \|", table)


@pytest.mark.parametrize("expression", expressions())
def test_an_expression_of_the_guide_is_one(expression: str) -> None:
    parse(expression, VOCABULARY)


def test_the_guide_has_expressions() -> None:
    assert len(expressions()) > 4


def test_every_tag_and_value_is_explained() -> None:
    page = (GUIDE / "tags.md").read_text(encoding="utf-8")
    for name, tag in TAGS.items():
        assert f"`{name}`" in page
        assert [value for value in tag.values if f"`{value}`" not in page] == [], name


@pytest.mark.parametrize("picture", sorted((ROOT / "docs/pictures").glob("*.png")), ids=lambda path: str(path.name))
def test_a_picture_is_small_and_shown(picture: Path) -> None:
    assert picture.stat().st_size <= LARGEST_PICTURE
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    assert any(f"pictures/{picture.name}" in page.read_text(encoding="utf-8") for page in pages)


def test_the_plan_of_the_guide_is_one() -> None:
    page = (GUIDE / "plans-and-what-if.md").read_text(encoding="utf-8")
    example = json.loads(page.partition("```json\n")[2].partition("```")[0])
    document = json.loads(next(ROOT.glob("functions/*/openapi.json")).read_text(encoding="utf-8"))
    schema = document["components"]["schemas"]["PlanIn"]
    assert set(schema["required"]) <= set(example) <= set(schema["properties"])
    assert f"`{example['kind']}`" in page
