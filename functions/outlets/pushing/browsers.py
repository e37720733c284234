"""The subscription of a guest's browser, encrypted under the keyring."""

import base64
import json
from hashlib import sha256

from cryptography.fernet import InvalidToken

from functions.outlets.tables.guest_contacts import Contact
from shared.kit.web_push import Subscription
from shared.spine.auth import cipher
from shared.spine.env import Environment
from shared.spine.errors import Misconfigured


def address_of(subscription: Subscription) -> str:
    """The name of a browser: the hash of its address, which is a secret of the guest."""
    return sha256(subscription.endpoint.encode()).hexdigest()


def closed_subscription(env: Environment, subscription: Subscription) -> bytes:
    """The subscription as it is stored."""
    parts = [subscription.endpoint, _text(subscription.public), _text(subscription.secret)]
    return cipher(env.keyring()).encrypt(json.dumps(parts).encode())


def opened_subscription(env: Environment, contact: Contact) -> Subscription | None:
    """The subscription of a stored browser; None for a guest of another service. Raises `Misconfigured`."""
    if contact.subscription is None:
        return None
    try:
        endpoint, public, secret = json.loads(cipher(env.keyring()).decrypt(contact.subscription))
    except InvalidToken:
        raise Misconfigured("credentials_unreadable", "No key of the keyring decrypts the subscription.") from None
    return Subscription(endpoint, base64.b64decode(public), base64.b64decode(secret))


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
