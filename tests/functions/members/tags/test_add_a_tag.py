"""docs/develop/add-a-tag.md is followed to the letter, and the tag works."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.compiled import ROOT, compile_stage, copy_tree

PAGE = (ROOT / "docs/develop/add-a-tag.md").read_text(encoding="utf-8")
# What the new tag says of three purchases of which two were in the first five days of a month.
TRY = """
import sys
sys.path.insert(0, sys.argv[1])
from datetime import date
from functions.members.facts.totals import DayKey, DaySum, Facts
from functions.members.tags.registry import TAGS
from functions.members.calculator.tag import Today
facts = Facts()
for day in (date(2024, 3, 1), date(2024, 4, 5), date(2024, 4, 6)):
    facts.days[DayKey(day.toordinal(), "USD")] = DaySum(1, 1000, 1, 0)
tag = TAGS["payday"]
found = tag.value(facts, tag.thresholds(), Today(date(2024, 5, 1)))
print(found.value, dict(found.why), tag.value(Facts(), tag.thresholds(), Today(date(2024, 5, 1))))
"""


def block(language: str) -> str:
    """The page's one block in this language, without its indentation."""
    [text] = re.findall(rf"^   ```{language}\n(.*?)^   ```", PAGE, re.DOTALL | re.MULTILINE)
    return "".join(line[3:] or "\n" for line in text.splitlines(keepends=True))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the repository in which the page has been followed."""
    tree = copy_tree(tmp_path)
    (tree / "functions/members/tags/payday.py").write_text(block("python"), encoding="utf-8")
    registry = tree / "functions/members/tags/registry.py"
    text = registry.read_text(encoding="utf-8").replace("    lifecycle,\n", "    lifecycle,\n    payday,\n", 1)
    registry.write_text(text.replace("recency, frequency,", "recency, frequency, payday,", 1), encoding="utf-8")
    wiring = tree / "functions/members/functions.yml"
    added = "".join(f"  {line}" for line in block("yaml").splitlines(keepends=True))
    text = wiring.read_text(encoding="utf-8").replace("\nresources:\n", f"\n{added}\nresources:\n", 1)
    # The page says to raise the budget by one.
    wiring.write_text(re.sub(r"^connections: (\d+)", _one_more, text), encoding="utf-8")
    return tree


def _one_more(budget: re.Match[str]) -> str:
    return f"connections: {int(budget[1]) + 1}"


def test_the_tag_of_the_page_is_deployed_and_says_what_it_should(tree: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-c", TRY, str(tree)], cwd=tree, capture_output=True, text=True, check=False
    )
    assert process.stdout == "early {'early': 2, 'purchases': 3} None\n", process.stderr
    compiled = compile_stage(tree, only="members")
    names = {function["FunctionName"] for function in compiled.of_type("Lambda::Function")}
    assert "dumbwaiter-prod-members_payday" in names
    assert yaml.safe_load(block("yaml"))["members_payday"]["handler"] == "functions/members/tags/payday.handler"


def test_the_page_s_module_needs_no_mending(tree: Path) -> None:
    for command in (["check", "--isolated", "--line-length=120"], ["format", "--check", "--line-length=120"]):
        checked = [sys.executable, "-m", "ruff", *command, "functions/members/tags/payday.py"]
        process = subprocess.run(checked, cwd=tree, capture_output=True, text=True, check=False)
        assert process.returncode == 0, process.stdout + process.stderr
