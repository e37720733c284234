"""Ports on the loopback interface that are free now, and the same ones again at the next start."""

import json
import random
import socket
from collections.abc import Iterable
from pathlib import Path

LOOPBACK = "127.0.0.1"
# Below what systems hand out to outgoing connections, so that none of those takes a port between two starts.
CHOICE = range(20_000, 30_000)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        if probe.connect_ex((LOOPBACK, port)) == 0:
            return False
    with socket.socket() as probe:
        # Connections of the last run that still linger must not cost us the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def keep(folder: Path, name: str) -> int:
    """A free port for `name`: the one noted in the folder if it is still free, else a new one, noted."""
    file = folder / f"{name}.port"
    port = _first_free(_noted(file))
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(port))
    return port


def _noted(file: Path) -> list[int]:
    try:
        return [int(json.loads(file.read_text()))]
    except (FileNotFoundError, ValueError):
        return []


def _first_free(first: Iterable[int]) -> int:
    for port in [*first, *random.sample(CHOICE, 200)]:
        if is_free(port):
            return port
    raise RuntimeError("Found no free port between 20000 and 30000 on 127.0.0.1.")
