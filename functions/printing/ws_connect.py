"""$connect → an agent whose token is good is admitted, once per token."""

from http import HTTPStatus

from cryptography.fernet import InvalidToken

from functions.printing.link import tokens
from functions.printing.tables.agents import Agent, read_agent
from functions.printing.tables.connections import insert_connection, insert_nonce
from shared.spine import entry, log
from shared.spine.auth import cipher
from shared.spine.entry import Frame
from shared.spine.env import Environment
from shared.spine.errors import Misconfigured, Rejected

# The key of an agent that does not exist: its check takes as long as a real one.
_NO_KEY = bytes(32)


def admit(frame: Frame, env: Environment) -> None:
    """Store the connection. Raises `Rejected` (401) with the relay's time, so that an agent can correct its clock.

    A revoked agent is admitted, and learns from the answer to its hello that it was revoked. The gateway may drop the
    body of a refusal. An agent that only gets a 401 would keep its printers.
    """
    if frame.kind != "CONNECT":
        raise Rejected("wrong_route", "only the gateway calls this route")
    now = env.clock()
    token = tokens.read(frame.headers.get("authorization", ""))
    if token is None or not token.timely(now):
        raise _refusal(env, "token_missing" if token is None else "time_skewed")
    with env.db.transaction() as transaction:
        agent = read_agent(transaction, token.agent)
        if not token.signed_by(_key(agent, env)) or agent is None:
            raise _refusal(env, "signature_wrong")
        if not insert_nonce(transaction, agent.id, token.nonce, now):
            raise _refusal(env, "nonce_used")
        insert_connection(transaction, frame.connection, agent.id, now)
    log.logger().info("agent admitted", extra={"agent": agent.id, "connection": frame.connection})


def _key(agent: Agent | None, env: Environment) -> bytes:
    if agent is None:
        return _NO_KEY
    try:
        return cipher(env.keyring()).decrypt(agent.encrypted)
    except InvalidToken:
        raise Misconfigured(
            "keyring_incomplete", f"the key of {agent.id} is encrypted under a key that the ring lacks"
        ) from None


def _refusal(env: Environment, code: str) -> Rejected:
    time = {"time": env.clock().timestamp()}
    return Rejected(code, "this agent is not admitted", status=HTTPStatus.UNAUTHORIZED, extensions=time)


handler = entry.socket(admit)
