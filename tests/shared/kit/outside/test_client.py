"""Calls leave once, to checked addresses, in a bounded time, and tell whether they can have arrived."""

import time

import pytest

from shared.kit.outside.client import post_all
from shared.kit.outside.exchange import Call, Lost
from tests.simulators.faults import Fault
from tests.simulators.fleets.fleets import fake_fleet


def call_of(url: str, seconds: float = 5.0) -> Call:
    """A sign-in without any field."""
    return Call("POST", f"{url}/oauth/v2/token", {"content-type": "application/x-www-form-urlencoded"}, b"", seconds)


def test_calls_run_at_the_same_time_and_one_slow_service_delays_no_other() -> None:
    with fake_fleet("uber_direct") as slow, fake_fleet("uber_direct") as quick:
        slow.fail([Fault("slow", seconds=3)])
        began_at = time.monotonic()
        late, good = post_all([call_of(slow.url, 0.5), call_of(quick.url)], local=True)
        assert time.monotonic() - began_at < 4
    assert late.lost is Lost.NO_REPLY
    assert good.reply is not None
    assert good.reply.status in (400, 401)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "https://169.254.169.254/latest", "https://10.0.0.1/"])
def test_no_call_goes_into_a_private_network(url: str) -> None:
    [answer] = post_all([Call("GET", url)], local=False)
    assert answer.lost is Lost.REFUSED_ADDRESS


def test_a_closed_port_is_not_sent_and_a_cut_reply_may_have_been() -> None:
    with fake_fleet("uber_direct") as fake:
        fake.fail([Fault("lost")])
        [cut] = post_all([call_of(fake.url)], local=True)
    [closed] = post_all([Call("GET", "http://127.0.0.1:1/")], local=True)
    assert (cut.lost, closed.lost) == (Lost.NO_REPLY, Lost.NOT_SENT)
