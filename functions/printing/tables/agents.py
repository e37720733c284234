"""The SQL of printing's agents: enrolment, tokens, connections, who was seen when."""

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
SELECT_AGENT = f"{SELECT_AGENTS} WHERE a.id = %s"
LOCK_AGENT = f"{SELECT_AGENT} FOR UPDATE"
SELECT_AGENTS_OF_STORE = f"{SELECT_AGENTS} WHERE a.store_id = %s ORDER BY a.id"
SELECT_AGENT_OF_CONNECTION = f"{SELECT_AGENTS} JOIN print_connections c ON c.agent_id = a.id WHERE c.id = %s"
SELECT_SILENT = f"{SELECT_AGENTS} WHERE a.offline_at IS NULL AND a.silent_at < %s ORDER BY a.silent_at LIMIT %s"
INSERT_AGENT = """
    INSERT INTO print_agents (id, store_id, name, encrypted, enrolled_at, version) VALUES (%s, %s, %s, %s, %s, %s)"""
UPDATE_AGENT = """
    UPDATE print_agents SET revoked_at = %s, connection_id = %s, connected_at = %s, seen_at = %s, silent_at = %s,
        offline_at = %s, journal = %s, capabilities = %s, version = %s, platform = %s, confirms = %s,
        last_sequence = %s, machine = %s, other_machine = %s, copied = %s, copied_at = %s
    WHERE id = %s"""
UPDATE_SEEN_AT = "UPDATE print_agents SET seen_at = %s, silent_at = %s WHERE id = %s"


# How it was noticed that an identity is used twice: by the hardware, or by two programs that both live. In the second
# case nobody knows which is the right one.
Copied = Literal["other_machine", "two_connections"]
OTHER_MACHINE: Copied = "other_machine"
TWO_CONNECTIONS: Copied = "two_connections"


@dataclass(frozen=True)
class Agent:
    """A program in a store. `connection_id` is the newest that was welcomed, None once it is known to be closed.

    `machine`: hashes of its network hardware. `copied`: how it was noticed that `other_machine`, or a second program,
    goes by this identity.
    """

    id: str
    store_id: str
    name: str
    encrypted: bytes = field(repr=False)
    enrolled_at: datetime
    revoked_at: datetime | None
    connection_id: str | None
    connected_at: datetime | None
    seen_at: datetime | None
    silent_at: datetime | None
    offline_at: datetime | None
    journal: str | None
    capabilities: frozenset[str]
    version: str
    platform: str
    confirms: bool
    last_sequence: int
    machine: frozenset[str]
    other_machine: frozenset[str]
    copied: Copied | None
    copied_at: datetime | None

    @property
    def held(self) -> bool:
        """Whether it gets no jobs before a person has said which program is the right one."""
        return self.copied == TWO_CONNECTIONS

    def online(self, now: datetime) -> bool:
        """Whether it has a connection, was heard of within two heartbeats and five seconds, and is not held."""
        return not self.held and self.connection_id is not None and self.silent_at is not None and now < self.silent_at


def insert_agent(
    transaction: Transaction, agent_id: str, store_id: str, name: str, encrypted: bytes, now: datetime, version: str
) -> None:
    """Enrolled, never seen."""
    transaction.execute(INSERT_AGENT, (agent_id, store_id, name, encrypted, now, version))


def read_agent(transaction: Transaction, agent_id: str) -> Agent | None:
    """An agent by its id."""
    row = transaction.row(SELECT_AGENT, (agent_id,))
    return agent_from_row(row) if row else None


def lock_agent(transaction: Transaction, agent_id: str) -> Agent | None:
    """As `read_agent`, locked."""
    row = transaction.row(LOCK_AGENT, (agent_id,))
    return agent_from_row(row) if row else None


def read_agent_of_connection(transaction: Transaction, connection: str) -> Agent | None:
    """Whose connection it is; None where it was never admitted, or is gone."""
    row = transaction.row(SELECT_AGENT_OF_CONNECTION, (connection,))
    return agent_from_row(row) if row else None


def read_agents_of_store(transaction: Transaction, store_id: str) -> list[Agent]:
    """In the order of their enrolment, the revoked too."""
    return [agent_from_row(row) for row in transaction.rows(SELECT_AGENTS_OF_STORE, (store_id,))]


def read_silent_agents(transaction: Transaction, now: datetime, limit: int) -> list[Agent]:
    """Those that count as off line and are not yet told to be."""
    return [agent_from_row(row) for row in transaction.rows(SELECT_SILENT, (now, limit))]


def update_agent(transaction: Transaction, agent: Agent) -> None:
    """Everything of it that moves."""
    values = (
        agent.revoked_at, agent.connection_id, agent.connected_at, agent.seen_at, agent.silent_at,
        agent.offline_at, agent.journal,
        " ".join(sorted(agent.capabilities)), agent.version, agent.platform, agent.confirms, agent.last_sequence,
        " ".join(sorted(agent.machine)), " ".join(sorted(agent.other_machine)), agent.copied, agent.copied_at,
        agent.id,
    )  # fmt: skip
    transaction.execute(UPDATE_AGENT, values)


def update_seen_at(transaction: Transaction, agent_id: str, now: datetime, silent_at: datetime) -> None:
    """It said something."""
    transaction.execute(UPDATE_SEEN_AT, (now, silent_at, agent_id))


def agent_from_row(row: Row) -> Agent:
    """The agent in a row of `SELECT_AGENTS`."""
    sets = {name: frozenset(row[name].split()) for name in ("capabilities", "machine", "other_machine")}
    return Agent(**with_utc(row) | sets | {"confirms": bool(row["confirms"])})
