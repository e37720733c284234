"""Processor time of the functions' processes in the local emulator, from /proc. Another load hardly changes it."""

import os
import threading
from collections import defaultdict
from pathlib import Path
from typing import Self

PROC = Path("/proc")
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
SECONDS_BETWEEN_SAMPLES = 1.0
# Behind the name of the program in /proc/PID/stat: user and system time.
USER, SYSTEM = 11, 12


def ticks_of(process: int) -> int:
    """User and system time of a process; 0 without /proc."""
    try:
        fields = (PROC / str(process) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[USER]) + int(fields[SYSTEM])


class Sampler:
    """Samples while the `with` block runs. The emulator may end a process, so each sample replaces the one before.

    The time until the first sample of a process, its start, does not count. Without /proc all times are 0.
    """

    def __init__(self, endpoint: str) -> None:
        self._endpoint = f"AWS_ENDPOINT_URL={endpoint}"
        self._ticks: dict[tuple[str, str], int] = {}
        self._first_ticks: dict[tuple[str, str], int] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._sample()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def milliseconds(self, function: str) -> float:
        """Of all processes of the function since the start of the block."""
        ticks: dict[str, int] = defaultdict(int)
        for (name, pid), count in self._ticks.items():
            ticks[name] += count - self._first_ticks[name, pid]
        return ticks[function] * 1000 / TICKS_A_SECOND

    def _run(self) -> None:
        while not self._ended.wait(SECONDS_BETWEEN_SAMPLES):
            self._sample()
        self._sample()

    def _sample(self) -> None:
        for folder in PROC.glob("[0-9]*"):
            try:
                variables = (folder / "environ").read_text(errors="replace").split("\0")
                if self._endpoint not in variables:
                    continue
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # the process has ended, or belongs to another user
            for variable in variables:
                if variable.startswith("AWS_LAMBDA_FUNCTION_NAME="):
                    name = variable.partition("=")[2]
                    self._ticks[name, folder.name] = int(fields[USER]) + int(fields[SYSTEM])
                    self._first_ticks.setdefault((name, folder.name), self._ticks[name, folder.name])
