"""Enrolment: head office makes a one-time code, and an agent exchanges it for an identity with its own key."""

import hashlib
import secrets
from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from datetime import datetime, timedelta
from http import HTTPStatus

from functions.printing.tables.agents import Agent, NewAgent, insert_agent, read_agent
from functions.printing.tables.codes import Code, insert_code, lock_code, update_code_used
from functions.printing.tables.setups import insert_setup
from shared.contracts.ids import new_id
from shared.spine.auth import cipher
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.errors import Conflict, NotFound, Rejected

GOOD_FOR = timedelta(hours=24)
KEY_BYTES = 32
# Crockford's alphabet has no characters that look alike. Eight of them are 40 bits for a day.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def make_code(transaction: Transaction, store_id: str, by: str, now: datetime) -> tuple[str, datetime]:
    """(a code such as 7KQ2-M4XD, the time until which it is good). Only the hash of the code is stored."""
    drawn = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    code, expires_at = f"{drawn[:4]}-{drawn[4:]}", now + GOOD_FOR
    insert_code(transaction, Code(_hash(code), store_id, by, now, expires_at))
    insert_setup(transaction, store_id)
    return code, expires_at


def enrol(
    env: Environment, transaction: Transaction, code: str, key: str, name: str, version: str
) -> tuple[Agent, bool]:
    """(the agent, whether it is new). A repeated call with the same code and key gets the same agent."""
    secret = _secret(key)
    stored = lock_code(transaction, _hash(code))
    if stored is None:
        raise NotFound("code_unknown", "there is no such code")
    if stored.used_at:
        return _agent_of_code(transaction, stored, secret), False
    if env.clock() >= stored.expires_at:
        raise Conflict("code_expired", "ask for a new code", status=HTTPStatus.GONE)
    return _new_agent(env, transaction, stored, secret, name, version), True


def _agent_of_code(transaction: Transaction, code: Code, secret: bytes) -> Agent:
    agent = read_agent(transaction, code.agent_id or "")
    if code.key_hash != _digest(secret) or agent is None:
        raise Conflict("code_used", "this code was used with another key")
    return agent


def _new_agent(env: Environment, transaction: Transaction, code: Code, secret: bytes, name: str, version: str) -> Agent:
    now = env.clock()
    agent_id = f"ag_{new_id(now)}"
    encrypted = cipher(env.keyring()).encrypt(secret)
    insert_agent(transaction, NewAgent(agent_id, code.store_id, name, encrypted, now, version))
    update_code_used(transaction, code, agent_id, _digest(secret), now)
    agent = read_agent(transaction, agent_id)
    assert agent is not None  # inserted above
    return agent


def _secret(key: str) -> bytes:
    """The 32 bytes of a key in base64url."""
    try:
        secret = urlsafe_b64decode(key + "=" * (-len(key) % 4))
    except (NotBase64, ValueError):
        secret = b""
    if len(secret) != KEY_BYTES:
        raise Rejected("key_malformed", f"the key is {KEY_BYTES} bytes in base64url")
    return secret


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()


def _hash(code: str) -> bytes:
    """The hash of a code, however it was typed: without a dash, in small letters, with O for 0."""
    plain = code.upper().replace("-", "").replace(" ", "").translate(str.maketrans("OIL", "011"))
    return hashlib.sha256(plain.encode()).digest()
