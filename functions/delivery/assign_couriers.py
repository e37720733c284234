"""Every minute → open deliveries are offered to couriers, and offers without an answer end."""

from datetime import datetime

from functions.delivery.assignment.rounds import assign_chain, chains_to_plan
from shared.kit.isolation import Isolation
from shared.spine import entry, log
from shared.spine.env import Environment


def assign_couriers(env: Environment, until: datetime) -> None:
    """Chain by chain; a chain that fails does not stop the others."""
    with Isolation() as isolation:
        for chain, stores in chains_to_plan(env).items():
            if env.clock() >= until:
                break
            with isolation.isolate(chain):
                log.logger().info(
                    "couriers assigned", extra={"chain": chain, "offers": assign_chain(env, chain, stores)}
                )


handler = entry.timer(assign_couriers)
