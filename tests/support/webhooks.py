"""Endpoints of integrators: created by signed requests, fed with the messages of the topic."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from functions.webhooks import api, on_public_message
from shared.spine.env import Environment
from stack.gateway_event import Context
from tests.support.orders import Caller, new_key
from tests.support.queues import Inbox

ARN = "arn:aws:sqs:us-east-1:000000000000:dumbwaiter-test-webhooks_on_public_message"


def manager(env: Environment, url: str, at: str = "chain:demo") -> Caller:
    """A client that may manage webhooks at a scope."""
    return Caller(api.handler, new_key(env, url, ["webhooks:manage"], at))


def records(messages: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The event of a queue with these messages."""
    attributes = {"ApproximateReceiveCount": "1"}
    return {
        "Records": [
            {
                "messageId": str(number),
                "receiptHandle": str(number),
                "body": json.dumps(message),
                "attributes": attributes,
                "eventSourceARN": ARN,
            }
            for number, message in enumerate(messages)
        ]
    }


@dataclass
class Webhooks:
    """The function of the queue, fed with what the topic has published."""

    manage: Caller
    inbox: Inbox

    def create(self, url: str, **different: Any) -> dict[str, Any]:
        """A new endpoint for all messages about orders of the chain `demo`; the reply with its secret."""
        made = self.manage("POST", "/v1/webhooks", {"chain": "demo", "url": url, "types": ["order.*"]} | different)
        assert made.status == 201, made.text
        document: dict[str, Any] = made.json
        return document

    def pump(self) -> list[dict[str, Any]]:
        """Hand over what the topic has published since the last call; the messages."""
        messages = [m for m in self.inbox.take() if m["type"].partition(".")[0] in ("order", "webhook")]
        if messages:
            assert self.hand_over(messages) == []
        return messages

    def hand_over(self, messages: Iterable[dict[str, Any]]) -> list[Any]:
        """Call the function with these messages; the failures that it reports."""
        failures: list[Any] = on_public_message.handler(records(messages), Context())["batchItemFailures"]
        return failures

    def read(self, webhook: str) -> dict[str, Any]:
        document: dict[str, Any] = self.manage("GET", f"/v1/webhooks/{webhook}").json
        return document

    def deliveries(self, webhook: str, query: str = "") -> list[dict[str, Any]]:
        documents: list[dict[str, Any]] = self.manage("GET", f"/v1/webhooks/{webhook}/deliveries{query}").json[
            "deliveries"
        ]
        return documents
