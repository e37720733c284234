"""The queues of the local stack."""

import time

from stack.stack import Stack

QUEUED = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
# Seconds. While all queues are empty, a consumer may announce for others.
A_MOMENT, IDLE_FOR, PATIENCE = 0.5, 2.0, 120


def wait_until_idle(stack: Stack, idle_for: float = IDLE_FOR) -> None:
    """Wait until no queue has had a message for `idle_for` seconds. Raises AssertionError after `PATIENCE`."""
    sqs = stack.emulator.client("sqs")
    urls = sqs.list_queues().get("QueueUrls", [])
    until, empty = time.monotonic() + PATIENCE, 0
    while empty * A_MOMENT < idle_for:
        assert time.monotonic() < until, "the queues do not become empty"
        time.sleep(A_MOMENT)
        counts = [sqs.get_queue_attributes(QueueUrl=url, AttributeNames=QUEUED)["Attributes"] for url in urls]
        empty = 0 if any(int(count[name]) for count in counts for name in QUEUED) else empty + 1
