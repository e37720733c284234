"""The agent as a program of its own, to be killed."""

import asyncio
import json
import os
import sys
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from tests.simulators.relay import Relay
from tests.support.paths import AGENT_PATH

ROOT = Path(__file__).parents[2]


def configure(folder: Path, relays: Sequence[Relay], printers: Mapping[str, str], more: str = "") -> Path:
    """agent.toml and the identity of an enrolled agent. `more`: lines for every printer."""
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    key = urlsafe_b64encode(relays[0].key).decode()
    identity = {"agent": relays[0].agent, "key": key, "store": "s1", "relays": [relay.url for relay in relays]}
    (data / "agent.json").write_text(json.dumps(identity))
    tables = [f'[printers.{name}]\naddress = "{address}"\n{more}\n' for name, address in printers.items()]
    config = folder / "agent.toml"
    config.write_text('data = "data"\n' + "\n".join(tables))
    return config


class AgentProcess:
    """`dumbwaiter-agent run`, started, killed and started again; at the end of the context it does not run any more.

    An agent that ends by itself ends the test at once: its waits can't come true any more.
    """

    def __init__(self, config: Path) -> None:
        self._config = config
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self.kills = 0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process and self._process.returncode is None:
            await self.kill()

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(ROOT / "tests/simulators/quick_agent.py"),
            "--config",
            str(self._config),
            "run",
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": AGENT_PATH},
        )
        self._watch = asyncio.create_task(_watch(self._process, asyncio.current_task()))

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    async def kill(self) -> None:
        assert self._process
        self._end_watch()
        self._process.kill()
        await self._process.wait()
        self.kills += 1

    async def stop(self) -> int:
        assert self._process
        self._end_watch()
        self._process.terminate()
        return await self._process.wait()

    def _end_watch(self) -> None:
        if self._watch:
            self._watch.cancel()
            self._watch = None


async def _watch(process: asyncio.subprocess.Process, test: "asyncio.Task[Any] | None") -> None:
    code = await process.wait()
    if test:
        test.cancel(f"the agent ended by itself with code {code}")
