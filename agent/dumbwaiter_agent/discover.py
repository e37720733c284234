"""Printers on the LAN: who answers to DLE EOT 1 on port 9100. Nothing else is sent; nothing can print."""

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass

from dumbwaiter_agent.escpos import ASK_STATUS, Realtime, Replies

PORT = 9100
AT_ONCE = 64
MOST_HOSTS = 4096


@dataclass(frozen=True)
class Device:
    """A host whose port is open. `answers`: it understands the question; else it is mute, or no printer."""

    host: str
    answers: bool
    online: bool | None = None


def hosts(network: str) -> list[str]:
    """The addresses of `192.168.1.0/24`, or one address. Raises ValueError, also over 4,096 of them."""
    addresses = ipaddress.ip_network(network, strict=False)
    if addresses.num_addresses > MOST_HOSTS:
        raise ValueError(f"{network} has {addresses.num_addresses} addresses; {MOST_HOSTS} at most")
    return [str(host) for host in addresses.hosts()]


def own_network() -> str:
    """The /24 in which this machine reaches others. Raises OSError without a network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # chooses a route; a datagram socket sends nothing by connecting
        return f"{probe.getsockname()[0]}/24"


async def discover(addresses: Iterable[str], *, port: int = PORT, seconds: float = 1.0) -> list[Device]:
    """Those with the port open, in the order given."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def probe(host: str) -> Device | None:
        async with gate:
            return await _try(host, port, seconds)

    return [device for device in await asyncio.gather(*map(probe, addresses)) if device]


async def _try(host: str, port: int, seconds: float) -> Device | None:
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return None
    try:
        return await _question(host, reader, writer, seconds)
    finally:
        writer.transport.abort()


async def _question(host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> Device:
    replies = Replies()
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(seconds):
            writer.write(ASK_STATUS[0])
            await writer.drain()
            while data := await reader.read(64):
                for reply in replies.feed(data):
                    if isinstance(reply, Realtime):
                        return Device(host, answers=True, online=not reply.byte & 0x08)
    return Device(host, answers=False)
