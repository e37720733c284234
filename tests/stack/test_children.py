import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stack import children
from tests.support.processes import lives
from tests.support.waiting import wait_until

SLEEPER = [sys.executable, "-c", "import time; time.sleep(300)"]
# A parent that starts a child which will not hear SIGTERM, as a Lambda worker deep in its work would not.
PARENT = [
    sys.executable,
    "-c",
    """
import subprocess, sys, time
deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(300)"
child = subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE)
child.stdout.read(1)
print(child.pid, flush=True)
time.sleep(300)
""",
]


def start(folder: Path, command: list[str]) -> children.Child:
    return children.start(folder / "it.json", command, env=children.environment(), cwd=folder, log=folder / "it.log")


def grandchild(folder: Path) -> int:
    parent = children.find(folder / "it.json")
    assert parent
    wait_until((folder / "it.log").read_text, parent.alive)
    return int((folder / "it.log").read_text())


def test_a_child_is_found_by_its_record_and_gone_after_stop(tmp_path: Path) -> None:
    child = start(tmp_path, SLEEPER)
    assert children.find(tmp_path / "it.json") == child
    children.stop(tmp_path / "it.json")
    assert not child.alive()
    assert not (tmp_path / "it.json").exists()


def test_what_a_child_started_ends_with_it_even_if_deaf(tmp_path: Path) -> None:
    start(tmp_path, PARENT)
    deaf = grandchild(tmp_path)
    children.stop(tmp_path / "it.json")
    assert not lives(deaf)


def test_what_a_killed_child_started_is_found_and_ended(tmp_path: Path) -> None:
    child = start(tmp_path, PARENT)
    deaf = grandchild(tmp_path)
    os.kill(child.pid, signal.SIGKILL)
    children.stop(tmp_path / "it.json")
    assert not lives(deaf)


def test_somebody_elses_process_with_the_recorded_pid_is_left_alone(tmp_path: Path) -> None:
    record = tmp_path / "it.json"
    with subprocess.Popen(SLEEPER) as somebody:
        record.write_text(json.dumps({"mark": "f" * 32, "pid": somebody.pid, "born": "long ago"}))
        assert children.find(record) is None
        children.stop(record)
        assert somebody.poll() is None
        assert not record.exists()
        somebody.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows other processes' environments")
def test_a_child_whose_pid_was_not_yet_noted_is_found_by_its_mark(tmp_path: Path) -> None:
    child = start(tmp_path, SLEEPER)
    (tmp_path / "it.json").write_text(json.dumps({"mark": child.mark}))
    children.stop(tmp_path / "it.json")
    assert not child.alive()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}'])
def test_a_record_that_was_cut_short_harms_nobody(tmp_path: Path, content: str) -> None:
    (tmp_path / "it.json").write_text(content)
    assert children.find(tmp_path / "it.json") is None
    children.stop(tmp_path / "it.json")


def test_children_get_no_credentials_and_no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "HTTPS_PROXY", "https_proxy", "PYTHONPATH", "DATABASE_URL"):
        monkeypatch.setenv(name, "x")
    assert "x" not in children.environment().values()


def test_what_a_library_raises_over_a_signal_does_not_hide_it() -> None:
    def rolled_back(told: BaseException) -> BaseException:
        try:
            try:
                raise told
            finally:
                raise OSError("no connection to roll back")
        except OSError as failure:
            return failure

    assert children.ending_behind(rolled_back(SystemExit(143))) == 143
    assert children.ending_behind(rolled_back(KeyboardInterrupt())) == 130
    with pytest.raises(OSError, match="no connection"):
        children.ending_behind(rolled_back(ValueError("of its own")))
