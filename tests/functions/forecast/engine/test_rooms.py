"""The rooms of the engine: few arrows, no circle, holidays in one room, and a test file for each module."""

import ast
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.structure import circle, room_arrows

ENGINE = ROOT / "functions/forecast/engine"
TESTS = ROOT / "tests/functions/forecast/engine"
MODULES = sorted(path for path in ENGINE.rglob("*.py") if path.name != "__init__.py")
BASE = {"arrays", "settings"}  # types and defaults, which every room may use
MOST_ARROWS = 16
CALENDARS = {"holidays", "chinese_calendar", "lunardate", "dateutil"}


def test_the_rooms_have_few_arrows_and_no_circle() -> None:
    arrows = room_arrows(ENGINE, "functions.forecast.engine")
    assert len([arrow for arrow in arrows if arrow[1] not in BASE]) <= MOST_ARROWS
    assert circle(arrows) == []
    assert not [arrow for arrow in arrows if arrow[0] in BASE]


def test_each_room_uses_only_the_rooms_below_it() -> None:
    order = ["holidays", "data", "signals", "models", "reasons", "explain", "predict"]
    for room, target in room_arrows(ENGINE, "functions.forecast.engine"):
        assert target in BASE or order.index(target) < order.index(room), (room, target)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(ENGINE).as_posix())
def test_a_module_has_a_test_file_of_its_name(module: Path) -> None:
    assert (TESTS / module.relative_to(ENGINE).parent / f"test_{module.name}").exists()


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(ENGINE).as_posix())
def test_only_the_room_of_holidays_reads_calendars(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    calendars = {name for name in names if name.partition(".")[0] in CALENDARS}
    assert not calendars or module.parent.name == "holidays"
