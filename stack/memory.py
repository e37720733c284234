"""The memory of a process, as the kernel counts it. Linux."""

from pathlib import Path


def resident_mb(pid: int, name: str = "VmRSS") -> float:
    """`VmRSS` now, `VmHWM` at most; unlike getrusage's, that of the process alone and not of its parent."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024
