"""The code version of a forecast covers every file of the engine, and no other file."""

import shutil
from pathlib import Path

import pytest

from functions.forecast.pipeline import artifacts


@pytest.fixture
def engine_folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(artifacts.ENGINE, tmp_path / "forecast" / "engine"))


def test_the_version_does_not_depend_on_the_place_of_the_folder(engine_folder: Path) -> None:
    assert artifacts.version_of(engine_folder) == artifacts.code_version()


@pytest.mark.parametrize(
    "path", [path.relative_to(artifacts.ENGINE) for path in artifacts.ENGINE.rglob("*.py")], ids=str
)
def test_a_change_of_any_file_of_the_engine_changes_the_version(engine_folder: Path, path: Path) -> None:
    before = artifacts.version_of(engine_folder)
    with (engine_folder / path).open("a") as file:
        file.write("# changed\n")
    assert artifacts.version_of(engine_folder) != before


@pytest.mark.parametrize("path", ["added.py", "rooms/added.py"])
def test_a_file_that_is_added_to_the_engine_changes_the_version(engine_folder: Path, path: str) -> None:
    before = artifacts.version_of(engine_folder)
    (engine_folder / path).parent.mkdir(exist_ok=True)
    (engine_folder / path).touch()
    assert artifacts.version_of(engine_folder) != before


def test_a_file_that_moves_within_the_engine_changes_the_version(engine_folder: Path) -> None:
    before = artifacts.version_of(engine_folder)
    (engine_folder / "explain.py").rename(engine_folder / "explained.py")
    assert artifacts.version_of(engine_folder) != before


def test_a_file_outside_the_engine_does_not_change_the_version(engine_folder: Path) -> None:
    before = artifacts.version_of(engine_folder)
    (engine_folder.parent / "api.py").write_text("changed = True\n")
    (engine_folder / "__pycache__").mkdir(exist_ok=True)
    (engine_folder / "__pycache__" / "panel.cpython-311.pyc").write_bytes(b"compiled")
    assert artifacts.version_of(engine_folder) == before
