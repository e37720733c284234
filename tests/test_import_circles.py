"""Files import each other without a circle, types included: each can be read after those that it needs."""

import ast
import re
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tests.support.compiled import ROOT

FOLDERS = ("shared", "functions", "print_link", "agent", "stack", "ops", "generate", "demo", "bench", "backtest")
WEB = ROOT / "web"
FROM = re.compile(r'(?:from|import)\s*\(?\s*"(\.[^"]+)"')


def refuse_circle(imports: Mapping[Path, set[Path]], fewest: int) -> None:
    """Raises AssertionError with the files of a circle, or when fewer imports were read than there must be."""
    assert sum(map(len, imports.values())) > fewest
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as circle:
        raise AssertionError(" → ".join(str(file.relative_to(ROOT)) for file in circle.args[1])) from None


def test_modules_of_the_code_make_no_circle() -> None:
    modules = [module for folder in FOLDERS for module in (ROOT / folder).rglob("*.py")]
    refuse_circle({module: imported_by(module) for module in modules}, 3000)


def test_modules_of_the_pages_make_no_circle() -> None:
    refuse_circle({module.resolve(): imported_by_page(module) for module in WEB.rglob("*.ts*")}, 500)


def imported_by(module: Path) -> set[Path]:
    """The files of the project that a Python module imports, at its head or within a function."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {file for name in names if (file := ROOT / f"{name.replace('.', '/')}.py").is_file()}


def imported_by_page(module: Path) -> set[Path]:
    """The modules of the pages that one of them imports."""
    paths = [(module.parent / path).resolve() for path in FROM.findall(module.read_text(encoding="utf-8"))]
    endings = ("", ".ts", ".tsx", "/index.ts")
    return {file for path in paths for ending in endings if (file := Path(f"{path}{ending}")).is_file()}
