"""$disconnect → the connection is forgotten, so that nothing is sent by it any more."""

from functions.printing.tables.agents import read_agent_of_connection
from functions.printing.tables.connections import delete_connection
from shared.spine import entry, log
from shared.spine.entry import Frame
from shared.spine.env import Environment


def forget(frame: Frame, env: Environment) -> None:
    """Its agent is not off line yet: it may have a newer connection, or be back in a moment."""
    if frame.kind != "DISCONNECT":
        return
    with env.db.transaction() as transaction:
        agent = read_agent_of_connection(transaction, frame.connection)
        if agent:
            delete_connection(transaction, frame.connection, agent.id)
    log.logger().info("connection closed", extra={"agent": agent and agent.id, "connection": frame.connection})


handler = entry.socket(forget)
