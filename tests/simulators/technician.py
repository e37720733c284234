"""A store set up as docs/guide/set-up-a-print-agent.md tells a technician: a code, `dumbwaiter-agent enrol`, `run`."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.simulators.agent_process import AgentProcess
from tests.simulators.printer import Printer
from tests.support.paths import AGENT_PATH

KITCHEN = {"stations": [{"id": "oven", "name": "Oven", "printer": "kitchen"}]}
# Of a printer that proves nothing nobody waits half a minute here.
_TABLE = '[printers.kitchen]\naddress = "{}"\npatience = {{ proof = 1, grace = 0.2, hold = 900, settle = 0.1 }}\n'


@asynccontextmanager
async def set_up(folder: Path, base: str, call: Callable[..., Any], store: str) -> AsyncIterator[Printer]:
    """The store's printer, its agent running; at the end nothing of it runs."""
    call("PUT", f"/v1/printing/stores/{store}/routing", KITCHEN).raise_for_status()
    code = call("POST", "/v1/printing/codes", {"store": store}).raise_for_status().json()["code"]
    async with Printer() as printer:
        config = folder / "agent.toml"
        config.write_text('data = "data"\n' + _TABLE.format(printer.address))
        enrolment = await asyncio.to_thread(enrol, config, base, code)
        assert enrolment.returncode == 0, enrolment.stderr
        assert f"of store {store}" in enrolment.stdout
        async with AgentProcess(config):
            yield printer


def enrol(config: Path, base: str, code: str) -> "subprocess.CompletedProcess[str]":
    """What the technician types."""
    command = [sys.executable, "-m", "dumbwaiter_agent", "--config", str(config), "enrol", "--at", base, code]
    environment = {**os.environ, "PYTHONPATH": AGENT_PATH}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
