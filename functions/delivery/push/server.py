"""Our key at push services (VAPID): made at its first use, and kept encrypted."""

import base64

from cryptography.fernet import InvalidToken
from cryptography.hazmat.primitives.asymmetric import ec

from functions.delivery.tables.devices import insert_server, read_server
from shared.kit.web_push import Server, server_of
from shared.spine.auth import cipher
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.errors import Misconfigured

KEY_BYTES = 32
# Operators of push services write here when our pushes do harm. It is an address of the stage, where it has one.
CONTACT = "mailto:web-push@dumbwaiter.invalid"


def push_server(env: Environment, transaction: Transaction) -> Server:
    """The one key of the stage. Browsers are bound to it, so it never changes."""
    keys = cipher(env.keyring())
    stored = read_server(transaction)
    if stored is None:
        insert_server(transaction, keys.encrypt(_new_key()), env.clock())
        stored = read_server(transaction)
        assert stored is not None
    try:
        text = keys.decrypt(stored).decode()
    except InvalidToken:
        raise Misconfigured("keyring_incomplete", "the key of web push is not in the key ring") from None
    domain = env.settings.console_domain
    return server_of(text, f"https://{domain}" if domain else CONTACT)


def _new_key() -> bytes:
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return base64.urlsafe_b64encode(number.to_bytes(KEY_BYTES, "big"))
