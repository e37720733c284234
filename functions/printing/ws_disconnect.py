"""$disconnect → the connection is forgotten, so that nothing is sent by it any more."""

from functions.printing import store_agents
from shared.spine import entry, log
from shared.spine.entry import Frame
from shared.spine.env import Environment


def forget(frame: Frame, env: Environment) -> None:
    """Its agent is not off line yet: it may have a newer connection, or be back in a moment."""
    if frame.kind != "DISCONNECT":
        return
    with env.db.transaction() as transaction:
        agent = store_agents.agent_of(transaction, frame.connection)
        if agent:
            store_agents.drop_connection(transaction, frame.connection, agent.id)
    log.logger().info("connection closed", extra={"agent": agent and agent.id, "connection": frame.connection})


handler = entry.socket(forget)
