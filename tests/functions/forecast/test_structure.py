"""The rooms of the forecast and the arrows between them, counted from imports."""

from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.structure import arrows, circle, imported_modules, room_arrows

FOLDER = ROOT / "functions" / "forecast"
ENGINE, ENGINE_PACKAGE = FOLDER / "engine", "functions.forecast.engine"
MOST_ARROWS = 12
MOST_ENGINE_ROOMS = 9
# The engine is pure: it may use these errors, and nothing of a database, of AWS or of the environment.
ALLOWED_SHARED = {"shared.spine.errors"}


def test_the_rooms_of_the_forecast_have_few_arrows_and_no_circle() -> None:
    assert len(arrows("forecast")) <= MOST_ARROWS
    assert circle(arrows("forecast")) == []


def test_the_rooms_of_the_engine_make_no_circle() -> None:
    edges = room_arrows(ENGINE, ENGINE_PACKAGE)
    assert len({room for edge in edges for room in edge}) <= MOST_ENGINE_ROOMS
    assert circle(edges) == []


@pytest.mark.parametrize("path", sorted(ENGINE.rglob("*.py")), ids=lambda path: path.relative_to(ENGINE).as_posix())
def test_the_engine_imports_only_itself_and_errors(path: Path) -> None:
    own = [name for name in imported_modules(path) if name.startswith(("functions.", "shared."))]
    outside = {name for name in own if not name.startswith(f"{ENGINE_PACKAGE}.")}
    assert {name.rpartition(".")[0] for name in outside} <= ALLOWED_SHARED


def test_tables_and_states_know_nothing_above_them() -> None:
    below = {target for room, target in arrows("forecast") if room in {"tables", "states"}}
    assert below == {"states"}
