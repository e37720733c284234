import os
import signal
import urllib.request
from pathlib import Path

import pytest

from stack import children, emulator, ports
from stack.emulator import Emulator
from stack.mariadb import CannotStart


def test_it_answers_on_loopback_only_and_is_gone_after_stop(tmp_path: Path) -> None:
    with Emulator(tmp_path) as aws:
        url = aws.client("sqs").create_queue(QueueName="one")["QueueUrl"]
        aws.client("sqs").send_message(QueueUrl=url, MessageBody="hello")
        assert aws.client("sqs").receive_message(QueueUrl=url)["Messages"][0]["Body"] == "hello"
        with pytest.raises(OSError, match=r"refused|timed out"):
            urllib.request.urlopen(f"http://127.0.0.2:{aws.port}/_ministack/health", timeout=5)
        assert not list(Path("/tmp").glob(f"ministack*{aws.port}*"))  # noqa: S108 - that it keeps out of there
    assert not aws.running()
    assert ports.is_free(aws.port)


def test_a_second_start_finds_the_first_unless_it_was_made_for_something_else(tmp_path: Path) -> None:
    with Emulator(tmp_path, basis="a") as aws:
        before = children.find(aws.record)
        assert Emulator(tmp_path, basis="a").start() is False
        assert children.find(aws.record) == before
        assert Emulator(tmp_path, basis="b").start() is True
        assert children.find(aws.record) != before


def test_an_emulator_that_an_older_program_started_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "emulate.py"
    monkeypatch.setattr(emulator, "PROGRAM", program)
    program.write_text(emulate := Path("stack/emulate.py").read_text())
    with Emulator(tmp_path):
        assert Emulator(tmp_path).start() is False
        program.write_text(f"{emulate}\n")
        assert Emulator(tmp_path).start() is True


def test_after_a_kill_it_is_started_anew_on_its_port(tmp_path: Path) -> None:
    with Emulator(tmp_path) as aws:
        port = aws.port
        child = children.find(aws.record)
        assert child
        os.kill(child.pid, signal.SIGKILL)
        assert aws.start() is True
        assert aws.port == port


def test_a_failed_start_says_why_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/echo")
    with pytest.raises(CannotStart, match=r"emulate\.py"):
        Emulator(tmp_path).start()
    assert not (tmp_path / "ministack.json").exists()
