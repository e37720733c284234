"""The SQL of printing's agents: enrolment, tokens, connections, who was seen when."""

from datetime import datetime, timedelta

from shared.spine.db import Duplicate, Transaction

UPDATE_AGENT_WITHOUT_CONNECTION = "UPDATE print_agents SET connection_id = NULL WHERE id = %s AND connection_id = %s"
INSERT_NONCE = "INSERT INTO print_nonces (agent_id, nonce, used_at) VALUES (%s, %s, %s)"
DELETE_OLD_NONCES = "DELETE FROM print_nonces WHERE used_at < %s LIMIT 1000"
INSERT_CONNECTION = "INSERT INTO print_connections (id, agent_id, opened_at) VALUES (%s, %s, %s)"
# Columns are set from left to right: the first one goes by what the second one was.
UPDATE_HEARD_AT = """
    UPDATE print_connections
    SET heard_again_at = IF(heard_at <= %s, %s, heard_again_at), heard_at = COALESCE(heard_at, %s) WHERE id = %s"""
SELECT_SECOND_CONNECTION = """
    SELECT id FROM print_connections WHERE agent_id = %s AND id <> %s AND heard_again_at IS NOT NULL LIMIT 1"""
UPDATE_WITHOUT_HEARD_AT = "UPDATE print_connections SET heard_at = NULL, heard_again_at = NULL WHERE agent_id = %s"
DELETE_CONNECTION = "DELETE FROM print_connections WHERE id = %s"
DELETE_OLD_CONNECTIONS = "DELETE FROM print_connections WHERE opened_at < %s LIMIT 1000"


def insert_nonce(transaction: Transaction, agent_id: str, nonce: str, now: datetime) -> bool:
    """Whether it is new."""
    try:
        transaction.execute(INSERT_NONCE, (agent_id, nonce, now))
    except Duplicate:
        return False
    return True


def insert_connection(transaction: Transaction, connection: str, agent_id: str, now: datetime) -> None:
    """Admitted, and not welcomed yet."""
    transaction.execute(INSERT_CONNECTION, (connection, agent_id, now))


def update_heard_at(transaction: Transaction, connection: str, now: datetime, apart: timedelta) -> None:
    """Something came by this connection though its agent has a newer one; again, where it is so much later."""
    transaction.execute(UPDATE_HEARD_AT, (now - apart, now, now, connection))


def read_second_connection(transaction: Transaction, agent_id: str, newest: str) -> str | None:
    """Another connection of the agent by which something came again and again since the newest was welcomed."""
    row = transaction.row(SELECT_SECOND_CONNECTION, (agent_id, newest))
    return row["id"] if row else None


def update_without_heard_at(transaction: Transaction, agent_id: str) -> None:
    """A person has said which program is the right one."""
    transaction.execute(UPDATE_WITHOUT_HEARD_AT, (agent_id,))


def delete_connection(transaction: Transaction, connection: str, agent_id: str) -> None:
    """It is closed; its agent may have a newer one."""
    transaction.execute(DELETE_CONNECTION, (connection,))
    transaction.execute(UPDATE_AGENT_WITHOUT_CONNECTION, (agent_id, connection))


def delete_old_connections(transaction: Transaction, nonces_before: datetime, connections_before: datetime) -> None:
    """Nonces that no token's time fits any more, and connections older than any gateway keeps them."""
    transaction.execute(DELETE_OLD_NONCES, (nonces_before,))
    transaction.execute(DELETE_OLD_CONNECTIONS, (connections_before,))
