"""Messages about the endpoints of integrators."""

from shared.contracts.ids import Ulid
from shared.contracts.messages import MessageData


def webhook_subject(webhook_id: str) -> str:
    """The `subject` of messages about an endpoint."""
    return f"webhook/{webhook_id}"


class WebhookMessage(MessageData):
    """Base of the messages about an endpoint: its id and its chain."""

    webhook: Ulid
    chain: str


class WebhookTested(WebhookMessage):
    """A person asked for a test message. Only this endpoint gets it."""

    type = "webhook.tested"


class WebhookDisabled(WebhookMessage):
    """The endpoint gets no more messages: `failing` for three days, `gone` by its own answer, or `by_request`."""

    type = "webhook.disabled"
    reason: str


class WebhookRedeliveryRequested(WebhookMessage):
    """A person asked to send messages again. It wakes the sender, and no integrator gets it."""

    type = "webhook.redelivery_requested"
