"""Which machine this is: hashes of its network hardware. A disk image takes everything else along.

Not /etc/machine-id or Windows' MachineGuid: they are on the disk. Not the host's name, for the same reason. The
addresses themselves stay here; the relay gets hashes.
"""

import contextlib
import hashlib
import sys
import uuid
from collections.abc import Iterable
from pathlib import Path

MOST_PARTS = 16
NETWORK = Path("/sys/class/net")
_MULTICAST = 1 << 40
# NET_ADDR_PERM of linux/netdevice.h; 1 is random, 2 another interface's, 3 set by a program.
_OWN = "0"


def parts() -> list[str]:
    """Sorted; empty where nothing of this machine can be read, as in most containers."""
    addresses = linux_addresses(NETWORK) if sys.platform == "linux" else _one_address()
    return sorted(hashlib.sha256(address.encode()).hexdigest()[:32] for address in addresses)[:MOST_PARTS]


def linux_addresses(network: Path) -> set[str]:
    """Of the interfaces that have a device. Bridges, tunnels and containers' pairs have none, and change."""
    addresses = {_address(interface) for interface in network.iterdir()} if network.is_dir() else set()
    return {address for address in addresses if address.strip("0:")}


def _address(interface: Path) -> str:
    """'' where it is not the hardware's own: a random one of a Wi-Fi card, or one that a person has set."""
    with contextlib.suppress(OSError):  # it was just pulled out, or is no interface
        own = (interface / "addr_assign_type").read_text(encoding="ascii").strip() == _OWN
        if own and (interface / "device").exists():
            return (interface / "address").read_text(encoding="ascii").strip().lower()
    return ""


def _one_address() -> set[str]:
    """Windows and macOS: the hardware address that Python knows; one that it has drawn itself says so by a bit."""
    node = uuid.getnode()
    return set() if node & _MULTICAST else {f"{node:012x}"}


def is_other(before: Iterable[str], now: Iterable[str]) -> bool:
    """Whether two machines have nothing in common. One of which nothing is known is believed."""
    return bool(set(before) and set(now)) and set(before).isdisjoint(now)
