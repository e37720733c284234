"""How many attempts to sign in an account and a network have, and how long each then waits.

An attempt counts before its password is checked, so a hundred attempts at once are a hundred. A success takes its own
back. An address without an account has the same limits as one with an account.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network


@dataclass(frozen=True)
class Limit:
    """`free` attempts without a wait. The next waits `first`, and each further one twice as long, up to `longest`.

    After `forgotten` without an attempt the count begins again.
    """

    free: int
    first: timedelta
    longest: timedelta
    forgotten: timedelta


ACCOUNT = Limit(5, timedelta(seconds=30), timedelta(hours=1), timedelta(days=1))
# Many people sign in behind the one address of an office.
NETWORK = Limit(50, timedelta(seconds=30), timedelta(hours=1), timedelta(hours=1))


@dataclass(frozen=True)
class Attempts:
    """The counted attempts of one subject. Times are in UTC."""

    failures: int
    last_at: datetime
    locked_until: datetime | None

    def wait(self, now: datetime) -> timedelta:
        """How long the next attempt waits."""
        return max(self.locked_until - now, timedelta(0)) if self.locked_until else timedelta(0)


def one_more(attempts: Attempts, limit: Limit, now: datetime) -> Attempts:
    """The attempts with one of this moment."""
    failures = 1 if now - attempts.last_at >= limit.forgotten else attempts.failures + 1
    beyond = failures - limit.free
    if beyond < 0:
        return Attempts(failures, now, None)
    # A power of two beyond 2 ** 20 is past every limit.
    return Attempts(failures, now, now + min(limit.first * 2 ** min(beyond, 20), limit.longest))


def account_subject(email: str) -> bytes:
    """The hash by which attempts on an email address are counted."""
    return hashlib.sha256(f"account\0{email}".encode("utf-8", "surrogatepass")).digest()


def network_subject(address: str) -> bytes:
    """The hash of a caller's network: an IPv4 address, or the /64 of an IPv6 address, as its holder has all of them."""
    network = str(ip_network(f"{address}/64", strict=False)) if ":" in address else address
    return hashlib.sha256(f"network\0{network}".encode()).digest()
