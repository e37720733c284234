"""What can print at this moment: a store's agents and printers as people see them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from functions.printing import store_agents
from functions.printing.documents import AgentDocument, FleetStore, PrinterState
from functions.printing.documents_jobs import document_of
from functions.printing.places import names_of
from functions.printing.store import Printer, Setup
from functions.printing.store_agents import Agent
from functions.printing.store_fleet import StoreRows, Waiting
from shared.spine.db import Transaction


def store_document(rows: StoreRows, now: datetime) -> FleetStore:
    """A store of the fleet."""
    online = any(agent.id == rows.printing_agent and agent.online(now) for agent in rows.agents)
    printers = [
        PrinterState(**printer_members(one, rows.waiting.get(one.id, Waiting()), online=online))
        for one in rows.printers
    ]
    return FleetStore(
        **names_of(rows.id),
        name=rows.name,
        can_print=any(printer.can_print for printer in printers),
        agents=agent_documents(rows.agents, rows.printing_agent, now),
        printers=printers,
        jobs_for_person=rows.jobs_for_person,
        jobs=[document_of(job) for job in rows.jobs],
        orders_planned=rows.orders_planned,
        late_uploads=rows.late_uploads,
    )


def agent_documents(agents: Iterable[Agent], printing_agent: str | None, now: datetime) -> list[AgentDocument]:
    """Agents as they are now."""
    return [
        AgentDocument(
            id=one.id, name=one.name, state=_state(one, now), printing=one.id == printing_agent and one.online(now),
            enrolled_at=one.enrolled_at, seen_at=one.seen_at, version=one.version, platform=one.platform,
            copied=one.copied, copied_at=one.copied_at,
        )
        for one in agents
    ]  # fmt: skip


def _state(agent: Agent, now: datetime) -> Literal["online", "offline", "never_seen", "revoked"]:
    if agent.revoked_at:
        return "revoked"
    if agent.online(now):
        return "online"
    return "offline" if agent.seen_at else "never_seen"


def agent_online(transaction: Transaction, setup: Setup, now: datetime) -> bool:
    """Whether the agent that prints in the store is there."""
    agent = store_agents.read_agent(transaction, setup.printing_agent) if setup.printing_agent else None
    return agent is not None and agent.revoked_at is None and agent.online(now)


def printer_members(printer: Printer, waiting: Waiting, *, online: bool) -> dict[str, Any]:
    """For `PrinterState`. What an agent that is away said last is no promise."""
    said = {
        name: getattr(printer, name)
        for name in ("id", "state", "paper", "cover", "error", "proof", "trouble", "said_at", "changed_at")
    }
    can_print = online and printer.state is not None and printer.can_print
    return said | {"can_print": can_print, "open_jobs": waiting.jobs, "oldest_at": waiting.oldest_at}
