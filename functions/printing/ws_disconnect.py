"""$disconnect → the connection is deleted, and no frame is sent over it any more."""

from functions.printing.tables.agents import read_agent_of_connection
from functions.printing.tables.connections import delete_connection
from shared.spine import entry, log
from shared.spine.entry import Frame
from shared.spine.env import Environment


def forget_connection(frame: Frame, env: Environment) -> None:
    """The agent does not count as off line yet. It may have a newer connection, or return soon."""
    if frame.kind != "DISCONNECT":
        return
    with env.db.transaction() as transaction:
        agent = read_agent_of_connection(transaction, frame.connection)
        if agent:
            delete_connection(transaction, frame.connection, agent.id)
    log.logger().info("connection closed", extra={"agent": agent and agent.id, "connection": frame.connection})


handler = entry.socket(forget_connection)
