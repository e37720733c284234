"""The addresses of a host, resolved in a bounded time and checked."""

import socket
from queue import Empty, SimpleQueue
from threading import Thread

from shared.kit.addresses.networks import checked_addresses
from shared.kit.addresses.url import Url, refused_url


def resolve(url: Url, *, local: bool, seconds: float) -> list[str]:
    """The checked addresses of the URL's host, in the resolver's order. Raises `Rejected`, or `TimeoutError`."""
    answers: SimpleQueue[list[str] | None] = SimpleQueue()
    # The resolver of the system has no time-out. A thread that waits for it ends by itself.
    Thread(target=lambda: answers.put(_addresses(url)), daemon=True).start()
    try:
        texts = answers.get(timeout=max(seconds, 0.0))
    except Empty:
        raise TimeoutError from None
    if not texts:
        raise refused_url("The host has no address.")
    return checked_addresses(texts, local=local)


def _addresses(url: Url) -> list[str] | None:
    try:
        answers = socket.getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError):
        return None
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))
