"""SQS."""

from collections.abc import Mapping, Sequence

from shared.spine.aws.calls import SignedCalls

# Entries of one call.
BATCH = 10


class Sqs(SignedCalls):
    """Sends messages, and delays messages that were received."""

    def send(self, queue_url: str, body: str, attributes: Mapping[str, str]) -> None:
        """Put one message with string attributes into a queue."""
        typed = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        message = {"QueueUrl": queue_url, "MessageBody": body, "MessageAttributes": typed}
        self.call("sqs", "AmazonSQS.SendMessage", message, "1.0")

    def postpone(self, queue_arn: str, received: Sequence[tuple[str, int]]) -> None:
        """Deliver received messages again after some seconds; `received` has (receipt handle, seconds)."""
        account, name = queue_arn.split(":")[-2:]
        entries = [
            {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": seconds}
            for number, (handle, seconds) in enumerate(received)
        ]
        for start in range(0, len(entries), BATCH):
            batch = entries[start : start + BATCH]
            change = {"QueueUrl": f"{self._address('sqs')}/{account}/{name}", "Entries": batch}
            self.call("sqs", "AmazonSQS.ChangeMessageVisibilityBatch", change, "1.0")
