"""Every minute → messages that were announced and not yet published go to the topic."""

from datetime import datetime

from aws_lambda_powertools.metrics import MetricUnit

from shared.spine import entry, log
from shared.spine.env import Environment


def send_due_messages(env: Environment, until: datetime) -> None:
    """Publish, then report the messages that still wait, even when publishing failed."""
    sent = 0
    try:
        sent = env.outbox.send_due(until)
    finally:
        waiting, seconds = env.outbox.unsent()
        log.logger().info("sent due messages", extra={"sent": sent, "waiting": waiting, "oldest_s": round(seconds)})
        log.measure("OldestUnsentSeconds", seconds, MetricUnit.Seconds)


handler = entry.timer(send_due_messages)
