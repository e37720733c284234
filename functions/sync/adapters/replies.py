"""Parts of requests and replies that are the same for every outside system."""

from http import HTTPStatus

from functions.sync.adapters.contract import AccessRefused, InDoubt, NotSent
from functions.sync.outside.exchange import HttpReply
from shared.kit.outside.exchange import Lost


def raise_failure(reply: HttpReply) -> None:
    """Raises for a reply without a status, and for 429."""
    if reply.failure == Lost.REFUSED_ADDRESS:
        raise AccessRefused("address_refused", "The address of the system is not allowed.")
    if reply.failure == Lost.NOT_SENT:
        raise NotSent("no_connection", "The system takes no connection.")
    if reply.failure:
        raise InDoubt(reply.failure, "The system gave no answer that can be read.")
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise NotSent("too_many_requests", "The system asks for fewer requests.", reply.retry_after)
