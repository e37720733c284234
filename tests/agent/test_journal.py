"""The agent's memory, on a real disk, with real SIGKILLs."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.strategies import integers

from dumbwaiter_agent.jobs import Evidence, Job, Outcome, State
from dumbwaiter_agent.journal import IllegalMove, Journal, JournalFull, open_journal
from tests.support.paths import AGENT_PATH

ROOT = Path(__file__).parents[2]
PRINTED = Outcome(State.PRINTED, Evidence.ECHO, written=3, copies=1)
DAY = 86_400.0


def job(seq: int = 1, *, mark: bytes = b"") -> Job:
    return Job(f"j{seq}", "p", seq, seq - 1, 99.0, "kitchen", "reprint" if mark else "continue", mark)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@contextmanager
def opened(path: Path, **options: int) -> Iterator[Journal]:
    journal = Journal(path, **options)
    try:
        yield journal
    finally:
        journal.close()


def test_it_is_durable_as_sqlite_can_be(path: Path) -> None:
    with opened(path) as journal:
        assert journal._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert journal._db.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_kept_job_is_there_after_a_restart_with_all_it_had(path: Path) -> None:
    with opened(path) as journal:
        assert journal.keep(job(1, mark=b"\x00REPRINT\xff"), b"\x1b@\x00\xff", 0, 1.0) is None
        assert journal.keep(job(2), b"x", 1, 1.0) is None
        made = journal.id
    with opened(path) as journal:
        assert journal.id == made
        assert journal.waiting() == [job(1, mark=b"\x00REPRINT\xff"), job(2)]
        assert journal.payload("j1") == b"\x1b@\x00\xff"
        assert journal.cursors() == {"p": 1}


def test_a_job_that_came_before_says_how_it_stands(path: Path) -> None:
    with opened(path) as journal:
        journal.keep(job(), b"abc", 0, 1.0)
        assert journal.keep(job(), b"other", 0, 1.0) is State.RECEIVED
        assert journal.payload("j1") == b"abc"
        journal.begin("j1", 2.0)
        assert journal.keep(job(), b"abc", 0, 1.0) is State.PRINTING
        journal.end("j1", PRINTED, 3.0)
        assert journal.keep(job(), b"abc", 0, 1.0) is State.PRINTED
        assert journal.waiting() == []


def test_a_job_begins_once_and_ends_once(path: Path) -> None:
    with opened(path) as journal:
        journal.keep(job(), b"abc", 0, 1.0)
        journal.begin("j1", 2.0)
        with pytest.raises(IllegalMove):
            journal.begin("j1", 2.0)
        journal.end("j1", PRINTED, 3.0)
        for move in (lambda: journal.begin("j1", 4.0), lambda: journal.end("j1", Outcome(State.FAILED), 4.0)):
            with pytest.raises(IllegalMove):
                move()
        with pytest.raises(IllegalMove):
            journal.begin("never came", 4.0)
        assert journal.result("j1") == {
            "type": "result",
            "job": "j1",
            "at": 3.0,
            "began": 2.0,
            "state": "printed",
            "evidence": "A",
            "written": 3,
            "copies": 1,
        }


def test_results_are_told_until_they_are_noted(path: Path) -> None:
    with opened(path) as journal:
        for seq in (1, 2):
            journal.keep(job(seq), b"abc", 0, 1.0)
        journal.note(["j1"])  # of a job that has not ended it means nothing
        journal.end("j2", Outcome(State.EXPIRED), 3.0)
        journal.end("j1", Outcome(State.EXPIRED), 4.0)
        assert [result["job"] for result in journal.unnoted()] == ["j2", "j1"]
        journal.note(["j2", "never came"])
        assert [result["job"] for result in journal.unnoted()] == ["j1"]


def test_a_withdrawn_job_never_begins_whether_it_came_before_or_after(path: Path) -> None:
    with opened(path) as journal:
        journal.keep(job(1), b"abc", 0, 1.0)
        assert journal.withdraw("j1", "p", 2.0) is State.CANCELLED
        assert journal.withdraw("j2", "p", 2.0) is State.CANCELLED
        assert journal.keep(job(2), b"abc", 1, 3.0) is State.CANCELLED
        for name in ("j1", "j2"):
            with pytest.raises(IllegalMove):
                journal.begin(name, 4.0)
        assert journal.waiting() == []


def test_a_job_kept_as_begun_is_unknown_after_a_crash_unless_it_was_put_back(path: Path) -> None:
    with opened(path) as journal:
        for number in (1, 2):
            assert journal.keep(job(number), b"x", 0, 1.0, begun=True) is None
        assert journal.waiting() == []
        journal.put_back("j2")
    with opened(path) as journal:
        assert journal.recover(9.0) == ["j1"]
        journal.put_back("j1")  # what has ended stays so
        assert [one.id for one in journal.waiting()] == ["j2"]
        assert journal.payload("j2") == b"x"
        assert [(one["job"], one["state"], one["began"]) for one in journal.unnoted()] == [("j1", "unknown", 1.0)]
        journal.begin("j2", 10.0)
        assert journal.end("j2", Outcome(State.PRINTED), 11.0)["began"] == 10.0


def test_what_is_begun_cannot_be_withdrawn(path: Path) -> None:
    with opened(path) as journal:
        journal.keep(job(1), b"abc", 0, 1.0)
        journal.begin("j1", 2.0)
        assert journal.withdraw("j1", "p", 2.0) is State.PRINTING


def test_what_ended_is_remembered_for_two_weeks_at_least_and_not_for_ever(path: Path) -> None:
    with opened(path) as journal:
        for seq in (1, 2, 3):
            journal.keep(job(seq), b"abc", 0, 0.0)
        journal.end("j1", PRINTED, 0.0)
        journal.end("j2", PRINTED, 0.0)
        journal.note(["j1"])
        assert journal.prune(14 * DAY) == 0
        assert journal.keep(job(1), b"abc", 0, 14 * DAY) is State.PRINTED
        assert journal.prune(22 * DAY) == 1, "only what was noted; what waits stays too"
        assert journal.keep(job(1), b"abc", 0, 22 * DAY) is None
        assert [one.id for one in journal.waiting()] == ["j1", "j3"]


def test_payloads_of_ended_jobs_take_no_room(path: Path) -> None:
    with opened(path, most_bytes=4_000_000) as journal:
        for seq in range(1, 60):
            journal.keep(job(seq), b"x" * 200_000, 0, 1.0)
            journal.end(f"j{seq}", PRINTED, 1.0)
    assert path.stat().st_size < 4_000_000


def test_a_full_journal_takes_nothing_new_and_finishes_what_it_has(path: Path) -> None:
    with opened(path, most_bytes=1_000_000) as journal:
        with pytest.raises(JournalFull):
            for seq in range(1, 100):
                journal.keep(job(seq), b"x" * 100_000, 0, 1.0)
        kept = journal.waiting()
        assert 5 < len(kept) < 15
        journal.begin(kept[0].id, 2.0)
        journal.end(kept[0].id, PRINTED, 3.0)
        journal.end(kept[1].id, Outcome(State.EXPIRED), 3.0)
        assert journal.keep(job(99), b"x", 0, 4.0) is None


def test_two_agents_cannot_have_one_journal(path: Path) -> None:
    with opened(path), pytest.raises(sqlite3.OperationalError, match="locked"):
        Journal(path)


@pytest.mark.parametrize("damage", [b"this is no database at all, but it is long enough" * 100, b""])
def test_a_damaged_journal_is_put_aside_and_the_new_one_has_another_id(path: Path, damage: bytes) -> None:
    with opened(path) as journal:
        journal.keep(job(), b"abc", 0, 1.0)
        made = journal.id
    path.write_bytes(damage)
    journal = open_journal(path)
    assert journal.id != made
    assert journal.waiting() == []
    journal.close()
    assert len(list(path.parent.glob("journal.db.damaged-*"))) == bool(damage)


# Killed


def worker(mode: str, path: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, str(ROOT / "tests/agent/journal_worker.py"), mode, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": AGENT_PATH},
    )


def kill(process: "subprocess.Popen[str]") -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout):
        assert stream
        with suppress(BrokenPipeError):
            stream.close()


@pytest.mark.parametrize(
    ("killed_after", "waiting", "unnoted"),
    [
        ("opened", [], []),
        ("kept", ["j1"], []),
        ("begun", [], [("unknown", "agent_stopped")]),
        ("ended", [], [("printed", None)]),
        ("noted", [], []),
    ],
)
def test_killed_after_each_step_it_knows_what_it_did(
    path: Path, killed_after: str, waiting: list[str], unnoted: list[tuple[str, str | None]]
) -> None:
    process = worker("steps", path)
    assert process.stdout
    assert process.stdin
    while (said := process.stdout.readline().strip()) != killed_after:
        assert said
        process.stdin.write("\n")
        process.stdin.flush()
    kill(process)
    with opened(path) as journal:
        journal.recover(9.0)
        assert [one.id for one in journal.waiting()] == waiting
        assert [(one["state"], one.get("code")) for one in journal.unnoted()] == unnoted


@pytest.mark.parametrize("seed", range(6))
def test_killed_at_any_moment_it_has_done_all_that_it_went_past(path: Path, seed: int) -> None:
    process = worker("busy", path)
    assert process.stdout
    lines = [process.stdout.readline()]
    time.sleep(0.03 * seed)
    process.send_signal(signal.SIGKILL)
    lines += process.stdout.read().splitlines()
    kill(process)
    move, _, seq = lines[-1].strip().rpartition(" ")
    last = int(seq)
    with opened(path) as journal:
        unknown = journal.recover(9.0)
        results = {one["job"]: one["state"] for one in journal.unnoted(1_000_000)}
        waiting = [one.id for one in journal.waiting()]
    done = {f"j{number}": "printed" for number in range(1, last)}
    assert {name: state for name, state in results.items() if name in done} == done
    now = "unknown" if unknown else results.get(f"j{last}") or ("waiting" if waiting else "absent")
    possible = {"keep": {"absent", "waiting"}, "begin": {"waiting", "unknown"}, "end": {"unknown", "printed"}}
    assert now in possible[move]


class JournalMachine(RuleBasedStateMachine):
    """Any order of moves and restarts, against a dictionary."""

    jobs = integers(1, 4)

    def __init__(self) -> None:
        super().__init__()
        self.path = Path(os.environ["JOURNAL_FOLDER"]) / f"{id(self)}-{time.monotonic_ns()}.db"
        self.journal = Journal(self.path)
        self.model: dict[int, State] = {}

    def teardown(self) -> None:
        self.journal.close()

    @rule(seq=jobs)
    def keep(self, seq: int) -> None:
        assert self.journal.keep(job(seq), b"abc", 0, 1.0) == self.model.get(seq)
        self.model.setdefault(seq, State.RECEIVED)

    @rule(seq=jobs)
    def begin(self, seq: int) -> None:
        if self.model.get(seq) is State.RECEIVED:
            self.journal.begin(f"j{seq}", 2.0)
            self.model[seq] = State.PRINTING
        else:
            with pytest.raises(IllegalMove):
                self.journal.begin(f"j{seq}", 2.0)

    @precondition(lambda self: self.model)
    @rule(seq=jobs)
    def end(self, seq: int) -> None:
        if self.model.get(seq) in {State.RECEIVED, State.PRINTING}:
            self.journal.end(f"j{seq}", PRINTED, 3.0)
            self.model[seq] = State.PRINTED
        else:
            with pytest.raises(IllegalMove):
                self.journal.end(f"j{seq}", PRINTED, 3.0)

    @rule(seq=jobs)
    def withdraw(self, seq: int) -> None:
        before = self.model.get(seq, State.RECEIVED)
        expected = State.CANCELLED if before is State.RECEIVED else before
        assert self.journal.withdraw(f"j{seq}", "p", 2.0) is expected
        self.model[seq] = expected

    @rule()
    def restart(self) -> None:
        self.journal.close()
        self.journal = Journal(self.path)
        self.journal.recover(9.0)
        for seq, state in self.model.items():
            if state is State.PRINTING:
                self.model[seq] = State.UNKNOWN

    @invariant()
    def it_agrees(self) -> None:
        waiting = [one.seq for one in self.journal.waiting()]
        assert waiting == sorted(seq for seq, state in self.model.items() if state is State.RECEIVED)
        told = {one["job"]: one["state"] for one in self.journal.unnoted()}
        assert told == {f"j{seq}": state for seq, state in self.model.items() if state.final}


def test_any_order_of_moves_and_restarts_agrees_with_a_dictionary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOURNAL_FOLDER", str(tmp_path))
    machine = JournalMachine.TestCase
    machine.settings = settings(
        max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
    )
    machine().runTest()
