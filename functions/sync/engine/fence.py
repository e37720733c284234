"""The end of a worker's right to send. No request that changes something begins when it could outlast the lease."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus

from functions.sync.outside.exchange import SECONDS, Exchange, HttpReply, HttpRequest
from shared.kit.outside.exchange import Lost

# A request lasts `SECONDS` at most. The clocks of two workers may differ by a little.
MARGIN = timedelta(seconds=SECONDS + 5)
_DID_NOTHING = {HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS}


class Fence:
    """An exchange of a worker until `ends_at`.

    `wrote`: since `begin` the outside system may have changed something.
    """

    def __init__(self, exchange: Exchange, clock: Callable[[], datetime], ends_at: datetime) -> None:
        self._exchange = exchange
        self._clock = clock
        self.ends_at = ends_at
        self.wrote = False

    def begin(self) -> None:
        """A call of the adapter begins."""
        self.wrote = False

    def exchange(self, requests: Sequence[HttpRequest]) -> list[HttpReply]:
        """As `Exchange`. Near the end of the lease nothing that changes something is sent."""
        unsafe = any(not request.safe for request in requests)
        if unsafe and self._clock() + MARGIN * len(requests) > self.ends_at:
            return [HttpReply(failure=Lost.NOT_SENT)]
        replies = self._exchange(requests)
        self.wrote = self.wrote or any(
            not request.safe and _may_have_written(reply) for request, reply in zip(requests, replies, strict=False)
        )
        return replies


def _may_have_written(reply: HttpReply) -> bool:
    if reply.failure:
        return reply.failure not in (Lost.NOT_SENT, Lost.REFUSED_ADDRESS)
    return reply.status not in _DID_NOTHING
