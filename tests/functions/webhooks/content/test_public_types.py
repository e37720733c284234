"""The table of public types, and the queue that brings them."""

from functions.webhooks.content.public_types import HEARD_TYPES, SUBSCRIBABLE, subscribes
from shared.contracts.messages import orders
from stack.concerns import read_functions


def test_every_type_of_an_order_is_public() -> None:
    types = {
        model.type
        for model in vars(orders).values()
        if isinstance(model, type) and issubclass(model, orders.OrderMessage) and "type" in vars(model)
    }
    assert types <= set(SUBSCRIBABLE)
    assert {"order.placed", "order.paid", "order.refunded"} <= types


def test_the_queue_brings_every_public_type_that_a_function_announces() -> None:
    functions = read_functions()
    announced = {name for entry in functions.values() for name in entry.get("announces", [])}
    [event] = functions["webhooks_on_public_message"]["events"]
    missing = (set(HEARD_TYPES) & announced) ^ set(event["message"]["types"])
    assert not missing, f"add to webhooks_on_public_message in functions/webhooks/functions.yml: {sorted(missing)}"


def test_a_subscription_names_a_type_or_its_group() -> None:
    assert subscribes(["order.paid"], "order.paid")
    assert subscribes(["order.*"], "order.paid")
    assert not subscribes(["order.paid"], "order.placed")
    assert not subscribes(["webhook.*"], "order.paid")
    assert not subscribes(["order"], "order.paid")
