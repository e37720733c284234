"""docs/develop/add-a-channel.md, followed exactly: the channel is entered, and its test passes."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.paths import ROOT

PAGE = ROOT / "docs/develop/add-a-channel.md"
BLOCK = re.compile(r"`((?:functions|tests)/[\w/]+\.py)`\n\n   ```python\n(.*?)   ```", re.DOTALL)
IMPORT = re.compile(r"   ```python\n   (from functions\.outlets\.channels\.pigeon import Pigeon)\n   ```")


def copy_of_the_tree(target: Path) -> None:
    for folder in ("functions/outlets/channels", "tests/support"):
        shutil.copytree(ROOT / folder, target / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (target / "shared").symlink_to(ROOT / "shared")


def follow(target: Path) -> list[Path]:
    """Do the steps of the page, and give the files that it makes."""
    text = PAGE.read_text(encoding="utf-8")
    files = {target / name: re.sub(r"^ {3}", "", code, flags=re.MULTILINE) for name, code in BLOCK.findall(text)}
    for path, code in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, encoding="utf-8")
    [line] = IMPORT.findall(text)
    registry = target / "functions/outlets/channels/__init__.py"
    entered = registry.read_text(encoding="utf-8").replace("\n_ALL", f"\n{line}\n\n_ALL", 1)
    registry.write_text(entered.replace("    Voice(),\n", "    Voice(),\n    Pigeon(),\n"), encoding="utf-8")
    return list(files)


def run(target: Path, *arguments: str) -> str:
    result = subprocess.run([sys.executable, *arguments], cwd=target, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_the_page_leads_to_a_channel(tmp_path: Path) -> None:
    copy_of_the_tree(tmp_path)
    module, test = follow(tmp_path)
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\npythonpath = .\naddopts = --import-mode=importlib\n", encoding="utf-8"
    )
    assert "2 passed" in run(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(test))
    question = "from functions.outlets.channels import CHANNELS; print(CHANNELS['pigeon'].longest.count)"
    assert run(tmp_path, "-c", question) == "500\n"
    assert run(tmp_path, "-m", "ruff", "check", "-q", "--config", str(ROOT / "pyproject.toml"), str(module)) == ""
