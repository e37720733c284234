"""The SQL of connections, and of nonces: a token is good for one connection."""

from datetime import datetime, timedelta

from shared.spine.db import Duplicate, Transaction

INSERT_NONCE = "INSERT INTO print_nonces (agent_id, nonce, used_at) VALUES (%(agent_id)s, %(nonce)s, %(now)s)"
DELETE_OLD_NONCES = "DELETE FROM print_nonces WHERE used_at < %(before)s LIMIT 1000"
INSERT_CONNECTION = "INSERT INTO print_connections (id, agent_id, opened_at) VALUES (%(id)s, %(agent_id)s, %(now)s)"
# MySQL sets columns from left to right: heard_again_at depends on heard_at as it was before.
UPDATE_HEARD_AT = """
    UPDATE print_connections
    SET heard_again_at = IF(heard_at <= %(before)s, %(now)s, heard_again_at), heard_at = COALESCE(heard_at, %(now)s)
    WHERE id = %(id)s"""
SELECT_SECOND_CONNECTION = """
    SELECT id FROM print_connections
    WHERE agent_id = %(agent_id)s AND id <> %(newest)s AND heard_again_at IS NOT NULL LIMIT 1"""
UPDATE_NOT_HEARD = "UPDATE print_connections SET heard_at = NULL, heard_again_at = NULL WHERE agent_id = %(agent_id)s"
DELETE_CONNECTION = "DELETE FROM print_connections WHERE id = %(id)s"
UPDATE_AGENT_WITHOUT_CONNECTION = """
    UPDATE print_agents SET connection_id = NULL WHERE id = %(agent_id)s AND connection_id = %(id)s"""
DELETE_OLD_CONNECTIONS = "DELETE FROM print_connections WHERE opened_at < %(before)s LIMIT 1000"


def insert_nonce(transaction: Transaction, agent_id: str, nonce: str, now: datetime) -> bool:
    """False for a nonce that the agent has used before."""
    try:
        transaction.execute(INSERT_NONCE, {"agent_id": agent_id, "nonce": nonce, "now": now})
    except Duplicate:
        return False
    return True


def insert_connection(transaction: Transaction, connection: str, agent_id: str, now: datetime) -> None:
    """Store a connection that was admitted and is not welcomed yet."""
    transaction.execute(INSERT_CONNECTION, {"id": connection, "agent_id": agent_id, "now": now})


def update_heard(transaction: Transaction, connection: str, now: datetime, apart: timedelta) -> None:
    """A frame came by a connection that is not the agent's newest. A second frame counts if it is so much later."""
    transaction.execute(UPDATE_HEARD_AT, {"id": connection, "before": now - apart, "now": now})


def read_second_connection(transaction: Transaction, agent_id: str, newest: str) -> str | None:
    """A connection of the agent that was heard twice although the agent has a newer one."""
    row = transaction.row(SELECT_SECOND_CONNECTION, {"agent_id": agent_id, "newest": newest})
    return row["id"] if row else None


def update_not_heard(transaction: Transaction, agent_id: str) -> None:
    """Forget which connections of the agent were heard: a person has named the right program."""
    transaction.execute(UPDATE_NOT_HEARD, {"agent_id": agent_id})


def delete_connection(transaction: Transaction, connection: str, agent_id: str) -> None:
    """Delete a closed connection. The agent may have a newer one."""
    values = {"id": connection, "agent_id": agent_id}
    transaction.execute(DELETE_CONNECTION, values)
    transaction.execute(UPDATE_AGENT_WITHOUT_CONNECTION, values)


def delete_old_connections(transaction: Transaction, nonces_before: datetime, connections_before: datetime) -> None:
    """Delete nonces that no valid token can use, and connections that no gateway keeps so long."""
    transaction.execute(DELETE_OLD_NONCES, {"before": nonces_before})
    transaction.execute(DELETE_OLD_CONNECTIONS, {"before": connections_before})
