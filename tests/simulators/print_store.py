"""A store that prints through the deployed stack: an enrolled agent as a program of its own, scripted printers."""

import asyncio
import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.simulators.agent_process import AgentProcess
from tests.simulators.printer import Printer


@dataclass
class PrintStore:
    """A store's printers by id and its agents; `call` is head office's."""

    id: str
    call: Callable[..., Any]
    printers: dict[str, Printer]
    agents: list[AgentProcess] = field(default_factory=list)

    @property
    def paper(self) -> list[str]:
        """What can be read on every cut ticket of every printer."""
        return [ticket.text for printer in self.printers.values() for ticket in printer.paper]


def enrolled(
    folder: Path, call: Callable[..., Any], store: str, printers: Mapping[str, str], relay: str = "", more: str = ""
) -> Path:
    """agent.toml of an agent with an identity: its own of before, else one for which it trades a code.

    `relay` overrules the address that came with the identity. `more`: lines for every printer.
    """
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    if not (data / "agent.json").exists():
        (data / "agent.json").write_text(json.dumps(_trade_code(call, store, folder.name)))
    relays = f'relays = ["{relay}"]\n' if relay else ""
    tables = [f'[printers.{name}]\naddress = "{address}"\n{more}\n' for name, address in printers.items()]
    config = folder / "agent.toml"
    config.write_text('data = "data"\n' + relays + "\n".join(tables))
    return config


def _trade_code(call: Callable[..., Any], store: str, name: str) -> dict[str, Any]:
    code = call("POST", "/v1/printing/codes", {"store": store}).raise_for_status().json()["code"]
    key = urlsafe_b64encode(secrets.token_bytes(32)).decode()
    body = {"code": code, "key": key, "name": name, "agent": "0.1.0", "protocol": 1}
    identity = call("POST", "/v1/printing/enrolments", body).raise_for_status().json()
    return {**identity, "key": key}


@asynccontextmanager
async def print_store(
    folder: Path, call: Callable[..., Any], store: str, printers: Sequence[str] = ("kitchen",), agents: int = 1
) -> AsyncIterator[PrintStore]:
    """Printers up, agents enrolled and started; at the end nothing of it runs."""
    async with AsyncExitStack() as exits:
        simulated = {name: await exits.enter_async_context(Printer()) for name in printers}
        print_store = PrintStore(store, call, simulated)
        addresses = {name: printer.address for name, printer in simulated.items()}
        for number in range(agents):
            config = await asyncio.to_thread(enrolled, folder / f"agent-{number}", call, store, addresses)
            print_store.agents.append(await exits.enter_async_context(AgentProcess(config)))
        yield print_store
