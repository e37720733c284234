"""Parquet on stdin → its columns by name or pattern as CSV on stdout: `python -m … BOUNDS store_id weather*`.

A page, a dictionary or a run of a few bytes can unpack to gigabytes. The library allocates them before the first
value. So this is a program of its own. The operating system limits its memory and time.
"""

import csv
import resource
import signal
import sys
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from arro3.core import DataType
from arro3.io import read_parquet

DAMAGED, NO_MEMORY = 65, 66
ROWS_AT_ONCE = 1024


def main(most_memory: str, most_seconds: str, ends_after: str, *patterns: str) -> int:
    """The exit code. `most_seconds` are of a processor, `ends_after` are seconds by the clock."""
    # If memory ends while the library holds a lock, it waits for ever and uses no processor time.
    signal.alarm(int(ends_after))
    content = sys.stdin.buffer.read()
    bound(int(most_memory), int(most_seconds))
    try:
        convert(content, patterns)
    except MemoryError:
        return NO_MEMORY
    except BaseException as failure:  # a damaged file makes the reader panic; a panic is no `Exception`
        if not isinstance(failure, Exception) and type(failure).__name__ != "PanicException":
            raise
        return DAMAGED
    return 0


def bound(memory: int, seconds: int) -> None:
    """Limit the memory allocated from now on, and the time. A failed allocation ends the program by SIGABRT."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    statm = Path("/proc/self/statm")
    if statm.exists():  # macOS has neither this file nor the limit
        most = int(statm.read_text().split()[0]) * resource.getpagesize() + memory
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def convert(content: bytes, patterns: Sequence[str]) -> None:
    """Write each value as text, so that the rules of CSV apply."""
    batches = read_parquet(content, batch_size=ROWS_AT_ONCE)
    names = [name for name in batches.schema.names if any(fnmatchcase(name, pattern) for pattern in patterns)]
    sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]  # it is a TextIOWrapper
    rows = csv.writer(sys.stdout)
    rows.writerow(names)
    for batch in batches if names else ():
        rows.writerows(zip(*(batch.column(name).cast(DataType.utf8()).to_pylist() for name in names), strict=True))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
