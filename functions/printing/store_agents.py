"""The SQL of printing's agents: enrolment, tokens, connections, who was seen when."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from functions.printing.store import aware
from shared.spine.db import Duplicate, Row, Transaction

ADD_CODE = """
    INSERT INTO print_enrolments (code_hash, store_id, made_by, made_at, expires_at) VALUES (%s, %s, %s, %s, %s)"""
LOCK_CODE = """
    SELECT code_hash, store_id, made_by, made_at, expires_at, used_at, key_hash, agent_id FROM print_enrolments
    WHERE code_hash = %s FOR UPDATE"""
USE_CODE = "UPDATE print_enrolments SET used_at = %s, key_hash = %s, agent_id = %s WHERE code_hash = %s"
REVOKE_CODES = """
    UPDATE print_enrolments SET expires_at = %s WHERE store_id = %s AND used_at IS NULL AND expires_at > %s"""

AGENT = """
    SELECT a.id, a.store_id, a.name, a.encrypted, a.enrolled_at, a.revoked_at, a.connection_id, a.connected_at,
        a.seen_at, a.silent_at, a.offline_at, a.journal, a.capabilities, a.version, a.platform, a.confirms,
        a.last_sequence, a.machine, a.other_machine, a.copied, a.copied_at
    FROM print_agents a"""
SELECT_AGENT = f"{AGENT} WHERE a.id = %s"
LOCK_AGENT = f"{SELECT_AGENT} FOR UPDATE"
SELECT_AGENTS = f"{AGENT} WHERE a.store_id = %s ORDER BY a.id"
AGENT_OF_CONNECTION = f"{AGENT} JOIN print_connections c ON c.agent_id = a.id WHERE c.id = %s"
SELECT_SILENT = f"{AGENT} WHERE a.offline_at IS NULL AND a.silent_at < %s ORDER BY a.silent_at LIMIT %s"
INSERT_AGENT = """
    INSERT INTO print_agents (id, store_id, name, encrypted, enrolled_at, version) VALUES (%s, %s, %s, %s, %s, %s)"""
KEEP_AGENT = """
    UPDATE print_agents SET revoked_at = %s, connection_id = %s, connected_at = %s, seen_at = %s, silent_at = %s,
        offline_at = %s, journal = %s, capabilities = %s, version = %s, platform = %s, confirms = %s,
        last_sequence = %s, machine = %s, other_machine = %s, copied = %s, copied_at = %s
    WHERE id = %s"""
SEE_AGENT = "UPDATE print_agents SET seen_at = %s, silent_at = %s WHERE id = %s"
FORGET_CONNECTION = "UPDATE print_agents SET connection_id = NULL WHERE id = %s AND connection_id = %s"

ADD_NONCE = "INSERT INTO print_nonces (agent_id, nonce, used_at) VALUES (%s, %s, %s)"
DROP_NONCES = "DELETE FROM print_nonces WHERE used_at < %s LIMIT 1000"
ADD_CONNECTION = "INSERT INTO print_connections (id, agent_id, opened_at) VALUES (%s, %s, %s)"
# Columns are set from left to right: the first one goes by what the second one was.
NOTE_SPEECH = """
    UPDATE print_connections
    SET spoke_again_at = IF(spoke_at <= %s, %s, spoke_again_at), spoke_at = COALESCE(spoke_at, %s) WHERE id = %s"""
SECOND_CONNECTION = """
    SELECT id FROM print_connections WHERE agent_id = %s AND id <> %s AND spoke_again_at IS NOT NULL LIMIT 1"""
FORGET_SPEECH = "UPDATE print_connections SET spoke_at = NULL, spoke_again_at = NULL WHERE agent_id = %s"
DROP_CONNECTION = "DELETE FROM print_connections WHERE id = %s"
DROP_CONNECTIONS = "DELETE FROM print_connections WHERE opened_at < %s LIMIT 1000"

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


@dataclass(frozen=True)
class Code:
    """A one-time code for a store, kept by its hash alone; `key_hash` is of the key that used it."""

    code_hash: bytes
    store_id: str
    made_by: str
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    key_hash: bytes | None
    agent_id: str | None


def add_code(transaction: Transaction, code: Code) -> None:
    """A new one."""
    transaction.execute(ADD_CODE, (code.code_hash, code.store_id, code.made_by, code.made_at, code.expires_at))


def lock_code(transaction: Transaction, code_hash: bytes) -> Code | None:
    """Locked, so that it is used once."""
    row = transaction.row(LOCK_CODE, (code_hash,))
    return Code(**aware(row)) if row else None


def use_code(transaction: Transaction, code: Code, agent_id: str, key_hash: bytes, now: datetime) -> None:
    """It made this agent."""
    transaction.execute(USE_CODE, (now, key_hash, agent_id, code.code_hash))


def revoke_codes(transaction: Transaction, store_id: str, now: datetime) -> int:
    """End every code of a store that nobody has used; how many."""
    return transaction.execute(REVOKE_CODES, (now, store_id, now))


def add_agent(
    transaction: Transaction, agent_id: str, store_id: str, name: str, encrypted: bytes, now: datetime, version: str
) -> None:
    """Enrolled, never seen."""
    transaction.execute(INSERT_AGENT, (agent_id, store_id, name, encrypted, now, version))


def read_agent(transaction: Transaction, agent_id: str, *, lock: bool = False) -> Agent | None:
    """By its id."""
    row = transaction.row(LOCK_AGENT if lock else SELECT_AGENT, (agent_id,))
    return agent_of_row(row) if row else None


def agent_of(transaction: Transaction, connection: str) -> Agent | None:
    """Whose connection it is; None where it was never admitted, or is gone."""
    row = transaction.row(AGENT_OF_CONNECTION, (connection,))
    return agent_of_row(row) if row else None


def agents_of_store(transaction: Transaction, store_id: str) -> list[Agent]:
    """In the order of their enrolment, the revoked too."""
    return [agent_of_row(row) for row in transaction.rows(SELECT_AGENTS, (store_id,))]


def silent_agents(transaction: Transaction, now: datetime, limit: int) -> list[Agent]:
    """Those that count as off line and are not yet told to be."""
    return [agent_of_row(row) for row in transaction.rows(SELECT_SILENT, (now, limit))]


def keep_agent(transaction: Transaction, agent: Agent) -> None:
    """Everything of it that moves."""
    values = (
        agent.revoked_at, agent.connection_id, agent.connected_at, agent.seen_at, agent.silent_at,
        agent.offline_at, agent.journal,
        " ".join(sorted(agent.capabilities)), agent.version, agent.platform, agent.confirms, agent.last_sequence,
        " ".join(sorted(agent.machine)), " ".join(sorted(agent.other_machine)), agent.copied, agent.copied_at,
        agent.id,
    )  # fmt: skip
    transaction.execute(KEEP_AGENT, values)


def see_agent(transaction: Transaction, agent_id: str, now: datetime, silent_at: datetime) -> None:
    """It said something."""
    transaction.execute(SEE_AGENT, (now, silent_at, agent_id))


def use_nonce(transaction: Transaction, agent_id: str, nonce: str, now: datetime) -> bool:
    """Whether it is new."""
    try:
        transaction.execute(ADD_NONCE, (agent_id, nonce, now))
    except Duplicate:
        return False
    return True


def add_connection(transaction: Transaction, connection: str, agent_id: str, now: datetime) -> None:
    """Admitted, and not welcomed yet."""
    transaction.execute(ADD_CONNECTION, (connection, agent_id, now))


def note_speech(transaction: Transaction, connection: str, now: datetime, apart: timedelta) -> None:
    """Something came by this connection though its agent has a newer one; again, where it is so much later."""
    transaction.execute(NOTE_SPEECH, (now - apart, now, now, connection))


def second_connection(transaction: Transaction, agent_id: str, newest: str) -> str | None:
    """Another connection of the agent by which something came again and again since the newest was welcomed."""
    row = transaction.row(SECOND_CONNECTION, (agent_id, newest))
    return row["id"] if row else None


def forget_speech(transaction: Transaction, agent_id: str) -> None:
    """A person has said which program is the right one."""
    transaction.execute(FORGET_SPEECH, (agent_id,))


def drop_connection(transaction: Transaction, connection: str, agent_id: str) -> None:
    """It is closed; its agent may have a newer one."""
    transaction.execute(DROP_CONNECTION, (connection,))
    transaction.execute(FORGET_CONNECTION, (agent_id, connection))


def drop_old(transaction: Transaction, nonces_before: datetime, connections_before: datetime) -> None:
    """Nonces that no token's time fits any more, and connections older than any gateway keeps them."""
    transaction.execute(DROP_NONCES, (nonces_before,))
    transaction.execute(DROP_CONNECTIONS, (connections_before,))


def agent_of_row(row: Row) -> Agent:
    """The agent in a row of `AGENT`."""
    sets = {name: frozenset(row[name].split()) for name in ("capabilities", "machine", "other_machine")}
    return Agent(**aware(row) | sets | {"confirms": bool(row["confirms"])})
