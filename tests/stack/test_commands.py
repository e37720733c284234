"""The commands as a person types them, on the real wiring. In the order of a day, as each start takes seconds."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from stack.addresses import CHECKOUT
from stack.mysql import private_server
from tests.support.processes import mentioning
from tests.support.waiting import on_this_machine, wait_until


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("commands")
    yield folder
    subprocess.run(command("down", folder), cwd=CHECKOUT, check=True)


def command(name: str, root: Path) -> list[str]:
    return [sys.executable, "-m", "stack", name, "--root", str(root)]


def do(name: str, root: Path) -> str:
    return subprocess.run(command(name, root), cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout


def begin(name: str, root: Path, condition: Callable[[], object]) -> subprocess.Popen[bytes]:
    """Start a command and wait for the condition, as long as the command runs."""
    with (root / "out").open("wb") as out:
        process = subprocess.Popen(command(name, root), cwd=CHECKOUT, stdout=out, stderr=out)
    try:
        wait_until(condition, lambda: process.poll() is None)
    except BaseException as failure:
        failure.add_note((root / "out").read_text())
        process.terminate()
        process.wait()
        raise
    return process


def pictures(root: Path) -> list[Path]:
    return sorted((root / "paper").glob("*/*/*.png"))


def left(root: Path) -> list[int]:
    return mentioning(f"{root}/")


def servers(root: Path) -> list[int]:
    """Without the workers of functions, which a timer may start at any moment."""
    return [pid for pid in left(root) if b"_worker.py" not in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_down_with_nothing_up_is_no_error(root: Path) -> None:
    assert "Down" in do("down", root)


def test_an_up_killed_in_its_deploy_is_cleaned_up_by_down(root: Path) -> None:
    process = begin("up", root, lambda: b"Deploying" in (root / "out").read_bytes())
    process.kill()
    process.wait()
    assert left(root)
    do("down", root)
    assert left(root) == []
    assert not (root / "deploy.json").exists()


def test_an_up_killed_while_its_database_is_made_is_cleaned_up_by_down(tmp_path: Path) -> None:
    process = begin("up", tmp_path, lambda: [*tmp_path.glob("*.json")])
    process.kill()
    process.wait()
    assert not [*tmp_path.glob("*/installed")]
    do("down", tmp_path)
    assert left(tmp_path) == []


def test_an_up_that_is_told_to_end_stops_what_it_started(root: Path) -> None:
    process = begin("up", root, lambda: b"Deploying" in (root / "out").read_bytes())
    process.terminate()
    assert process.wait() == 128 + signal.SIGTERM
    assert left(root) == []


def test_two_ups_at_once_bring_up_one_stack(root: Path) -> None:
    processes = [subprocess.Popen(command("up", root), cwd=CHECKOUT, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    names = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in left(root)]
    assert len([name for name in names if b"mariadbd" in name or b"mysqld" in name]) == 1
    assert len([name for name in names if b"emulate.py\0" in name]) == 1
    do("down", root)


def test_up_stays_up_and_a_second_up_finds_it(root: Path) -> None:
    assert "Deploying" in do("up", root)
    before = servers(root)
    started = time.monotonic()
    assert "Deploying" not in do("up", root)
    assert time.monotonic() - started < on_this_machine(20)
    assert servers(root) == before


def test_tickets_appear_as_pictures_while_the_demo_runs(root: Path) -> None:
    process = begin("run", root, lambda: len(pictures(root)) >= 2)
    before = servers(root)
    second = subprocess.run(command("run", root), cwd=CHECKOUT, check=False, capture_output=True, text=True)
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr.startswith("`make run` is at work already.")
    assert process.poll() is None
    assert servers(root) == before
    process.send_signal(signal.SIGINT)
    process.wait()
    assert left(root) == []
    assert f"{root}/paper/<store>/<printer>/00001.png" in (root / "out").read_text()
    for picture in pictures(root)[:2]:
        with Image.open(picture) as image:
            assert image.width == 576
            assert image.convert("L").getextrema() == (0, 255)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_run_ends_with_nothing_left(root: Path, ending: signal.Signals) -> None:
    process = begin("run", root, lambda: "Up." in (root / "out").read_text())
    time.sleep(2)  # into the demo
    process.send_signal(ending)
    for _ in range(200):  # the impatient press again and again
        process.send_signal(signal.SIGINT)
    process.wait()
    assert left(root) == []
    assert "Down" in (root / "out").read_text()


def test_what_a_killed_run_leaves_is_ended_by_down(root: Path) -> None:
    process = begin("run", root, lambda: "Tickets " in (root / "out").read_text())
    process.kill()
    process.wait()
    assert private_server(root).running()
    do("down", root)
    assert left(root) == []
