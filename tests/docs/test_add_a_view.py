"""docs/develop/add-a-view.md is followed to the letter, in a copy of the checkout, and a person opens the view."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.spine.env import Environment
from stack.stack import Stack
from tests.support.browser import find_browser, walk
from tests.support.console_server import serve
from tests.support.own_chain import OwnChain, open_chain
from tests.support.paths import ROOT

PAGE = (ROOT / "docs/develop/add-a-view.md").read_text(encoding="utf-8")
MOST_LINES = 90


def files() -> dict[str, str]:
    """Text by path of every block that has its path above it."""
    blocks = re.findall(r"^   `([\w./-]+)`\n\n   ```\w+\n(.*?)^   ```", PAGE, re.DOTALL | re.MULTILINE)
    return {path: "".join(line[3:] or "\n" for line in block.splitlines(keepends=True)) for path, block in blocks}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the pages in which the page has been followed."""
    copy = tmp_path_factory.mktemp("add-a-view") / "checkout"
    shutil.copytree(ROOT / "web", copy / "web")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, copy / name)
    (copy / "node_modules").symlink_to(ROOT / "node_modules")
    for path, text in files().items():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        (copy / path).write_text(text, encoding="utf-8")
    [commands] = re.findall(r"^   ```sh\n(.*?)^   ```", PAGE, re.DOTALL | re.MULTILINE)
    done = subprocess.run(["sh", "-e", "-c", commands], cwd=copy, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return copy


@pytest.fixture(scope="module")
def own_chain(stack: Stack) -> Iterator[OwnChain]:
    own = open_chain(stack)
    yield own
    own.close()


def test_it_takes_few_lines() -> None:
    assert len(files()) == 4
    assert len([line for text in files().values() for line in text.splitlines() if line.strip()]) < MOST_LINES


def test_a_person_opens_the_view(checkout: Path, stack: Stack, own_chain: OwnChain, env: Environment) -> None:
    with serve(checkout / "build/web", stack.place.http, env) as base:
        journey = {
            "base": base,
            "browser": find_browser(),
            "person": own_chain.person("Hedy Office", "head_office"),
            "marketing": own_chain.person("Mark Eting", "marketing"),
        }
        walk(ROOT / "tests/web/newest.mjs", "a_person_opens_the_view", journey)


def test_a_word_that_one_language_lacks_is_a_fault(checkout: Path) -> None:
    chinese = checkout / "web/console/views/newest/zh.ts"
    text = chinese.read_text(encoding="utf-8")
    chinese.write_text(text.replace('  none: "暂无订单",\n', ""), encoding="utf-8")
    done = subprocess.run(
        ["npm", "run", "--silent", "typecheck"], cwd=checkout, check=False, capture_output=True, text=True
    )
    chinese.write_text(text, encoding="utf-8")
    assert done.returncode != 0
    assert "'none' is missing" in done.stdout
