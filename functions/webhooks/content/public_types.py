"""The table of public types: the messages to which an endpoint can subscribe.

A new type of message about orders, stores or menus is public as soon as its class exists. `functions.yml` names the
same types.
"""

from collections.abc import Iterator

from shared.contracts.messages import MessageData
from shared.contracts.messages.orders import OrderMessage
from shared.contracts.messages.stores import MenuSourceMessage
from shared.contracts.messages.webhooks import WebhookDisabled, WebhookRedeliveryRequested, WebhookTested


def _types_under(base: type[MessageData]) -> Iterator[str]:
    for model in base.__subclasses__():
        if "type" in vars(model):
            yield model.type
        yield from _types_under(model)


# A type of its own goes to one endpoint alone, which need not subscribe to it.
TEST = WebhookTested.type
# A type that goes to no endpoint: it wakes the sender.
REDELIVERY = WebhookRedeliveryRequested.type
SUBSCRIBABLE = tuple(sorted({*_types_under(OrderMessage), *_types_under(MenuSourceMessage), WebhookDisabled.type}))
PUBLIC_TYPES = tuple(sorted({*SUBSCRIBABLE, TEST}))
HEARD_TYPES = tuple(sorted({*PUBLIC_TYPES, REDELIVERY}))
# `order.*` also stands for types to come.
GROUPS = tuple(sorted({f"{name.partition('.')[0]}.*" for name in SUBSCRIBABLE}))


def subscribes(subscriptions: list[str], message_type: str) -> bool:
    """Whether one of the subscriptions names the type or its group."""
    return message_type in subscriptions or f"{message_type.partition('.')[0]}.*" in subscriptions
