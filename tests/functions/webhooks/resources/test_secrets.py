"""The signing secret is rotated without a lost request."""

from tests.simulators.webhook_receiver import Receiver
from tests.support.orders import Caller, an_order
from tests.support.webhooks import Webhooks


def rotate(webhooks: Webhooks, webhook: str, **body: int) -> str:
    answer = webhooks.manage("POST", f"/v1/webhooks/{webhook}/secrets", body)
    assert answer.status == 201, answer.text
    secret: str = answer.json["secret"]
    return secret


def test_both_secrets_sign_in_the_grace_period(
    webhooks: Webhooks, receiver: Receiver, call: Caller, store: str
) -> None:
    webhook = webhooks.create(receiver.url())
    call("POST", "/v1/orders", an_order(store))
    webhooks.pump()
    secret = rotate(webhooks, webhook["id"])
    call("POST", "/v1/orders", an_order(store))
    webhooks.pump()
    before, after = receiver.requests
    assert (receiver.fits(before, webhook["secret"]), receiver.fits(before, secret)) == (True, False)
    assert (receiver.fits(after, webhook["secret"]), receiver.fits(after, secret)) == (True, True)


def test_without_a_grace_period_the_former_secret_signs_no_more(
    webhooks: Webhooks, receiver: Receiver, call: Caller, store: str
) -> None:
    webhook = webhooks.create(receiver.url())
    secret = rotate(webhooks, webhook["id"], grace_hours=0)
    call("POST", "/v1/orders", an_order(store))
    webhooks.pump()
    [request] = receiver.requests
    assert (receiver.fits(request, webhook["secret"]), receiver.fits(request, secret)) == (False, True)


def test_a_third_secret_waits_for_the_first_to_end(webhooks: Webhooks, receiver: Receiver) -> None:
    webhook = webhooks.create(receiver.url())
    rotate(webhooks, webhook["id"])
    refused = webhooks.manage("POST", f"/v1/webhooks/{webhook['id']}/secrets", {})
    assert (refused.status, refused.json["code"]) == (409, "secret_rotating")
    rotate(webhooks, webhook["id"], grace_hours=0)
