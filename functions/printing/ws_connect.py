"""$connect → an agent whose token is good is let in, once per token."""

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

# A key for nobody: what is not there costs an HMAC too.
_NOBODY = bytes(32)


def admit(frame: Frame, env: Environment) -> None:
    """Keep the connection. Raises `Rejected` (401) with our time, so that an agent can put its clock right.

    A revoked agent is let in to hear that it is, upon its hello: the gateway may keep the body of a refusal to itself,
    and an agent that only sees a 401 cannot know that it has to leave the printers to another one.
    """
    if frame.kind != "CONNECT":
        raise Rejected("wrong_route", "this route is the gateway's own")
    now = env.clock()
    token = tokens.read(frame.headers.get("authorization", ""))
    if token is None or not token.timely(now):
        raise _refused(env, "token_missing" if token is None else "time_skewed")
    with env.db.transaction() as transaction:
        agent = read_agent(transaction, token.agent)
        if not token.signed_by(_key(agent, env)) or agent is None:
            raise _refused(env, "signature_wrong")
        if not insert_nonce(transaction, agent.id, token.nonce, now):
            raise _refused(env, "nonce_used")
        insert_connection(transaction, frame.connection, agent.id, now)
    log.logger().info("agent let in", extra={"agent": agent.id, "connection": frame.connection})


def _key(agent: Agent | None, env: Environment) -> bytes:
    if agent is None:
        return _NOBODY
    try:
        return cipher(env.keyring()).decrypt(agent.encrypted)
    except InvalidToken:
        raise Misconfigured("keyring_incomplete", f"{agent.id}'s key is under a key that the ring lacks") from None


def _refused(env: Environment, code: str) -> Rejected:
    time = {"time": env.clock().timestamp()}
    return Rejected(code, "this agent is not let in", status=HTTPStatus.UNAUTHORIZED, members=time)


handler = entry.socket(admit)
