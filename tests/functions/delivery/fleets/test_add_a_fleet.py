"""docs/develop/add-a-fleet.md, followed exactly: the fleet is entered, and its test passes."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.paths import ROOT

PAGE = ROOT / "docs/develop/add-a-fleet.md"
BLOCK = re.compile(r"`((?:functions|tests)/[\w/]+\.py)`\n\n   ```python\n(.*?)   ```", re.DOTALL)
IMPORT = re.compile(r"   ```python\n   (from functions\.delivery\.fleets\.snail import Snail)\n   ```")


def follow(target: Path) -> list[Path]:
    """Do the steps of the page, and give the files that it makes."""
    for folder in ("fleets", "tracking"):
        name = f"functions/delivery/{folder}"
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
    (target / "shared").symlink_to(ROOT / "shared")
    text = PAGE.read_text(encoding="utf-8")
    files = {target / name: re.sub(r"^ {3}", "", code, flags=re.MULTILINE) for name, code in BLOCK.findall(text)}
    for path, code in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, encoding="utf-8")
    [line] = IMPORT.findall(text)
    registry = target / "functions/delivery/fleets/__init__.py"
    entered = registry.read_text(encoding="utf-8").replace("\nFLEETS", f"{line}\n\nFLEETS", 1)
    registry.write_text(entered.replace("Meituan())", "Meituan(), Snail())"), encoding="utf-8")
    return list(files)


def run(target: Path, *arguments: str) -> str:
    result = subprocess.run([sys.executable, *arguments], cwd=target, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_the_page_leads_to_a_fleet(tmp_path: Path) -> None:
    module, test = follow(tmp_path)
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\npythonpath = .\naddopts = --import-mode=importlib\n", encoding="utf-8"
    )
    assert "2 passed" in run(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(test))
    question = "from functions.delivery.fleets import FLEETS; print(FLEETS['snail'].key_seconds)"
    assert run(tmp_path, "-c", question) == "3600.0\n"
    assert run(tmp_path, "-m", "ruff", "check", "-q", "--config", str(ROOT / "pyproject.toml"), str(module)) == ""
