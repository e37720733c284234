"""Requests by httpx. A safe request is repeated by stamina; a request that changes something is sent once."""

from collections.abc import Sequence
from functools import cache
from http import HTTPStatus

import stamina

from functions.sync.outside.exchange import SECONDS, HttpReply, HttpRequest
from shared.kit.outside import client as outside
from shared.kit.outside.exchange import Call, Lost, Reply

# Attempts of a safe request, and the longest time for all of them, in seconds.
ATTEMPTS, LONGEST = 3, 25.0
LONGEST_RETRY_AFTER = 3600.0


class _TryAgain(Exception):
    """A safe request had no good reply."""

    def __init__(self, reply: HttpReply) -> None:
        super().__init__(reply.failure or reply.status)
        self.reply = reply


class Client:
    """One HTTP client with kept connections, for one thread."""

    def __init__(self, *, local: bool) -> None:
        self._client = outside.Client(local=local)

    def exchange(self, requests: Sequence[HttpRequest]) -> list[HttpReply]:
        """The replies in order. The first failure is the last reply."""
        replies: list[HttpReply] = []
        for request in requests:
            replies.append(self._repeated(request) if request.safe else self._once(request))
            if replies[-1].failure:
                break
        return replies

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _repeated(self, request: HttpRequest) -> HttpReply:
        try:
            for attempt in stamina.retry_context(
                on=_TryAgain, attempts=ATTEMPTS, timeout=LONGEST, wait_initial=0.1, wait_max=2.0
            ):
                with attempt:
                    reply = self._good(request)
        except _TryAgain as last:
            return last.reply
        return reply

    def _good(self, request: HttpRequest) -> HttpReply:
        reply = self._once(request)
        if reply.failure not in (None, Lost.REFUSED_ADDRESS) or _is_server_error(reply):
            raise _TryAgain(reply)
        return reply

    def _once(self, request: HttpRequest) -> HttpReply:
        headers = {"accept": "application/json"} | request.headers
        answer = self._client.post(Call(request.method, request.url, headers, request.body, SECONDS))
        if answer.reply is None:
            return HttpReply(failure=answer.lost)
        return HttpReply(answer.reply.status, answer.reply.body, None, _retry_after(answer.reply))


def _is_server_error(reply: HttpReply) -> bool:
    return reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _retry_after(reply: Reply) -> float | None:
    text = reply.headers.get("retry-after", "")
    return min(float(text), LONGEST_RETRY_AFTER) if text.isdigit() else None


@cache
def client(*, local: bool) -> Client:
    """The client of this execution environment. Its connections are kept between calls."""
    return Client(local=local)
