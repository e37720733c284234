"""Requests of several lanes at once. A lane is the messages of one subject to one endpoint, sent one after another."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from functions.webhooks.posting.post import Outcome, Request, post

AT_ONCE = 16


def post_lanes(lanes: Sequence[Sequence[Request]], seconds: float, *, local: bool) -> list[list[Outcome]]:
    """The outcomes of each lane, in its order. A lane ends with its first failure. No request begins after `seconds`.

    So a lane can have fewer outcomes than requests.
    """
    until = time.monotonic() + seconds
    if len(lanes) == 1:
        return [_post_lane(lanes[0], until, local=local)]
    with ThreadPoolExecutor(max(1, min(AT_ONCE, len(lanes)))) as threads:
        return list(threads.map(lambda lane: _post_lane(lane, until, local=local), lanes))


def _post_lane(lane: Sequence[Request], until: float, *, local: bool) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for request in lane:
        if time.monotonic() >= until or (outcomes and not outcomes[-1].accepted):
            break
        outcomes.append(post(request, local=local))
    return outcomes
