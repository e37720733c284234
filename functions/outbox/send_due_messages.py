"""Every minute → what was announced but not yet published goes to the topic."""

from datetime import datetime

from aws_lambda_powertools.metrics import MetricUnit

from shared import entry, log
from shared.environment import Environment


def send_due(house: Environment, until: datetime) -> None:
    """Send, and report what is still waiting, whether or not the sending went well."""
    sent = 0
    try:
        sent = house.outbox.send_due(until)
    finally:
        waiting, seconds = house.outbox.unsent()
        log.logger().info("sent due messages", extra={"sent": sent, "waiting": waiting, "oldest_s": round(seconds)})
        log.measure("OldestUnsentSeconds", seconds, MetricUnit.Seconds)


handler = entry.timer(send_due)
