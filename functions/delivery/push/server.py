"""Our key at push services (VAPID): made at its first use, and kept encrypted."""

import base64

from cryptography.fernet import InvalidToken
from cryptography.hazmat.primitives.asymmetric import ec

from functions.delivery.tables.devices import insert_server, read_server
from shared.kit.web_push import Server, server_of
from shared.spine.auth import cipher
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.errors import Misconfigured, Unavailable
from shared.spine.settings import Settings

KEY_BYTES = 32
# On one's own machine no push leaves it.
LOCAL_CONTACT = "mailto:web-push@localhost"


def push_server(env: Environment, transaction: Transaction) -> Server:
    """The one key of the stage. Browsers are bound to it, so it never changes.

    Of two first uses at once one makes it, and both get it. Raises `Unavailable` for a stage without a contact.
    """
    contact = contact_of(env.settings)
    if contact is None:
        raise Unavailable("web_push_off", "web push needs the domain of the console: set consoleDomain")
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
    return server_of(text, contact)


def contact_of(settings: Settings) -> str | None:
    """The address at which operators of push services reach us when our pushes do harm (RFC 8292, section 2.1).

    None: the stage has none. Some services refuse a push without a true one.
    """
    if settings.console_domain:
        return f"https://{settings.console_domain}"
    return LOCAL_CONTACT if settings.stage == "local" else None


def _new_key() -> bytes:
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return base64.urlsafe_b64encode(number.to_bytes(KEY_BYTES, "big"))
