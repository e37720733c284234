"""Two workers with the same messages at the same time send each message once."""

import json
from collections.abc import Callable

from functions.webhooks.deliveries.delivering import deliver_messages
from functions.webhooks.deliveries.intake import PublicMessage
from shared.contracts.messages import read_message
from shared.spine.env import Environment
from tests.simulators.webhook_receiver import Answer, Receiver
from tests.support.environments import at_once
from tests.support.orders import Caller, an_order, paid
from tests.support.queues import Inbox
from tests.support.webhooks import Webhooks


def test_a_message_is_sent_by_one_worker_alone(
    webhooks: Webhooks,
    receiver: Receiver,
    call: Caller,
    store: str,
    inbox: Inbox,
    another_env: Callable[..., Environment],
) -> None:
    webhooks.create(receiver.url())
    receiver.answer = lambda _path, _message: Answer(silence=0.5)
    order = call("POST", "/v1/orders", an_order(store, payments=paid(1325))).json["id"]
    messages = [
        read_message(json.dumps(message), PublicMessage)
        for message in inbox.take()
        if message["subject"].startswith("order/")
    ]
    workers = [another_env() for _ in range(3)]
    at_once([lambda env=env: deliver_messages(messages, env) for env in workers])  # type: ignore[misc]
    assert receiver.accepted_by_subject() == {f"order/{order}": [1, 2]}
