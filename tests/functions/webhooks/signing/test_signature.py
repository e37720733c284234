"""Signatures by Standard Webhooks, against the example of the specification and another hand's library."""

import base64
from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook

from functions.webhooks.signing.signature import new_secret, shown_secret, signed_headers


def test_the_known_vector_of_the_reference_library_is_reproduced() -> None:
    # From the tests of the reference implementations: secret, id, timestamp and body with their signature.
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    moment = datetime.fromtimestamp(1614265330, UTC)
    headers = signed_headers("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', [secret], moment)
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_each_of_two_secrets_verifies_the_same_request() -> None:
    keys, body = [new_secret(), new_secret()], '{"name": "Ā😀"}'.encode()
    headers = signed_headers("01M8J9KY00FSGS55BSE92F2JJ8", body, keys, datetime.now(UTC))
    for key in keys:
        assert Webhook(shown_secret(key)).verify(body, headers) == {"name": "Ā😀"}


def test_a_secret_has_the_length_that_the_specification_asks_for_and_is_never_the_same() -> None:
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert all(24 <= len(secret) <= 64 for secret in secrets)
    assert all(base64.b64decode(shown_secret(secret).removeprefix("whsec_")) == secret for secret in secrets)
