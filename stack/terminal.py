"""Telling the person at the terminal what happens."""

import contextlib


def say(line: str) -> None:
    """Print at once; a terminal that is gone must not keep us from cleaning up."""
    with contextlib.suppress(OSError):
        print(line, flush=True)
