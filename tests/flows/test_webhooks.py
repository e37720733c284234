"""An order at the API → a signed request at the integrator's server, through the deployed stack."""

from collections.abc import Iterator

import pytest

from demo import pizzaplace
from stack.signed_requests import Caller
from stack.stack import Stack
from tests.simulators.webhook_receiver import Receiver
from tests.support.waiting import wait_until


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def head_office(stack: Stack) -> Iterator[Caller]:
    caller = Caller(stack.place.http, stack.place.keys["head_office"])
    with caller.http:
        yield caller


def test_a_paid_order_reaches_the_integrator_signed_and_in_order(head_office: Caller, receiver: Receiver) -> None:
    head_office("PUT", "/v1/stores/harbour", pizzaplace.settings_of("harbour")).raise_for_status()
    head_office("PUT", "/v1/stores/harbour/menu", pizzaplace.menu()).raise_for_status()
    body = {"chain": pizzaplace.CHAIN, "url": receiver.url(), "types": ["order.*"], "stores": ["harbour"]}
    webhook = head_office("POST", "/v1/webhooks", body).raise_for_status().json()
    sale = pizzaplace.order_of(pizzaplace.sales()[0], "harbour", source="webhook-flow")
    order = head_office("POST", "/v1/orders", sale).raise_for_status().json()["id"]
    try:
        wait_until(lambda: len(receiver.accepted_by_subject().get(f"order/{order}", [])) >= 2)
    finally:
        head_office("DELETE", f"/v1/webhooks/{webhook['id']}").raise_for_status()
    receiver.verified(webhook["secret"])
    sequences = receiver.accepted_by_subject()[f"order/{order}"]
    assert sequences == sorted(set(sequences))
    types = {
        request.message["type"] for request in receiver.requests if request.message["data"]["order"]["id"] == order
    }
    assert {"order.placed", "order.paid"} <= types
