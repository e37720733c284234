"""Requests of several lanes at once; the requests of a lane one after another."""

import time

from functions.webhooks.posting.lanes import post_lanes
from functions.webhooks.posting.post import Request
from tests.simulators.webhook_receiver import Answer, Receiver
from tests.support.waiting import on_this_machine


def lane(receiver: Receiver, subject: str, count: int) -> list[Request]:
    bodies = [f'{{"subject": "{subject}", "sequence": {number}}}'.encode() for number in range(1, count + 1)]
    return [Request(receiver.url(), {"webhook-id": f"{subject}-{n}"}, body) for n, body in enumerate(bodies)]


def test_a_lane_ends_with_its_first_failure_and_another_lane_does_not(receiver: Receiver) -> None:
    receiver.answer = lambda _, message: Answer(500 if (message["subject"], message["sequence"]) == ("a", 2) else 200)
    outcomes = post_lanes([lane(receiver, "a", 3), lane(receiver, "b", 3)], 60, local=True)
    assert [[outcome.status for outcome in results] for results in outcomes] == [[200, 500], [200, 200, 200]]
    assert receiver.accepted_by_subject() == {"a": [1], "b": [1, 2, 3]}


def test_a_slow_endpoint_does_not_delay_the_others(receiver: Receiver) -> None:
    receiver.answer = lambda _, message: Answer(silence=3 if message["subject"] == "slow" else 0)
    began_at = time.monotonic()
    post_lanes([lane(receiver, "slow", 1), *(lane(receiver, f"s{n}", 2) for n in range(5))], 60, local=True)
    assert time.monotonic() - began_at < on_this_machine(4)


def test_no_request_begins_after_the_time(receiver: Receiver) -> None:
    receiver.answer = lambda _, _message: Answer(silence=0.5)
    [outcomes] = post_lanes([lane(receiver, "a", 5)], 0.7, local=True)
    assert 1 <= len(outcomes) <= 2
