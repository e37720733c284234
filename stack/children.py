"""Children that outlive the command that started them, and that a later command finds and ends.

A record of each lies in a file. A pid alone may belong to another process by now. So the record also holds the time
when the process started, and a
mark. The mark is in the environment of the child and of every process that it starts.
"""

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

MARK = "DUMBWAITER_CHILD"
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PROC = Path("/proc")
_own: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Child:
    mark: str
    pid: int = 0
    born: str = ""

    def alive(self) -> bool:
        return self.born != "" and _born(self.pid) == self.born


def start(record: Path, command: list[str], *, env: Mapping[str, str], cwd: Path, log: Path) -> Child:
    """Start the command in a session of its own, so that Ctrl-C reaches only us; its output goes to the log."""
    record.parent.mkdir(parents=True, exist_ok=True)
    child = Child(mark=secrets.token_hex(16))
    # Noted first: whoever kills us between here and the second note still leaves a mark to find the child by.
    _note(record, child)
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            env={**env, MARK: child.mark},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _own[process.pid] = process
    child = Child(child.mark, process.pid, _born(process.pid))
    _note(record, child)
    return child


def find(record: Path) -> Child | None:
    """The child in the record if it still runs."""
    child = _read(record)
    return child if child and child.alive() else None


def wait(child: Child, patience: float) -> int:
    """The exit code of a child that this process started. Raises TimeoutError."""
    try:
        return _own[child.pid].wait(patience)
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(f"{error.cmd[0]} was not done after {patience:.0f} s.") from error


def stop(record: Path, patience: float = 30) -> None:
    """End the child and everything that it started, and wait until they are gone. Harms no other process."""
    child = _read(record)
    if child is None:
        return
    if child.alive():
        _signal(child.pid, signal.SIGTERM)
        _wait(lambda: not child.alive(), patience)
    _wait(lambda: not [_signal(pid, signal.SIGKILL) for pid in _family(child)] and not child.alive(), patience)
    for process in list(_own.values()):
        process.poll()  # else those that ended stay as zombies
    record.unlink(missing_ok=True)


def environment(**more: str) -> dict[str, str]:
    """The variables that a child gets: no credentials, no proxies and no Python paths of the parent."""
    variables = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TERM", "TZ", "LD_LIBRARY_PATH")
    return {name: os.environ[name] for name in variables if name in os.environ} | more


def tail(log: Path, lines: int = 15) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return "(it wrote nothing)"


def deaf() -> None:
    """From now on no Ctrl-C or polite signal ends this process."""
    for number in ENDINGS:
        # Not SIG_IGN: Python complains when a signal that came just before finds that.
        signal.signal(number, lambda *_: None)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Ctrl-C must not end us halfway through ending the children."""
    if threading.current_thread() is not threading.main_thread():  # where no signal arrives
        yield
        return
    before = [(number, signal.getsignal(number)) for number in ENDINGS]
    deaf()
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _note(record: Path, child: Child) -> None:
    fresh = record.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(child)))
    fresh.replace(record)


def _read(record: Path) -> Child | None:
    try:
        return Child(**json.loads(record.read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _born(pid: int) -> str:
    """When the process started, in words that no other process with this pid shares; "" if it has ended."""
    if pid in _own and _own[pid].poll() is not None:
        return ""
    if sys.platform != "linux":
        listing = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return listing.stdout.strip()
    try:
        # The command's name, in brackets, may hold anything: count the fields after it.
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
    # Threads may outlive the first one for a moment, and hold its ports.
    ended = fields[0] in "ZX" and len(_tasks(pid)) <= 1
    return "" if ended else f"{fields[19]} {boot}"


def _tasks(pid: int) -> list[Path]:
    try:
        return list((PROC / str(pid) / "task").iterdir())
    except (FileNotFoundError, ProcessLookupError):
        return []


def _family(child: Child) -> list[int]:
    if sys.platform != "linux":
        return _group(child.pid)
    mark = f"{MARK}={child.mark}".encode()
    return [int(folder.name) for folder in PROC.iterdir() if folder.name.isdigit() and mark in _environ(folder)]


def _environ(folder: Path) -> list[bytes]:
    try:
        return (folder / "environ").read_bytes().split(b"\0")
    except OSError:  # it has just ended, or is not ours
        return []


def _group(leader: int) -> list[int]:
    listing = subprocess.run(["ps", "-axo", "pid=,pgid=,stat="], capture_output=True, text=True, check=True)
    rows = [line.split() for line in listing.stdout.splitlines()]
    return [int(pid) for pid, group, state in rows if leader and int(group) == leader and not state.startswith("Z")]


def _signal(pid: int, number: signal.Signals) -> int:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
    return pid


def _wait(ended: Callable[[], bool], patience: float) -> None:
    until = time.monotonic() + patience
    while not ended() and time.monotonic() < until:
        time.sleep(0.02)


def ending_behind(failure: BaseException) -> int:
    """The exit code of the signal in whose wake this was raised. Raises it again where there was none.

    A signal raises wherever the program is; a library that it meets in a transaction may raise its own fault over it.
    """
    cause: BaseException | None = failure
    while cause is not None:
        if isinstance(cause, KeyboardInterrupt):
            return 128 + signal.SIGINT
        if isinstance(cause, SystemExit) and isinstance(cause.code, int):
            return cause.code
        cause = cause.__context__
    raise failure
