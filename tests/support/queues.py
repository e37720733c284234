"""A queue on the events topic, as a consumer has one."""

import json
from typing import Any

from stack.emulator import Emulator


class Inbox:
    """Everything that is published from its making on."""

    def __init__(self, emulator: Emulator, topic: str, name: str) -> None:
        self._sqs, self._sns = emulator.client("sqs"), emulator.client("sns")
        self._url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self._subscription = self._sns.subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}
        )["SubscriptionArn"]

    def take(self, *, of_stores: bool = False) -> list[dict[str, Any]]:
        """All that has come, oldest first, and nothing is left.

        The messages about stores and menus are left out: a test of orders has set up its store.
        """
        taken: list[dict[str, Any]] = []
        while messages := self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                taken.append(json.loads(message["Body"]))
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return taken if of_stores else [message for message in taken if not _is_of_store(message)]

    def close(self) -> None:
        """Gone from the topic."""
        self._sns.unsubscribe(SubscriptionArn=self._subscription)
        self._sqs.delete_queue(QueueUrl=self._url)
        self._sqs.close()
        self._sns.close()


def _is_of_store(message: dict[str, Any]) -> bool:
    return str(message.get("subject", "")).startswith(("store/", "menu/"))
