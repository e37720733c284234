"""docs/develop/add-a-concern.md is followed to the letter, in a copy of the checkout, and the concern works."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.compiled import compile_stage
from tests.support.paths import ROOT

PAGE = (ROOT / "docs/develop/add-a-concern.md").read_text(encoding="utf-8")
MOST_LINES = 150
UNWANTED = (".git", ".venv", ".local", "node_modules", "build", "__pycache__", ".*_cache", ".hypothesis")


def files() -> dict[str, str]:
    """Text by path of every block that has its path above it."""
    blocks = re.findall(r"^   `([\w./-]+)`\n\n   ```\w+\n(.*?)^   ```", PAGE, re.DOTALL | re.MULTILINE)
    return {path: "".join(line[3:] or "\n" for line in block.splitlines(keepends=True)) for path, block in blocks}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout in which the page has been followed, but for its last step."""
    copy = tmp_path_factory.mktemp("add-a-concern") / "checkout"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*UNWANTED))
    (copy / "node_modules").symlink_to(ROOT / "node_modules")
    (copy / ".local").mkdir()
    (copy / ".local/mysql").symlink_to(ROOT / ".local/mysql")  # MySQL's unpacked server, where there is one
    for path, text in files().items():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        (copy / path).write_text(text, encoding="utf-8")
    [commands] = re.findall(r"^   ```sh\n(.*?)^   ```", PAGE, re.DOTALL | re.MULTILINE)[:1]
    subprocess.run(["sh", "-e", "-c", commands], cwd=copy, check=True)
    for generator in ("flow_table", "concern_map", "openapi"):
        python(copy, "-m", f"generate.{generator}")
    return copy


PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider")


def python(checkout: Path, *arguments: str) -> str:
    """The output of a command that must go well."""
    completed = subprocess.run([sys.executable, *arguments], cwd=checkout, check=False, capture_output=True, text=True)
    assert completed.returncode == 0, completed.stdout[-4000:] + completed.stderr[-2000:]
    return completed.stdout


def test_it_takes_few_lines() -> None:
    assert len([line for text in files().values() for line in text.splitlines() if line.strip()]) < MOST_LINES


def test_its_test_passes_on_a_real_database(checkout: Path) -> None:
    python(checkout, *PYTEST, "tests/functions/feedback")


def test_it_follows_the_floor_plan(checkout: Path) -> None:
    python(
        checkout, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_floor_plan.py", "-k", "feedback or readme"
    )


def test_its_code_passes_the_linter(checkout: Path) -> None:
    python(checkout, "-m", "ruff", "check", "functions/feedback")
    python(checkout, "-m", "ruff", "format", "--check", "functions/feedback")


def test_the_api_document_has_it(checkout: Path) -> None:
    [document] = checkout.glob("functions/*/openapi.json")
    assert '"/v1/ratings"' in document.read_text(encoding="utf-8")


def test_it_becomes_a_stack_of_its_own(checkout: Path) -> None:
    stack = compile_stage(checkout, only="feedback").stacks["feedback"]
    names = {function["FunctionName"] for function in stack.of_type("Lambda::Function").values()}
    assert names == {f"dumbwaiter-prod-feedback_{name}" for name in ("api", "on_order_paid", "drop_unrated")}
    assert len(stack.of_type("SQS::Queue")) == 2  # of the consumer, and of the dead letters
