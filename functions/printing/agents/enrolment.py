"""How an agent comes to be: a one-time code that head office makes, traded for a key of the agent's own."""

import hashlib
import secrets
from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from datetime import datetime, timedelta
from http import HTTPStatus

from functions.printing.tables.agents import Agent, insert_agent, read_agent
from functions.printing.tables.codes import Code, insert_code, lock_code, update_code_used
from functions.printing.tables.setups import insert_setup
from shared.contracts.ids import new_id
from shared.spine.auth import cipher
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.errors import Conflict, NotFound, Rejected

GOOD_FOR = timedelta(hours=24)
KEY_BYTES = 32
# Crockford's alphabet: nobody mistakes one of its characters for another. Eight of them are 40 bits for a day.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def make_code(transaction: Transaction, store: str, by: str, now: datetime) -> tuple[str, datetime]:
    """(a code as in 7KQ2-M4XD, until when it is good). Only its hash is kept."""
    drawn = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    code, ends = f"{drawn[:4]}-{drawn[4:]}", now + GOOD_FOR
    insert_code(transaction, Code(_hash(code), store, by, now, ends, None, None, None))
    insert_setup(transaction, store)
    return code, ends


def enrol(
    env: Environment, transaction: Transaction, code: str, key: str, name: str, version: str
) -> tuple[Agent, bool]:
    """(the agent, whether this call made it). The same code with the same key is the same agent, however often."""
    secret, now = _secret(key), env.clock()
    found = lock_code(transaction, _hash(code))
    if found is None:
        raise NotFound("code_unknown", "there is no such code")
    digest = hashlib.sha256(secret).digest()
    if found.used_at:
        agent = read_agent(transaction, found.agent_id or "")
        if found.key_hash != digest or agent is None:
            raise Conflict("code_used", "this code was used with another key")
        return agent, False
    if now >= found.expires_at:
        raise Conflict("code_expired", "ask for a new code", status=HTTPStatus.GONE)
    agent_id = f"ag_{new_id(now)}"
    encrypted = cipher(env.keyring()).encrypt(secret)
    insert_agent(transaction, agent_id, found.store_id, name, encrypted, now, version)
    update_code_used(transaction, found, agent_id, digest, now)
    agent = read_agent(transaction, agent_id)
    assert agent is not None  # just made
    return agent, True


def _secret(key: str) -> bytes:
    """The 32 bytes of a key in base64url."""
    try:
        secret = urlsafe_b64decode(key + "=" * (-len(key) % 4))
    except (NotBase64, ValueError):
        secret = b""
    if len(secret) != KEY_BYTES:
        raise Rejected("key_malformed", f"the key is {KEY_BYTES} bytes in base64url")
    return secret


def _hash(code: str) -> bytes:
    """Of a code however it was typed: no dash, small letters, O for 0."""
    plain = code.upper().replace("-", "").replace(" ", "").translate(str.maketrans("OIL", "011"))
    return hashlib.sha256(plain.encode()).digest()
