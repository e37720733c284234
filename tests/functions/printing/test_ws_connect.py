"""$connect admits an agent whose token is good, once per token."""

from datetime import timedelta

import pytest

from functions.printing import ws_connect
from shared.spine.entry import Frame
from shared.spine.errors import DumbwaiterError
from tests.functions.printing.conftest import Hand, Relay


@pytest.fixture
def store(relay: Relay) -> str:
    return relay.store()


@pytest.fixture
def agent(relay: Relay, store: str) -> Hand:
    return relay.agent(store)


def refusal(agent: Hand, header: str) -> tuple[int, str]:
    with pytest.raises(DumbwaiterError) as refused:
        agent.dial(header)
    return int(refused.value.status), refused.value.code


def test_a_token_is_good_once_and_for_two_minutes(relay: Relay, agent: Hand) -> None:
    token = agent.header()
    assert agent.dial(token)
    assert refusal(agent, token) == (401, "nonce_used")
    for seconds in (-119, 119):
        assert agent.dial(agent.header(at=relay.now + timedelta(seconds=seconds)))
    for seconds in (-122, 122):
        assert refusal(agent, agent.header(at=relay.now + timedelta(seconds=seconds))) == (401, "time_skewed")


def test_a_refusal_tells_the_time(relay: Relay, agent: Hand) -> None:
    with pytest.raises(DumbwaiterError) as refused:
        agent.dial(agent.header(at=relay.now - timedelta(days=3)))
    assert refused.value.extensions == {"time": relay.now.timestamp()}


def test_who_cannot_sign_is_not_let_in(relay: Relay, agent: Hand, store: str) -> None:
    stranger = Hand(relay, "ag_nobody", agent.key, store)
    assert refusal(stranger, stranger.header()) == (401, "signature_wrong")
    assert refusal(agent, agent.header(key=b"x" * 32)) == (401, "signature_wrong")
    good = agent.header()
    for bad in ("", "Bearer x", good.replace(", ", ","), good.upper(), good + " "):
        assert refusal(agent, bad) == (401, "token_missing")
    assert relay.rows("SELECT * FROM print_connections") == []


def test_a_revoked_agent_hears_that_it_is_and_nothing_else(relay: Relay, agent: Hand, store: str) -> None:
    agent.arrive()
    with relay.database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE print_agents SET revoked_at = NOW()")
    relay.printed(store)
    agent.heard()
    [frame] = agent.arrive()
    assert (frame["type"], frame["code"]) == ("error", "revoked")
    assert relay.gateway.hung_up == [agent.connection]
    assert refusal(agent, agent.header(key=b"x" * 32)) == (401, "signature_wrong")


def test_keys_are_kept_encrypted(relay: Relay, agent: Hand) -> None:
    [(encrypted,)] = relay.rows("SELECT encrypted FROM print_agents")
    assert agent.key not in encrypted


def test_a_frame_cannot_pretend_to_be_the_gateway(relay: Relay, agent: Hand) -> None:
    frame = Frame("c1", "MESSAGE", '{"type": "$connect"}', "", {"authorization": agent.header()})
    with pytest.raises(DumbwaiterError):
        ws_connect.admit(frame, relay.env)
    assert relay.rows("SELECT * FROM print_connections") == []
