"""`make bench` on a machine as it comes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench import __main__ as bench
from bench import cold
from stack.addresses import CHECKOUT
from stack.mariadb import MariaDB
from stack.mysql import database
from tests.support.processes import mentioning


def test_a_database_that_is_named_is_left_alone_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://someone:secret@db.example:3306/theirs")
    bench.leave_given_database()
    assert isinstance(database(tmp_path), MariaDB)
    said = capsys.readouterr().out
    assert said.startswith("DATABASE_URL is left alone")
    assert "secret" not in said


def test_layers_are_built_where_they_are_missing_and_weighed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout = tmp_path / "checkout"
    (checkout / "layers").mkdir(parents=True)
    (checkout / "layers/build.py").write_text(
        "from pathlib import Path\nbuilt = Path('build/layers/base/python')\nbuilt.mkdir(parents=True)\n"
        "(built / 'module.py').write_bytes(bytes(3 * 2**20))\n"
    )
    monkeypatch.setattr(cold, "CHECKOUT", checkout)
    for _ in range(2):
        assert [(each.name, each.value) for each in cold.sizes()] == [("size.layer_base", 3)]


def test_a_bench_that_is_told_to_end_stops_what_it_started(tmp_path: Path) -> None:
    given = {**os.environ, "ONLY": "orders", "TMPDIR": str(tmp_path)}
    with (tmp_path / "out").open("w") as out:
        running = subprocess.Popen([sys.executable, "-m", "bench"], cwd=CHECKOUT, env=given, stdout=out, stderr=out)
    while "AWS emulator" not in (tmp_path / "out").read_text():
        assert running.poll() is None
        time.sleep(0.1)
    assert len(mentioning(str(tmp_path))) > 1
    running.terminate()
    assert running.wait() == 128 + signal.SIGTERM
    assert mentioning(str(tmp_path)) == []
