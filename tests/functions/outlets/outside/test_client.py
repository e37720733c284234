"""Calls leave once, to checked addresses, in a bounded time."""

import time

import pytest

from functions.outlets.channels.contract import Call
from functions.outlets.outside.client import post_all
from functions.outlets.outside.exchange import Lost
from tests.simulators.chat.fakes import fake_chat
from tests.simulators.faults import Fault


def test_calls_run_at_the_same_time_and_one_slow_service_delays_no_other() -> None:
    with fake_chat("telegram") as slow, fake_chat("telegram") as quick:
        slow.fail([Fault("slow", seconds=3)])
        bodies = [(slow, 0.5), (quick, 5.0)]
        calls = [
            Call(
                "POST",
                f"{fake.url}/bot{fake.secrets['token']}/sendMessage",
                {"content-type": "application/json"},
                b'{"chat_id":1,"text":"x"}',
                seconds,
            )
            for fake, seconds in bodies
        ]
        began_at = time.monotonic()
        late, good = post_all(calls, local=True)
        assert time.monotonic() - began_at < 4
        assert late.lost is Lost.NO_REPLY
        assert good.reply is not None
        assert good.reply.status == 200


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "https://169.254.169.254/latest", "https://10.0.0.1/"])
def test_no_call_goes_into_a_private_network(url: str) -> None:
    [answer] = post_all([Call("GET", url)], local=False)
    assert answer.lost is Lost.REFUSED_ADDRESS


def test_a_closed_port_is_not_sent() -> None:
    [answer] = post_all([Call("GET", "http://127.0.0.1:1/")], local=True)
    assert answer.lost is Lost.NOT_SENT
