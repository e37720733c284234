"""The SQL of agents: their identity, their newest connection, and when they were seen."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from functions.printing.tables.rows import with_utc
from shared.spine.db import Row, Transaction

SELECT_AGENTS = """
    SELECT a.id, a.store_id, a.name, a.encrypted, a.enrolled_at, a.revoked_at, a.connection_id, a.connected_at,
        a.seen_at, a.silent_at, a.offline_at, a.journal, a.capabilities, a.version, a.platform, a.confirms,
        a.last_sequence, a.machine, a.other_machine, a.copied, a.copied_at
    FROM print_agents a"""
SELECT_AGENT = f"{SELECT_AGENTS} WHERE a.id = %(id)s"
LOCK_AGENT = f"{SELECT_AGENT} FOR UPDATE"
SELECT_AGENTS_OF_STORE = f"{SELECT_AGENTS} WHERE a.store_id = %(store_id)s ORDER BY a.id"
SELECT_AGENT_OF_CONNECTION = f"""
    {SELECT_AGENTS} JOIN print_connections c ON c.agent_id = a.id WHERE c.id = %(connection)s"""
SELECT_SILENT = f"""
    {SELECT_AGENTS} WHERE a.offline_at IS NULL AND a.silent_at < %(now)s ORDER BY a.silent_at LIMIT %(limit)s"""
INSERT_AGENT = """
    INSERT INTO print_agents (id, store_id, name, encrypted, enrolled_at, version)
    VALUES (%(id)s, %(store_id)s, %(name)s, %(encrypted)s, %(enrolled_at)s, %(version)s)"""
UPDATE_AGENT = """
    UPDATE print_agents SET revoked_at = %(revoked_at)s, connection_id = %(connection_id)s,
        connected_at = %(connected_at)s, seen_at = %(seen_at)s, silent_at = %(silent_at)s,
        offline_at = %(offline_at)s, journal = %(journal)s, capabilities = %(capabilities)s, version = %(version)s,
        platform = %(platform)s, confirms = %(confirms)s, last_sequence = %(last_sequence)s, machine = %(machine)s,
        other_machine = %(other_machine)s, copied = %(copied)s, copied_at = %(copied_at)s
    WHERE id = %(id)s"""
UPDATE_SEEN_AT = "UPDATE print_agents SET seen_at = %(now)s, silent_at = %(silent_at)s WHERE id = %(id)s"

# How the relay noticed that two programs use one identity. With two connections it cannot know the right program.
Copied = Literal["other_machine", "two_connections"]
OTHER_MACHINE: Copied = "other_machine"
TWO_CONNECTIONS: Copied = "two_connections"
# Columns with words that are separated by spaces.
_SETS = ("capabilities", "machine", "other_machine")


@dataclass(frozen=True)
class Agent:
    """A program in a store that prints."""

    id: str
    store_id: str
    name: str
    # Its key, under a key of the ring.
    encrypted: bytes = field(repr=False)
    enrolled_at: datetime
    # Head office ended it.
    revoked_at: datetime | None
    # The newest connection that was welcomed. None once it is known to be closed.
    connection_id: str | None
    connected_at: datetime | None
    # The last frame.
    seen_at: datetime | None
    # When it counts as off line, unless it sends a frame before.
    silent_at: datetime | None
    # Since when it was announced as off line.
    offline_at: datetime | None
    # The id of its journal.
    journal: str | None
    capabilities: frozenset[str]
    version: str
    platform: str
    # It asks for `go` before it begins a job.
    confirms: bool
    # The number of its last message.
    last_sequence: int
    # Hashes of its network hardware.
    machine: frozenset[str]
    # Hashes of another machine that used its identity.
    other_machine: frozenset[str]
    copied: Copied | None
    copied_at: datetime | None

    @property
    def held(self) -> bool:
        """Whether it gets no jobs until a person names the right program."""
        return self.copied == TWO_CONNECTIONS

    def online(self, now: datetime) -> bool:
        """Whether it has a connection, sent a frame within two heartbeats and five seconds, and is not held."""
        return not self.held and self.connection_id is not None and self.silent_at is not None and now < self.silent_at


@dataclass(frozen=True)
class NewAgent:
    """An agent that has enrolled and was never seen."""

    id: str
    store_id: str
    name: str
    encrypted: bytes = field(repr=False)
    enrolled_at: datetime
    version: str


def insert_agent(transaction: Transaction, agent: NewAgent) -> None:
    """Store an agent that has just enrolled."""
    transaction.execute(INSERT_AGENT, vars(agent))


def read_agent(transaction: Transaction, agent_id: str) -> Agent | None:
    """An agent by its id."""
    row = transaction.row(SELECT_AGENT, {"id": agent_id})
    return agent_from_row(row) if row else None


def lock_agent(transaction: Transaction, agent_id: str) -> Agent | None:
    """As `read_agent`, locked."""
    row = transaction.row(LOCK_AGENT, {"id": agent_id})
    return agent_from_row(row) if row else None


def read_agent_of_connection(transaction: Transaction, connection: str) -> Agent | None:
    """The agent of a connection. None for one that was never admitted, or is closed."""
    row = transaction.row(SELECT_AGENT_OF_CONNECTION, {"connection": connection})
    return agent_from_row(row) if row else None


def read_agents_of_store(transaction: Transaction, store_id: str) -> list[Agent]:
    """Agents in the order of their enrolment, with the revoked ones."""
    return [agent_from_row(row) for row in transaction.rows(SELECT_AGENTS_OF_STORE, {"store_id": store_id})]


def read_silent_agents(transaction: Transaction, now: datetime, limit: int) -> list[Agent]:
    """Agents that count as off line and were not announced."""
    return [agent_from_row(row) for row in transaction.rows(SELECT_SILENT, {"now": now, "limit": limit})]


def update_agent(transaction: Transaction, agent: Agent) -> None:
    """Store every field that changes."""
    words = {name: " ".join(sorted(getattr(agent, name))) for name in _SETS}
    transaction.execute(UPDATE_AGENT, vars(agent) | words)


def update_seen_at(transaction: Transaction, agent_id: str, now: datetime, silent_at: datetime) -> None:
    """The agent has sent a frame."""
    transaction.execute(UPDATE_SEEN_AT, {"id": agent_id, "now": now, "silent_at": silent_at})


def agent_from_row(row: Row) -> Agent:
    """The agent in a row of `SELECT_AGENTS`."""
    sets = {name: frozenset(row[name].split()) for name in _SETS}
    return Agent(**with_utc(row) | sets | {"confirms": bool(row["confirms"])})
